//! Moments of scenario time.

use std::fmt;
use std::ops::{Add, Sub};

use crate::span::VirtualSpan;

/// A moment of a lab's own time: nanoseconds since the lab began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VirtualInstant(u64);

impl VirtualInstant {
    /// The beginning of the lab.
    pub const START: Self = Self(0);

    /// The moment so many nanoseconds after the beginning.
    #[must_use]
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since the beginning.
    #[must_use]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Time passed since `earlier`; zero if that lies in the future.
    #[must_use]
    pub const fn since(self, earlier: Self) -> VirtualSpan {
        VirtualSpan::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

impl Add<VirtualSpan> for VirtualInstant {
    type Output = Self;

    fn add(self, span: VirtualSpan) -> Self {
        Self(self.0.saturating_add(span.as_nanos()))
    }
}

impl Sub for VirtualInstant {
    type Output = VirtualSpan;

    fn sub(self, earlier: Self) -> VirtualSpan {
        self.since(earlier)
    }
}

impl fmt::Display for VirtualInstant {
    /// Seconds with milliseconds: `+12.340s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "+{}.{:03}s", self.0 / 1_000_000_000, self.0 / 1_000_000 % 1000)
    }
}
