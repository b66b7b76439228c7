//! Lengths of scenario time.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Div, Mul};
use std::str::FromStr;
use std::time::Duration;

/// A length of scenario time, in nanoseconds. Arithmetic saturates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VirtualSpan(u64);

/// Text that is not a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanError {
    /// Nothing there.
    Empty,
    /// A number without a unit: `30` could be anything.
    NoUnit,
    /// Not a number before the unit, or more than a span holds.
    Number,
    /// A unit other than `ms`, `s`, `m`, `h`, `d` (and `us`, `ns`).
    Unit,
}

impl fmt::Display for SpanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "a time span is missing",
            Self::NoUnit => "a time span needs a unit, as in `30s`",
            Self::Number => "not a number, or too large for a time span",
            Self::Unit => "units of time are `ms`, `s`, `m`, `h` and `d`",
        })
    }
}

impl std::error::Error for SpanError {}

impl VirtualSpan {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// So many nanoseconds.
    #[must_use]
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// So many milliseconds.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(1_000_000))
    }

    /// So many seconds.
    #[must_use]
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(1_000_000_000))
    }

    /// In nanoseconds.
    #[must_use]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// In whole milliseconds.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0 / 1_000_000
    }

    /// In whole seconds.
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.0 / 1_000_000_000
    }
}

impl From<VirtualSpan> for Duration {
    fn from(span: VirtualSpan) -> Self {
        Self::from_nanos(span.0)
    }
}

impl From<Duration> for VirtualSpan {
    fn from(duration: Duration) -> Self {
        Self(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX))
    }
}

impl Add for VirtualSpan {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Mul<u64> for VirtualSpan {
    type Output = Self;

    fn mul(self, times: u64) -> Self {
        Self(self.0.saturating_mul(times))
    }
}

impl Div<u64> for VirtualSpan {
    type Output = Self;

    fn div(self, parts: u64) -> Self {
        Self(self.0 / parts)
    }
}

impl Sum for VirtualSpan {
    fn sum<I: Iterator<Item = Self>>(spans: I) -> Self {
        spans.fold(Self::ZERO, Add::add)
    }
}

/// The units of the written form, longest first.
const UNITS: [(&str, u64); 7] = [
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

impl FromStr for VirtualSpan {
    type Err = SpanError;

    /// `90s`, `5m`, `1h30m`, `1.5s`: one or more numbers, each with a unit.
    fn from_str(text: &str) -> Result<Self, SpanError> {
        let mut rest = text.trim();
        if rest.is_empty() {
            return Err(SpanError::Empty);
        }
        let mut total = 0_u64;
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or(SpanError::NoUnit)?;
            let (number, tail) = rest.split_at(digits);
            let letters = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
            let (unit, tail) = tail.split_at(letters);
            let (_, nanos) = UNITS.iter().find(|(name, _)| *name == unit).ok_or(SpanError::Unit)?;
            let part = parse_decimal(number, *nanos).ok_or(SpanError::Number)?;
            total = total.checked_add(part).ok_or(SpanError::Number)?;
            rest = tail;
        }
        Ok(Self(total))
    }
}

/// `number` × `unit` without floating point: `1.5` of a second is exactly 1,500,000,000.
fn parse_decimal(number: &str, unit: u64) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let mut nanos = whole.parse::<u64>().ok()?.checked_mul(unit)?;
    let mut place = unit;
    for digit in fraction.chars() {
        place /= 10;
        nanos = nanos.checked_add(u64::from(digit.to_digit(10)?) * place)?;
    }
    Some(nanos)
}

impl fmt::Display for VirtualSpan {
    /// The two largest units that are not zero: `1h 30m`, `12s`, `1.250s`, `350ms`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (secs, millis) = (self.as_secs(), self.as_millis() % 1000);
        match (secs, millis) {
            (0, 0) if self.0 > 0 => write!(f, "{}us", self.0 / 1000),
            (0, _) => write!(f, "{millis}ms"),
            (1..60, 0) => write!(f, "{secs}s"),
            (1..60, _) => write!(f, "{secs}.{millis:03}s"),
            (60..3600, _) => write_pair(f, secs / 60, "m", secs % 60, "s"),
            (3600..86_400, _) => write_pair(f, secs / 3600, "h", secs % 3600 / 60, "m"),
            _ => write_pair(f, secs / 86_400, "d", secs % 86_400 / 3600, "h"),
        }
    }
}

fn write_pair(f: &mut fmt::Formatter<'_>, a: u64, a_unit: &str, b: u64, b_unit: &str) -> fmt::Result {
    if b == 0 { write!(f, "{a}{a_unit}") } else { write!(f, "{a}{a_unit} {b}{b_unit}") }
}

#[cfg(test)]
mod tests {
    use super::{SpanError, VirtualSpan};

    #[test]
    fn the_written_form() {
        for (text, nanos) in [
            ("30s", 30_000_000_000),
            ("1.5s", 1_500_000_000),
            ("1h30m", 5_400_000_000_000),
            ("250ms", 250_000_000),
            ("0s", 0),
        ] {
            assert_eq!(text.parse(), Ok(VirtualSpan::from_nanos(nanos)), "{text}");
        }
        for (text, error) in [
            ("", SpanError::Empty),
            ("30", SpanError::NoUnit),
            ("30sec", SpanError::Unit),
            ("s", SpanError::Number),
            ("1.2.3s", SpanError::Number),
            ("999999999999999h", SpanError::Number),
        ] {
            assert_eq!(text.parse::<VirtualSpan>(), Err(error), "{text}");
        }
    }

    #[test]
    fn the_printed_form() {
        for (millis, text) in [
            (0, "0ms"),
            (350, "350ms"),
            (12_000, "12s"),
            (1_250, "1.250s"),
            (90_000, "1m 30s"),
            (5_400_000, "1h 30m"),
        ] {
            assert_eq!(VirtualSpan::from_millis(millis).to_string(), text);
        }
    }
}
