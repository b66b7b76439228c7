//! Ctrl-C and its kin on a real process.
#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the binary is run, watched and signalled here"
)]

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use snapbox::cmd::cargo_bin;

/// Runs for as long as anybody waits: a year of watching, one look a second.
const ENDLESS: &str = "  - name: held\n    always: [{k8s: node/lin1, count: 1}]\n    hold: 365d\n";

/// A folder with a scenario of two cases of one node and these steps.
fn folder(steps: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let text = format!(
        "winlab: 1\nname: t\nabout: A test.\ncovers: [Core.Network]\nmatrix:\n  axes: {{kube: [v1.36.1, v1.37.2]}}\nlab:\n  kube: $kube\n  network: flannel-vxlan\n  nodes: {{lin1: {{os: linux}}}}\nsteps:\n{steps}"
    );
    std::fs::write(folder.path().join("t.winlab.yaml"), text).expect("a file can be written");
    folder
}

/// `winlab test`, one case at a time.
struct Run {
    child: Child,
    out: BufReader<ChildStdout>,
    seen: String,
}

impl Run {
    fn start(folder: &Path) -> Self {
        let mut child = Command::new(cargo_bin!("winlab"))
            .args(["test", "t.winlab.yaml", "--jobs", "1", "--junit", "t.xml", "--jsonl", "t.jsonl"])
            .current_dir(folder)
            .env_clear()
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let out = BufReader::new(child.stdout.take().expect("its output is piped"));
        Self { child, out, seen: String::new() }
    }

    /// Reads on until a line has this.
    fn until(&mut self, wanted: &str) {
        let from = self.seen.len();
        while !self.seen[from..].contains(wanted) {
            let read = self.out.read_line(&mut self.seen).expect("its output is text");
            assert!(read > 0, "it ended before it wrote {wanted:?}:\n{}", self.seen);
        }
    }

    fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()), "{signal} can be sent");
    }

    /// Its exit code and everything it wrote to standard output.
    fn end(mut self) -> (Option<i32>, String) {
        self.out.read_to_string(&mut self.seen).expect("its output is text");
        (self.child.wait().expect("it ends").code(), self.seen)
    }
}

#[test]
fn the_first_signal_ends_the_run_with_all_its_reports() {
    for signal in ["-INT", "-TERM"] {
        let folder = folder(ENDLESS);
        let mut run = Run::start(folder.path());
        run.until("seed 1");
        run.signal(signal);
        let (code, out) = run.end();
        assert_eq!(code, Some(130), "{out}");
        assert!(out.contains("warning [interrupted]: interrupted: 1 running and 1 waiting cases"), "{out}");
        assert!(out.contains(" 2 cases: 2 not finished"), "{out}");
        let report = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect("it is written");
        let junit = report("t.xml");
        assert!(junit.contains("the run was interrupted before this case ended"), "{junit}");
        assert!(junit.contains("the run ended before this case began"), "{junit}");
        let journal = report("t.jsonl");
        let last = journal.lines().last().unwrap_or_default();
        assert!(last.contains("run-finished") && last.contains("\"not_finished\":2"), "{last}");
        assert!(!folder.path().join(".winlab").exists(), "what was interrupted has not failed");
    }
}

#[test]
fn the_second_signal_ends_everything_at_once() {
    let list = format!("{:?}", (0..20).collect::<Vec<_>>());
    let all =
        ('a'..='i').rev().fold("a >= 0".to_owned(), |inner, name| format!("{list}.all({name}, {inner})"));
    let folder = folder(&format!("  - name: stuck\n    expect: [{{k8s: node/lin1, that: '{all}'}}]\n"));
    let mut run = Run::start(folder.path());
    run.until("seed 1");
    run.signal("-INT");
    run.until("once more ends winlab at once");
    run.signal("-INT");
    let (code, out) = run.end();
    assert_eq!(code, Some(130));
    assert!(!out.contains("Summary"), "{out}");
}
