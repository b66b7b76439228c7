//! The one clock.
#![expect(clippy::disallowed_methods, reason = "the one place that turns the lab's time into tokio's")]

use std::fmt;
use std::future::Future;
use std::io;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use crate::instant::VirtualInstant;
use crate::span::VirtualSpan;

/// How a lab's time goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Jumps from event to event: tokio's paused clock, one world per thread, no sockets.
    Virtual,
    /// So many times faster than the wall clock.
    Scaled(u32),
    /// As the wall clock.
    Real,
}

impl fmt::Display for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Virtual => f.write_str("virtual"),
            Self::Scaled(factor) => write!(f, "scaled {factor}x"),
            Self::Real => f.write_str("real"),
        }
    }
}

/// The first moment of a world whose date is not the machine's: 2026-01-01T00:00:00Z.
const LAB_DATE: Timestamp = Timestamp::constant(1_767_225_600, 0);

/// A wait that ran out before its future was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elapsed(
    /// How long was waited.
    pub VirtualSpan,
);

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "nothing came of it within {}", self.0)
    }
}

impl std::error::Error for Elapsed {}

/// A handle to a lab's time. Cheap to copy; belongs to the tokio runtime it was made in.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    pace: Pace,
    origin: Instant,
    epoch: Timestamp,
}

impl Clock {
    /// A clock at [`VirtualInstant::START`]; `epoch` is the date that moment shows in timestamps. Call it inside the
    /// runtime, which [`virtual_world`] has paused for [`Pace::Virtual`].
    #[must_use]
    pub fn start(pace: Pace, epoch: Timestamp) -> Self {
        Self { pace, origin: Instant::now(), epoch }
    }

    /// A virtual clock whose first moment is 2026-01-01T00:00:00Z.
    #[must_use]
    pub fn start_virtual() -> Self {
        Self::start(Pace::Virtual, LAB_DATE)
    }

    /// A clock of that pace that shows the date its world has. Where time goes by as on the wall, the date is the machine's:
    /// programs in the world that ask the machine agree with it. Everywhere else it is the first of January 2026.
    #[must_use]
    pub fn start_world(pace: Pace) -> Self {
        let epoch = match pace {
            Pace::Real | Pace::Scaled(0 | 1) => Timestamp::now(),
            Pace::Virtual | Pace::Scaled(_) => LAB_DATE,
        };
        Self::start(pace, epoch)
    }

    /// How time goes by.
    #[must_use]
    pub fn pace(&self) -> Pace {
        self.pace
    }

    /// The moment it is.
    #[must_use]
    pub fn now(&self) -> VirtualInstant {
        let passed = VirtualSpan::from(self.origin.elapsed());
        VirtualInstant::START + passed * self.factor()
    }

    /// The date it is, for timestamps in objects and logs.
    #[must_use]
    pub fn timestamp(&self) -> Timestamp {
        let nanos = i64::try_from(self.now().as_nanos()).unwrap_or(i64::MAX);
        self.epoch.checked_add(SignedDuration::from_nanos(nanos)).unwrap_or(Timestamp::MAX)
    }

    /// Waits for a span of scenario time.
    pub async fn sleep(&self, span: VirtualSpan) {
        tokio::time::sleep(self.wall(span)).await;
    }

    /// Waits until a moment of scenario time; at once if it has passed.
    pub async fn sleep_until(&self, at: VirtualInstant) {
        tokio::time::sleep_until(self.origin + self.wall(at.since(VirtualInstant::START))).await;
    }

    /// Runs `future` for at most `span`.
    ///
    /// # Errors
    /// [`Elapsed`] if it was not done by then; it is dropped.
    pub async fn within<F: Future>(&self, span: VirtualSpan, future: F) -> Result<F::Output, Elapsed> {
        tokio::time::timeout(self.wall(span), future).await.map_err(|_| Elapsed(span))
    }

    fn factor(&self) -> u64 {
        if let Pace::Scaled(factor) = self.pace { u64::from(factor.max(1)) } else { 1 }
    }

    /// What a span of scenario time costs on the runtime's clock.
    fn wall(&self, span: VirtualSpan) -> Duration {
        Duration::from(span / self.factor())
    }
}

/// Runs a world on this thread under a paused clock: time stands still while anything can run, and jumps to the next
/// timer when nothing can.
///
/// # Panics
/// Where the operating system refuses a runtime; it needs neither sockets nor threads.
pub fn virtual_world<F: Future>(world: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a current-thread runtime with only a timer takes no resources of the machine")
        .block_on(world)
}

/// Runs a world on this thread while the wall clock goes on: it may have sockets and child processes.
///
/// # Errors
/// The operating system refuses a runtime, as when descriptors are short.
pub fn live_world<F: Future>(world: F) -> io::Result<F::Output> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(world))
}

/// Runs a world on this thread at a pace; inside it, [`Clock::start_world`] gives its clock.
///
/// # Errors
/// As [`live_world`]; a virtual world takes nothing of the machine.
pub fn run_world<F: Future>(pace: Pace, world: F) -> io::Result<F::Output> {
    match pace {
        Pace::Virtual => Ok(virtual_world(world)),
        Pace::Scaled(_) | Pace::Real => live_world(world),
    }
}

#[cfg(test)]
mod tests {
    use super::{Clock, Elapsed, Pace, run_world, virtual_world};
    use crate::span::VirtualSpan;

    #[test]
    fn scaled_time_is_the_walls_times_the_factor() {
        let pace = Pace::Scaled(100);
        let (before, after) = run_world(pace, async {
            let clock = Clock::start_world(pace);
            let before = tokio::time::Instant::now();
            clock.sleep(VirtualSpan::from_secs(5)).await;
            assert!(clock.timestamp().to_string().starts_with("2026-01-01T00:00:"));
            (before.elapsed(), clock.now())
        })
        .unwrap();
        assert!(before.as_millis() >= 50, "{before:?}");
        assert!(after.as_nanos() >= 5_000_000_000, "{after}");
    }

    #[test]
    fn a_virtual_hour_passes_at_once_and_shows_in_timestamps() {
        virtual_world(async {
            let clock = Clock::start_virtual();
            clock.sleep(VirtualSpan::from_secs(3600)).await;
            assert_eq!(clock.now().as_nanos(), 3_600_000_000_000);
            assert_eq!(clock.timestamp().to_string(), "2026-01-01T01:00:00Z");
        });
    }

    #[test]
    fn a_wait_is_bounded() {
        virtual_world(async {
            let clock = Clock::start_virtual();
            let span = VirtualSpan::from_secs(5);
            assert_eq!(clock.within(span, std::future::pending::<()>()).await, Err(Elapsed(span)));
            assert_eq!(clock.now().as_nanos(), span.as_nanos());
        });
    }
}
