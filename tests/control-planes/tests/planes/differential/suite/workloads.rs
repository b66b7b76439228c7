//! Workloads: defaults, selectors, scale, generation.

use serde_json::{Value, json};

use super::{Ask, namespace};

const APPS: &str = "/apis/apps/v1/namespaces/workloads";
const BATCH: &str = "/apis/batch/v1/namespaces/workloads";

fn object(api: &str, kind: &str, name: &str, spec: Value) -> Value {
    json!({"apiVersion": api, "kind": kind, "metadata": {"name": name}, "spec": spec})
}

fn template(app: &str) -> Value {
    json!({"metadata": {"labels": {"app": app}}, "spec": {"containers": [{"name": "c", "image": "app"}]}})
}

pub(super) fn asks() -> Vec<Ask> {
    let [created, account] = namespace("workloads: namespace", "workloads: account", "workloads");
    let selector = json!({"matchLabels": {"app": "web"}});
    let plain = json!({"selector": selector, "template": template("web")});
    let apps = |label: &'static str, kind: &str, plural: &str, name: &str, spec: Value| {
        Ask::post(label, format!("{APPS}/{plural}"), object("apps/v1", kind, name, spec))
    };
    let once = json!({"metadata": {}, "spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "app"}]}});
    let mut asks = vec![
        created,
        account,
        apps("deployment", "Deployment", "deployments", "web", plain.clone()),
        apps("replica set", "ReplicaSet", "replicasets", "web", plain.clone()),
        apps("daemon set", "DaemonSet", "daemonsets", "web", plain.clone()),
        apps(
            "stateful set",
            "StatefulSet",
            "statefulsets",
            "web",
            json!({"serviceName": "web", "selector": selector, "template": template("web")}),
        ),
        apps(
            "deployment without a selector",
            "Deployment",
            "deployments",
            "no",
            json!({"template": template("web")}),
        ),
        apps(
            "selector of other labels",
            "Deployment",
            "deployments",
            "no",
            json!({"selector": selector, "template": template("other")}),
        ),
        apps(
            "negative replicas",
            "Deployment",
            "deployments",
            "no",
            json!({"replicas": -1, "selector": selector, "template": template("web")}),
        ),
        apps(
            "template with restart policy Never",
            "DaemonSet",
            "daemonsets",
            "no",
            json!({
                "selector": selector,
                "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "a"}]}},
            }),
        ),
        apps(
            "no surge and none unavailable",
            "Deployment",
            "deployments",
            "no",
            json!({
                "selector": selector, "template": template("web"), "strategy": {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 0}},
            }),
        ),
        apps(
            "recreate",
            "Deployment",
            "deployments",
            "recreate",
            json!({
                "selector": selector, "template": template("web"), "strategy": {"type": "Recreate"}, "replicas": 0,
            }),
        ),
        Ask::post("job", format!("{BATCH}/jobs"), object("batch/v1", "Job", "j", json!({"template": once}))),
        Ask::post(
            "job that restarts",
            format!("{BATCH}/jobs"),
            object(
                "batch/v1",
                "Job",
                "k",
                json!({
                    "template": {"spec": {"restartPolicy": "Always", "containers": [{"name": "c", "image": "a"}]}},
                }),
            ),
        ),
        Ask::post(
            "cron job",
            format!("{BATCH}/cronjobs"),
            object(
                "batch/v1",
                "CronJob",
                "c",
                json!({
                    "schedule": "*/5 * * * *", "jobTemplate": {"spec": {"template": once}},
                }),
            ),
        ),
    ];
    asks.extend(changes());
    asks
}

fn changes() -> Vec<Ask> {
    let web = format!("{APPS}/deployments/web");
    vec![
        Ask::get("scale", format!("{web}/scale")),
        Ask::patch("scaled", "merge", format!("{web}/scale"), json!({"spec": {"replicas": 3}})),
        Ask::put(
            "scale below nothing",
            format!("{web}/scale"),
            json!({
                "apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": {"name": "web", "namespace": "workloads"}, "spec": {"replicas": -1},
            }),
        ),
        Ask::get("generation after the scale", web.clone()),
        Ask::patch(
            "status counts no generation",
            "merge",
            format!("{web}/status"),
            json!({"status": {"replicas": 3, "observedGeneration": 2}}),
        ),
        Ask::patch(
            "label counts no generation",
            "merge",
            web.clone(),
            json!({"metadata": {"labels": {"a": "b"}}}),
        ),
        Ask::patch(
            "template counts one",
            "strategic",
            web.clone(),
            json!({"spec": {"template": {"spec": {"containers": [{"name": "c", "image": "app:2"}, {"name": "d", "image": "other"}]}}}}),
        ),
        Ask::patch(
            "container leaves",
            "strategic",
            web.clone(),
            json!({"spec": {"template": {"spec": {"containers": [{"name": "d", "$patch": "delete"}]}}}}),
        ),
        Ask::patch(
            "selector cannot change",
            "merge",
            web,
            json!({"spec": {"selector": {"matchLabels": {"app": "other"}}, "template": {"metadata": {"labels": {"app": "other"}}}}}),
        ),
        Ask::get("a config map has no scale", "/api/v1/namespaces/workloads/configmaps/x/scale"),
    ]
}
