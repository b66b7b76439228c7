//! Draws clusters and what happens between them, and compares what both make of it.
#![expect(
    clippy::disallowed_methods,
    reason = "a node belongs to one thread; how many clusters are drawn is said in the environment"
)]

use std::env;

use proptest::strategy::{Strategy, ValueTree as _};
use proptest::test_runner::{Config, TestRunner};
use winlab_profiles::KubeVersion;
use winlab_real::Means;
use winlab_shims_tests::prefix::on_runtime;

use crate::pair::Pair;
use crate::setting::{SETTINGS, Setting, VERSIONS};
use crate::{drawn, own_node};

/// As many clusters of a setting as CI has time for.
const FEW: usize = 3;

/// Draws clusters and compares what both make of them.
pub(crate) fn judge(means: Means, version: &str, setting: &'static Setting) -> Result<(), String> {
    let version = version.parse().map_err(|_| format!("{version} is no version"))?;
    // A thread of its own, for the network of the lab is the thread's.
    let judged = std::thread::spawn(move || on_runtime(compare(&means, version, setting, cases())));
    judged.join().map_err(|_| "the lab's thread ended in disorder".to_owned())?
}

/// How many clusters there are to be in all.
pub(crate) fn asked_for() -> Option<usize> {
    env::var("WINLAB_ORACLE_CASES").ok().and_then(|number| number.parse().ok())
}

/// Clusters of a setting and version.
fn cases() -> usize {
    asked_for().map_or(FEW, |cases| cases.div_ceil(SETTINGS.len() * VERSIONS.len()))
}

async fn compare(
    means: &Means,
    version: KubeVersion,
    setting: &'static Setting,
    cases: usize,
) -> Result<(), String> {
    let mut pair = Pair::start(means, version, setting).await?;
    let mut runner = TestRunner::new(Config::default());
    for case in 0..cases {
        let cluster = draw(&drawn::cluster(version.minor()), &mut runner)?;
        let history = format!("cluster {case}: {cluster:?}\nbefore it: {:?}", pair.cluster());
        let settled = pair.become_cluster(cluster).await;
        settled.map_err(|problem| format!("{problem}\n{history}"))?;
        let event = draw(&own_node::event(), &mut runner)?;
        let happened = match case % 3 {
            1 => pair.disturb(event).await.map_err(|problem| format!("this node is {event:?}: {problem}")),
            2 => pair.restart().await.map_err(|problem| format!("after a restart: {problem}")),
            _ => Ok(()),
        };
        happened.map_err(|problem| format!("{problem}\n{history}"))?;
    }
    Ok(())
}

fn draw<S: Strategy>(strategy: &S, runner: &mut TestRunner) -> Result<S::Value, String> {
    strategy.new_tree(runner).map(|tree| tree.current()).map_err(|reason| reason.to_string())
}
