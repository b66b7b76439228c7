//! What is there before the first client asks: the system's namespaces, priority classes and service.

use winlab_document::{Document, doc};

use crate::config::Family;
use crate::kinds::{self, KINDS};
use crate::server::ApiServer;

/// The range of the server's own flag, ready, as `pkg/controlplane/controller/defaultservicecidr` leaves it.
fn service_cidr(server: &ApiServer, ranges: Document) {
    let kind = kinds::by_name("networking.k8s.io", "ServiceCIDR");
    let range = doc!({
        "metadata": {"name": "kubernetes"},
        "spec": {"cidrs": ranges}
    });
    let created = server.create_own(kind, "", range);
    let created =
        created.unwrap_or_else(|failure| panic!("the server's own range is refused: {}", failure.message));
    let mut object = created.stored.document.clone();
    let since = crate::meta::timestamp(server.config().clock.timestamp());
    let ready = doc!([{
        "type": "Ready", "status": "True", "reason": "", "lastTransitionTime": since,
        "message": "Kubernetes default Service CIDR is ready"
    }]);
    object.set_path(&["status", "conditions"], ready);
    server.state().store.put(kind, "kubernetes", object, server.config().clock.now());
}

/// Creates the objects that a server makes by itself at its start.
pub(crate) fn create_system_objects(server: &ApiServer) {
    let own = |group: &str, kind: &str, namespace: &str, object: Document| {
        server
            .create_own(kinds::by_name(group, kind), namespace, object)
            .unwrap_or_else(|failure| panic!("the server's own {kind} is refused: {}", failure.message));
    };
    for name in ["default", "kube-node-lease", "kube-public", "kube-system"] {
        own("", "Namespace", "", doc!({"metadata": {"name": name}}));
    }
    for (name, value, what) in [
        ("system-cluster-critical", 2_000_000_000, "can be moved from their current node if necessary"),
        ("system-node-critical", 2_000_001_000, "must not be moved from their current node"),
    ] {
        let description = format!("Used for system critical pods that {what}.");
        let class = doc!({
            "metadata": {"name": name}, "value": value, "globalDefault": false, "description": description,
            "preemptionPolicy": "PreemptLowerPriority"
        });
        own("scheduling.k8s.io", "PriorityClass", "", class);
    }
    let ranges: Document =
        server.config().service_ranges.iter().map(ToString::to_string).collect::<Vec<_>>().into();
    if KINDS[kinds::by_name("networking.k8s.io", "ServiceCIDR")].since <= server.config().profile.minor {
        service_cidr(server, ranges);
    }
    if let Some(ip) = server.config().kubernetes_service_ip().map(|ip| ip.to_string()) {
        let service = doc!({
            "metadata": {"name": "kubernetes", "labels": {"component": "apiserver", "provider": "kubernetes"}},
            "spec": {
                "clusterIP": ip, "type": "ClusterIP", "sessionAffinity": "None",
                "ports": [{"name": "https", "protocol": "TCP", "port": 443, "targetPort": 6443}]
            }
        });
        own("", "Service", "default", service);
    }
    if let Some(address) = server.config().advertise_address {
        let port = doc!({"name": "https", "port": 6443, "protocol": "TCP"});
        let slice = doc!({
            "metadata": {"name": "kubernetes", "labels": {"kubernetes.io/service-name": "kubernetes"}},
            "addressType": Family::of(address).as_str(),
            "endpoints": [{"addresses": [address.to_string()], "conditions": {"ready": true}}],
            "ports": [port.clone()]
        });
        own("discovery.k8s.io", "EndpointSlice", "default", slice);
        let endpoints = doc!({
            "metadata": {"name": "kubernetes", "labels": {"endpointslice.kubernetes.io/skip-mirror": "true"}},
            "subsets": [{"addresses": [{"ip": address.to_string()}], "ports": [port]}]
        });
        own("", "Endpoints", "default", endpoints);
    }
    // No observer hears of these: they are there before anybody can ask.
    server.state().changes.clear();
}
