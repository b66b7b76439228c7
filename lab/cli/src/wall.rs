//! Real time: for the events' `wall` key, and as the date of a host that one program runs on.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the one place that reads the real clock; nothing in a lab sees it"
)]

use std::time::Instant;

/// A clock that counts nanoseconds from now.
pub(crate) fn clock() -> impl Fn() -> u64 + Send + Sync {
    let start = Instant::now();
    move || u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

/// The machine's date.
pub(crate) fn date() -> jiff::Timestamp {
    jiff::Timestamp::now()
}
