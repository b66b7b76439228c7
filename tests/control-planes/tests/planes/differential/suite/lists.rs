//! Lists: selectors, limits, versions.

use serde_json::json;

use super::{Ask, config_map, namespace, one_container, pod};

const MAPS: &str = "/api/v1/namespaces/lists/configmaps";
const PODS: &str = "/api/v1/namespaces/lists/pods";

pub(super) fn asks() -> Vec<Ask> {
    let [created, account] = namespace("lists: namespace", "lists: account", "lists");
    let list = |name, query: &str| Ask::get(name, format!("{MAPS}?{query}"));
    vec![
        created,
        account,
        Ask::post("a", MAPS, config_map("a", json!({"app": "web", "tier": "front"}), json!({}))),
        Ask::post("b", MAPS, config_map("b", json!({"app": "web"}), json!({}))),
        Ask::post("c", MAPS, config_map("c", json!({"app": "db"}), json!({}))),
        Ask::post("d", MAPS, config_map("d", json!({}), json!({}))),
        list("all", ""),
        list("equal", "labelSelector=app%3Dweb"),
        list("unequal", "labelSelector=app!%3Dweb"),
        list("in", "labelSelector=app%20in%20(web,db)"),
        list("notin", "labelSelector=app%20notin%20(web)"),
        list("there", "labelSelector=tier"),
        list("not there", "labelSelector=!app"),
        list("two requirements", "labelSelector=app%3Dweb,!tier"),
        list("by name", "fieldSelector=metadata.name%3Db"),
        list("not by name", "fieldSelector=metadata.name!%3Db"),
        list("first page", "limit=2"),
        list("second page", "limit=2&continue={{first page:/metadata/continue}}"),
        list("page with a selector", "limit=1&labelSelector=app%3Dweb"),
        list("any version", "resourceVersion=0"),
        list(
            "exactly then",
            "limit=10&resourceVersion={{b:/metadata/resourceVersion}}&resourceVersionMatch=Exact",
        ),
        list(
            "not older than",
            "resourceVersion={{b:/metadata/resourceVersion}}&resourceVersionMatch=NotOlderThan",
        ),
        Ask::get("get of any version", format!("{MAPS}/a?resourceVersion=0")),
        Ask::get("all namespaces", "/api/v1/configmaps?fieldSelector=metadata.namespace%3Dlists"),
        Ask::get(
            "namespaces by name",
            "/api/v1/namespaces?labelSelector=kubernetes.io/metadata.name%3Dlists",
        ),
        Ask::post("p", PODS, pod("p", one_container())),
        Ask::get("pods of no node", format!("{PODS}?fieldSelector=spec.nodeName%3D")),
        Ask::get(
            "pending pods",
            format!("{PODS}?fieldSelector=status.phase%3DPending,spec.restartPolicy%3DAlways"),
        ),
        Ask::get("pods by another field", format!("{PODS}?fieldSelector=spec.priority%3D0")),
    ]
}
