//! Requests that are wrong in themselves.

use serde_json::json;

use super::{Ask, config_map, namespace};

const MAPS: &str = "/api/v1/namespaces/refusals/configmaps";

pub(super) fn asks() -> Vec<Ask> {
    let [created, account] = namespace("refusals: namespace", "refusals: account", "refusals");
    vec![
        created,
        account,
        Ask::get("not found", format!("{MAPS}/nobody")),
        Ask::get("unknown resource", "/apis/apps/v1/namespaces/refusals/widgets"),
        Ask::get("unknown group", "/apis/example.com/v1/things"),
        Ask::get("unknown version", "/apis/apps/v9/deployments"),
        Ask::get("unknown subresource", format!("{MAPS}/nobody/scale")),
        Ask::post("post to an object", format!("{MAPS}/one"), config_map("one", json!({}), json!({}))),
        Ask::put("put to a collection", MAPS, config_map("one", json!({}), json!({}))),
        Ask::post(
            "create in a missing namespace",
            "/api/v1/namespaces/nowhere/configmaps",
            config_map("one", json!({}), json!({})),
        ),
        Ask::post("no JSON", MAPS, json!({})).text("application/json", "{\"kind\": "),
        Ask::post("no object", MAPS, json!({})).text("application/json", "[]"),
        Ask::post("unknown media type", MAPS, json!({})).text("application/nothing", "{}"),
        Ask::post(
            "another kind",
            MAPS,
            json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}}),
        ),
        Ask::post(
            "another version of the kind",
            MAPS,
            json!({"apiVersion": "v2", "kind": "ConfigMap", "metadata": {"name": "x"}}),
        ),
        Ask::post("no kind", MAPS, json!({"metadata": {"name": "x"}})),
        Ask::post(
            "another namespace",
            MAPS,
            json!({
                "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "namespace": "other"},
            }),
        ),
        Ask::post("no name", MAPS, json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {}})),
        Ask::post("invalid name", MAPS, config_map("Not_A_Name", json!({}), json!({}))),
        Ask::post("invalid label", MAPS, config_map("x", json!({"a b": "c"}), json!({}))),
        Ask::post("invalid label value", MAPS, config_map("x", json!({"a": "c d"}), json!({}))),
        Ask::post(
            "invalid annotation",
            MAPS,
            json!({
                "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "annotations": {"/x": "y"}},
            }),
        ),
        Ask::post("invalid key", MAPS, config_map("x", json!({}), json!({"a/b": "c"}))),
        Ask::post(
            "with a resource version",
            MAPS,
            json!({
                "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "resourceVersion": "5"},
            }),
        ),
        Ask::post("wrong type", MAPS, config_map("x", json!({}), json!({"a": 1}))),
        Ask::post(
            "strict: unknown field",
            format!("{MAPS}?fieldValidation=Strict"),
            json!({
                "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "dada": {},
            }),
        ),
        Ask::post(
            "warned: unknown field",
            format!("{MAPS}?fieldValidation=Warn"),
            json!({
                "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "warned"}, "dada": {},
            }),
        ),
        Ask::post(
            "invalid namespace",
            "/api/v1/namespaces",
            json!({
                "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "Upper"},
            }),
        ),
        Ask::delete("delete of what is not there", format!("{MAPS}/nobody"), json!(null)),
        Ask::delete("delete of a system namespace", "/api/v1/namespaces/kube-system", json!(null)),
        Ask::get("list of a version that is none", format!("{MAPS}?resourceVersion=abc")),
        Ask::get("invalid label selector", format!("{MAPS}?labelSelector=a%20in")),
        Ask::get("unknown field selector", format!("{MAPS}?fieldSelector=data.k%3Dv")),
        Ask::get("invalid limit", format!("{MAPS}?limit=x")),
        Ask::get("invalid token", format!("{MAPS}?limit=1&continue=abc")),
        Ask::get("version match without a version", format!("{MAPS}?resourceVersionMatch=Exact")),
    ]
}
