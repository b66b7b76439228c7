//! The short lines about a case and about the run that the terminal and the step summary share.

use winlab_events::{Outcome, Summary};

use crate::paint::Tone;
use crate::{CaseEnd, CaseReport};

/// The word in front of a case, and its meaning.
pub(crate) fn label(case: &CaseReport) -> (&'static str, Tone) {
    match &case.end {
        CaseEnd::Skipped(_) => ("SKIP", Tone::Odd),
        CaseEnd::NotBegun | CaseEnd::Running => ("STOP", Tone::Odd),
        CaseEnd::Finished(end) => match end.outcome {
            Outcome::Passed => ("PASS", Tone::Good),
            Outcome::Failed | Outcome::UnexpectedPass => ("FAIL", Tone::Bad),
            Outcome::KnownFailure => ("KNOWN", Tone::Odd),
            Outcome::Crashed => ("CRASH", Tone::Bad),
            Outcome::NotFinished => ("STOP", Tone::Odd),
        },
    }
}

/// `14 cases: 11 passed, 1 failed, 2 skipped`; what is zero is not named.
pub(crate) fn counts(summary: &Summary) -> Vec<(Tone, String)> {
    let parts = [
        (summary.passed, Tone::Good, "passed"),
        (summary.failed, Tone::Bad, "failed"),
        (summary.unexpected_passes, Tone::Bad, "passed against expectation"),
        (summary.crashed, Tone::Bad, "crashed"),
        (summary.known_failures, Tone::Odd, "failed as known"),
        (summary.skipped, Tone::Odd, "skipped"),
        (summary.not_finished, Tone::Odd, "not finished"),
    ];
    parts
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, tone, word)| (tone, format!("{count} {word}")))
        .collect()
}

/// `1 case`, `2 cases`.
pub(crate) fn cases(count: usize) -> String {
    format!("{count} {}", if count == 1 { "case" } else { "cases" })
}
