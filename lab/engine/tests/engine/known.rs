//! Known failures: strict both ways.

use winlab_events::{Happening, Outcome};

use crate::harness::{run, small};

fn known(check: &str) -> String {
    let steps = format!("  - {{name: s, expect: [{check}], within: 5s}}\n  - {{name: after, wait: 1s}}\n");
    small("known: [{cell: {}, step: s, reason: kubernetes#1}]\n", &steps)
}

#[test]
fn a_known_failure_fails_and_the_case_goes_on() {
    let ran = run(&known("{k8s: pod/nobody}"));
    assert_eq!(ran.outcome(), Outcome::KnownFailure);
    let ends = ran.all(|what| if let Happening::StepFinished(end) = what { Some(end.outcome) } else { None });
    assert_eq!(ends, [Outcome::KnownFailure, Outcome::Passed]);
    let known = ran.all(|what| if let Happening::KnownFailure(known) = what { Some(known) } else { None });
    assert!(known[0].failed_as_expected);
    assert_eq!(known[0].reason, "kubernetes#1");
}

#[test]
fn a_known_failure_that_passes_is_red() {
    let ran = run(&known("{k8s: node/lin1}"));
    assert_eq!(ran.outcome(), Outcome::UnexpectedPass);
    let known = ran.all(|what| if let Happening::KnownFailure(known) = what { Some(known) } else { None });
    assert!(!known[0].failed_as_expected);
}
