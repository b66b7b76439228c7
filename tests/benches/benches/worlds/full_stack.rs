//! Two hundred Windows nodes with all their components, and two thousand pods.

use std::time::Duration;

use futures::future::try_join_all;
use winlab_clock::virtual_world;
use winlab_cluster::JoinMethod;

use crate::figure::{Figure, timed};
use crate::small_lab::lab;
use crate::workload::{create, until_running_in};

const NODES: usize = 200;
const PODS: usize = 2_000;

/// From nothing to every pod Running.
pub(crate) fn measure() -> Vec<Figure> {
    let ((), wall) = timed(|| virtual_world(world()));
    let what = format!("1 Linux + {NODES} Windows nodes, {PODS} pods to Running");
    vec![
        Figure::wall(format!("{what}: wall"), wall, Duration::from_secs(10)),
        Figure::peak_memory(format!("{what}: peak memory"), 500_000_000),
    ]
}

async fn world() {
    let lab = lab(NODES).await;
    let names = lab.node_names();
    let joins = names.iter().map(|node| lab.join(node, &JoinMethod::Scripts));
    try_join_all(joins).await.expect("all nodes join and become Ready");
    create(lab.client(), PODS).await;
    until_running_in(&lab, PODS).await;
}
