//! kube-proxy's model against kube-proxy.exe, unmodified, under Wine.
//!
//! Both watch one API server, each for a node of its own with the same network and the same pods. Clusters are drawn, one
//! after the other, and given to the server: nodes that come and go, services, slices, in both families. Each time both have
//! come to rest, their HNS must hold the same load balancers and endpoints. Between clusters they are started anew, or
//! something happens to their own node, which both must heed or neither. `WINLAB_ORACLE_CASES` says how many clusters are
//! drawn in all.
//!
//! `cargo xtask peers --only kube-proxy` builds the program of the version that CI runs, `cargo xtask peers-all` the others.
//! What is missing makes the tests ignored, or failed where `WINLAB_REQUIRE` has `peers`, of other versions `peers-all`. These
//! and some settings take their time: they are ignored unless a number of clusters is given, as `cargo xtask oracle` does.

mod addresses;
mod cluster;
mod drawn;
mod judge;
mod leaks;
mod lines;
mod mark;
mod means;
mod node_objects;
mod objects;
mod own_node;
mod pair;
mod service_object;
mod setting;
mod side;
mod slice_object;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};
use winlab_shims_tests::harness::{is_required, say_ignored, trial};

use setting::{SETTINGS, VERSIONS};

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // Two at a time unless asked otherwise: each has Windows programs, but waits for most of its time.
    arguments.test_threads.get_or_insert(2);
    let is_long = judge::asked_for().is_some();
    if !is_long && !arguments.list {
        say_ignored(
            "other versions and settings than CI's; `cargo xtask oracle` or --include-ignored runs them",
        );
    }
    libtest_mimic::run(&arguments, trials(is_long)).exit_code()
}

fn trials(is_long: bool) -> Vec<Trial> {
    let mut trials = Vec::new();
    for version in VERSIONS {
        let found = means::find(env!("CARGO_TARGET_TMPDIR"), version);
        let of_ci = version == VERSIONS[0];
        if let (Err(missing), true) = (&found, of_ci || is_long) {
            say_ignored(missing);
        }
        for setting in &SETTINGS {
            let in_ci = of_ci && setting.in_ci;
            let name = if in_ci { setting.name.to_owned() } else { format!("{version}::{}", setting.name) };
            let is_required = is_required(if of_ci { "peers" } else { "peers-all" });
            let judged =
                trial(name, found.clone(), is_required, move |means| judge::judge(means, version, setting));
            trials.push(if in_ci || is_long { judged } else { judged.with_ignored_flag(true) });
        }
    }
    trials
}
