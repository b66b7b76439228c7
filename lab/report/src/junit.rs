//! JUnit XML: one suite per scenario file, one test case per case.
//!
//! A known failure is `skipped` with type `known-failure`, as the readers of JUnit files have no word of their own for it; one that
//! passes is a failure. What never ran is `skipped`; what began and did not end is an error, since such a run must not
//! look green. Real time is `time`; virtual time, seed and rerun line are properties.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};
use winlab_events::Outcome;

use crate::failure::plain_text;
use crate::visible::one_line;
use crate::{CaseEnd, CaseReport, RunReport, StepReport};

/// Writes the file.
///
/// # Errors
/// The writer failed.
pub fn write(run: &RunReport, out: &mut dyn Write) -> io::Result<()> {
    let mut report = Report::new("winlab");
    if let Some(ns) = run.wall_ns {
        report.set_time(Duration::from_nanos(ns));
    }
    let mut suites: BTreeMap<&str, TestSuite> = BTreeMap::new();
    for case in &run.cases {
        let suite = suites.entry(&case.file).or_insert_with(|| TestSuite::new(&*one_line(&case.file)));
        suite.add_test_case(test_case(case));
    }
    for mut suite in suites.into_values() {
        if let Some(start) = &run.started {
            suite.add_property(Property::new("winlab", &start.winlab));
            suite.add_property(Property::new("seed", &start.seed));
        }
        report.add_test_suite(suite);
    }
    report.serialize(&mut *out).map_err(io::Error::other)
}

fn test_case(case: &CaseReport) -> TestCase {
    let mut test = TestCase::new(&*one_line(&case.name), status(case));
    test.set_classname(&*one_line(&case.scenario));
    if let Some(ns) = case.wall_ns {
        test.set_time(Duration::from_nanos(ns));
    }
    if let CaseEnd::Finished(end) = &case.end {
        test.add_property(Property::new("virtual_ns", end.virtual_ns.to_string()));
        test.add_property(Property::new("rerun", &*one_line(&end.rerun)));
    }
    test
}

fn status(case: &CaseReport) -> TestCaseStatus {
    let end = match &case.end {
        CaseEnd::Finished(end) => end,
        CaseEnd::Skipped(skip) => return skipped(&skip.reason, "skipped"),
        CaseEnd::NotBegun => return skipped("the run ended before this case began", "not-begun"),
        CaseEnd::Running => return not_finished(),
    };
    match end.outcome {
        Outcome::Passed => TestCaseStatus::success(),
        Outcome::KnownFailure => {
            let reasons: Vec<_> =
                case.steps.iter().filter_map(|step| Some(one_line(&step.known.as_ref()?.reason))).collect();
            skipped(&reasons.join("; "), "known-failure")
        }
        Outcome::NotFinished => not_finished(),
        Outcome::Crashed => red(case, NonSuccessKind::Error, "crash"),
        Outcome::UnexpectedPass => red(case, NonSuccessKind::Failure, "unexpected-pass"),
        Outcome::Failed => red(case, NonSuccessKind::Failure, "failure"),
    }
}

fn skipped(message: &str, kind: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(&*one_line(message)).set_type(kind);
    status
}

fn not_finished() -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_message("the run was interrupted before this case ended").set_type("not-finished");
    status
}

fn red(case: &CaseReport, kind: NonSuccessKind, otherwise: &str) -> TestCaseStatus {
    let headline = case.red_steps().find_map(StepReport::headline);
    let message = headline.unwrap_or_else(|| "failed without a reason being reported".to_owned());
    let problem = case.red_steps().find_map(|step| step.problems.first());
    let of_kind = problem.map_or(otherwise, |problem| problem.kind());
    let mut status = TestCaseStatus::non_success(kind);
    status.set_message(&*one_line(&message)).set_type(of_kind).set_description(plain_text(case));
    status
}
