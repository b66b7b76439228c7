//! What the cases stand on: Wine as found here, and nodes with the tests' own program on them.
#![expect(clippy::disallowed_methods, reason = "tests read the environment and make nodes of real files")]

use std::path::{Path, PathBuf};

use futures::StreamExt as _;
use jiff::Timestamp;
use winlab_clock::{Clock, Pace};
use winlab_wine::{Lines, Node, NodeConfig, Places, Probe, Run, Wine};

/// The program of the tests.
pub(crate) const PROGRAM: &str = r"C:\probe.exe";

/// What a case needs beside Wine and the shims.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    Nothing,
    Network,
    Faketime,
}

/// Whether a machine that lacks it is a failure: `WINLAB_REQUIRE` has `wine`, `namespaces`, `faketime`.
pub(crate) fn is_required(needs: Needs) -> bool {
    let word = match needs {
        Needs::Nothing => "wine",
        Needs::Network => "namespaces",
        Needs::Faketime => "faketime",
    };
    std::env::var("WINLAB_REQUIRE").is_ok_and(|required| required.split(',').any(|one| one == word))
}

#[derive(Clone)]
pub(crate) struct Bench {
    pub(crate) probe: Probe,
    shims: PathBuf,
}

impl Bench {
    pub(crate) fn look() -> Self {
        let path = std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect());
        let shims = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fakes/shims/target/shims");
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("wine");
        let places = Places { path: path.unwrap_or_default(), shims: shims.clone(), cache };
        Self { probe: Probe::look(&places), shims }
    }

    pub(crate) fn lacking(&self, needs: Needs) -> Option<String> {
        let of_need = match needs {
            Needs::Nothing => None,
            Needs::Network => self.probe.network().err(),
            Needs::Faketime => self.probe.faketime.clone().err(),
        };
        let lacking = self.probe.runner().err().and_then(|lacking| lacking.into_iter().next()).or(of_need)?;
        Some(format!("{lacking}; {}", lacking.hint))
    }

    pub(crate) fn wine(&self) -> Wine {
        self.probe.runner().expect("the case is not run without it")
    }

    /// What a node is made of.
    pub(crate) fn config(&self, name: &str, pace: Pace) -> NodeConfig {
        NodeConfig {
            name: name.to_owned(),
            windows: "ltsc2022".parse().expect("a build"),
            server: "127.0.0.1:1".to_owned(),
            host: name.to_owned(),
            token: None,
            clock: Clock::start(pace, Timestamp::constant(1_767_225_600, 0)),
        }
    }

    /// Puts the tests' program on a node.
    pub(crate) fn with_program(&self, node: Node) -> Node {
        node.install(&self.shims.join("probe.exe"), PROGRAM).expect("the drive can be written");
        node
    }

    /// A node in this thread's network, in real time.
    pub(crate) async fn node(&self, name: &str) -> Node {
        let node = self.wine().node(self.config(name, Pace::Real), None).await.expect("a node starts");
        self.with_program(node)
    }
}

/// The program with these words.
pub(crate) fn run(words: &[&str]) -> Run {
    Run::new(PROGRAM).arguments(words.iter().copied())
}

/// Runs it to its end: its exit code, and its lines with blanks at the ends off.
pub(crate) async fn finish(node: &Node, run: &Run) -> (Option<i32>, Vec<String>) {
    let (program, lines) = node.start_program(run).expect("the program starts");
    let lines = all(lines).await;
    (program.wait().await.expect("it ends").code(), lines)
}

/// Every line until the end.
pub(crate) async fn all(lines: Lines) -> Vec<String> {
    lines.map(|line| line.text.trim().to_owned()).collect().await
}

/// Runs a case on a runtime of its own, in this thread.
pub(crate) fn on_runtime<T>(case: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(case)
}

/// Both are the same, or the difference.
pub(crate) fn same<T: PartialEq + std::fmt::Debug>(found: T, expected: T) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("found {found:#?}\nexpected {expected:#?}")) }
}

/// The processes of this machine that have a prefix in their environment.
pub(crate) fn processes_of(prefix: &Path) -> Vec<String> {
    let variable = format!("WINEPREFIX={}", prefix.display());
    let has_it = |pid: &Path| {
        let environment = std::fs::read(pid.join("environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|entry| entry == variable.as_bytes())
    };
    let processes =
        std::fs::read_dir("/proc").expect("the machine is Linux").flatten().map(|entry| entry.path());
    let is_alive = |pid: &PathBuf| !std::fs::read(pid.join("cmdline")).unwrap_or_default().is_empty();
    processes.filter(|pid| has_it(pid) && is_alive(pid)).map(|pid| pid.display().to_string()).collect()
}

/// The size of the files below a folder that are no links to others.
#[cfg(unix)]
pub(crate) fn own_kib(folder: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt as _;
    let entries = std::fs::read_dir(folder).expect("the prefix is there").flatten();
    let sizes = entries.map(|entry| match entry.metadata() {
        Ok(file) if file.is_dir() => own_kib(&entry.path()),
        Ok(file) if file.is_file() && file.nlink() == 1 => file.len() / 1024,
        _ => 0,
    });
    sizes.sum()
}

/// Nodes are on Linux only.
#[cfg(not(unix))]
pub(crate) fn own_kib(_: &Path) -> u64 {
    0
}
