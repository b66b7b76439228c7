//! JSON numbers.

use std::fmt;

/// A JSON number. Integers that fit `i64` are always [`Number::Int`], so that equal integers compare equal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// An integer of `i64`'s range.
    Int(i64),
    /// An integer above `i64::MAX`.
    UInt(u64),
    /// Anything with a fraction or an exponent; always finite.
    Float(f64),
}

impl Number {
    /// The number as `i64`, if it is an integer of that range.
    #[must_use]
    pub fn as_i64(self) -> Option<i64> {
        match self {
            Self::Int(n) => Some(n),
            Self::UInt(_) | Self::Float(_) => None,
        }
    }

    /// The number as `u64`, if it is a non-negative integer.
    #[must_use]
    pub fn as_u64(self) -> Option<u64> {
        match self {
            Self::Int(n) => u64::try_from(n).ok(),
            Self::UInt(n) => Some(n),
            Self::Float(_) => None,
        }
    }

    /// The number as `f64`; large integers lose precision.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "the documented behaviour")]
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Int(n) => n as f64,
            Self::UInt(n) => n as f64,
            Self::Float(n) => n,
        }
    }
}

impl From<i64> for Number {
    fn from(n: i64) -> Self {
        Self::Int(n)
    }
}

impl From<u64> for Number {
    fn from(n: u64) -> Self {
        i64::try_from(n).map_or(Self::UInt(n), Self::Int)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(n) => n.fmt(f),
            Self::UInt(n) => n.fmt(f),
            Self::Float(n) => serde_json::Number::from_f64(*n).map_or(Ok(()), |n| n.fmt(f)),
        }
    }
}
