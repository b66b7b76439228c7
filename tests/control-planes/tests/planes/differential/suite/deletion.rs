//! Deletion: grace, finalizers, preconditions, propagation, collections, namespaces.

use serde_json::{Value, json};

use super::{Ask, config_map, namespace, one_container, pod};

const MAPS: &str = "/api/v1/namespaces/deletion/configmaps";
const PODS: &str = "/api/v1/namespaces/deletion/pods";

pub(super) fn asks() -> Vec<Ask> {
    let [created, account] = namespace("deletion: namespace", "deletion: account", "deletion");
    let held = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "held", "finalizers": ["example.com/held"]}});
    let options = |more: Value| more;
    let mut asks = vec![
        created,
        account,
        Ask::post("x", MAPS, config_map("x", json!({"group": "g"}), json!({}))),
        Ask::delete("delete", format!("{MAPS}/x"), json!(null)),
        Ask::get("deleted", format!("{MAPS}/x")),
        Ask::post("held", MAPS, held),
        Ask::delete("delete of the held", format!("{MAPS}/held"), json!(null)),
        Ask::get("held and asked to go", format!("{MAPS}/held")),
        Ask::patch(
            "finalizer added too late",
            "merge",
            format!("{MAPS}/held"),
            json!({"metadata": {"finalizers": ["example.com/held", "example.com/late"]}}),
        ),
        Ask::patch("let go", "merge", format!("{MAPS}/held"), json!({"metadata": {"finalizers": null}})),
        Ask::get("gone", format!("{MAPS}/held")),
        Ask::post(
            "bad finalizer",
            MAPS,
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "f", "finalizers": ["plain"]}}),
        ),
        Ask::post("y", MAPS, config_map("y", json!({"group": "g"}), json!({}))),
        Ask::delete(
            "another uid",
            format!("{MAPS}/y"),
            options(json!({"preconditions": {"uid": "00000000-0000-0000-0000-000000000000"}})),
        ),
        Ask::delete(
            "another version",
            format!("{MAPS}/y"),
            options(json!({"preconditions": {"resourceVersion": "1"}})),
        ),
        Ask::delete("dry deletion", format!("{MAPS}/y?dryRun=All"), json!(null)),
        Ask::delete("bad propagation", format!("{MAPS}/y?propagationPolicy=Sideways"), json!(null)),
        Ask::delete("foreground", format!("{MAPS}/y?propagationPolicy=Foreground"), json!(null)),
        Ask::get("waits for its dependents", format!("{MAPS}/y")),
        Ask::post("z", MAPS, config_map("z", json!({"group": "h"}), json!({}))),
        Ask::delete("collection", format!("{MAPS}?labelSelector=group%3Dh"), json!(null)),
        Ask::get("left of the collection", MAPS),
    ];
    asks.extend(pods());
    asks.extend(namespaces());
    asks
}

fn pods() -> Vec<Ask> {
    let bound = json!({"nodeName": "n1", "containers": [{"name": "c", "image": "app"}]});
    vec![
        Ask::post("unbound pod", PODS, pod("unbound", one_container())),
        Ask::delete("delete of an unbound pod", format!("{PODS}/unbound"), json!(null)),
        Ask::get("unbound is gone", format!("{PODS}/unbound")),
        Ask::post("bound pod", PODS, pod("bound", bound.clone())),
        Ask::delete("delete of a bound pod", format!("{PODS}/bound"), json!(null)),
        Ask::get("bound has grace", format!("{PODS}/bound")),
        Ask::delete("delete with less grace", format!("{PODS}/bound?gracePeriodSeconds=5"), json!(null)),
        Ask::delete("delete with more grace", format!("{PODS}/bound"), json!({"gracePeriodSeconds": 60})),
        Ask::delete("delete at once", format!("{PODS}/bound?gracePeriodSeconds=0"), json!(null)),
        Ask::get("bound is gone", format!("{PODS}/bound")),
        Ask::delete(
            "negative grace of a deletion",
            format!("{PODS}/bound?gracePeriodSeconds=x"),
            json!(null),
        ),
    ]
}

fn namespaces() -> Vec<Ask> {
    let going = "/api/v1/namespaces/going";
    vec![
        Ask::post(
            "going",
            "/api/v1/namespaces",
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "going"}}),
        ),
        Ask::delete("delete of a namespace", going, json!(null)),
        Ask::get("terminating", going),
        Ask::post(
            "create in a terminating namespace",
            format!("{going}/configmaps"),
            config_map("x", json!({}), json!({})),
        ),
        Ask::put(
            "finalized",
            format!("{going}/finalize"),
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "going"}, "spec": {"finalizers": []}}),
        ),
        Ask::get("namespace is gone", going),
    ]
}
