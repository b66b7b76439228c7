//! Services.

use std::sync::LazyLock;

use winlab_document::{Document, doc};

use super::fill::{Defaults, each, has};
use crate::config::Profile;

static SPEC: LazyLock<Defaults> =
    LazyLock::new(|| Defaults::new(&doc!({"sessionAffinity": "None", "type": "ClusterIP"})));
static PROTOCOL: LazyLock<Defaults> = LazyLock::new(|| Defaults::new(&doc!({"protocol": "TCP"})));

/// Fills in a service.
pub(crate) fn service(service: &mut Document, profile: &Profile) {
    let spec = service.member_mut("spec");
    SPEC.fill(spec);
    match spec.text(&["sessionAffinity"]) {
        "None" => {
            spec.remove("sessionAffinityConfig");
        }
        "ClientIP" if spec.path(&["sessionAffinityConfig", "clientIP", "timeoutSeconds"]).is_none() => {
            spec.set("sessionAffinityConfig", doc!({"clientIP": {"timeoutSeconds": 10_800}}));
        }
        _ => {}
    }
    each(spec, "ports", |port| {
        PROTOCOL.fill(port);
        let target = port.get("targetPort");
        let unset = target.is_none_or(|target| target.as_i64() == Some(0) || target.as_str() == Some(""));
        if let (true, Some(number)) = (unset, port.get("port").cloned()) {
            port.set("targetPort", number);
        }
    });
    let kind = spec.text(&["type"]).to_owned();
    if is_external(spec) && !has(spec, "externalTrafficPolicy") {
        spec.set("externalTrafficPolicy", "Cluster");
    }
    let inside = matches!(kind.as_str(), "NodePort" | "LoadBalancer" | "ClusterIP");
    if inside && profile.gate("ServiceInternalTrafficPolicy", 22) && !has(spec, "internalTrafficPolicy") {
        spec.set("internalTrafficPolicy", "Cluster");
    }
    if profile.gate("LoadBalancerIPMode", 30) {
        let ingress =
            service.path(&["status", "loadBalancer", "ingress"]).map(Document::items).unwrap_or_default();
        if ingress.iter().any(|one| has(one, "ip") && !has(one, "ipMode")) {
            let balancer = service.member_mut("status").member_mut("loadBalancer");
            each(balancer, "ingress", |one| {
                if has(one, "ip") && !has(one, "ipMode") {
                    one.set("ipMode", "VIP");
                }
            });
        }
    }
    let spec = service.member_mut("spec");
    if kind == "LoadBalancer"
        && profile.gate("ServiceLBNodePortControl", 22)
        && !has(spec, "allocateLoadBalancerNodePorts")
    {
        spec.set("allocateLoadBalancerNodePorts", true);
    }
}

/// Whether traffic from outside the cluster may reach the service (`pkg/api/service`, `ExternallyAccessible`).
fn is_external(spec: &Document) -> bool {
    match spec.text(&["type"]) {
        "NodePort" | "LoadBalancer" => true,
        "ClusterIP" => spec.get("externalIPs").is_some_and(|ips| !ips.items().is_empty()),
        _ => false,
    }
}

/// Keeps `clusterIP` and `clusterIPs` in step (`pkg/registry/core/service/storage`, `normalizeClusterIPs`), and drops
/// what a change of type makes meaningless (`dropTypeDependentFields`).
pub(crate) fn prepare_service(service: &mut Document, old: Option<&Document>, _profile: &Profile) {
    let ip = service.text(&["spec", "clusterIP"]).to_owned();
    let listed = service.path(&["spec", "clusterIPs"]).map(Document::items).unwrap_or_default();
    let first = listed.first().and_then(Document::as_str).unwrap_or_default().to_owned();
    match old {
        None if !ip.is_empty() && first.is_empty() => service.set_path(&["spec", "clusterIPs"], vec![ip]),
        Some(old) => {
            let same_ip = old.text(&["spec", "clusterIP"]) == ip;
            let same_list = old.path(&["spec", "clusterIPs"]) == service.path(&["spec", "clusterIPs"]);
            if !same_ip && (same_list || first.is_empty()) {
                if ip.is_empty() {
                    service.remove_path(&["spec", "clusterIPs"]);
                } else {
                    service.set_path(&["spec", "clusterIPs"], vec![ip]);
                }
            }
            drop_by_type(service, old);
        }
        None => {}
    }
    if service.path(&["status", "loadBalancer"]).is_none() {
        service.set_path(&["status", "loadBalancer"], Document::empty_object());
    }
}

/// `dropTypeDependentFields`
fn drop_by_type(service: &mut Document, old: &Document) {
    let unchanged =
        |name: &str, service: &Document| service.path(&["spec", name]) == old.path(&["spec", name]);
    let is_outside = |service: &Document| service.get("spec").is_some_and(is_external);
    if is_outside(old) && !is_outside(service) && unchanged("externalTrafficPolicy", service) {
        service.remove_path(&["spec", "externalTrafficPolicy"]);
    }
    let kind = service.text(&["spec", "type"]).to_owned();
    if kind == old.text(&["spec", "type"]) {
        return;
    }
    if matches!(kind.as_str(), "ClusterIP" | "ExternalName") {
        let before = old.path(&["spec", "ports"]).map(Document::items).unwrap_or_default().to_vec();
        each(service.member_mut("spec"), "ports", |port| {
            let number = port.get("nodePort").cloned();
            if number.is_some() && before.iter().any(|other| other.get("nodePort") == number.as_ref()) {
                port.remove("nodePort");
            }
        });
    }
    if kind != "LoadBalancer" {
        for name in ["allocateLoadBalancerNodePorts", "loadBalancerClass"] {
            if unchanged(name, service) {
                service.remove_path(&["spec", name]);
            }
        }
    }
    if kind == "ExternalName" {
        for name in ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"] {
            if unchanged(name, service) {
                service.remove_path(&["spec", name]);
            }
        }
    }
}
