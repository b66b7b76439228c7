//! What is allowed and probably not meant.

mod case;
mod image;
mod join;
mod objects;
mod ports;
mod prose;
mod step;

use std::collections::BTreeSet;

pub(crate) use case::Applied;

use crate::diagnostic::Diagnostic;
use crate::model::Scenario;

/// A kind of warning.
#[derive(Debug)]
pub struct Lint {
    /// Its code.
    pub code: &'static str,
    /// What it finds, and why that matters.
    pub about: &'static str,
}

const fn lint_of(code: &'static str, about: &'static str) -> Lint {
    Lint { code, about }
}

/// Every kind of warning.
pub static LINTS: [Lint; 13] = [
    lint_of("about-sentence", "`about` is no sentence: reports print it as prose."),
    lint_of("bad-ref", "An entry of `refs` is neither `owner/repo#1` nor an address: nobody can follow it."),
    lint_of("vague-step", "A step's name tells nothing: it is all that a failed run shows first."),
    lint_of("hexadecimal", "A plain `0xb7` in a document to match is the number 183."),
    lint_of("idle-within", "`within` without a check: nothing waits for it."),
    lint_of("idle-hold", "`hold` without a check: nothing is held."),
    lint_of("never-joined", "A node with `join: later` that no step joins."),
    lint_of(
        "joins-again",
        "A step joins components of a node that has joined before the first step and was not replaced.",
    ),
    lint_of("unused-image", "An image that no manifest of the scenario runs."),
    lint_of("deaf-image", "An image with replies that listens on nothing."),
    lint_of("deaf-port", "A flow that must be answered goes to a port nothing listens on."),
    lint_of("no-such-port", "A flow that must be answered goes to a port its Service does not have."),
    lint_of("unknown-object", "A name that is nearly that of an applied object."),
];

/// Warnings about a scenario that was read without errors, in the order of its files.
#[must_use]
pub fn lint(scenario: &Scenario) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    prose::check(scenario, &mut warnings);
    for case in &scenario.cases {
        let applied = Applied::of(case);
        for step in applied.steps() {
            step::check(step, &mut warnings);
        }
        join::check(case, &applied, &mut warnings);
        image::check(case, &applied, &mut warnings);
        ports::check(case, &applied, &mut warnings);
        objects::check(&applied, &mut warnings);
    }
    warnings.sort_by_key(|warning| (warning.span.file, warning.span.start));
    // Every cell of a matrix finds what is odd in all of them.
    let mut seen = BTreeSet::new();
    warnings.retain(|warning| seen.insert((warning.span, warning.message.clone())));
    warnings
}
