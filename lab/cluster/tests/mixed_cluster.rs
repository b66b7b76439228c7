//! A mixed cluster, from nothing to pods that reach each other.

use std::sync::Arc;

use winlab_clock::{Clock, Seed, VirtualSpan, virtual_world};
use winlab_cluster::{JoinMethod, KubeChange, Lab, LabObserver, LabSpec, NodeOs, NodeSpec};
use winlab_component::Level;
use winlab_host::JournalEntry;
use winlab_profiles::{NetworkFamily, WindowsVersion};

/// Nobody reads: as in an ordinary run.
struct Quiet;

impl LabObserver for Quiet {
    fn wants_everything(&self) -> bool {
        false
    }

    fn boundary_call(&self, _: &str, _: &JournalEntry) {}

    fn log(&self, _: &str, _: &str, _: Level, _: &str) {}

    fn kube_change(&self, _: &KubeChange<'_>) {}
}

fn node(name: &str, os: NodeOs) -> NodeSpec {
    let version = "v1.36.1".parse().unwrap();
    NodeSpec {
        name: name.to_owned(),
        os,
        labels: Default::default(),
        taints: Vec::new(),
        kubelet: version,
        kube_proxy: version,
        dsr: false,
        start_types: Default::default(),
    }
}

fn windows() -> NodeOs {
    NodeOs::Windows("ltsc2022".parse::<WindowsVersion>().unwrap())
}

async fn joined(network: NetworkFamily) -> Lab {
    let clock = Clock::start_virtual();
    let spec = LabSpec {
        kube: "v1.36.1".parse().unwrap(),
        network,
        nodes: vec![node("lin1", NodeOs::Linux), node("win1", windows())],
        images: Vec::new(),
    };
    let lab = Lab::start(spec, clock, Seed::new(1), Arc::new(Quiet)).await.unwrap();
    for name in ["lin1", "win1"] {
        if let Err(error) = lab.join(name, &JoinMethod::Scripts).await {
            let logs: Vec<String> = ["containerd", "kubelet", "flanneld", "kube-proxy"]
                .iter()
                .flat_map(|component| lab.log_lines(name, component))
                .map(|line| line.to_string())
                .collect();
            panic!("{error}\n{}", logs.join("\n"));
        }
    }
    lab
}

#[test]
fn nodes_join_and_become_ready() {
    for network in [NetworkFamily::FlannelHostGw, NetworkFamily::FlannelVxlan] {
        virtual_world(async {
            let lab = joined(network).await;
            let networks = lab.hns("win1", "networks").await.unwrap();
            assert!(
                networks.iter().any(|network| ["cbr0", "flannel.4096"].contains(&network.text(&["Name"])))
            );
            lab.clock().sleep(VirtualSpan::from_secs(120)).await;
            let pods = lab.cri("lin1", "pods").await.unwrap();
            assert_eq!(pods.len(), 2, "CoreDNS runs: {pods:?}");
        });
    }
}
