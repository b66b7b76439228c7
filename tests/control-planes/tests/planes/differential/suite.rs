//! The requests, by subject. Each subject has a namespace of its own, so that one can be read without the others.

mod applies;
mod certificates;
mod deletion;
mod events;
mod lists;
mod objects;
mod pods;
mod refusals;
mod services;
mod watches;
mod workloads;

use serde_json::{Value, json};

use super::ask::Ask;

pub(super) fn asks() -> Vec<Ask> {
    let subjects = [
        objects::asks(),
        refusals::asks(),
        lists::asks(),
        pods::asks(),
        services::asks(),
        workloads::asks(),
        deletion::asks(),
        watches::asks(),
        applies::asks(),
        certificates::asks(),
        events::asks(),
    ];
    subjects.into_iter().flatten().collect()
}

/// A namespace and what admission wants of it.
fn namespace(created: &'static str, account: &'static str, name: &str) -> [Ask; 2] {
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
    let default = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}});
    [
        Ask::post(created, "/api/v1/namespaces", namespace),
        Ask::post(account, format!("/api/v1/namespaces/{name}/serviceaccounts"), default),
    ]
}

fn config_map(name: &str, labels: Value, data: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "labels": labels}, "data": data})
}

fn pod(name: &str, spec: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec})
}

fn one_container() -> Value {
    json!({"containers": [{"name": "c", "image": "registry.example/app:1"}]})
}
