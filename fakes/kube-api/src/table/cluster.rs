//! Nodes, namespaces, configuration, events, access and the like.

use std::collections::BTreeSet;

use winlab_document::Document;

use super::age::{human, since};
use super::cell::{condition, or};
use super::{Printer, Row};

const RBAC: &str = "rbac.authorization.k8s.io";
const ADMISSION: &str = "admissionregistration.k8s.io";
const BINDINGS: &str = "Name|Role|Age|+Users|+Groups|+ServiceAccounts";
const WEBHOOKS: &str = "Name|Webhooks:integer|Age";

pub(super) const PRINTERS: &[Printer] = &[
    Printer {
        group: "",
        kind: "Node",
        columns: "Name|Status|Roles|Age|Version|+Internal-IP|+External-IP|+OS-Image|+Kernel-Version|+Container-Runtime",
        cells: node,
    },
    Printer {
        group: "",
        kind: "Namespace",
        columns: "Name|Status|Age",
        cells: |row| vec![row.name(), row.text(&["status", "phase"]).into(), row.age()],
    },
    Printer {
        group: "",
        kind: "ConfigMap",
        columns: "Name|Data|Age",
        cells: |row| vec![row.name(), (members(row, "data") + members(row, "binaryData")).into(), row.age()],
    },
    Printer {
        group: "",
        kind: "Secret",
        columns: "Name|Type|Data|Age",
        cells: |row| vec![row.name(), row.text(&["type"]).into(), members(row, "data").into(), row.age()],
    },
    Printer {
        group: "",
        kind: "ServiceAccount",
        columns: "Name|Secrets|Age",
        cells: |row| vec![row.name(), row.items(&["secrets"]).len().into(), row.age()],
    },
    Printer {
        group: "",
        kind: "Event",
        columns: "Last Seen|Type|Reason|Object|+Subobject|+Source|Message|+First Seen|+Count|+Name",
        cells: event,
    },
    Printer {
        group: "",
        kind: "ResourceQuota",
        columns: "Name|Request|Limit|Age",
        cells: |row| {
            let [requests, limits] = quota(row);
            vec![row.name(), requests.into(), limits.into(), row.age()]
        },
    },
    Printer {
        group: "coordination.k8s.io",
        kind: "Lease",
        columns: "Name|Holder|Age",
        cells: |row| vec![row.name(), row.text(&["spec", "holderIdentity"]).into(), row.age()],
    },
    Printer {
        group: "node.k8s.io",
        kind: "RuntimeClass",
        columns: "Name|Handler|Age",
        cells: |row| vec![row.name(), row.text(&["handler"]).into(), row.age()],
    },
    Printer {
        group: "scheduling.k8s.io",
        kind: "PriorityClass",
        columns: "Name|Value:integer|Global-Default:boolean|Age|PreemptionPolicy",
        cells: |row| {
            let (value, global) = (row.number(&["value"]), row.flag(&["globalDefault"], false));
            vec![row.name(), value.into(), global.into(), row.age(), row.text(&["preemptionPolicy"]).into()]
        },
    },
    Printer { group: RBAC, kind: "RoleBinding", columns: BINDINGS, cells: binding },
    Printer { group: RBAC, kind: "ClusterRoleBinding", columns: BINDINGS, cells: binding },
    Printer {
        group: RBAC,
        kind: "Role",
        columns: "Name|Created At",
        cells: |row| vec![row.name(), row.text(&["metadata", "creationTimestamp"]).into()],
    },
    Printer {
        group: RBAC,
        kind: "ClusterRole",
        columns: "Name|Created At",
        cells: |row| vec![row.name(), row.text(&["metadata", "creationTimestamp"]).into()],
    },
    Printer {
        group: "certificates.k8s.io",
        kind: "CertificateSigningRequest",
        columns: "Name|Age|SignerName|Requestor|RequestedDuration|Condition",
        cells: signing_request,
    },
    Printer { group: ADMISSION, kind: "MutatingWebhookConfiguration", columns: WEBHOOKS, cells: webhooks },
    Printer { group: ADMISSION, kind: "ValidatingWebhookConfiguration", columns: WEBHOOKS, cells: webhooks },
];

fn members(row: &Row<'_>, name: &str) -> usize {
    row.object.get(name).map(Document::members).unwrap_or_default().len()
}

fn webhooks(row: &Row<'_>) -> Vec<Document> {
    vec![row.name(), row.items(&["webhooks"]).len().into(), row.age()]
}

fn node(row: &Row<'_>) -> Vec<Document> {
    let ready = condition(row.items(&["status", "conditions"]), "Ready");
    let mut status = match ready.map(|ready| ready.text(&["status"])) {
        Some("True") => "Ready",
        Some(_) => "NotReady",
        None => "Unknown",
    }
    .to_owned();
    if row.flag(&["spec", "unschedulable"], false) {
        status.push_str(",SchedulingDisabled");
    }
    let labels = row.object.path(&["metadata", "labels"]).map(Document::members).unwrap_or_default();
    let roles: BTreeSet<&str> = labels
        .iter()
        .filter_map(|(key, value)| match key.as_str() {
            "kubernetes.io/role" => value.as_str(),
            key => key.strip_prefix("node-role.kubernetes.io/"),
        })
        .filter(|role| !role.is_empty())
        .collect();
    let address = |kind: &str| {
        let found = row.items(&["status", "addresses"]).iter().find(|one| one.text(&["type"]) == kind);
        Document::from(found.map_or("<none>", |one| one.text(&["address"])))
    };
    let info = |name| row.text_or(&["status", "nodeInfo", name], "<unknown>");
    vec![
        row.name(),
        status.into(),
        or(&roles.into_iter().collect::<Vec<_>>().join(","), "<none>").into(),
        row.age(),
        row.text(&["status", "nodeInfo", "kubeletVersion"]).into(),
        address("InternalIP"),
        address("ExternalIP"),
        info("osImage"),
        info("kernelVersion"),
        info("containerRuntimeVersion"),
    ]
}

fn event(row: &Row<'_>) -> Vec<Document> {
    let ago =
        |path: &[&str]| row.object.path(path).filter(|at| !at.is_null()).map(|at| since(Some(at), row.now));
    let first = ago(&["firstTimestamp"]).or_else(|| ago(&["eventTime"]));
    let first = first.unwrap_or_else(|| "<unknown>".to_owned());
    let last = ago(&["series", "lastObservedTime"]).or_else(|| ago(&["lastTimestamp"]));
    let last = last.unwrap_or_else(|| first.clone());
    let count = match row.number(&["series", "count"]) {
        0 => row.number(&["count"]).max(1),
        count => count,
    };
    let about = |member| row.text(&["involvedObject", member]);
    let kind = about("kind").to_lowercase();
    let target = if about("name").is_empty() { kind } else { format!("{kind}/{}", about("name")) };
    vec![
        last.into(),
        row.text(&["type"]).into(),
        row.text(&["reason"]).into(),
        target.into(),
        about("fieldPath").into(),
        source(row).into(),
        row.text(&["message"]).trim().into(),
        first.into(),
        count.into(),
        row.name(),
    ]
}

/// `formatEventSource`
fn source(row: &Row<'_>) -> String {
    let component = or(row.text(&["source", "component"]), row.text(&["reportingComponent"]));
    let host = or(row.text(&["source", "host"]), row.text(&["reportingInstance"]));
    if host.is_empty() { component } else { format!("{component}, {host}") }
}

fn quota(row: &Row<'_>) -> [String; 2] {
    let mut parts = [Vec::new(), Vec::new()];
    for (resource, hard) in row.object.path(&["status", "hard"]).map(Document::members).unwrap_or_default() {
        let used = or(row.text(&["status", "used", resource]), "0");
        let text = format!("{}: {used}/{}", resource.as_str(), hard.as_str().unwrap_or_default());
        parts[usize::from(resource.starts_with("limits."))].push(text);
    }
    parts.map(|mut parts| {
        parts.sort();
        parts.join(", ")
    })
}

fn binding(row: &Row<'_>) -> Vec<Document> {
    let subjects = |kind: &str| {
        let of_kind = row.items(&["subjects"]).iter().filter(|subject| subject.text(&["kind"]) == kind);
        let names = of_kind.map(|subject| match kind {
            "ServiceAccount" => format!("{}/{}", subject.text(&["namespace"]), subject.text(&["name"])),
            _ => subject.text(&["name"]).to_owned(),
        });
        Document::from(names.collect::<Vec<_>>().join(", "))
    };
    let role = format!("{}/{}", row.text(&["roleRef", "kind"]), row.text(&["roleRef", "name"]));
    vec![row.name(), role.into(), row.age(), subjects("User"), subjects("Group"), subjects("ServiceAccount")]
}

fn signing_request(row: &Row<'_>) -> Vec<Document> {
    let conditions = row.items(&["status", "conditions"]);
    let has = |kind: &str| condition(conditions, kind).is_some();
    let mut status = if has("Denied") {
        "Denied"
    } else if has("Approved") {
        "Approved"
    } else {
        "Pending"
    }
    .to_owned();
    if has("Failed") {
        status.push_str(",Failed");
    }
    if !row.text(&["status", "certificate"]).is_empty() {
        status.push_str(",Issued");
    }
    let seconds = row.object.path(&["spec", "expirationSeconds"]).and_then(Document::as_i64);
    vec![
        row.name(),
        row.age(),
        row.text_or(&["spec", "signerName"], "<none>"),
        row.text(&["spec", "username"]).into(),
        seconds.map_or_else(|| "<none>".to_owned(), human).into(),
        status.into(),
    ]
}
