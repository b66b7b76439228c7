//! A node's pods and how they are reached.

use std::net::IpAddr;

use winlab_host::linux::Prefix;
use winlab_kube_client::k8s::core::Node;

use super::annotations::{Annotations, value};

/// A lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lease {
    pub(crate) subnet: Prefix,
    pub(crate) public_ip: IpAddr,
    pub(crate) backend_type: String,
    /// JSON text, as the backend wrote it.
    pub(crate) backend_data: String,
}

/// A change of another node's lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LeaseEvent {
    /// New or changed.
    Added(Lease),
    /// Gone.
    Removed(Lease),
}

impl Lease {
    /// `nodeToLease`
    pub(super) fn of(node: &Node, annotations: &Annotations) -> Result<Self, String> {
        let public_ip = value(node, &annotations.public_ip);
        Ok(Self {
            subnet: pod_subnet(node)?.ok_or("missing IPv4 address on n.Spec.PodCIDRs")?,
            public_ip: public_ip
                .parse()
                .map_err(|_| format!("error parsing IPv4Address: invalid IP {public_ip:?}"))?,
            backend_type: value(node, &annotations.backend_type).to_owned(),
            backend_data: value(node, &annotations.backend_data).to_owned(),
        })
    }
}

/// The IPv4 prefix of a node's pods.
pub(super) fn pod_subnet(node: &Node) -> Result<Option<Prefix>, String> {
    let spec = node.spec.as_ref();
    let mut listed = spec.and_then(|spec| spec.pod_cidrs.clone()).unwrap_or_default();
    if listed.is_empty() {
        listed.extend(spec.and_then(|spec| spec.pod_cidr.clone()));
    }
    let mut found = None;
    for cidr in &listed {
        let prefix: Prefix = cidr.parse().map_err(|_| format!("invalid CIDR address: {cidr}"))?;
        if prefix.address.is_ipv4() {
            found = found.or(Some(prefix.network()));
        }
    }
    Ok(found)
}
