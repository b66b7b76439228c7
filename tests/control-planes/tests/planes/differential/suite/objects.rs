//! Create, read, update and patch of plain objects.

use serde_json::json;

use super::{Ask, config_map, namespace};

const MAPS: &str = "/api/v1/namespaces/objects/configmaps";

pub(super) fn asks() -> Vec<Ask> {
    let [created, account] = namespace("objects: namespace", "objects: account", "objects");
    let one = format!("{MAPS}/one");
    let mut asks = vec![
        created,
        account,
        Ask::get("namespace as it is read", "/api/v1/namespaces/objects"),
        Ask::post("create", MAPS, config_map("one", json!({"a": "1"}), json!({"k": "v"}))),
        Ask::get("get", one.clone()),
        Ask::post("create again", MAPS, config_map("one", json!({}), json!({}))),
        Ask::put(
            "update of any version",
            one.clone(),
            config_map("one", json!({"a": "2"}), json!({"k": "w"})),
        ),
        Ask::put(
            "update of an old version",
            one.clone(),
            json!({
                "apiVersion": "v1", "kind": "ConfigMap",
                "metadata": {"name": "one", "resourceVersion": "{{create:/metadata/resourceVersion}}"},
            }),
        ),
        Ask::put(
            "update of another uid",
            one.clone(),
            json!({
                "apiVersion": "v1", "kind": "ConfigMap",
                "metadata": {"name": "one", "uid": "00000000-0000-0000-0000-000000000000"},
            }),
        ),
        Ask::put("update under another name", one.clone(), config_map("two", json!({}), json!({}))),
        Ask::put(
            "update of what is not there",
            format!("{MAPS}/nobody"),
            config_map("nobody", json!({}), json!({})),
        ),
        Ask::post(
            "generated name",
            MAPS,
            json!({
                "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": "gen-"},
            }),
        ),
        Ask::post("dry run", format!("{MAPS}?dryRun=All"), config_map("dry", json!({}), json!({}))),
        Ask::get("nothing of a dry run stays", format!("{MAPS}/dry")),
        Ask::post(
            "immutable",
            MAPS,
            json!({
                "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "fixed"}, "data": {"k": "v"}, "immutable": true,
            }),
        ),
        Ask::patch(
            "change of an immutable one",
            "merge",
            format!("{MAPS}/fixed"),
            json!({"data": {"k": "w"}}),
        ),
        Ask::patch("immutable no more", "merge", format!("{MAPS}/fixed"), json!({"immutable": false})),
    ];
    asks.extend(patches(&one));
    asks.extend(others());
    asks
}

fn patches(one: &str) -> Vec<Ask> {
    let patch = |name, form, body| Ask::patch(name, form, one, body);
    vec![
        patch(
            "merge patch",
            "merge",
            json!({"data": {"new": "1", "k": null}, "metadata": {"labels": {"b": "2"}}}),
        ),
        patch("strategic patch", "strategic", json!({"data": {"other": "1"}})),
        patch(
            "json patch",
            "json",
            json!([{"op": "add", "path": "/data/x", "value": "y"}, {"op": "remove", "path": "/data/new"}]),
        ),
        patch(
            "json patch whose test fails",
            "json",
            json!([{"op": "test", "path": "/data/x", "value": "z"}]),
        ),
        patch("json patch of a missing path", "json", json!([{"op": "remove", "path": "/data/nothing"}])),
        patch("json patch that is none", "json", json!({"op": "add"})),
        patch("patch that changes nothing", "merge", json!({"data": {"x": "y"}})),
        patch("patch of the name", "merge", json!({"metadata": {"name": "two"}})),
        patch(
            "patch of the uid",
            "merge",
            json!({"metadata": {"uid": "00000000-0000-0000-0000-000000000000"}}),
        ),
        patch("patch of an old version", "merge", json!({"metadata": {"resourceVersion": "1"}})),
        patch("patch of a wrong type", "merge", json!({"data": {"x": 1}})),
        patch("patch of an unknown form", "application/nothing+json", json!({})),
        Ask::patch(
            "patch of what is not there",
            "merge",
            "/api/v1/namespaces/objects/configmaps/nobody",
            json!({}),
        ),
    ]
}

fn others() -> Vec<Ask> {
    let node = json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1", "labels": {"kubernetes.io/os": "windows"}}});
    let conditions = |status: &str| json!({"status": {"conditions": [{"type": "Ready", "status": status}], "capacity": {"cpu": "4"}}});
    vec![
        Ask::post(
            "secret",
            "/api/v1/namespaces/objects/secrets",
            json!({
                "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": {"a": "b"},
            }),
        ),
        Ask::patch(
            "secret of another type",
            "merge",
            "/api/v1/namespaces/objects/secrets/s",
            json!({"type": "other"}),
        ),
        Ask::post("node", "/api/v1/nodes", node),
        Ask::patch("node status", "strategic", "/api/v1/nodes/n1/status", conditions("False")),
        Ask::patch("node status again", "strategic", "/api/v1/nodes/n1/status", conditions("True")),
        Ask::patch(
            "node's pod CIDR",
            "merge",
            "/api/v1/nodes/n1",
            json!({"spec": {"podCIDR": "10.244.0.0/24", "podCIDRs": ["10.244.0.0/24"]}}),
        ),
        Ask::patch(
            "another pod CIDR",
            "merge",
            "/api/v1/nodes/n1",
            json!({"spec": {"podCIDR": "10.244.1.0/24", "podCIDRs": ["10.244.1.0/24"]}}),
        ),
        Ask::patch("cordon", "strategic", "/api/v1/nodes/n1", json!({"spec": {"unschedulable": true}})),
        Ask::patch(
            "taint",
            "strategic",
            "/api/v1/nodes/n1",
            json!({"spec": {"taints": [{"key": "os", "value": "windows", "effect": "NoSchedule"}]}}),
        ),
        Ask::patch(
            "wrong taint",
            "strategic",
            "/api/v1/nodes/n1",
            json!({"spec": {"taints": [{"key": "os", "effect": "Never"}]}}),
        ),
        Ask::post(
            "lease",
            "/apis/coordination.k8s.io/v1/namespaces/objects/leases",
            json!({
                "apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "l"},
                "spec": {"holderIdentity": "n1", "leaseDurationSeconds": 40, "renewTime": "2026-01-01T00:00:00.000000Z"},
            }),
        ),
        Ask::put(
            "lease without a version",
            "/apis/coordination.k8s.io/v1/namespaces/objects/leases/l",
            json!({
                "apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "l"}, "spec": {"holderIdentity": "n2"},
            }),
        ),
        Ask::post(
            "event",
            "/api/v1/namespaces/objects/events",
            json!({
                "apiVersion": "v1", "kind": "Event", "metadata": {"name": "e"}, "type": "Normal", "reason": "Seen", "message": "m",
                "involvedObject": {"kind": "Pod", "name": "p", "namespace": "objects"}, "count": 1,
            }),
        ),
        Ask::post(
            "event about another namespace",
            "/api/v1/namespaces/objects/events",
            json!({
                "apiVersion": "v1", "kind": "Event", "metadata": {"name": "f"},
                "involvedObject": {"kind": "Pod", "name": "p", "namespace": "other"},
            }),
        ),
        Ask::post(
            "priority class",
            "/apis/scheduling.k8s.io/v1/priorityclasses",
            json!({
                "apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": "high"}, "value": 1000,
            }),
        ),
        Ask::patch(
            "priority of a class",
            "merge",
            "/apis/scheduling.k8s.io/v1/priorityclasses/high",
            json!({"value": 1001}),
        ),
        Ask::post(
            "runtime class",
            "/apis/node.k8s.io/v1/runtimeclasses",
            json!({
                "apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass", "metadata": {"name": "hyperv"}, "handler": "runhcs-wcow-hypervisor",
                "scheduling": {"nodeSelector": {"kubernetes.io/os": "windows"}},
            }),
        ),
    ]
}
