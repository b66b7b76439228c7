//! Cases side by side on threads, each with a world of its own.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the one place that starts threads: each carries one world from its begin to its end"
)]

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use winlab_events::{Outcome, Sink};

use crate::case::run_case;
use crate::crash;
use crate::job::{CaseResult, Job, Settings};

/// Room for the deepest call chain of a world in an unoptimised build; only what is touched takes memory.
const STACK: usize = 32 << 20;

/// As many worlds as the machine has processors.
#[must_use]
pub fn default_threads() -> NonZeroUsize {
    thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// Runs the cases and emits the events of each, from `case-started` to `case-finished`. Events of one case come in order; those of
/// different cases from different threads. A case that the machine lacks something for is `case-skipped` instead. The answer
/// holds the cases that were begun, in the order of `jobs`.
///
/// A panic in a model ends its case as [`Outcome::Crashed`]; the others go on.
pub fn run_cases(jobs: &[Job<'_>], settings: &Settings, sink: &dyn Sink) -> Vec<CaseResult> {
    crash::listen();
    let next = AtomicUsize::new(0);
    let stop = AtomicBool::new(false);
    let results: Mutex<Vec<(usize, CaseResult)>> = Mutex::default();
    let work = || {
        while !stop.load(Ordering::Relaxed) {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = jobs.get(at) else { return };
            let Some(result) = run_case(job, settings, sink) else { continue };
            if settings.fail_fast && result.outcome.is_red() {
                stop.store(true, Ordering::Relaxed);
            }
            results.lock().unwrap_or_else(PoisonError::into_inner).push((at, result));
        }
    };
    thread::scope(|scope| {
        for number in 0..settings.threads.get().min(jobs.len()) {
            let world = thread::Builder::new().name(format!("world-{number}")).stack_size(STACK);
            if world.spawn_scoped(scope, work).is_err() && number == 0 {
                // Not a single thread to be had: the cases run on this one.
                work();
            }
        }
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}

/// Whether the outcome leaves the case's claims proven.
pub(crate) fn worst(outcomes: impl IntoIterator<Item = Outcome>) -> Outcome {
    let rank = |outcome: &Outcome| match outcome {
        Outcome::Passed => 0,
        Outcome::KnownFailure => 1,
        Outcome::NotFinished => 2,
        Outcome::UnexpectedPass => 3,
        Outcome::Failed => 4,
        Outcome::Crashed => 5,
    };
    outcomes.into_iter().max_by_key(rank).unwrap_or(Outcome::Passed)
}
