//! What HNS takes from outside: the time and fresh ids.

use std::fmt;

use winlab_clock::{Clock, Rng, Seed, VirtualInstant};
use winlab_host::Guid;

/// Time and ids for one call. Everything random in HNS (MAC pools, NAT prefixes, switch ids) follows from the ids.
pub trait Context {
    /// The moment of the call.
    fn now(&self) -> VirtualInstant;
    /// An id never given before.
    fn guid(&mut self) -> Guid;
}

/// A context over a lab's clock and a seed.
#[derive(Clone)]
pub struct SeededContext {
    clock: Option<Clock>,
    rng: Rng,
}

impl SeededContext {
    /// Ids from `seed`, time from `clock`.
    #[must_use]
    pub fn new(clock: Clock, seed: Seed) -> Self {
        Self { clock: Some(clock), rng: seed.rng() }
    }

    /// Ids from `seed`; it is always [`VirtualInstant::START`]. For tests without a runtime.
    #[must_use]
    pub fn timeless(seed: Seed) -> Self {
        Self { clock: None, rng: seed.rng() }
    }
}

impl fmt::Debug for SeededContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeededContext").field("clock", &self.clock).finish_non_exhaustive()
    }
}

impl Context for SeededContext {
    fn now(&self) -> VirtualInstant {
        self.clock.as_ref().map_or(VirtualInstant::START, Clock::now)
    }

    fn guid(&mut self) -> Guid {
        Guid::from_random(self.rng.bytes())
    }
}
