//! The Node object as others change it: its pod CIDR goes to the runtime, its labels and taints decide about pods.

use std::sync::Arc;

use futures::StreamExt;
use winlab_kube_client::k8s::core::Node;
use winlab_kube_client::{Api, WatchConfig, WatchEvent, watch};

use crate::kubelet::core::Kubelet;

/// Follows the object for as long as the kubelet runs.
pub(crate) async fn follow(kubelet: Arc<Kubelet>) {
    let config = WatchConfig::all().fields(format!("metadata.name={}", kubelet.node_name));
    let api = Api::<Node>::all(kubelet.client.clone());
    let events = watch(api, config, kubelet.clock, kubelet.seed.child("node"));
    let mut events = std::pin::pin!(events);
    let mut pod_cidr = String::new();
    while let Some(event) = events.next().await {
        let node = match event {
            WatchEvent::Listed(nodes) => nodes.into_iter().next(),
            WatchEvent::Applied(node) => Some(node),
            WatchEvent::Deleted(_) | WatchEvent::Interrupted { .. } => None,
        };
        let Some(node) = node else { continue };
        let cidr = node.spec.as_ref().and_then(|spec| spec.pod_cidr.clone()).unwrap_or_default();
        kubelet.set_node_object(Node::clone(&node));
        if cidr != pod_cidr {
            tell_runtime(&kubelet, &pod_cidr, &cidr).await;
            pod_cidr = cidr;
        }
    }
}

/// `pkg/kubelet/kubelet_network.go`, updatePodCIDR.
async fn tell_runtime(kubelet: &Kubelet, before: &str, now: &str) {
    kubelet.log.info(format_args!("Updating Pod CIDR originalPodCIDR={before:?} newPodCIDR={now:?}"));
    if let Ok(cri) = kubelet.cri()
        && let Err(error) = cri.update_runtime_config(now).await
    {
        kubelet.log.error(format_args!("Failed to update runtime configuration: {error}"));
    }
}
