//! The CNI plugins' models against the plugins: win-bridge.exe and win-overlay.exe with host-local.exe, unmodified, under
//! Wine.
//!
//! A case is a host and commands that a runtime gives one after the other. Model and program must answer with the same
//! result or the same error, make the same calls of HNS in the same order, and leave the same objects in HNS and the same
//! reservations on the disk. There are cases by hand and cases that are drawn; `WINLAB_ORACLE_CASES` says how many of the
//! latter.
//!
//! `cargo xtask peers --only cni` builds the plugins. What is missing makes the tests ignored, or failed where
//! `WINLAB_REQUIRE` has `peers`.

mod case;
mod cases;
mod drawn;
mod judge;
mod model;
mod program;
mod report;

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::Arguments;
use winlab_shims_tests::harness::{is_required, say_ignored, trial};

use judge::Judge;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let found = Judge::find(env!("CARGO_TARGET_TMPDIR")).map(Arc::new);
    if let Err(missing) = &found {
        say_ignored(missing);
    }
    let is_required = is_required("peers");
    let by_hand = cases::all().into_iter().map(|(name, case)| {
        trial(name, found.clone(), is_required, move |judge: Arc<Judge>| judge.judge(case))
    });
    let drawn = trial("drawn", found.clone(), is_required, |judge: Arc<Judge>| drawn::judge(&judge));
    libtest_mimic::run(&arguments, by_hand.chain([drawn]).collect()).exit_code()
}
