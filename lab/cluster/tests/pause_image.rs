//! Every minor's pause image, on both systems: pulled by the join, and the one that sandboxes are made of.

use std::sync::Arc;

use winlab_clock::{Clock, Seed, VirtualSpan, virtual_world};
use winlab_cluster::{
    ClusterSetup, ControlPlaneSpec, JoinMethod, KubeChange, Lab, LabObserver, LabSpec, NodeOs, NodeSpec,
};
use winlab_component::Level;
use winlab_document::Document;
use winlab_host::JournalEntry;
use winlab_kube_client::Api;
use winlab_kube_client::api::PostParams;
use winlab_kube_client::k8s::apps::DaemonSet;
use winlab_profiles::{KubeVersion, NEWEST_MINOR, NetworkFamily, OLDEST_MINOR, WindowsVersion, pause_images};

struct Quiet;

impl LabObserver for Quiet {
    fn wants_everything(&self) -> bool {
        false
    }

    fn boundary_call(&self, _: &str, _: &JournalEntry) {}

    fn log(&self, _: &str, _: &str, _: Level, _: &str) {}

    fn kube_change(&self, _: &KubeChange<'_>) {}
}

fn node(name: &str, os: NodeOs, version: KubeVersion) -> NodeSpec {
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

/// The pause images in a node's store.
async fn pause_tags(lab: &Lab, node: &str) -> Vec<String> {
    let images = lab.cri(node, "images").await.unwrap();
    let tags = images.iter().flat_map(|image| image.get("repoTags").map(Document::items).unwrap_or_default());
    tags.filter_map(Document::as_str).filter(|tag| tag.contains("pause")).map(str::to_owned).collect()
}

async fn running_pods(lab: &Lab, node: &str) -> usize {
    let pods = lab.cri(node, "pods").await.unwrap();
    pods.iter().filter(|pod| pod.text(&["state"]) == "Ready").count()
}

#[test]
fn sandboxes_are_made_of_the_pause_image_of_each_minor() {
    let windows = "ltsc2019".parse::<WindowsVersion>().unwrap();
    for version in (OLDEST_MINOR..=NEWEST_MINOR).filter_map(|minor| KubeVersion::new(minor, 0)) {
        virtual_world(async {
            let spec = LabSpec {
                kube: version,
                control_plane: ControlPlaneSpec::Embedded,
                access: winlab_cluster::ApiAccess::default(),
                means: Default::default(),
                network: NetworkFamily::FlannelHostGw,
                nodes: vec![
                    node("lin1", NodeOs::Linux, version),
                    node("win1", NodeOs::Windows(windows), version),
                ],
                setup: ClusterSetup::Services,
                images: Vec::new(),
            };
            let lab = Lab::start(spec, Clock::start_virtual(), Seed::new(1), Arc::new(Quiet)).await.unwrap();
            for name in ["lin1", "win1"] {
                lab.join(name, &JoinMethod::Scripts).await.unwrap();
            }
            let set: DaemonSet = serde_json::from_value(serde_json::json!({
                "apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "web"},
                "spec": {"selector": {"matchLabels": {"app": "web"}}, "template": {
                    "metadata": {"labels": {"app": "web"}},
                    "spec": {"containers": [
                        {"name": "c", "image": "registry.k8s.io/e2e-test-images/agnhost:2.53"},
                    ]},
                }},
            }))
            .unwrap();
            let sets: Api<DaemonSet> = Api::namespaced(lab.client(), "default");
            sets.create(&PostParams::default(), &set).await.unwrap();
            lab.clock().sleep(VirtualSpan::from_secs(120)).await;
            let images = pause_images(version.minor());
            for (name, image) in [("lin1", images.linux), ("win1", images.windows)] {
                // A sandbox of another image would have pulled that one too.
                assert_eq!(pause_tags(&lab, name).await, [image], "{version} on {name}");
                assert!(running_pods(&lab, name).await >= 1, "{version}: no sandbox is ready on {name}");
            }
        });
    }
}
