//! The configuration file: `KubeProxyConfiguration` of `kubeproxy.config.k8s.io/v1alpha1`, as far as it is modelled.

use std::collections::BTreeMap;

use serde::Deserialize;
use winlab_clock::VirtualSpan;

/// The file's content. Members that are not modelled are passed over.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct KubeProxyConfiguration {
    pub(crate) hostname_override: String,
    pub(crate) bind_address: String,
    pub(crate) healthz_bind_address: String,
    #[serde(rename = "clusterCIDR")]
    pub(crate) cluster_cidr: String,
    pub(crate) mode: String,
    pub(crate) detect_local_mode: String,
    pub(crate) detect_local: DetectLocal,
    pub(crate) node_port_addresses: Option<Vec<String>>,
    pub(crate) feature_gates: Option<BTreeMap<String, bool>>,
    pub(crate) client_connection: ClientConnection,
    pub(crate) iptables: Iptables,
    pub(crate) winkernel: Winkernel,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct DetectLocal {
    pub(crate) bridge_interface: String,
    pub(crate) interface_name_prefix: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ClientConnection {
    pub(crate) kubeconfig: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Iptables {
    sync_period: String,
    min_sync_period: String,
    pub(crate) masquerade_all: bool,
    pub(crate) masquerade_bit: Option<u32>,
    pub(crate) localhost_node_ports: Option<bool>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Winkernel {
    pub(crate) network_name: String,
    pub(crate) source_vip: String,
    #[serde(rename = "enableDSR")]
    pub(crate) enable_dsr: bool,
    pub(crate) root_hns_endpoint_name: String,
    pub(crate) forward_health_check_vip: bool,
}

impl KubeProxyConfiguration {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        serde_saphyr::from_str(text).map_err(|error| error.to_string())
    }
}

impl Iptables {
    /// 30 s unless set; winkernel goes by the same member.
    pub(crate) fn sync_period(&self) -> VirtualSpan {
        span(&self.sync_period, VirtualSpan::from_secs(30))
    }

    /// 1 s unless set.
    pub(crate) fn min_sync_period(&self) -> VirtualSpan {
        span(&self.min_sync_period, VirtualSpan::from_secs(1))
    }
}

/// Zero means the default, as in Kubernetes' own defaulting.
fn span(text: &str, default: VirtualSpan) -> VirtualSpan {
    text.parse().ok().filter(|span| *span != VirtualSpan::ZERO).unwrap_or(default)
}
