//! What a port of a service asks of a proxy, whichever the mode (`pkg/proxy/serviceport.go`).

use std::net::IpAddr;

use winlab_host::linux::Prefix;
use winlab_kube_client::k8s::IntOrString;
use winlab_kube_client::k8s::core::{Service, ServicePort as ApiPort, ServiceSpec};

use super::name::Protocol;
use crate::family::Family;

/// `BaseServicePortInfo`
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ServicePort {
    pub(crate) cluster_ip: IpAddr,
    pub(crate) port: u16,
    pub(crate) protocol: Protocol,
    /// 0 for none.
    pub(crate) node_port: u16,
    pub(crate) load_balancer_vips: Vec<IpAddr>,
    /// Seconds a client stays with its endpoint; none without session affinity.
    pub(crate) sticky_seconds: Option<u32>,
    pub(crate) external_ips: Vec<IpAddr>,
    pub(crate) source_ranges: Vec<Prefix>,
    /// 0 for none.
    pub(crate) health_check_node_port: u16,
    pub(crate) external_local: bool,
    pub(crate) internal_local: bool,
}

impl ServicePort {
    /// A port of a service in one family; none if the service has no cluster address of that family.
    pub(crate) fn of(service: &Service, port: &ApiPort, family: Family) -> Option<Self> {
        let spec = service.spec.as_ref()?;
        let cluster_ip = cluster_ip(spec, family)?;
        let external = reaches_out(spec);
        let external_local = external && spec.external_traffic_policy.as_deref() == Some("Local");
        Some(Self {
            cluster_ip,
            port: number(Some(port.port)),
            protocol: Protocol::read(port.protocol.as_deref()),
            node_port: number(port.node_port),
            load_balancer_vips: vips(service, family),
            sticky_seconds: sticky(spec),
            external_ips: of_family(spec.external_ips.as_deref().unwrap_or_default(), family),
            source_ranges: source_ranges(spec, family),
            health_check_node_port: health_check_node_port(spec, external_local),
            external_local,
            internal_local: spec.internal_traffic_policy.as_deref() == Some("Local"),
        })
    }

    /// Whether anything but the cluster address leads to it.
    pub(crate) fn is_external(&self) -> bool {
        self.node_port != 0 || !self.load_balancer_vips.is_empty() || !self.external_ips.is_empty()
    }

    /// Whether some traffic may go to any endpoint: also with `externalTrafficPolicy: Local`, for clients inside the
    /// cluster are cut short.
    pub(crate) fn uses_cluster_endpoints(&self) -> bool {
        !self.internal_local || self.is_external()
    }

    /// Whether some traffic must stay on the node.
    pub(crate) fn uses_local_endpoints(&self) -> bool {
        self.internal_local || (self.external_local && self.is_external())
    }
}

/// Whether a service is proxied at all: it has a cluster address, and is no ExternalName.
pub(super) fn is_proxied(spec: &ServiceSpec) -> bool {
    let set = spec.cluster_ip.as_deref().is_some_and(|ip| !ip.is_empty() && ip != "None");
    set && spec.type_.as_deref() != Some("ExternalName")
}

/// The number of a target port; 0 for a name, whose number the endpoints say.
pub(crate) fn target_port(port: &ApiPort) -> u16 {
    match &port.target_port {
        Some(IntOrString::Int(n)) => number(Some(*n)),
        // The API server fills it in; without it the port itself is meant.
        None => number(Some(port.port)),
        Some(IntOrString::String(_)) => 0,
    }
}

fn number(port: Option<i32>) -> u16 {
    port.and_then(|port| u16::try_from(port).ok()).unwrap_or_default()
}

/// Go reads addresses with leading zeros too; Kubernetes no longer writes them.
fn of_family(addresses: &[String], family: Family) -> Vec<IpAddr> {
    let read = addresses.iter().filter_map(|address| address.parse().ok());
    read.filter(|address| Family::of(*address) == family).collect()
}

fn cluster_ip(spec: &ServiceSpec, family: Family) -> Option<IpAddr> {
    let families = spec.ip_families.as_deref().unwrap_or_default();
    if families.is_empty() {
        let address: IpAddr = spec.cluster_ip.as_deref()?.parse().ok()?;
        return (Family::of(address) == family).then_some(address);
    }
    let at = families.iter().position(|known| known == family.word())?;
    spec.cluster_ips.as_ref()?.get(at)?.parse().ok()
}

fn reaches_out(spec: &ServiceSpec) -> bool {
    matches!(spec.type_.as_deref(), Some("NodePort" | "LoadBalancer"))
        || spec.external_ips.as_ref().is_some_and(|ips| !ips.is_empty())
}

fn vips(service: &Service, family: Family) -> Vec<IpAddr> {
    let status = service.status.as_ref().and_then(|status| status.load_balancer.as_ref());
    let ingress = status.and_then(|status| status.ingress.as_deref()).unwrap_or_default();
    let vips = ingress.iter().filter(|ingress| ingress.ip_mode.as_deref().is_none_or(|mode| mode == "VIP"));
    let addresses = vips.filter_map(|ingress| ingress.ip.as_deref()?.parse().ok());
    addresses.filter(|address| Family::of(*address) == family).collect()
}

fn sticky(spec: &ServiceSpec) -> Option<u32> {
    if spec.session_affinity.as_deref() != Some("ClientIP") {
        return None;
    }
    let client_ip = spec.session_affinity_config.as_ref().and_then(|config| config.client_ip.as_ref());
    let seconds = client_ip.and_then(|client_ip| client_ip.timeout_seconds);
    Some(seconds.and_then(|seconds| u32::try_from(seconds).ok()).unwrap_or(10_800))
}

fn source_ranges(spec: &ServiceSpec, family: Family) -> Vec<Prefix> {
    let written = spec.load_balancer_source_ranges.as_deref().unwrap_or_default();
    let ranges = written.iter().filter_map(|range| range.trim().parse::<Prefix>().ok());
    let ranges: Vec<_> = ranges.filter(|r| Family::of(r.address) == family).map(|r| r.network()).collect();
    if ranges.iter().any(|range| range.length == 0) { Vec::new() } else { ranges }
}

fn health_check_node_port(spec: &ServiceSpec, external_local: bool) -> u16 {
    let needed = spec.type_.as_deref() == Some("LoadBalancer") && external_local;
    if needed { number(spec.health_check_node_port) } else { 0 }
}

#[cfg(test)]
mod tests {
    use winlab_document::{Document, doc};
    use winlab_kube_client::k8s::core::Service;

    use super::ServicePort;
    use crate::family::Family;

    fn port(spec: &Document, family: Family) -> Option<ServicePort> {
        let service = doc!({"metadata": {"name": "web"}, "spec": spec, "status": {"loadBalancer": {
            "ingress": [{"ip": "203.0.113.7"}, {"ip": "203.0.113.8", "ipMode": "Proxy"}, {"hostname": "x"}],
        }}});
        let service: Service = service.decode().unwrap();
        let port = service.spec.as_ref().unwrap().ports.as_ref().unwrap()[0].clone();
        ServicePort::of(&service, &port, family)
    }

    #[test]
    fn a_dual_stack_service_has_an_address_per_family() {
        let spec = doc!({"clusterIP": "10.96.0.7", "clusterIPs": ["10.96.0.7", "fd00::7"],
            "ipFamilies": ["IPv4", "IPv6"], "ports": [{"port": 80}], "externalIPs": ["198.51.100.1", "fd01::1"]});
        let v6 = port(&spec, Family::V6).unwrap();
        assert_eq!(v6.cluster_ip.to_string(), "fd00::7");
        assert_eq!(v6.external_ips.len(), 1);
        let single = doc!({"clusterIP": "10.96.0.7", "ports": [{"port": 80}]});
        assert!(port(&single, Family::V6).is_none() && port(&single, Family::V4).is_some());
    }

    #[test]
    fn policies_and_health_check_port() {
        let spec = doc!({"type": "LoadBalancer", "clusterIP": "10.96.0.7", "externalTrafficPolicy": "Local",
            "healthCheckNodePort": 32100, "loadBalancerSourceRanges": ["10.0.0.0/8 "], "sessionAffinity": "ClientIP",
            "ports": [{"port": 80, "nodePort": 30080}]});
        let port = port(&spec, Family::V4).unwrap();
        assert!(port.external_local && port.uses_local_endpoints() && port.uses_cluster_endpoints());
        assert_eq!((port.health_check_node_port, port.sticky_seconds), (32100, Some(10_800)));
        assert_eq!(port.load_balancer_vips.len(), 1, "a load balancer in proxy mode is no VIP");
        assert_eq!(port.source_ranges[0].to_string(), "10.0.0.0/8");
    }
}
