//! Runs a scenario that stands in a test.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;

use winlab_engine::{CaseResult, Interrupt, Job, Mode, Placement, Settings, Timeout, refuse, run_cases};
use winlab_events::{CheckFailed, Collector, Event, Happening, Outcome, Sink};
use winlab_scenario::{Case, Diagnostic, LoadError, Loader, Scenario};

/// The manifests that scenarios here apply.
const WEB: &str = include_str!("web.yaml");

struct Files(BTreeMap<&'static str, &'static str>);

impl Loader for Files {
    fn load(&self, path: &str) -> Result<String, LoadError> {
        let text = self.0.get(path).map(|text| (*text).to_owned());
        text.ok_or_else(|| LoadError { not_found: true, reason: "there is none".to_owned() })
    }

    fn list(&self, _: &str) -> Vec<String> {
        self.0.keys().map(|name| (*name).to_owned()).collect()
    }
}

/// What came of a scenario.
pub(crate) struct Ran {
    pub(crate) results: Vec<CaseResult>,
    pub(crate) events: Vec<Event>,
}

impl Ran {
    pub(crate) fn outcome(&self) -> Outcome {
        self.results[0].outcome
    }

    pub(crate) fn failed_checks(&self) -> Vec<&CheckFailed> {
        self.all(|what| if let Happening::CheckFailed(failed) = what { Some(failed) } else { None })
    }

    pub(crate) fn all<'e, T>(&'e self, of: impl Fn(&'e Happening) -> Option<T>) -> Vec<T> {
        self.events.iter().filter_map(|event| of(&event.what)).collect()
    }

    /// Passes, or panics with what failed.
    pub(crate) fn expect_passed(&self) {
        let failed: Vec<String> = self.all(|what| match what {
            Happening::CheckFailed(failed) => Some(format!("{}: {}", failed.target, failed.message)),
            Happening::ActionFailed(failed) => Some(format!("{}: {:?}", failed.detail, failed.error)),
            Happening::Crash(crash) => Some(format!("{}: {}", crash.component, crash.message)),
            _ => None,
        });
        assert_eq!(self.outcome(), Outcome::Passed, "{failed:#?}");
    }
}

/// One Linux and one Windows node, then these steps.
pub(crate) fn mixed(steps: &str) -> String {
    with_lab("  nodes:\n    lin1: {os: linux}\n    win1: {os: ltsc2022}\n", "", steps)
}

/// One Linux node: labs that need no Windows start sooner.
pub(crate) fn small(more: &str, steps: &str) -> String {
    with_lab("  nodes:\n    lin1: {os: linux}\n", more, steps)
}

fn with_lab(nodes: &str, more: &str, steps: &str) -> String {
    format!(
        "winlab: 1\nname: t\nabout: A test.\ncovers: [Core.Network]\n{more}lab:\n  kube: v1.36.1\n  network: flannel-vxlan\n{nodes}steps:\n{steps}"
    )
}

pub(crate) fn read(text: &str) -> Scenario {
    winlab_scenario::read("t.winlab.yaml", text, &Files(BTreeMap::from([("web.yaml", WEB)]))).unwrap_or_else(
        |(problems, sources)| {
            panic!("{}", problems.iter().map(|problem| problem.render(&sources)).collect::<String>())
        },
    )
}

pub(crate) fn run(text: &str) -> Ran {
    run_as(&read(text), Mode::Test)
}

pub(crate) fn run_as(scenario: &Scenario, mode: Mode) -> Ran {
    let sink = Collector::new();
    let results = run_into(scenario, mode, 7, &sink);
    Ran { results, events: sink.take() }
}

pub(crate) fn run_into(scenario: &Scenario, mode: Mode, seed: u64, sink: &dyn Sink) -> Vec<CaseResult> {
    run_placed(scenario, mode, &Placement::default(), seed, sink)
}

pub(crate) fn run_placed(
    scenario: &Scenario,
    mode: Mode,
    placement: &Placement,
    seed: u64,
    sink: &dyn Sink,
) -> Vec<CaseResult> {
    let settings = Settings { placement: placement.clone(), ..settings(mode) };
    run_cases(&jobs(scenario, seed), &settings, &Interrupt::new(), sink)
}

/// Two cases at a time, each as long as it likes.
pub(crate) fn settings(mode: Mode) -> Settings {
    let threads = NonZeroUsize::new(2).expect("two is not zero");
    Settings { threads, fail_fast: false, mode, placement: Placement::default(), timeout: Timeout::Never }
}

pub(crate) fn jobs(scenario: &Scenario, seed: u64) -> Vec<Job> {
    let scenario = Arc::new(scenario.clone());
    let job = |case: &Arc<Case>| Job {
        name: case.name.as_str().into(),
        file: "t.winlab.yaml".to_owned(),
        scenario: Arc::clone(&scenario),
        case: Arc::clone(case),
        seed,
        rerun: "winlab test t.winlab.yaml".to_owned(),
    };
    scenario.cases.iter().map(job).collect()
}

pub(crate) fn refused(text: &str) -> Vec<Diagnostic> {
    let scenario = read(text);
    refuse(&scenario, &scenario.cases[0], &Placement::default())
}
