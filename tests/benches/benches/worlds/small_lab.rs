//! The smallest mixed cluster: what every scenario waits for before its first step.

use std::sync::Arc;
use std::time::Duration;

use winlab_clock::{Clock, Seed, virtual_world};
use winlab_cluster::{
    ClusterSetup, ControlPlaneSpec, JoinMethod, KubeChange, Lab, LabObserver, LabSpec, NodeOs, NodeSpec,
};
use winlab_component::Level;
use winlab_host::JournalEntry;
use winlab_profiles::{KubeVersion, NetworkFamily};

use crate::figure::{Figure, median, timed};

const ROUNDS: usize = 41;

/// One Linux and one Windows node, from nothing to Ready, one after the other as a scenario joins them.
pub(crate) fn measure() -> Vec<Figure> {
    let walls = (0..ROUNDS).map(|_| timed(|| virtual_world(start())).1).collect();
    vec![Figure::wall("1 Linux + 1 Windows node to Ready, median", median(walls), Duration::from_millis(50))]
}

async fn start() {
    let lab = lab(1).await;
    for node in lab.node_names() {
        lab.join(&node, &JoinMethod::Scripts).await.expect("it joins and becomes Ready");
    }
}

/// A lab of one Linux node, `lin1`, and so many Windows nodes; none has joined yet. Nobody reads its events, as in an
/// ordinary run.
pub(crate) async fn lab(windows: usize) -> Lab {
    let lab = Lab::start(spec(windows), Clock::start_virtual(), Seed::new(1), Arc::new(Nobody)).await;
    lab.expect("it starts")
}

/// What such a lab is.
pub(crate) fn spec(windows: usize) -> LabSpec {
    let mut nodes = vec![node("lin1".to_owned(), NodeOs::Linux)];
    let build = "ltsc2022".parse().expect("a known build");
    nodes.extend((1..=windows).map(|number| node(format!("win{number}"), NodeOs::Windows(build))));
    LabSpec {
        kube: version(),
        control_plane: ControlPlaneSpec::Embedded,
        access: winlab_cluster::ApiAccess::default(),
        means: Default::default(),
        network: NetworkFamily::FlannelVxlan,
        setup: ClusterSetup::Services,
        nodes,
        images: Vec::new(),
    }
}

/// The version of everything.
pub(crate) fn version() -> KubeVersion {
    "v1.36.1".parse().expect("a known version")
}

fn node(name: String, os: NodeOs) -> NodeSpec {
    NodeSpec {
        name,
        os,
        labels: Default::default(),
        taints: Vec::new(),
        kubelet: version(),
        kube_proxy: version(),
        dsr: false,
        real: Default::default(),
        start_types: Default::default(),
    }
}

struct Nobody;

impl LabObserver for Nobody {
    fn wants_everything(&self) -> bool {
        false
    }

    fn boundary_call(&self, _: &str, _: &JournalEntry) {}

    fn log(&self, _: &str, _: &str, _: Level, _: &str) {}

    fn kube_change(&self, _: &KubeChange<'_>) {}
}
