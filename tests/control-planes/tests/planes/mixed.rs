//! A mixed cluster of models over a real API server, controllers and scheduler.

use std::sync::Arc;

use serde_json::json;
use winlab_clock::{Seed, VirtualSpan};
use winlab_cluster::{ControlPlaneSpec, JoinMethod, KubeChange, Lab, LabObserver, LabSpec, NodeOs, NodeSpec};
use winlab_component::Level;
use winlab_fabric::{Probe, Protocol, Target};
use winlab_host::JournalEntry;
use winlab_kube_client::Api;
use winlab_kube_client::api::{ListParams, PostParams};
use winlab_kube_client::k8s::apps::Deployment;
use winlab_kube_client::k8s::core::{Pod, Service};
use winlab_profiles::{NetworkFamily, WindowsVersion};

use crate::programs::{VERSION, means, real_world, say};

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
    let version = VERSION.parse().unwrap();
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

/// The logs of the models, for a failure.
fn logs(lab: &Lab) -> String {
    let components = ["containerd", "kubelet", "flanneld", "kube-proxy"];
    let of_nodes =
        lab.node_names().into_iter().flat_map(|node| components.map(|component| (node.clone(), component)));
    let of_plane = ["kube-apiserver", "kube-controller-manager", "kube-scheduler"]
        .map(|component| (String::new(), component));
    let mut text = String::new();
    for (node, component) in of_nodes.chain(of_plane) {
        let lines = lab.log_lines(&node, component);
        for line in &lines[lines.len().saturating_sub(25)..] {
            text.push_str(&format!(
                "{node} {component}: {} {}\n",
                line.text(&["level"]),
                line.text(&["line"])
            ));
        }
    }
    text
}

#[test]
fn models_join_a_real_control_plane_and_run_a_deployment() {
    let Some(means) = means() else { return };
    real_world(async |clock| {
        let windows = NodeOs::Windows("ltsc2022".parse::<WindowsVersion>().unwrap());
        let spec = LabSpec {
            kube: VERSION.parse().unwrap(),
            control_plane: ControlPlaneSpec::Binaries(means.spec.clone()),
            access: Default::default(),
            setup: Default::default(),
            means: Default::default(),
            network: NetworkFamily::FlannelVxlan,
            nodes: vec![node("lin1", NodeOs::Linux), node("win1", windows)],
            images: Vec::new(),
        };
        let begun = clock.now();
        let lab = Lab::start(spec, clock, Seed::new(1), Arc::new(Quiet)).await;
        let lab = lab.unwrap_or_else(|error| panic!("{error}"));
        say(&format!("the control plane is there after {}", clock.now().since(begun)));
        for name in ["lin1", "win1"] {
            if let Err(error) = lab.join(name, &JoinMethod::Scripts).await {
                panic!("{error}\n{}", logs(&lab));
            }
        }
        say(&format!("both nodes are Ready after {}", clock.now().since(begun)));
        deploy(&lab).await;
        let running = clock.within(VirtualSpan::from_secs(60), until_served(&lab)).await;
        if running.is_err() {
            let pods: Api<Pod> = Api::all(lab.client());
            let pods = pods.list(&ListParams::default()).await.unwrap();
            let pods = serde_json::to_string_pretty(&pods.items).unwrap();
            panic!("the pods do not come up\n{pods}\n{}", logs(&lab));
        }
        say(&format!("pods run and the service answers after {}", clock.now().since(begun)));
        lab.stop().await;
    });
}

async fn deploy(lab: &Lab) {
    let deployments: Api<Deployment> = Api::namespaced(lab.client(), "default");
    for (name, os) in [("web", "windows"), ("client", "linux")] {
        let deployment = json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name},
            "spec": {"replicas": 2, "selector": {"matchLabels": {"app": name}}, "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {
                    "nodeSelector": {"kubernetes.io/os": os},
                    "containers": [{"name": "c", "image": "registry.k8s.io/e2e-test-images/agnhost:2.53"}],
                },
            }},
        });
        let deployment = serde_json::from_value(deployment).unwrap();
        deployments.create(&PostParams::default(), &deployment).await.unwrap();
    }
    let services: Api<Service> = Api::namespaced(lab.client(), "default");
    let service = json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"},
        "spec": {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}]},
    });
    services.create(&PostParams::default(), &serde_json::from_value(service).unwrap()).await.unwrap();
}

/// Until every pod is Ready and each reaches the service by its name.
async fn until_served(lab: &Lab) {
    let pods: Api<Pod> = Api::namespaced(lab.client(), "default");
    loop {
        let found = pods.list(&ListParams::default()).await.unwrap().items;
        let mut served = found.len() == 4 && found.iter().all(is_ready);
        for pod in if served { found.as_slice() } else { &[] } {
            let source = lab.pod_source("default", pod.metadata.name.as_deref().unwrap()).await.unwrap();
            let target = Target { host: "web".to_owned(), port: 80, path: "/hostname".to_owned() };
            served &= lab.probe(&Probe::new(source, target, Protocol::Http), Seed::new(7)).is_ok();
        }
        if served {
            return;
        }
        lab.clock().sleep(VirtualSpan::from_millis(200)).await;
    }
}

fn is_ready(pod: &Pod) -> bool {
    let conditions = pod.status.as_ref().and_then(|status| status.conditions.as_ref());
    conditions.into_iter().flatten().any(|condition| condition.type_ == "Ready" && condition.status == "True")
}
