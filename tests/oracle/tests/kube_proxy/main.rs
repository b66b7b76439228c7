//! kube-proxy's model against kube-proxy.exe, unmodified, under Wine.
//!
//! Both watch one API server, each for a node of its own with the same network and the same pods. Clusters are drawn, one
//! after the other, and given to the server; each time both have come to rest, their HNS must hold the same load balancers
//! and endpoints. `WINLAB_ORACLE_CASES` says how many clusters are drawn in all.
//!
//! `cargo xtask peers --only kube-proxy` builds the program. What is missing makes the tests ignored, or failed where
//! `WINLAB_REQUIRE` has `peers`.

mod cluster;
mod drawn;
mod objects;
mod pair;
mod setting;

use std::process::ExitCode;

use libtest_mimic::Arguments;
use winlab_shims_tests::harness::{is_required, say_ignored, trial};

use setting::SETTINGS;

fn main() -> ExitCode {
    // One after the other: each has a program whose pace is compared.
    let arguments = Arguments { test_threads: Some(1), ..Arguments::from_args() };
    let found = pair::find(env!("CARGO_TARGET_TMPDIR"));
    if let Err(missing) = &found {
        say_ignored(missing);
    }
    let trials = SETTINGS.iter().map(|setting| {
        trial(setting.name, found.clone(), is_required("peers"), |means| pair::judge(means, setting))
    });
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}
