//! Selection, repetition and exit codes, with an engine that decides by the case's name.

use std::cell::RefCell;
use std::path::Path;

use winlab_events::{CaseFinished, CaseSkipped, CaseStarted, Crash, Happening, Outcome};

use super::*;
use crate::files;

/// Cases named `red…` fail, `crash…` crash, `skip…` lack something.
#[derive(Default)]
struct Fake {
    refuses: bool,
    ran: RefCell<Vec<(String, u64)>>,
}

impl Engine for Fake {
    fn refuse(&self, _: &Scenario, case: &Case) -> Vec<Diagnostic> {
        let message = "the network is not supported yet";
        let diagnostic = Diagnostic::error("not-supported", case.lab.network.span, message);
        if self.refuses { vec![diagnostic] } else { Vec::new() }
    }

    fn run(&self, plan: &Plan<'_>, sink: &dyn Sink) {
        for case in &plan.cases {
            self.ran.borrow_mut().push((case.name.to_string(), case.seed));
            let emit = |what: Happening| sink.emit(&Event::of_case(0, case.name.clone(), what));
            if case.name.starts_with("skip") {
                emit(CaseSkipped { reason: "needs wine".into(), need: Some("wine".into()) }.into());
                continue;
            }
            let seed = case.seed.to_string();
            emit(
                CaseStarted {
                    scenario: case.loaded.scenario.name.value.clone(),
                    file: scenarios::shown(&case.loaded.file),
                    cell: case.cell().clone(),
                    seed: seed.clone(),
                    pace: None,
                }
                .into(),
            );
            let outcome = match &case.name[..3] {
                "red" => Outcome::Failed,
                "cra" => Outcome::Crashed,
                _ => Outcome::Passed,
            };
            if outcome == Outcome::Crashed {
                emit(Crash { component: "fake".into(), message: "boom".into(), location: None }.into());
            }
            emit(CaseFinished { outcome, virtual_ns: 1, seed, rerun: case.rerun.clone() }.into());
            if plan.fail_fast && outcome.is_red() {
                break;
            }
        }
    }
}

struct Told {
    exit: Exit,
    out: String,
    talk: String,
    ran: Vec<(String, u64)>,
}

fn names(told: &Told) -> Vec<&str> {
    told.ran.iter().map(|(name, _)| name.as_str()).collect()
}

/// A folder with one scenario for each name.
fn folder(names: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in names {
        let text = format!(
            "winlab: 1\nname: {name}\nabout: A test.\ncovers: [Core.Network]\nmatrix:\n  axes: {{kube: [v1.36.1, v1.37.2]}}\n\
             lab:\n  kube: $kube\n  network: flannel-vxlan\n  nodes:\n    win1: {{os: windows}}\n\
             steps:\n  - name: ready\n    expect: [{{k8s: node/win1, count: 1}}]\n"
        );
        files::write(&folder.path().join(format!("scenarios/{name}.winlab.yaml")), &text).unwrap();
    }
    folder
}

fn told(folder: &Path, args: &Test, engine: &Fake) -> Told {
    let (mut out, mut talk) = (Vec::new(), Vec::new());
    let environment = Environment { directory: folder.to_owned(), ..Environment::default() };
    let mut streams = Streams { out: &mut out, talk: &mut talk };
    let exit = run_tests(args, &["test".to_owned()], &environment, &mut streams, engine).unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Told { exit, out: text(out), talk: text(talk), ran: engine.ran.take() }
}

fn test(folder: &Path, args: &Test) -> Told {
    told(folder, args, &Fake::default())
}

#[test]
fn every_case_runs_with_the_default_seed() {
    let told = test(folder(&["a", "b"]).path(), &Test::default());
    assert_eq!(told.exit, Exit::Pass);
    assert_eq!(names(&told), ["a[kube=v1.36.1]", "a[kube=v1.37.2]", "b[kube=v1.36.1]", "b[kube=v1.37.2]"]);
    assert!(told.ran.iter().all(|(_, seed)| *seed == crate::plan::DEFAULT_SEED));
    assert!(
        told.out.ends_with("4 cases: 4 passed\n   seed 1, rerun: winlab test --seed 1\n"),
        "{}",
        told.out
    );
    assert_eq!(told.talk, "");
}

#[test]
fn repetitions_get_the_next_seeds_and_names_of_their_own() {
    let args = Test {
        repeat: std::num::NonZeroU32::new(2),
        seed: Some(7),
        selection: crate::args::Selection {
            matrix: vec!["kube=v1.36.1".parse().unwrap()],
            ..Default::default()
        },
        ..Test::default()
    };
    let told = test(folder(&["red"]).path(), &args);
    assert_eq!(told.ran, [("red[kube=v1.36.1]".to_owned(), 7), ("red[kube=v1.36.1]#2".to_owned(), 8)]);
    assert!(
        told.out
            .contains("rerun: winlab test scenarios/red.winlab.yaml --name '=red[kube=v1.36.1]' --seed 8\n")
    );
}

#[test]
fn exit_codes_follow_the_worst_case() {
    let all = Test::default();
    assert_eq!(test(folder(&["a", "red"]).path(), &all).exit, Exit::ExpectationFailed);
    assert_eq!(test(folder(&["crash", "red"]).path(), &all).exit, Exit::Bug);
    assert_eq!(test(folder(&["a", "skip"]).path(), &all).exit, Exit::Pass);
    let require = Test { placement: crate::args::Placement { require: true, ..Default::default() }, ..all };
    assert_eq!(test(folder(&["a", "skip"]).path(), &require).exit, Exit::NeedAbsent);
}

#[test]
fn what_fails_is_run_again_by_failed_until_it_passes() {
    let folder = folder(&["a", "red"]);
    let failed = Test { failed: true, ..Test::default() };
    let told = test(folder.path(), &failed);
    assert_eq!(told.exit, Exit::NothingSelected);
    assert!(told.talk.contains("nothing has failed here"), "{}", told.talk);
    assert!(!files::exists(&folder.path().join(".winlab")), "nothing failed, nothing was written");

    test(folder.path(), &Test::default());
    assert_eq!(names(&test(folder.path(), &failed)), ["red[kube=v1.36.1]", "red[kube=v1.37.2]"]);
    assert_eq!(files::read(&folder.path().join(".winlab/.gitignore")).unwrap(), "*\n");
}

#[test]
fn fail_fast_leaves_the_rest_unfinished() {
    let args = Test { fail_fast: true, ..Test::default() };
    let told = test(folder(&["red", "z"]).path(), &args);
    assert_eq!(told.ran.len(), 1);
    assert!(told.out.contains("4 cases: 1 failed, 3 not finished"), "{}", told.out);
}

#[test]
fn a_dry_run_prints_names_and_runs_nothing() {
    let told = test(folder(&["a"]).path(), &Test { dry_run: true, ..Test::default() });
    assert_eq!(told.exit, Exit::Pass);
    assert_eq!(told.out, "a[kube=v1.36.1]\na[kube=v1.37.2]\n");
    assert!(told.ran.is_empty());
}

#[test]
fn what_the_engine_cannot_do_is_refused_once_with_its_place() {
    let engine = Fake { refuses: true, ..Fake::default() };
    let told = told(folder(&["a"]).path(), &Test::default(), &engine);
    assert_eq!(told.exit, Exit::Usage);
    assert!(told.ran.is_empty());
    assert_eq!(told.talk.matches("error: the network is not supported yet").count(), 1, "{}", told.talk);
    assert!(told.talk.contains("--> scenarios/a.winlab.yaml:9:12"), "{}", told.talk);
}

#[test]
fn one_bad_file_keeps_all_from_running() {
    let folder = folder(&["a"]);
    files::write(&folder.path().join("scenarios/b.winlab.yaml"), "winlab: 1\nnmae: b\n").unwrap();
    let told = test(folder.path(), &Test::default());
    assert_eq!(told.exit, Exit::Usage);
    assert!(told.ran.is_empty());
    assert!(told.talk.contains("--> scenarios/b.winlab.yaml:2:1"), "{}", told.talk);
}

#[test]
fn a_name_belongs_to_one_file() {
    let folder = folder(&["a"]);
    let text = files::read(&folder.path().join("scenarios/a.winlab.yaml")).unwrap();
    files::write(&folder.path().join("scenarios/b.winlab.yaml"), &text).unwrap();
    let told = test(folder.path(), &Test::default());
    assert_eq!(told.exit, Exit::Usage);
    assert!(told.talk.contains("the name `a` is taken by scenarios/a.winlab.yaml"), "{}", told.talk);
}
