//! Services: addresses, ports, types, checks; endpoints.

use serde_json::{Value, json};

use super::{Ask, namespace};

const SERVICES: &str = "/api/v1/namespaces/services/services";

pub(super) fn asks() -> Vec<Ask> {
    let [created, account] = namespace("services: namespace", "services: account", "services");
    let make = |label: &'static str, name: &str, spec: Value| {
        let service =
            json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec});
        Ask::post(label, SERVICES, service)
    };
    let port = json!([{"port": 80}]);
    let mut asks = vec![
        created,
        account,
        make("cluster ip", "plain", json!({"selector": {"app": "web"}, "ports": port})),
        make(
            "several ports",
            "ports",
            json!({"ports": [{"name": "a", "port": 80, "targetPort": "http"}, {"name": "b", "port": 53, "protocol": "UDP"}]}),
        ),
        make("headless", "headless", json!({"clusterIP": "None", "selector": {"app": "web"}, "ports": port})),
        make("headless without ports", "bare", json!({"clusterIP": "None"})),
        make("fixed address", "fixed", json!({"clusterIP": "10.96.0.50", "ports": port})),
        make("taken address", "taken", json!({"clusterIP": "10.96.0.50", "ports": port})),
        make("address of the server's own", "own", json!({"clusterIP": "10.96.0.1", "ports": port})),
        make("address out of range", "out", json!({"clusterIP": "10.200.0.1", "ports": port})),
        make("address that is none", "none", json!({"clusterIP": "x", "ports": port})),
        make("node port", "np", json!({"type": "NodePort", "ports": port})),
        make(
            "fixed node port",
            "np-fixed",
            json!({"type": "NodePort", "ports": [{"port": 80, "nodePort": 30080}]}),
        ),
        make(
            "taken node port",
            "np-taken",
            json!({"type": "NodePort", "ports": [{"port": 80, "nodePort": 30080}]}),
        ),
        make(
            "node port out of range",
            "np-out",
            json!({"type": "NodePort", "ports": [{"port": 80, "nodePort": 80}]}),
        ),
        make("node port without the type", "np-no", json!({"ports": [{"port": 80, "nodePort": 30081}]})),
        make("load balancer", "lb", json!({"type": "LoadBalancer", "ports": port})),
        make(
            "local load balancer",
            "lb-local",
            json!({"type": "LoadBalancer", "externalTrafficPolicy": "Local", "ports": port}),
        ),
        make("external name", "ext", json!({"type": "ExternalName", "externalName": "example.com"})),
        make(
            "external name with an address",
            "ext-ip",
            json!({"type": "ExternalName", "externalName": "example.com", "clusterIP": "10.96.0.60"}),
        ),
        make("external name that is none", "ext-no", json!({"type": "ExternalName"})),
        make("internal traffic", "internal", json!({"internalTrafficPolicy": "Local", "ports": port})),
        make("affinity", "sticky", json!({"sessionAffinity": "ClientIP", "ports": port})),
        make("no ports", "no-ports", json!({})),
        make("two ports without names", "two", json!({"ports": [{"port": 80}, {"port": 81}]})),
        make(
            "the same port twice",
            "same",
            json!({"ports": [{"name": "a", "port": 80}, {"name": "b", "port": 80}]}),
        ),
        make("port too high", "high", json!({"ports": [{"port": 70000}]})),
        make("bad type", "type", json!({"type": "Magic", "ports": port})),
        make("bad affinity", "aff", json!({"sessionAffinity": "Always", "ports": port})),
        make(
            "bad traffic policy",
            "policy",
            json!({"type": "NodePort", "externalTrafficPolicy": "Near", "ports": port}),
        ),
        make("policy without the type", "policy2", json!({"externalTrafficPolicy": "Local", "ports": port})),
        make("bad name", "1st", json!({"ports": port})),
        make("two families", "dual", json!({"ipFamilyPolicy": "RequireDualStack", "ports": port})),
        make("another family", "six", json!({"ipFamilies": ["IPv6"], "ports": port})),
        make("prefers two", "prefer", json!({"ipFamilyPolicy": "PreferDualStack", "ports": port})),
    ];
    asks.extend(changes());
    asks.extend(endpoints());
    asks
}

fn changes() -> Vec<Ask> {
    let patch =
        |name, service: &str, body: Value| Ask::patch(name, "merge", format!("{SERVICES}/{service}"), body);
    vec![
        patch(
            "change of the address",
            "plain",
            json!({"spec": {"clusterIP": "10.96.0.70", "clusterIPs": ["10.96.0.70"]}}),
        ),
        patch("to a node port", "plain", json!({"spec": {"type": "NodePort"}})),
        patch("and back", "plain", json!({"spec": {"type": "ClusterIP"}})),
        patch(
            "to an external name",
            "np",
            json!({"spec": {"type": "ExternalName", "externalName": "example.com"}}),
        ),
        patch("selector", "plain", json!({"spec": {"selector": {"app": "other"}}})),
        Ask::patch(
            "ports by strategic merge",
            "strategic",
            format!("{SERVICES}/ports"),
            json!({"spec": {"ports": [{"port": 81, "name": "c"}]}}),
        ),
        Ask::patch(
            "service status",
            "merge",
            format!("{SERVICES}/lb/status"),
            json!({"status": {"loadBalancer": {"ingress": [{"ip": "203.0.113.5"}]}}}),
        ),
        Ask::patch(
            "bad service status",
            "merge",
            format!("{SERVICES}/lb/status"),
            json!({"status": {"loadBalancer": {"ingress": [{"ip": "x"}]}}}),
        ),
        Ask::delete("service goes", format!("{SERVICES}/np-fixed"), json!(null)),
        Ask::post(
            "its port is free again",
            SERVICES,
            json!({
                "apiVersion": "v1", "kind": "Service", "metadata": {"name": "np-next"},
                "spec": {"type": "NodePort", "ports": [{"port": 80, "nodePort": 30080}]},
            }),
        ),
        Ask::get("the server's own service", "/api/v1/namespaces/default/services/kubernetes"),
    ]
}

fn endpoints() -> Vec<Ask> {
    let slices = "/apis/discovery.k8s.io/v1/namespaces/services/endpointslices";
    let slice = |name: &str, more: Value| {
        let mut slice = json!({
            "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
            "metadata": {"name": name, "labels": {"kubernetes.io/service-name": "plain"}},
            "addressType": "IPv4", "ports": [{"port": 80}],
            "endpoints": [{"addresses": ["10.244.1.2"], "conditions": {"ready": true}, "nodeName": "n1"}],
        });
        if let (Some(slice), Some(more)) = (slice.as_object_mut(), more.as_object()) {
            slice.extend(more.clone());
        }
        slice
    };
    vec![
        Ask::post("slice", slices, slice("s1", json!({}))),
        Ask::post("slice of no address", slices, slice("s2", json!({"endpoints": [{"addresses": ["x"]}]}))),
        Ask::post("slice of no type", slices, slice("s3", json!({"addressType": "IPX"}))),
        Ask::post(
            "slice with two ports of a name",
            slices,
            slice("s4", json!({"ports": [{"port": 80}, {"port": 81}]})),
        ),
        Ask::patch("another address type", "merge", format!("{slices}/s1"), json!({"addressType": "IPv6"})),
        Ask::post(
            "endpoints",
            "/api/v1/namespaces/services/endpoints",
            json!({
                "apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": "plain"},
                "subsets": [{"addresses": [{"ip": "10.244.1.2"}], "ports": [{"port": 80}]}],
            }),
        ),
    ]
}
