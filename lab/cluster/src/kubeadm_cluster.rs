//! What is in a cluster that kubeadm set up before its first node joins.

use serde_json::Value;
use winlab_kube_client::api::{DynamicObject, PostParams};
use winlab_kube_client::core::{ApiResource, GroupVersionKind};
use winlab_kube_client::{Api, Client};
use winlab_kubeadm::manifests::{Backend, ClusterFacts};
use winlab_profiles::{KubeVersion, NetworkFamily};

use crate::address_plan::{API_SERVER, CLUSTER_CIDR, CLUSTER_DNS, SEGMENT, SERVICE_CIDR};
use crate::error::LabError;
use crate::node::Node;

/// The bootstrap token: kubeadm's own example.
pub(crate) const TOKEN: &str = "abcdef.0123456789abcdef";

/// The public part of the token.
pub(crate) fn token_id() -> &'static str {
    TOKEN.split('.').next().unwrap_or_default()
}

/// Applies kubeadm's and flannel's manifests. kube-proxy's version is that of the first node of each system.
pub(crate) async fn create(
    client: &Client,
    kube: KubeVersion,
    network: NetworkFamily,
    nodes: &[Node],
    authority_pem: String,
) -> Result<(), LabError> {
    let proxy = |windows: bool| {
        let first = nodes.iter().find(|node| node.is_windows() == windows);
        first.map_or(kube, |node| node.spec.kube_proxy)
    };
    let facts = ClusterFacts {
        kube,
        linux_proxy: proxy(false),
        windows_proxy: proxy(true),
        api_server: API_SERVER.to_string(),
        pod_subnet: CLUSTER_CIDR.to_owned(),
        service_subnet: SERVICE_CIDR.to_owned(),
        node_subnet: SEGMENT.to_owned(),
        cluster_dns: CLUSTER_DNS.to_owned(),
        backend: if network.hns_type() == "Overlay" { Backend::Vxlan } else { Backend::HostGw },
        token: TOKEN.to_owned(),
        authority_pem,
    };
    for object in facts.objects() {
        let what = format!("creating {} {}", object.text(&["kind"]), object.text(&["metadata", "name"]));
        apply(client, &object.to_string()).await.map_err(|why| LabError::new(what, why))?;
    }
    Ok(())
}

async fn apply(client: &Client, object: &str) -> Result<(), String> {
    let object: Value = serde_json::from_str(object).map_err(|error| error.to_string())?;
    let kind = object["kind"].as_str().unwrap_or_default().to_owned();
    let (group, version) = match object["apiVersion"].as_str().unwrap_or_default().split_once('/') {
        Some((group, version)) => (group, version),
        None => ("", "v1"),
    };
    let plural = format!("{}s", kind.to_lowercase());
    let resource = ApiResource::from_gvk_with_plural(&GroupVersionKind::gvk(group, version, &kind), &plural);
    let api: Api<DynamicObject> = match object["metadata"]["namespace"].as_str() {
        Some(namespace) => Api::namespaced_with(client.clone(), namespace, &resource),
        None => Api::all_with(client.clone(), &resource),
    };
    let object: DynamicObject = serde_json::from_value(object).map_err(|error| error.to_string())?;
    api.create(&PostParams::default(), &object).await.map(drop).map_err(|error| error.to_string())
}
