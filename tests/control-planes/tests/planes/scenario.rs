//! A shipped scenario over real programs, as `winlab test --control-plane binaries` runs it.
#![expect(clippy::disallowed_methods, reason = "the scenario and its manifests are files of the repository")]

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use winlab_engine::{Interrupt, Job, Mode, Placement, Settings, Timeout, refuse, run_cases};
use winlab_events::{Collector, Happening, Outcome};
use winlab_scenario::{Case, ControlPlane, LoadError, Loader};

use crate::programs::{Means, NEWER, VERSION, means, means_of, say};

/// The files beside a scenario.
struct Files(PathBuf);

impl Loader for Files {
    fn load(&self, path: &str) -> Result<String, LoadError> {
        let failed = |error: std::io::Error| LoadError {
            not_found: error.kind() == std::io::ErrorKind::NotFound,
            reason: error.to_string(),
        };
        fs::read_to_string(self.0.join(path)).map_err(failed)
    }

    fn list(&self, _: &str) -> Vec<String> {
        Vec::new()
    }
}

#[test]
fn a_shipped_scenario_passes_over_a_real_control_plane() {
    if let Some(means) = means() {
        passes(VERSION, &means);
    }
}

#[test]
fn a_shipped_scenario_passes_over_a_newer_control_plane() {
    if let Some(means) = means_of(NEWER, "peers-all") {
        passes(NEWER, &means);
    }
}

fn passes(version: &str, means: &Means) {
    let root =
        Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the crate is two folders deep");
    let folder = root.join("scenarios/services");
    let text = fs::read_to_string(folder.join("discovery.winlab.yaml")).expect("it is shipped");
    let scenario = winlab_scenario::read("discovery.winlab.yaml", &text, &Files(folder)).unwrap_or_else(
        |(problems, sources)| {
            panic!("{}", problems.iter().map(|problem| problem.render(&sources)).collect::<String>())
        },
    );
    let placement = Placement {
        control_plane: Some(ControlPlane::Binaries),
        binaries: means.spec.clone(),
        ..Placement::default()
    };
    let scenario = Arc::new(scenario);
    let is_of_version = |case: &&Arc<Case>| case.cell.get("kube").is_some_and(|kube| kube == version);
    let case = Arc::clone(scenario.cases.iter().rfind(is_of_version).expect("it has a cell of the version"));
    let refused = refuse(&scenario, &case, &placement);
    assert!(refused.is_empty(), "{refused:?}");
    let job = Job {
        name: case.name.as_str().into(),
        file: "discovery.winlab.yaml".to_owned(),
        scenario: Arc::clone(&scenario),
        case: Arc::clone(&case),
        seed: 7,
        rerun: "winlab test".to_owned(),
    };
    let sink = Collector::new();
    let settings = Settings {
        threads: NonZeroUsize::MIN,
        fail_fast: false,
        mode: Mode::Test,
        placement,
        timeout: Timeout::Never,
    };
    let outcome = run_cases(&[job], &settings, &Interrupt::new(), &sink)[0].outcome;
    let failed: Vec<String> = sink
        .take()
        .iter()
        .filter_map(|event| match &event.what {
            Happening::CheckFailed(failed) => Some(format!("{}: {}", failed.target, failed.message)),
            Happening::ActionFailed(failed) => Some(format!("{}: {:?}", failed.detail, failed.error)),
            Happening::Crash(crash) => Some(format!("{}: {}", crash.component, crash.message)),
            Happening::CaseFinished(done) => {
                say(&format!("{} took {} s of the lab's time", case.name, done.virtual_ns / 1_000_000_000));
                None
            }
            _ => None,
        })
        .collect();
    assert_eq!(outcome, Outcome::Passed, "{failed:#?}");
    assert_eq!(fs::read_dir(means.scratch.path()).map(Iterator::count).ok(), Some(0), "nothing is left");
}
