//! Shipped scenarios, untouched, with kubelet.exe in place of the model.

use std::path::Path;

use libtest_mimic::Failed;
use winlab_cli::{Environment, Exit, Streams};

/// A scenario and how it is run.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    file: &'static str,
    flags: &'static [&'static str],
    /// The word of `WINLAB_REQUIRE` for what only some machines have of it.
    need: &'static str,
}

pub(crate) const CASES: &[Case] = &[
    Case {
        name: "exec_and_logs_reach_containers",
        file: "operations/exec-and-logs",
        flags: &["--real", "kubelet"],
        need: "wine",
    },
    Case {
        name: "exec_and_logs_reach_containers_through_a_real_control_plane",
        file: "operations/exec-and-logs",
        flags: &["--real", "kubelet", "--control-plane", "binaries"],
        need: "wine",
    },
    Case {
        name: "pods_outlive_a_kubelet",
        file: "operations/kubelet-restart",
        flags: &["--real", "kubelet"],
        need: "wine",
    },
];

pub(crate) fn run(case: &Case) -> Result<(), Failed> {
    let root =
        Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the crate is two folders deep");
    let environment = Environment { directory: root.to_owned(), ..Environment::read() };
    let file = format!("scenarios/{}.winlab.yaml", case.file);
    let words = ["winlab", "test", &file, "--require"];
    let (mut out, mut talk) = (Vec::new(), Vec::new());
    let mut streams = Streams { out: &mut out, talk: &mut talk };
    let words = words.iter().chain(case.flags).map(Into::into);
    let exit = winlab_cli::run(words, &environment, &mut streams);
    let text = format!("{}{}", String::from_utf8_lossy(&out), String::from_utf8_lossy(&talk));
    match exit {
        Exit::Pass => Ok(()),
        Exit::NeedAbsent => crate::lacking(case.need, &text),
        _ => Err(text.into()),
    }
}
