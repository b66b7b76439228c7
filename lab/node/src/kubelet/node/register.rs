//! Registering the node (`pkg/kubelet/kubelet_node_status.go`, registerWithAPIServer).

use std::sync::Arc;

use winlab_clock::VirtualSpan;
use winlab_document::{Document, ObjectBuilder, doc};
use winlab_kube_client::api::{Patch, PatchParams, PostParams};
use winlab_kube_client::k8s::core::Node;
use winlab_kube_client::{Api, ErrorExt};

use crate::kubelet::core::Kubelet;
use crate::kubelet::events::EventType;

/// Waits between attempts: 100 ms doubling to 7 s.
const FIRST: VirtualSpan = VirtualSpan::from_millis(100);
const MOST: VirtualSpan = VirtualSpan::from_secs(7);

/// Registers the node, for as long as it takes.
pub(crate) async fn register(kubelet: Arc<Kubelet>) {
    let mut wait = FIRST;
    while !attempt(&kubelet).await {
        kubelet.clock.sleep(wait).await;
        wait = (wait * 2).min(MOST);
    }
    kubelet.log.info(format_args!("Successfully registered node node={:?}", kubelet.node_name));
    let node = kubelet.node_object();
    kubelet.recorder.node(node.as_deref(), EventType::Normal, "Starting", "Starting kubelet.");
}

async fn attempt(kubelet: &Kubelet) -> bool {
    let api: Api<Node> = Api::all(kubelet.client.clone());
    let images = match kubelet.cri() {
        Ok(cri) => cri.list_images().await.unwrap_or_default(),
        Err(_) => Vec::new(),
    };
    let node = kubelet.initial_node(&images);
    if kubelet.config.register_node {
        match api.create(&PostParams::default(), &node).await {
            Ok(created) => {
                kubelet.set_node_object(created);
                return true;
            }
            Err(error) if error.is_already_exists() => {}
            Err(error) => {
                kubelet.log.error(format_args!("Unable to register node with API server: {error}"));
                return false;
            }
        }
    }
    match api.get(&kubelet.node_name).await {
        Ok(existing) => reconcile(kubelet, &api, existing, &node).await,
        Err(error) => {
            kubelet.log.error(format_args!(
                "Unable to register node with API server, error getting existing node: {error}"
            ));
            false
        }
    }
}

/// A node that is there keeps its taints; the kubelet's own labels are put right.
async fn reconcile(kubelet: &Kubelet, api: &Api<Node>, existing: Node, wanted: &Node) -> bool {
    let mut labels = ObjectBuilder::new();
    let there = existing.metadata.labels.clone().unwrap_or_default();
    for (name, value) in wanted.metadata.labels.iter().flatten() {
        if there.get(name) != Some(value) {
            labels.set(name.as_str(), value.as_str());
        }
    }
    let labels = labels.build();
    if labels.members().is_empty() {
        kubelet.set_node_object(existing);
        return true;
    }
    let patch: Document = doc!({"metadata": {"labels": labels}});
    match api.patch(&kubelet.node_name, &PatchParams::default(), &Patch::Merge(&patch)).await {
        Ok(patched) => {
            kubelet.set_node_object(patched);
            true
        }
        Err(error) => {
            kubelet.log.error(format_args!("Unable to reconcile node with API server: {error}"));
            false
        }
    }
}
