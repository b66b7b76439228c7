//! `--output json`: one document about the whole run.
//!
//! ```json
//! {"format": 1, "winlab": "0.1.0", "seed": "42", "rerun": "winlab test --seed 42",
//!  "summary": {"passed": 1, …}, "wall_ns": 1200000, "virtual_ns": 5000000000,
//!  "cases": [{"name": "…", "scenario": "…", "file": "…", "cell": {}, "outcome": "passed", …}], "unmodelled": []}
//! ```
//!
//! `outcome` is one of `passed failed known-failure unexpected-pass crashed skipped not-finished`. What is named as in the
//! JSON lines means the same as there ([`winlab_events`]); the number `format` is shared with them.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;
use winlab_events::{
    CaseSkipped, Crash, Evidence, FORMAT, KnownFailure, Outcome, Place, Remark, Summary, UnmodelledCount,
};

use crate::{CaseEnd, CaseReport, Problem, RunReport, StepReport};

#[derive(Serialize)]
struct RunDocument<'a> {
    format: u32,
    winlab: &'a str,
    seed: &'a str,
    rerun: &'a str,
    /// Whether the run came to its end.
    finished: bool,
    summary: Summary,
    #[serde(skip_serializing_if = "Option::is_none")]
    wall_ns: Option<u64>,
    virtual_ns: u64,
    cases: Vec<CaseDocument<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    remarks: &'a [Remark],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    crashes: &'a [Crash],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    unmodelled: &'a [UnmodelledCount],
}

#[derive(Serialize)]
struct CaseDocument<'a> {
    name: &'a str,
    scenario: &'a str,
    file: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    cell: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pace: Option<&'a str>,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped: Option<&'a CaseSkipped>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wall_ns: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    virtual_ns: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rerun: Option<&'a str>,
    steps: Vec<StepDocument<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    remarks: &'a [Remark],
}

#[derive(Serialize)]
struct StepDocument<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<&'a Place>,
    outcome: &'static str,
    virtual_ns: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    wall_ns: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<ProblemDocument<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    known: Option<&'a KnownFailure>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<&'a Evidence>,
}

#[derive(Serialize)]
struct ProblemDocument<'a> {
    kind: &'a str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<&'a Place>,
}

/// Writes the document, indented, with a line's end.
///
/// # Errors
/// The writer failed.
pub fn write(run: &RunReport, out: &mut dyn Write) -> io::Result<()> {
    let start = run.started.as_ref();
    let end = run.finished.as_ref();
    let document = RunDocument {
        format: FORMAT,
        winlab: start.map_or("", |start| &start.winlab),
        seed: start.map_or("", |start| &start.seed),
        rerun: start.map_or("", |start| &start.rerun),
        finished: end.is_some(),
        summary: run.summary(),
        wall_ns: run.wall_ns,
        virtual_ns: end.map_or(0, |end| end.virtual_ns),
        cases: run.cases.iter().map(case_document).collect(),
        remarks: &run.remarks,
        crashes: &run.crashes,
        unmodelled: end.map_or(&[], |end| &end.unmodelled),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn case_document(case: &CaseReport) -> CaseDocument<'_> {
    let end = match &case.end {
        CaseEnd::Finished(end) => Some(end),
        CaseEnd::NotBegun | CaseEnd::Running | CaseEnd::Skipped(_) => None,
    };
    let skipped = match &case.end {
        CaseEnd::Skipped(skip) => Some(skip),
        CaseEnd::NotBegun | CaseEnd::Running | CaseEnd::Finished(_) => None,
    };
    CaseDocument {
        name: &case.name,
        scenario: &case.scenario,
        file: &case.file,
        cell: &case.cell,
        pace: case.pace.as_deref(),
        outcome: match (end, skipped) {
            (Some(end), _) => end.outcome.as_str(),
            (None, Some(_)) => "skipped",
            (None, None) => Outcome::NotFinished.as_str(),
        },
        skipped,
        wall_ns: case.wall_ns,
        virtual_ns: end.map(|end| end.virtual_ns),
        rerun: end.map(|end| end.rerun.as_str()),
        steps: case.steps.iter().map(step_document).collect(),
        remarks: &case.remarks,
    }
}

fn step_document(step: &StepReport) -> StepDocument<'_> {
    let unfinished = if step.problems.is_empty() { Outcome::NotFinished } else { Outcome::Failed };
    StepDocument {
        name: step.name.as_deref(),
        place: step.place.as_ref(),
        outcome: step.outcome.unwrap_or(unfinished).as_str(),
        virtual_ns: step.virtual_ns,
        wall_ns: step.wall_ns,
        problems: step.problems.iter().map(problem_document).collect(),
        known: step.known.as_ref(),
        evidence: step.evidence.as_ref(),
    }
}

fn problem_document(problem: &Problem) -> ProblemDocument<'_> {
    ProblemDocument { kind: problem.kind(), message: problem.headline(), place: problem.place() }
}
