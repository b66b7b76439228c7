//! `kubeadm join` from the outside: what it leaves on a node, and how it refuses.

use std::sync::Arc;

use winlab_clock::{Clock, Seed, virtual_world};
use winlab_cluster::{ClusterSetup, JoinMethod, KubeChange, Lab, LabObserver, LabSpec, NodeOs, NodeSpec};
use winlab_component::Level;
use winlab_control_plane::ControlPlaneSpec;
use winlab_host::JournalEntry;
use winlab_kube_client::Api;
use winlab_kube_client::api::DeleteParams;
use winlab_kube_client::k8s::core::ConfigMap;
use winlab_profiles::NetworkFamily;

struct Quiet;

impl LabObserver for Quiet {
    fn wants_everything(&self) -> bool {
        false
    }

    fn boundary_call(&self, _: &str, _: &JournalEntry) {}

    fn log(&self, _: &str, _: &str, _: Level, _: &str) {}

    fn kube_change(&self, _: &KubeChange<'_>) {}
}

/// A cluster of kubeadm's at one version, with a Linux node whose kubelet may have another.
async fn lab(kube: &str, kubelet: &str) -> Lab {
    let spec = LabSpec {
        kube: kube.parse().unwrap(),
        control_plane: ControlPlaneSpec::Embedded,
        access: winlab_cluster::ApiAccess::default(),
        means: Default::default(),
        network: NetworkFamily::FlannelVxlan,
        setup: ClusterSetup::Kubeadm,
        nodes: vec![NodeSpec {
            name: "lin1".to_owned(),
            os: NodeOs::Linux,
            labels: Default::default(),
            taints: Vec::new(),
            kubelet: kubelet.parse().unwrap(),
            kube_proxy: kubelet.parse().unwrap(),
            dsr: false,
            real: Default::default(),
            start_types: Default::default(),
        }],
        images: Vec::new(),
    };
    Lab::start(spec, Clock::start_virtual(), Seed::new(1), Arc::new(Quiet)).await.unwrap()
}

fn text(lab: &Lab, component: &str) -> String {
    let lines = lab.log_lines("lin1", component);
    lines.iter().map(|line| format!("{}\n", line.text(&["line"]))).collect()
}

#[test]
fn a_node_that_has_joined_does_not_join_again() {
    virtual_world(async {
        let lab = lab("v1.36.1", "v1.36.1").await;
        lab.join("lin1", &JoinMethod::Kubeadm).await.unwrap();
        assert!(text(&lab, "flanneld").contains("Running backend"), "its log has its usual name");
        let error = lab.join("lin1", &JoinMethod::Kubeadm).await.unwrap_err();
        assert!(error.why.contains("[ERROR FileAvailable--etc-kubernetes-kubelet.conf]"), "{error}");
        assert!(error.why.contains("[ERROR Port-10250]: Port 10250 is in use"), "{error}");
    });
}

#[test]
fn a_component_that_a_daemon_set_runs_is_no_service() {
    virtual_world(async {
        let lab = lab("v1.36.1", "v1.36.1").await;
        lab.join("lin1", &JoinMethod::Kubeadm).await.unwrap();
        let error = lab.stop_service("lin1", "kube-proxy").await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "stopping lin1/kube-proxy: it is a pod of a DaemonSet, which makes a new one"
        );
        let error = lab.join("lin1", &JoinMethod::Components(vec!["flanneld".to_owned()])).await.unwrap_err();
        assert!(error.why.contains("DaemonSet"), "{error}");
    });
}

#[test]
fn a_cluster_that_cannot_be_trusted_or_is_too_old_is_not_joined() {
    virtual_world(async {
        let lab = lab("v1.34.4", "v1.36.1").await;
        let error = lab.join("lin1", &JoinMethod::Kubeadm).await.unwrap_err();
        assert!(
            error.why.ends_with(
                "this version of kubeadm only supports deploying clusters with the control plane version >= 1.35.0. Current version: v1.34.4"
            ),
            "{error}"
        );
    });
    virtual_world(async {
        let lab = lab("v1.35.4", "v1.36.1").await;
        let error = lab.join("lin1", &JoinMethod::Kubeadm).await.unwrap_err();
        assert!(
            error.why.contains("the kubelet version is higher than the control plane version"),
            "{error}"
        );
    });
    virtual_world(async {
        let lab = lab("v1.36.1", "v1.36.1").await;
        let maps: Api<ConfigMap> = Api::namespaced(lab.client(), "kube-public");
        maps.delete("cluster-info", &DeleteParams::default()).await.unwrap();
        let error = lab.join("lin1", &JoinMethod::Kubeadm).await.unwrap_err();
        assert!(error.why.contains("couldn't validate the identity of the API Server"), "{error}");
    });
}
