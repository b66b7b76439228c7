//! What differs from run to run, or is known not to be modelled, is taken out of an answer.

use serde_json::{Map, Value};

/// The volume that the admission plugin `ServiceAccount` adds (docs/limitations.md: pods get no token volume).
const TOKEN_VOLUME: &str = "kube-api-access-";

/// Whether the entries of those who manage fields are compared: the embedded server keeps them of objects that somebody
/// applied, or made in their own name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entries {
    Compared,
    Left,
}

pub(super) fn normalise(value: &mut Value, entries: Entries) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| normalise(item, entries)),
        Value::String(text) => *text = without_ids(text),
        Value::Object(members) => object(members, entries),
        _ => {}
    }
}

/// Members that Go writes though they are empty, which read the same when they are left out: times that are null, and
/// what a struct of Events and container states has.
fn is_nothing(name: &str, value: &Value) -> bool {
    match name {
        "reportingComponent" | "reportingInstance" => value == "",
        // It names the certificate that the test's own client has.
        "extra" => true,
        // A number that only the aggregator of groups looks at.
        "storageVersionHash" => true,
        "source" | "deprecatedSource" | "lastState" => value.as_object().is_some_and(Map::is_empty),
        _ => value.is_null(),
    }
}

/// Uids and versions inside of messages and labels.
fn without_ids(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_hexdigit()) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = rest.find(|c: char| !c.is_ascii_hexdigit() && c != '-').unwrap_or(rest.len());
        let word = &rest[..length];
        let is_uid = word.len() == 36 && word.matches('-').count() == 4 && !word.starts_with("00000000");
        out.push_str(if is_uid { "<uid>" } else { word });
        rest = &rest[length..];
    }
    out.push_str(rest);
    match out.split_once("ResourceVersion in record (") {
        Some((head, tail)) => {
            let tail = tail.split_once(')').map_or("", |(_, tail)| tail);
            format!("{head}ResourceVersion in record (<version>){tail}")
        }
        None => out,
    }
}

fn object(members: &mut Map<String, Value>, entries: Entries) {
    members.retain(|name, value| !is_nothing(name, value));
    if let Some(Value::Object(metadata)) = members.get_mut("metadata") {
        meta(metadata, entries);
    }
    for (name, value) in members.iter_mut() {
        match name.as_str() {
            "uid" | "controller-uid" => replace(value, "<uid>"),
            "creationTimestamp" | "deletionTimestamp" | "lastTransitionTime" | "lastUpdateTime"
                if value.is_string() =>
            {
                replace(value, "<time>");
            }
            "resourceVersion" => replace(value, "<version>"),
            "continue" => replace(value, "<token>"),
            // What nobody asked for is drawn at random.
            "clusterIP" => address(value),
            "clusterIPs" => value.as_array_mut().into_iter().flatten().for_each(address),
            // The real server listens at a free port of the machine.
            "targetPort" if value.as_u64().is_some_and(|port| port == 6443 || port > 30_000) => {
                *value = "<port>".into();
            }
            "nodePort" | "healthCheckNodePort" if value.as_u64().is_some_and(|port| port != 30_080) => {
                *value = "<port>".into();
            }
            // Conflicts come manager by manager, in no order.
            "causes" => {
                let causes = value
                    .as_array_mut()
                    .filter(|causes| causes.iter().all(|cause| cause["reason"] == "FieldManagerConflict"));
                causes.into_iter().for_each(|causes| causes.sort_by_key(Value::to_string));
            }
            "volumes" | "volumeMounts" => without_token(value),
            _ => {}
        }
        normalise(value, entries);
    }
    let empty =
        |name: &str| members.get(name).is_some_and(|value| value.as_array().is_some_and(Vec::is_empty));
    let emptied: Vec<&str> = ["volumes", "volumeMounts"].into_iter().filter(|name| empty(name)).collect();
    for name in emptied {
        members.remove(name);
    }
}

fn meta(metadata: &mut Map<String, Value>, entries: Entries) {
    if entries == Entries::Left {
        metadata.remove("managedFields");
    }
    if let Some(Value::Array(managed)) = metadata.get_mut("managedFields") {
        for entry in managed.iter_mut() {
            replace(&mut entry["time"], "<time>");
        }
        // They stand in the order of their times, which are whole seconds.
        let of = |entry: &Value| ["operation", "manager", "subresource"].map(|name| entry[name].to_string());
        managed.sort_by_key(of);
    }
    let prefix = metadata.get("generateName").and_then(Value::as_str).map(str::to_owned);
    let name = metadata.get("name").and_then(Value::as_str);
    if let (Some(prefix), Some(rest)) =
        (&prefix, name.zip(prefix.as_ref()).and_then(|(name, prefix)| name.strip_prefix(prefix.as_str())))
    {
        let suffix = if rest.len() == 5 { "<suffix>" } else { "<odd suffix>" };
        metadata.insert("name".to_owned(), format!("{prefix}{suffix}").into());
    }
}

fn replace(value: &mut Value, by: &str) {
    if value.as_str().is_some_and(|text| !text.is_empty()) {
        *value = by.into();
    }
}

/// Addresses that the suite asks for are below 10.96.1.0.
fn address(value: &mut Value) {
    let drawn = value.as_str().is_some_and(|text| text.starts_with("10.") && !text.starts_with("10.96.0."));
    if drawn {
        *value = "<address>".into();
    }
}

fn without_token(value: &mut Value) {
    if let Value::Array(items) = value {
        items.retain(|item| !item["name"].as_str().is_some_and(|name| name.starts_with(TOKEN_VOLUME)));
    }
}
