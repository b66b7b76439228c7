//! Server-side apply: who manages what, conflicts, what goes with its manager.

use serde_json::{Value, json};

use super::{Ask, config_map, namespace};

const APPS: &str = "/apis/apps/v1/namespaces/applies/deployments";
const MAPS: &str = "/api/v1/namespaces/applies/configmaps";
const SERVICES: &str = "/api/v1/namespaces/applies/services";
const APPLY: &str = "application/apply-patch+yaml";

fn apply(name: &'static str, path: &str, object: &str, manager: &str, body: Value) -> Ask {
    Ask::patch(name, APPLY, format!("{path}/{object}?fieldManager={manager}"), body)
}

fn deployment(spec: Value) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": spec})
}

fn containers(items: Value) -> Value {
    deployment(json!({"template": {"spec": {"containers": items}}}))
}

fn map(metadata: Value, data: Value) -> Value {
    let mut map = config_map("one", json!({}), data);
    map["metadata"] = metadata;
    map["metadata"]["name"] = "one".into();
    map
}

fn service(ports: Value) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"},
        "spec": {"selector": {"app": "web"}, "clusterIP": "10.96.0.77", "ports": ports}
    })
}

pub(super) fn asks() -> Vec<Ask> {
    let [created, account] = namespace("applies: namespace", "applies: account", "applies");
    let mut asks = vec![created, account];
    asks.extend(deployments());
    asks.extend(maps());
    asks.extend(services());
    asks.extend(refusals());
    asks
}

fn deployments() -> Vec<Ask> {
    let selector = json!({"matchLabels": {"app": "web"}});
    let template = json!({
        "metadata": {"labels": {"app": "web"}},
        "spec": {"containers": [{"name": "c", "image": "app:1", "env": [{"name": "A", "value": "1"}],
                                 "ports": [{"containerPort": 80}]}],
                 "tolerations": [{"key": "os", "value": "windows"}], "nodeSelector": {"kubernetes.io/os": "windows"},
                 "volumes": [{"name": "v", "emptyDir": {}}]}
    });
    let whole = deployment(json!({"replicas": 2, "selector": selector, "template": template}));
    let status = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
    "status": {"replicas": 3, "conditions": [
        {"type": "Available", "status": "True", "lastUpdateTime": "2026-01-01T00:00:00Z", "lastTransitionTime": "2026-01-01T00:00:00Z"}
    ]}});
    let side = json!([{"name": "side", "image": "side:1"}]);
    let again = json!([{"name": "c", "image": "app:3"}, {"name": "side", "image": "side:2"}]);
    vec![
        Ask::post("apply: created by name", format!("{APPS}?fieldManager=creator"), whole),
        apply("apply: conflict", APPS, "web", "a", deployment(json!({"replicas": 3}))),
        apply("apply: the same value", APPS, "web", "a", deployment(json!({"replicas": 2}))),
        apply("apply: conflict of one who shares", APPS, "web", "b", deployment(json!({"replicas": 4}))),
        apply(
            "apply: force",
            APPS,
            "web",
            "b&force=true",
            deployment(json!({"replicas": 4, "paused": true})),
        ),
        apply("apply: drop a field", APPS, "web", "b", deployment(json!({"replicas": 4}))),
        apply("apply: another container", APPS, "web", "b", containers(side.clone())),
        apply("apply: conflicts in a list", APPS, "web", "c", containers(again.clone())),
        apply("apply: force in a list", APPS, "web", "c&force=true", containers(again)),
        apply("apply: an item goes with its manager", APPS, "web", "c", containers(json!([]))),
        apply("apply: dry run", APPS, "web", "d&dryRun=All", containers(side)),
        apply("apply: status", &format!("{APPS}/web"), "status", "s", status),
        Ask::patch(
            "apply: scale",
            "merge",
            format!("{APPS}/web/scale?fieldManager=scaler"),
            json!({"spec": {"replicas": 7}}),
        ),
        Ask::patch(
            "apply: patch by name",
            "strategic",
            format!("{APPS}/web?fieldManager=patcher"),
            json!({"spec": {"template": {"spec": {"containers": [{"name": "c", "image": "app:9"}]}}}}),
        ),
        Ask::patch(
            "apply: patch in no name",
            "merge",
            format!("{APPS}/web"),
            json!({"metadata": {"annotations": {"note": "x"}}}),
        ),
        Ask::get("apply: in the end", format!("{APPS}/web")),
    ]
}

fn maps() -> Vec<Ask> {
    let last = json!({
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "old"}, "data": {"x": "1", "y": "2"}
    });
    let mut old = config_map("old", json!({}), json!({"x": "1", "y": "2"}));
    old["metadata"]["annotations"] =
        json!({"kubectl.kubernetes.io/last-applied-configuration": last.to_string()});
    let next = |data: Value| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "old"}, "data": data});
    vec![
        apply("apply: make", MAPS, "one", "a", map(json!({"labels": {"l": "1"}}), json!({"x": "1"}))),
        apply("apply: nothing new", MAPS, "one", "a", map(json!({"labels": {"l": "1"}}), json!({"x": "1"}))),
        apply("apply: other keys", MAPS, "one", "b", map(json!({}), json!({"y": "2"}))),
        apply("apply: labels go", MAPS, "one", "a", map(json!({}), json!({"x": "1"}))),
        apply(
            "apply: finalizers",
            MAPS,
            "one",
            "c",
            map(json!({"finalizers": ["example.com/a"]}), json!({"z": "1"})),
        ),
        Ask::patch(
            "apply: more finalizers",
            "merge",
            format!("{MAPS}/one?fieldManager=m"),
            json!({"metadata": {"finalizers": ["example.com/a", "example.com/b"]}}),
        ),
        apply("apply: finalizers go", MAPS, "one", "c", map(json!({}), json!({"z": "1"}))),
        apply("apply: a null", MAPS, "one", "n", map(json!({}), json!({"x": null}))),
        Ask::patch(
            "apply: all keys of nobody",
            "merge",
            format!("{MAPS}/one?fieldManager=m"),
            json!({"metadata": {"managedFields": [{}]}}),
        ),
        apply("apply: before the first apply", MAPS, "one", "a", map(json!({}), json!({"x": "2", "y": "3"}))),
        Ask::post("apply: by the old way", format!("{MAPS}?fieldManager=kubectl-client-side-apply"), old),
        apply("apply: taken over", MAPS, "old", "kubectl", next(json!({"x": "5", "y": "2"}))),
        apply("apply: not by another name", MAPS, "old", "other", next(json!({"y": "7"}))),
        Ask::patch("apply: YAML", APPLY, format!("{MAPS}/text?fieldManager=a"), Value::Null)
            .text(APPLY, "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: text\ndata:\n  x: \"1\"\n"),
    ]
}

fn services() -> Vec<Ask> {
    let port = |name: &str, port: u16| json!({"name": name, "port": port});
    let udp = json!({"name": "dns", "port": 80, "protocol": "UDP"});
    vec![
        apply("apply: a service", SERVICES, "web", "a", service(json!([port("http", 80)]))),
        apply("apply: another port", SERVICES, "web", "b", {
            json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"},
                   "spec": {"ports": [udp, port("https", 443)]}})
        }),
        apply("apply: a port changes its name", SERVICES, "web", "a", service(json!([port("web", 80)]))),
        apply("apply: a port goes", SERVICES, "web", "b", {
            json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"},
                   "spec": {"ports": [port("https", 443)]}})
        }),
        apply("apply: a selector is one value", SERVICES, "web", "c", {
            json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"},
                   "spec": {"selector": {"tier": "front"}}})
        }),
    ]
}

fn refusals() -> Vec<Ask> {
    let plain = json!({"x": "1"});
    let mut versioned = map(json!({}), plain.clone());
    versioned["apiVersion"] = "v2".into();
    vec![
        Ask::patch("apply: no manager", APPLY, format!("{MAPS}/one"), map(json!({}), plain.clone())),
        Ask::patch("apply: force without apply", "merge", format!("{MAPS}/one?force=true"), json!({})),
        apply("apply: unknown field", MAPS, "one", "a", {
            let mut map = map(json!({}), plain.clone());
            map["dta"] = json!({});
            map
        }),
        apply("apply: wrong type", APPS, "web", "a", deployment(json!({"replicas": "many"}))),
        apply("apply: text for a map", APPS, "web", "a", deployment(json!({"paused": 1}))),
        apply("apply: an item twice", APPS, "web", "a", {
            containers(json!([{"name": "c", "image": "1"}, {"name": "c", "image": "2"}]))
        }),
        apply("apply: another version", MAPS, "one", "a", versioned),
        apply("apply: with entries", MAPS, "one", "a", map(json!({"managedFields": []}), plain.clone())),
        apply("apply: another name", MAPS, "two", "a", map(json!({}), plain.clone())),
        apply("apply: a uid of nothing", MAPS, "none", "a", {
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "none", "uid": "12345678-aaaa-bbbb-cccc-1234567890ab"}})
        }),
        apply("apply: status of nothing", &format!("{APPS}/none"), "status", "a", {
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "none"}, "status": {"replicas": 1}})
        }),
        apply("apply: invalid", APPS, "web", "a&force=true", deployment(json!({"replicas": -1}))),
        apply("apply: a long name", MAPS, "one", &"m".repeat(129), map(json!({}), plain)),
    ]
}
