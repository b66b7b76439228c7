//! Amounts of resources: `500m`, `1Gi`, `2e3` (apimachinery, `pkg/api/resource`).

use winlab_document::Document;

/// An amount in billionths of its unit: finer than anything a quantity is written in here, coarse enough for 150 exa.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Quantity(i128);

const NANO: i128 = 1_000_000_000;

impl Quantity {
    /// Reads the written form; `None` if it is none.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digits =
            text.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | '+' | '-')).unwrap_or(text.len());
        let (number, suffix) = text.split_at(digits);
        let nanos = decimal(number)?;
        let (times, by) = match suffix {
            "" => (1, 1),
            "n" => (1, NANO),
            "u" => (1, 1_000_000),
            "m" => (1, 1000),
            "k" => (1000, 1),
            "M" => (1_000_000, 1),
            "G" => (NANO, 1),
            "T" => (1000 * NANO, 1),
            "P" => (1_000_000 * NANO, 1),
            "E" => (NANO * NANO, 1),
            "Ki" => (1 << 10, 1),
            "Mi" => (1 << 20, 1),
            "Gi" => (1 << 30, 1),
            "Ti" => (1 << 40, 1),
            "Pi" => (1 << 50, 1),
            "Ei" => (1 << 60, 1),
            _ => exponent(suffix)?,
        };
        Some(Self(nanos.checked_mul(times)? / by))
    }

    /// The amount that a document holds: text, or a bare number.
    pub(crate) fn of_document(value: &Document) -> Option<Self> {
        match value {
            Document::String(text) => Self::parse(text),
            Document::Number(_) => Self::parse(&value.to_string()),
            _ => None,
        }
    }

    pub(crate) fn is_zero(self) -> bool {
        self.0 == 0
    }

    pub(crate) fn is_negative(self) -> bool {
        self.0 < 0
    }
}

/// A decimal number in billionths.
fn decimal(number: &str) -> Option<i128> {
    let (negative, number) = match number.as_bytes().first()? {
        b'-' => (true, &number[1..]),
        b'+' => (false, &number[1..]),
        _ => (false, number),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    let mut nanos = if whole.is_empty() { 0 } else { whole.parse::<i128>().ok()?.checked_mul(NANO)? };
    let mut place = NANO;
    for digit in fraction.bytes().take(9) {
        place /= 10;
        nanos += i128::from(digit - b'0') * place;
    }
    Some(if negative { -nanos } else { nanos })
}

/// `e3`, `E-2`
fn exponent(suffix: &str) -> Option<(i128, i128)> {
    let power: i32 = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
    let times = 10_i128.checked_pow(power.unsigned_abs())?;
    Some(if power < 0 { (1, times) } else { (times, 1) })
}

#[cfg(test)]
mod tests {
    use super::Quantity;

    #[test]
    fn equal_amounts_in_different_forms() {
        for (a, b) in [
            ("1", "1000m"),
            ("1Gi", "1024Mi"),
            ("1.5", "1500m"),
            ("2e3", "2k"),
            ("0.1", "100m"),
            ("1E", "1000P"),
        ] {
            assert_eq!(Quantity::parse(a), Quantity::parse(b), "{a} {b}");
            assert!(Quantity::parse(a).is_some());
        }
        assert!(Quantity::parse("1Ki") > Quantity::parse("1k"));
        for text in ["", "x", "1x", "1.2.3", "Gi", "-", "1 Gi"] {
            assert_eq!(Quantity::parse(text), None, "{text}");
        }
    }
}
