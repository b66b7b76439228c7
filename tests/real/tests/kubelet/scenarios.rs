//! Shipped scenarios, untouched, with kubelet.exe in place of the model.

use std::path::Path;

use libtest_mimic::Failed;
use winlab_cli::{Environment, Exit, Streams};

/// A scenario and how it is run.
pub(crate) struct Case {
    pub(crate) name: String,
    file: &'static str,
    /// The axis and its value.
    cell: String,
    flags: &'static [&'static str],
}

impl Case {
    fn new(what: &str, file: &'static str, kube: &str, flags: &'static [&'static str]) -> Self {
        Self { name: format!("{what}_{}", kube.replace('.', "_")), file, cell: format!("kube={kube}"), flags }
    }

    /// The version of the kubelet alone.
    fn of_kubelet(what: &str, file: &'static str, kubelet: &str) -> Self {
        let cell = format!("kubelet={kubelet}");
        Self { cell, ..Self::new(what, file, kubelet, KUBELET) }
    }
}

const KUBELET: &[&str] = &["--real", "kubelet"];
const BEHIND_PROGRAMS: &[&str] = &["--real", "kubelet", "--control-plane", "binaries"];

/// What CI runs: one minor of Kubernetes.
pub(crate) fn in_ci() -> Vec<Case> {
    let file = "operations/exec-and-logs";
    let mut cases = of_version("v1.34.4");
    cases.push(Case::new("exec_and_logs_behind_a_real_control_plane", file, "v1.34.4", BEHIND_PROGRAMS));
    cases
}

/// The other versions, which `cargo xtask peers-all` builds.
pub(crate) fn in_full() -> Vec<Case> {
    let newer = ["v1.35.4", "v1.36.3", "v1.37.2"].into_iter().flat_map(of_version);
    // The first one's second start fails, and the file says so.
    let pair = ["v1.31.0", "v1.31.14"]
        .map(|kubelet| Case::of_kubelet("a_kubelet_starts_again", "versions/kubelet-second-start", kubelet));
    newer.chain(pair).collect()
}

fn of_version(kube: &'static str) -> Vec<Case> {
    vec![
        Case::new("exec_and_logs_reach_containers", "operations/exec-and-logs", kube, KUBELET),
        Case::new("pods_outlive_a_kubelet", "operations/kubelet-restart", kube, KUBELET),
    ]
}

pub(crate) fn run(case: &Case, need: &str) -> Result<(), Failed> {
    let root =
        Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the crate is two folders deep");
    let environment = Environment { directory: root.to_owned(), ..Environment::read() };
    let file = format!("scenarios/{}.winlab.yaml", case.file);
    let words = ["winlab", "test", &file, "--require", "--matrix", &case.cell];
    let (mut out, mut talk) = (Vec::new(), Vec::new());
    let mut streams = Streams { out: &mut out, talk: &mut talk };
    let words = words.iter().chain(case.flags).map(Into::into);
    let exit = winlab_cli::run(words, &environment, &mut streams);
    let text = format!("{}{}", String::from_utf8_lossy(&out), String::from_utf8_lossy(&talk));
    match exit {
        Exit::Pass => Ok(()),
        Exit::NeedAbsent => crate::lacking(need, &text),
        _ => Err(text.into()),
    }
}
