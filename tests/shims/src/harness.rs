//! Tests that need more than Rust: run, or ignored with the reason, or failed with it where `WINLAB_REQUIRE` names it.
#![expect(clippy::disallowed_methods, reason = "what must be there is said in the environment")]

use std::env;

use libtest_mimic::{Failed, Trial};

/// Whether a machine that lacks this is a failure, as it is in CI: `wine`, `peers`.
#[must_use]
pub fn is_required(need: &str) -> bool {
    env::var("WINLAB_REQUIRE").is_ok_and(|needs| needs.split(',').any(|named| named == need))
}

/// A test with what it needs, or what is missing of it.
pub fn trial<T: Send + 'static>(
    name: impl Into<String>,
    found: Result<T, String>,
    is_required: bool,
    case: impl FnOnce(T) -> Result<(), String> + Send + 'static,
) -> Trial {
    let is_ignored = found.is_err() && !is_required;
    let run = move || found.and_then(case).map_err(Failed::from);
    Trial::test(name, run).with_ignored_flag(is_ignored)
}

/// Says why tests are ignored.
#[expect(clippy::print_stderr, reason = "a test that does not run says why")]
pub fn say_ignored(reason: &str) {
    eprintln!("ignored: {reason}");
}
