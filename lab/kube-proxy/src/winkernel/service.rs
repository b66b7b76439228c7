//! A service port as winkernel keeps it.

use winlab_kube_client::k8s::core::{Service, ServicePort as ApiPort};

use super::references::Reference;
use crate::quirks::Quirks;
use crate::service::{ServicePort, target_port};

/// What a service port asks for: `serviceInfo` before it is applied.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wanted {
    pub(super) base: ServicePort,
    pub(super) target_port: u16,
    /// `preserve-destination: "true"`: packets keep the VIP as their destination.
    pub(super) preserve_dip: bool,
    /// `externalTrafficPolicy: Local`, carried out by direct server return.
    pub(super) local_traffic_dsr: bool,
    /// `internalTrafficPolicy: Local`
    pub(super) internal_local: bool,
    /// Not annotated `winProxyOptimization: DISABLED`.
    pub(super) optimised: bool,
    /// As text, for their family is not looked at by every version.
    pub(super) external_ips: Vec<String>,
    pub(super) ingress_ips: Vec<String>,
}

impl Wanted {
    /// `newServiceInfo`
    pub(super) fn of(
        service: &Service,
        port: &ApiPort,
        base: ServicePort,
        dsr: bool,
        quirks: Quirks,
    ) -> Self {
        let annotation = |name: &str| {
            let annotations = service.metadata.annotations.as_ref();
            annotations.and_then(|annotations| annotations.get(name)).map_or("", String::as_str)
        };
        let spec = service.spec.as_ref();
        let local = spec.and_then(|spec| spec.external_traffic_policy.as_deref()) == Some("Local");
        let (external_ips, ingress_ips) = if quirks.by_family {
            let text = |addresses: &[std::net::IpAddr]| addresses.iter().map(ToString::to_string).collect();
            (text(&base.external_ips), text(&base.load_balancer_vips))
        } else {
            (spec.and_then(|spec| spec.external_ips.clone()).unwrap_or_default(), ingress(service))
        };
        Self {
            target_port: target_port(port),
            preserve_dip: dsr && annotation("preserve-destination") == "true",
            local_traffic_dsr: dsr && local,
            internal_local: quirks.internal_policy && base.internal_local,
            optimised: quirks.optimised
                && !annotation("winProxyOptimization").eq_ignore_ascii_case("DISABLED"),
            external_ips,
            ingress_ips,
            base,
        }
    }
}

fn ingress(service: &Service) -> Vec<String> {
    let status = service.status.as_ref().and_then(|status| status.load_balancer.as_ref());
    let ingress = status.and_then(|status| status.ingress.as_deref()).unwrap_or_default();
    let addresses = ingress.iter().filter_map(|ingress| ingress.ip.clone());
    addresses.filter(|address| address.parse::<std::net::IpAddr>().is_ok()).collect()
}

/// An address outside the cluster and its load balancer; an empty id means none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct External {
    pub(super) ip: String,
    pub(super) id: String,
    /// Of ingress addresses: the load balancer of their health check.
    pub(super) health_id: String,
}

/// The remote endpoint that stands for a cluster address on overlay networks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct VipEndpoint {
    pub(super) id: String,
    pub(super) reference: Reference,
}

/// A service port and what HNS has of it: `serviceInfo`.
#[derive(Debug, Clone)]
pub(super) struct ServiceInfo {
    pub(super) wanted: Wanted,
    /// As asked for, until the endpoints say otherwise.
    pub(super) target_port: u16,
    pub(super) id: String,
    pub(super) node_port_id: String,
    pub(super) external_ips: Vec<External>,
    pub(super) ingress_ips: Vec<External>,
    pub(super) vip_endpoint: Option<VipEndpoint>,
    pub(super) applied: bool,
}

impl ServiceInfo {
    pub(super) fn new(wanted: Wanted) -> Self {
        let externals = |addresses: &[String]| {
            addresses.iter().map(|ip| External { ip: ip.clone(), ..External::default() }).collect()
        };
        Self {
            target_port: wanted.target_port,
            id: String::new(),
            node_port_id: String::new(),
            external_ips: externals(&wanted.external_ips),
            ingress_ips: externals(&wanted.ingress_ips),
            vip_endpoint: None,
            applied: false,
            wanted,
        }
    }
}
