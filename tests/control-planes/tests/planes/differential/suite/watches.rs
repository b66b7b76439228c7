//! Watches from a version on, which end after a second.

use serde_json::json;

use super::{Ask, config_map, namespace};

const MAPS: &str = "/api/v1/namespaces/watches/configmaps";

pub(super) fn asks() -> Vec<Ask> {
    let [created, account] = namespace("watches: namespace", "watches: account", "watches");
    let watch = |name, query: &str| {
        let from = "resourceVersion={{watches: begin:/metadata/resourceVersion}}";
        Ask::get(name, format!("{MAPS}?watch=true&timeoutSeconds=1&{from}&{query}"))
    };
    vec![
        created,
        account,
        Ask::post("w0", MAPS, config_map("w0", json!({"app": "web"}), json!({}))),
        Ask::get("watches: begin", MAPS),
        Ask::post("w1", MAPS, config_map("w1", json!({"app": "web"}), json!({}))),
        Ask::patch("w1 changes", "merge", format!("{MAPS}/w1"), json!({"data": {"a": "b"}})),
        Ask::patch(
            "w0 leaves the selection",
            "merge",
            format!("{MAPS}/w0"),
            json!({"metadata": {"labels": {"app": "db"}}}),
        ),
        Ask::delete("w1 goes", format!("{MAPS}/w1"), json!(null)),
        watch("watch of all", ""),
        watch("watch of a selection", "labelSelector=app%3Dweb"),
        watch("watch of what joins a selection", "labelSelector=app%3Ddb"),
        watch("watch of a name", "fieldSelector=metadata.name%3Dw1"),
        Ask::get("watch from any version", format!("{MAPS}?watch=true&timeoutSeconds=1&resourceVersion=0")),
        Ask::get("watch without a version", format!("{MAPS}?watch=true&timeoutSeconds=1")),
        Ask::get("watch of one object", format!("{MAPS}/w0?watch=true&timeoutSeconds=1&resourceVersion=0")),
        Ask::get("watch of a bad version", format!("{MAPS}?watch=true&timeoutSeconds=1&resourceVersion=abc")),
        Ask::get(
            "initial events without bookmarks",
            format!("{MAPS}?watch=true&timeoutSeconds=1&sendInitialEvents=true"),
        ),
        Ask::get(
            "initial events",
            format!(
                "{MAPS}?watch=true&timeoutSeconds=1&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan"
            ),
        ),
    ]
}
