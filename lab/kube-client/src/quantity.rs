//! Resource quantities as numbers (`k8s.io/apimachinery/pkg/api/resource`).

use crate::k8s::Quantity;

/// Thousandths of a unit, rounded up; 0 of text that is no quantity, which the API server does not let in.
#[must_use]
pub fn milli(text: &str) -> i64 {
    i64::try_from(parse(text).unwrap_or(0)).unwrap_or(i64::MAX)
}

/// Whole units, rounded up.
#[must_use]
pub fn value(text: &str) -> i64 {
    let thousandths = parse(text).unwrap_or(0);
    i64::try_from(thousandths.div_euclid(1000) + i128::from(thousandths.rem_euclid(1000) != 0))
        .unwrap_or(i64::MAX)
}

/// Thousandths as whole units, rounded up.
#[must_use]
pub fn whole(thousandths: i64) -> i64 {
    thousandths.div_euclid(1000) + i64::from(thousandths.rem_euclid(1000) != 0)
}

/// Bytes in the form that node capacities have: `8388608Ki`.
#[must_use]
pub fn kibibytes(bytes: u64) -> Quantity {
    Quantity(format!("{}Ki", bytes >> 10))
}

/// A plain number.
#[must_use]
pub fn plain(number: impl std::fmt::Display) -> Quantity {
    Quantity(number.to_string())
}

/// Thousandths of a unit.
fn parse(text: &str) -> Option<i128> {
    let end = text.find(|c: char| !matches!(c, '0'..='9' | '.' | '+' | '-')).unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let (negative, number) = match number.strip_prefix('-') {
        Some(number) => (true, number),
        None => (false, number.strip_prefix('+').unwrap_or(number)),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let scale: i128 = match suffix {
        "n" => return small(whole, negative, 1_000_000),
        "u" => return small(whole, negative, 1_000),
        "m" => 1,
        "" => 1000,
        "k" => 1_000_000,
        "M" => 1_000_000_000,
        "G" => 1_000_000_000_000,
        "T" => 1_000_000_000_000_000,
        "P" => 1_000_000_000_000_000_000,
        "E" => 1_000_000_000_000_000_000_000,
        "Ki" => 1000 << 10,
        "Mi" => 1000 << 20,
        "Gi" => 1000 << 30,
        "Ti" => 1000 << 40,
        "Pi" => 1000 << 50,
        "Ei" => 1000 << 60,
        exponent => {
            let power: u32 = exponent.strip_prefix(['e', 'E'])?.parse().ok()?;
            10_i128.checked_pow(power)?.checked_mul(1000)?
        }
    };
    let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let mut total = whole.checked_mul(scale)?;
    if !fraction.is_empty() {
        let digits: i128 = fraction.parse().ok()?;
        let power = 10_i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
        let product = digits.checked_mul(scale)?;
        total += product / power + i128::from(product % power != 0);
    }
    Some(if negative { -total } else { total })
}

fn small(whole: &str, negative: bool, divisor: i128) -> Option<i128> {
    let number: i128 = whole.parse().ok()?;
    let rounded = number / divisor + i128::from(number % divisor != 0);
    Some(if negative { -rounded } else { rounded })
}

#[cfg(test)]
mod tests {
    use super::{milli, value};

    #[test]
    fn suffixes_and_fractions() {
        for (text, thousandths) in [
            ("500m", 500),
            ("2", 2000),
            ("0.1", 100),
            ("1.5k", 1_500_000),
            ("1e3", 1_000_000),
            ("1n", 1),
            ("x", 0),
        ] {
            assert_eq!(milli(text), thousandths, "{text}");
        }
        for (text, thousandths, units) in [
            ("100m", 100, 1),
            ("2", 2000, 2),
            ("1.5", 1500, 2),
            ("128Mi", 134_217_728_000, 134_217_728),
            ("1.5Gi", 1_610_612_736_000, 1_610_612_736),
            ("1k", 1_000_000, 1000),
            ("1e3", 1_000_000, 1000),
            ("100n", 1, 1),
            ("0", 0, 0),
            ("-5", -5000, -5),
        ] {
            assert_eq!((milli(text), value(text)), (thousandths, units), "{text}");
        }
        assert_eq!(value("nonsense"), 0);
        assert_eq!(value("512Mi"), 512 << 20);
        assert_eq!(value("1500m"), 2);
    }
}
