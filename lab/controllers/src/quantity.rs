//! Resource quantities as integers.

use winlab_kube_client::k8s::Quantity;

/// Suffixes with the power they stand for.
const BINARY: [(&str, u32); 6] = [("Ki", 10), ("Mi", 20), ("Gi", 30), ("Ti", 40), ("Pi", 50), ("Ei", 60)];
const DECIMAL: [(&str, i32); 9] =
    [("n", -9), ("u", -6), ("m", -3), ("k", 3), ("M", 6), ("G", 9), ("T", 12), ("P", 15), ("E", 18)];

/// A quantity in units, rounded up: bytes of memory, a number of pods.
#[must_use]
pub fn bytes(quantity: &Quantity) -> i64 {
    scaled(&quantity.0, 0).unwrap_or_default()
}

/// A quantity in thousandths, rounded up: milli-CPUs.
#[must_use]
pub fn millis(quantity: &Quantity) -> i64 {
    scaled(&quantity.0, 3).unwrap_or_default()
}

/// The quantity times 10^`digits`, rounded up away from zero as apimachinery's `Value` and `MilliValue` are. The API
/// server refuses what is no quantity, so `None` never comes from a cluster.
fn scaled(text: &str, digits: i32) -> Option<i64> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | '+' | '-')).unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let unsigned: i128 = format!("{}{fraction}", whole.trim_start_matches(['+', '-'])).parse().ok()?;
    let value = if whole.starts_with('-') { -unsigned } else { unsigned };
    let (shift, power) = if let Some((_, bits)) = BINARY.iter().find(|(name, _)| *name == suffix) {
        (*bits, 0)
    } else if let Some((_, power)) = DECIMAL.iter().find(|(name, _)| *name == suffix) {
        (0, *power)
    } else if let Some(exponent) = suffix.strip_prefix(['e', 'E']).filter(|rest| !rest.is_empty()) {
        (0, exponent.parse().ok()?)
    } else if suffix.is_empty() {
        (0, 0)
    } else {
        return None;
    };
    let power = power + digits - i32::try_from(fraction.len()).ok()?;
    let value = value.checked_shl(shift)?;
    let ten = |n: i32| 10_i128.checked_pow(u32::try_from(n).ok()?);
    let scaled = if power >= 0 { value.checked_mul(ten(power)?)? } else { divide_up(value, ten(-power)?) };
    Some(i64::try_from(scaled).unwrap_or(if scaled < 0 { i64::MIN } else { i64::MAX }))
}

fn divide_up(value: i128, by: i128) -> i128 {
    let rest = value % by;
    value / by + if rest == 0 { 0 } else { value.signum() }
}

#[cfg(test)]
mod tests {
    use winlab_kube_client::k8s::Quantity;

    use super::{bytes, millis};

    #[test]
    fn suffixes_and_rounding() {
        let q = |text: &str| Quantity(text.to_owned());
        for (text, milli, unit) in [
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
            assert_eq!((millis(&q(text)), bytes(&q(text))), (milli, unit), "{text}");
        }
        assert_eq!(bytes(&q("nonsense")), 0);
    }
}
