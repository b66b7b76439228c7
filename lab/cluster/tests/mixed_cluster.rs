//! A mixed cluster, from nothing to pods that reach each other.

use std::sync::Arc;

use winlab_clock::{Clock, Seed, VirtualSpan, virtual_world};
use winlab_cluster::{ClusterSetup, JoinMethod, KubeChange, Lab, LabObserver, LabSpec, NodeOs, NodeSpec};
use winlab_component::Level;
use winlab_control_plane::ControlPlaneSpec;
use winlab_fabric::{Probe, Protocol, Target};
use winlab_host::JournalEntry;
use winlab_kube_client::Api;
use winlab_kube_client::api::{ListParams, PostParams};
use winlab_kube_client::k8s::apps::DaemonSet;
use winlab_kube_client::k8s::core::{Pod, Service};
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
        real: Default::default(),
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
        control_plane: ControlPlaneSpec::Embedded,
        access: winlab_cluster::ApiAccess::default(),
        means: Default::default(),
        network,
        nodes: vec![node("lin1", NodeOs::Linux), node("win1", windows())],
        setup: ClusterSetup::Services,
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

fn daemon(name: &str) -> serde_json::Value {
    serde_json::json!({
        "apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": name},
        "spec": {"selector": {"matchLabels": {"app": name}}, "template": {
            "metadata": {"labels": {"app": name}},
            "spec": {"containers": [{"name": "c", "image": "registry.k8s.io/e2e-test-images/agnhost:2.53"}]},
        }},
    })
}

fn service(name: &str) -> serde_json::Value {
    serde_json::json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": name},
        "spec": {"selector": {"app": name}, "ports": [{"port": 80, "targetPort": 8080}]},
    })
}

#[test]
fn pods_reach_pods_and_services_on_both_networks() {
    for network in [NetworkFamily::FlannelHostGw, NetworkFamily::FlannelVxlan] {
        virtual_world(async {
            let lab = joined(network).await;
            let sets: Api<DaemonSet> = Api::namespaced(lab.client(), "default");
            let services: Api<Service> = Api::namespaced(lab.client(), "default");
            let pods: Api<Pod> = Api::namespaced(lab.client(), "default");
            let set = serde_json::from_value(daemon("web")).unwrap();
            sets.create(&PostParams::default(), &set).await.unwrap();
            let web = serde_json::from_value(service("web")).unwrap();
            let web: Service = services.create(&PostParams::default(), &web).await.unwrap();
            lab.clock().sleep(VirtualSpan::from_secs(120)).await;
            let found = pods.list(&ListParams::default()).await.unwrap().items;
            assert_eq!(found.len(), 2);
            for pod in &found {
                let status = pod.status.as_ref().unwrap();
                assert_eq!(status.phase.as_deref(), Some("Running"), "{status:?}");
            }
            let vip = web.spec.unwrap().cluster_ip.unwrap();
            let mut targets: Vec<(String, u16)> = found
                .iter()
                .map(|pod| (pod.status.as_ref().unwrap().pod_ip.clone().unwrap(), 8080))
                .collect();
            targets.push((vip, 80));
            targets.push(("web".to_owned(), 80));
            targets.push(("web.default.svc.cluster.local".to_owned(), 80));
            for pod in &found {
                let name = pod.metadata.name.as_deref().unwrap();
                let source = lab.pod_source("default", name).await.unwrap();
                for (host, port) in &targets {
                    let target = Target { host: host.clone(), port: *port, path: "/hostname".to_owned() };
                    let verdict =
                        lab.probe(&Probe::new(source.clone(), target, Protocol::Http), Seed::new(7));
                    assert!(verdict.is_ok(), "{network}: {name} on {source} to {host}:{port}\n{verdict}");
                }
            }
        });
    }
}
