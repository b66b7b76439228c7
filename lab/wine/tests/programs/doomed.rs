//! A process with a node that is going to be killed: this very program, started by a case.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stdout,
    reason = "the case starts this program, reads where its node is, and kills it"
)]

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};

use futures::StreamExt as _;

use crate::bench::{self, Bench, on_runtime};

/// Set to how it is to end.
const ASKED: &str = "WINLAB_DOOMED";

pub(crate) fn is_asked_for() -> bool {
    std::env::var_os(ASKED).is_some()
}

/// Makes a node with a program that does not end, says where it is, and waits to be killed, or panics.
pub(crate) fn run(machine: &Bench) -> ExitCode {
    on_runtime(async {
        let node = machine.node("win1").await;
        let (_program, mut lines) = node.start_program(&bench::run(&["stay"])).expect("it starts");
        lines.next().await;
        println!("{}", node.prefix().display());
        assert!(std::env::var(ASKED).is_ok_and(|way| way != "panic"), "as asked for");
        std::future::pending::<()>().await;
    });
    ExitCode::SUCCESS
}

/// Starts this program as a doomed one, and gives back its node's prefix.
pub(crate) fn start(way: &str) -> (Child, PathBuf) {
    let mut child = Command::new(std::env::current_exe().expect("this program is a file"))
        .env(ASKED, way)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let mut line = String::new();
    let stdout = child.stdout.take().expect("it is piped");
    BufReader::new(stdout).read_line(&mut line).expect("it writes");
    (child, Path::new(line.trim()).to_owned())
}
