//! Which report goes where.

use std::collections::BTreeMap;
use std::path::PathBuf;

use winlab_events::{
    CaseFinished, CaseStarted, CheckFailed, CheckKind, Event, FORMAT, FailureReason, Outcome, Place,
    PlannedCase, RunFinished, RunStarted, Sink, Summary,
};

use super::*;
use crate::{Exit, GitHub};

/// A run of one case that fails.
fn red(sink: &dyn Sink) {
    let place = Place { file: "s.winlab.yaml".into(), line: 3, column: 5 };
    let planned = PlannedCase {
        name: "s".into(),
        scenario: "s".into(),
        file: "s.winlab.yaml".into(),
        cell: BTreeMap::new(),
    };
    let started = RunStarted {
        format: FORMAT,
        winlab: "0".into(),
        seed: "7".into(),
        rerun: "winlab test --seed 7".into(),
        cases: vec![planned],
    };
    let case = CaseStarted {
        scenario: "s".into(),
        file: "s.winlab.yaml".into(),
        cell: BTreeMap::new(),
        seed: "7".into(),
        pace: None,
    };
    let failed = CheckFailed {
        kind: CheckKind::Expect,
        target: "k8s node/win1".into(),
        reason: FailureReason::AtRest,
        message: "there is none".into(),
        say: None,
        hint: None,
        after_ns: 1,
        place: Some(place),
    };
    let rerun = "winlab test s.winlab.yaml --name =s --seed 7".to_owned();
    let end =
        CaseFinished { outcome: Outcome::Failed, virtual_ns: 1, seed: "7".into(), rerun: rerun.clone() };
    sink.emit(&Event::of_run(started));
    sink.emit(&Event::of_case(0, "s".into(), case));
    sink.emit(&Event::of_step(1, "s".into(), "ready".into(), failed));
    sink.emit(&Event::of_case(1, "s".into(), end));
    sink.emit(&Event::of_run(RunFinished {
        summary: Summary { failed: 1, ..Summary::default() },
        virtual_ns: 1,
        seed: "7".into(),
        rerun,
        unmodelled: Vec::new(),
    }));
}

struct Told {
    report: anyhow::Result<RunReport>,
    out: String,
    talk: String,
}

fn tell(args: &Reports, environment: &Environment) -> Told {
    let (mut out, mut talk) = (Vec::new(), Vec::new());
    let report = report_run(args, environment, &mut Streams { out: &mut out, talk: &mut talk }, red);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Told { report, out: text(out), talk: text(talk) }
}

fn somewhere(folder: &tempfile::TempDir) -> Environment {
    Environment { directory: folder.path().to_owned(), ..Environment::default() }
}

#[test]
fn text_is_data_and_nothing_is_talked() {
    let told = tell(&Reports::default(), &somewhere(&tempfile::tempdir().unwrap()));
    assert!(told.out.contains("FAIL"));
    assert!(
        told.out.ends_with("seed 7, rerun: winlab test s.winlab.yaml --name =s --seed 7\n"),
        "{}",
        told.out
    );
    assert_eq!(told.talk, "");
    assert_eq!(Exit::of_summary(&told.report.unwrap().summary(), false), Exit::ExpectationFailed);
}

#[test]
fn json_takes_standard_output_for_itself() {
    let args = Reports { output: Output::Json, ..Reports::default() };
    let told = tell(&args, &somewhere(&tempfile::tempdir().unwrap()));
    let document: serde_json::Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!(document["summary"]["failed"], 1);
    assert!(told.talk.contains("FAIL"));
}

#[test]
fn files_are_written_where_they_were_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let args = Reports {
        junit: Some("junit.xml".into()),
        jsonl: Some(folder.path().join("events.jsonl")),
        ..Reports::default()
    };
    tell(&args, &somewhere(&folder)).report.unwrap();
    let read = |name: &str| files::read(&folder.path().join(name)).unwrap();
    assert!(read("junit.xml").contains("<failure"));
    let lines = read("events.jsonl");
    assert_eq!(lines.lines().count(), 5);
    assert!(lines.lines().all(|line| Event::from_line(line).unwrap().wall.is_some()));
}

#[test]
fn a_report_that_cannot_be_written_is_refused_before_the_run() {
    let folder = tempfile::tempdir().unwrap();
    for (junit, jsonl) in [(Some("no/junit.xml"), None), (None, Some("no/events.jsonl"))] {
        let args = Reports {
            junit: junit.map(PathBuf::from),
            jsonl: jsonl.map(PathBuf::from),
            ..Reports::default()
        };
        let told = tell(&args, &somewhere(&folder));
        assert!(told.report.unwrap_err().to_string().starts_with("cannot write `"));
        assert_eq!(told.out, "", "the run did not start");
    }
}

#[test]
fn github_gets_annotations_beside_the_data_and_a_summary_after_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let summary = folder.path().join("summary.md");
    files::write(&summary, "of an earlier step\n").unwrap();
    let environment =
        Environment { github: Some(GitHub { step_summary: Some(summary.clone()) }), ..somewhere(&folder) };
    let told = tell(&Reports::default(), &environment);
    assert!(told.talk.starts_with("::error file=s.winlab.yaml,line=3,col=5,"), "{}", told.talk);
    let summary = files::read(&summary).unwrap();
    assert!(summary.starts_with("of an earlier step\n### winlab: 1 case: 1 failed"), "{summary}");
}
