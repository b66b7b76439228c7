//! Time and chance, the two things nothing in a lab may take from the machine.
//!
//! - [`Clock`] is the one clock: virtual, scaled or real. Models and fakes never ask the operating system.
//! - [`VirtualInstant`] and [`VirtualSpan`] are a lab's own time, in nanoseconds since its start.
//! - [`Seed`] names where every random number comes from; each part of a lab draws from a child of its own.

mod clock;
mod instant;
mod seed;
mod span;

pub use clock::{Clock, Elapsed, Pace, live_world, run_world, virtual_world};
pub use instant::VirtualInstant;
pub use seed::{Rng, Seed};
pub use span::{SpanError, VirtualSpan};
