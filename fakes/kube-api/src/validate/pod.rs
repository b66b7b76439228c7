//! Pods and pod templates (`pkg/apis/core/validation/validation.go`, `ValidatePodSpec` and `ValidatePodUpdate`).

use std::collections::BTreeSet;

use winlab_document::Document;

use super::name::{dns_label_problem, dns_subdomain_problem};
use super::{FieldErrors, FieldPath, container, is_set, is_true, items, scheduling, volume, windows};
use crate::config::Profile;

static SPEC: FieldPath<'static> = FieldPath::new("spec");

/// Checks a pod.
pub(crate) fn pod(pod: &Document, profile: &Profile, errors: &mut FieldErrors) {
    pod_spec(pod.get("spec").unwrap_or(&Document::Null), &SPEC, true, profile, errors);
}

/// Checks the spec of a pod or of a template.
pub(super) fn pod_spec(
    spec: &Document,
    path: &FieldPath<'_>,
    is_pod: bool,
    profile: &Profile,
    errors: &mut FieldErrors,
) {
    let volumes = volume::volumes(spec, path, errors);
    container::containers(spec, &volumes, path, profile, errors);
    host_network_ports(spec, path, is_pod, errors);
    one_of(spec, "restartPolicy", &["Always", "OnFailure", "Never"], path, errors);
    let dns = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
    one_of(spec, "dnsPolicy", &dns, path, errors);
    super::metadata::labels(spec.get("nodeSelector"), &path.child("nodeSelector"), errors);
    dns_config(spec, path, errors);
    scheduling::affinity(spec.get("affinity"), &path.child("affinity"), errors);
    scheduling::tolerations(spec, path, errors);
    scheduling::topology_spread(spec, path, errors);
    windows::host_process(spec, path, profile, errors);
    names(spec, path, errors);
    if let Some(deadline) = spec.get("activeDeadlineSeconds").and_then(Document::as_i64)
        && !(1..=i64::from(i32::MAX)).contains(&deadline)
    {
        errors.invalid(
            &path.child("activeDeadlineSeconds"),
            deadline,
            "must be between 1 and 2147483647, inclusive",
        );
    }
    windows::os(spec, path, errors);
}

fn one_of(spec: &Document, name: &str, known: &[&str], path: &FieldPath<'_>, errors: &mut FieldErrors) {
    match spec.text(&[name]) {
        "" => errors.required(&path.child(name), ""),
        value if !known.contains(&value) => errors.not_supported(&path.child(name), value, known),
        _ => {}
    }
}

fn names(spec: &Document, path: &FieldPath<'_>, errors: &mut FieldErrors) {
    type Problem = fn(&str) -> Option<String>;
    let checks: [(&str, Problem); 6] = [
        ("serviceAccountName", dns_subdomain_problem),
        ("nodeName", dns_subdomain_problem),
        ("hostname", dns_label_problem),
        ("subdomain", dns_label_problem),
        ("priorityClassName", dns_subdomain_problem),
        ("runtimeClassName", dns_subdomain_problem),
    ];
    for (name, problem) in checks {
        let value = spec.text(&[name]);
        if !value.is_empty()
            && let Some(problem) = problem(value)
        {
            errors.invalid(&path.child(name), value, problem);
        }
    }
}

fn host_network_ports(spec: &Document, path: &FieldPath<'_>, is_pod: bool, errors: &mut FieldErrors) {
    if !is_true(spec, "hostNetwork") {
        return;
    }
    let list = path.child("containers");
    for (c, container) in items(spec, "containers").iter().enumerate() {
        let at = list.index(c);
        let ports = at.child("ports");
        for (p, port) in items(container, "ports").iter().enumerate() {
            let number = |name: &str| port.get(name).and_then(Document::as_i64).unwrap_or(0);
            let host = number("hostPort");
            if (is_pod || host != 0) && host != number("containerPort") {
                let detail = "must match `containerPort` when `hostNetwork` is true";
                errors.invalid(&ports.index(p).child("hostPort"), host, detail);
            }
        }
    }
}

fn dns_config(spec: &Document, path: &FieldPath<'_>, errors: &mut FieldErrors) {
    const MOST_SERVERS: usize = 3;
    const MOST_SEARCHES: usize = 32;
    let path = path.child("dnsConfig");
    let config = spec.get("dnsConfig");
    let servers = config.map(|config| items(config, "nameservers")).unwrap_or_default();
    if spec.text(&["dnsPolicy"]) == "None" {
        if config.is_none_or(|config| !config.is_object()) {
            errors.required(&path, "must provide `dnsConfig` when `dnsPolicy` is None");
            return;
        }
        if servers.is_empty() {
            let detail = "must provide at least one DNS nameserver when `dnsPolicy` is None";
            errors.required(&path.child("nameservers"), detail);
            return;
        }
    }
    if servers.len() > MOST_SERVERS {
        let detail = format!("must not have more than {MOST_SERVERS} nameservers");
        errors.invalid(&path.child("nameservers"), servers.iter().cloned().collect::<Document>(), detail);
    }
    let list = path.child("nameservers");
    for (at, server) in servers.iter().enumerate() {
        let text = server.as_str().unwrap_or_default();
        if text.parse::<std::net::IpAddr>().is_err() {
            errors.invalid(
                &list.index(at),
                text,
                "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)",
            );
        }
    }
    let searches = config.map(|config| items(config, "searches")).unwrap_or_default();
    if searches.len() > MOST_SEARCHES {
        let detail = format!("must not have more than {MOST_SEARCHES} search paths");
        errors.invalid(&path.child("searches"), searches.iter().cloned().collect::<Document>(), detail);
    }
}

/// What of a pod's spec may be changed.
const UPDATABLE: &str = "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

/// Checks what a write of `ephemeralcontainers` may not do: existing ones stay as they are.
pub(crate) fn ephemeral_containers_update(new: &Document, old: &Document, errors: &mut FieldErrors) {
    let containers = |pod: &Document| {
        pod.path(&["spec", "ephemeralContainers"]).map(Document::items).unwrap_or_default().to_vec()
    };
    let now = containers(new);
    for container in containers(old) {
        let name = container.text(&["name"]);
        let path = SPEC.child("ephemeralContainers");
        match now.iter().find(|other| other.text(&["name"]) == name) {
            None => errors
                .forbidden(&path, format!("existing ephemeral containers {name:?} may not be removed\n")),
            Some(other) if *other != container => {
                errors
                    .forbidden(&path, format!("existing ephemeral containers {name:?} may not be changed\n"));
            }
            Some(_) => {}
        }
    }
}

/// Checks what an update of a pod may not do.
pub(crate) fn pod_update(new: &Document, old: &Document, _profile: &Profile, errors: &mut FieldErrors) {
    let (Some(new), Some(old)) = (new.get("spec"), old.get("spec")) else { return };
    if new == old {
        return;
    }
    for list in ["containers", "initContainers"] {
        if items(new, list).len() != items(old, list).len() {
            errors.forbidden(&SPEC.child(list), format!("pod updates may not add or remove {}", what(list)));
            return;
        }
    }
    tolerations_update(new, old, errors);
    gates_update(new, old, errors);
    let mut munged = new.clone();
    for list in ["containers", "initContainers"] {
        if is_set(&munged, list) {
            let images: Vec<Option<Document>> =
                items(old, list).iter().map(|c| c.get("image").cloned()).collect();
            for (container, image) in munged.member_mut(list).items_mut().iter_mut().zip(images) {
                container.set("image", image.unwrap_or_default());
            }
        }
    }
    let grace = |spec: &Document| spec.get("terminationGracePeriodSeconds").and_then(Document::as_i64);
    let grace_may_change = grace(old).is_some_and(|grace| grace < 0) && grace(new) == Some(1);
    // Ephemeral containers come by a subresource of their own, which has its own rule; a node is set by binding.
    let mut free = vec!["activeDeadlineSeconds", "tolerations", "schedulingGates"];
    if grace_may_change {
        free.push("terminationGracePeriodSeconds");
    }
    if !items(old, "schedulingGates").is_empty() {
        free.extend(["nodeSelector", "affinity"]);
    }
    for name in free {
        match old.get(name) {
            Some(value) => munged.set(name, value),
            None => {
                munged.remove(name);
            }
        }
    }
    if munged != *old {
        let changed = changed_members(&munged, old).join(", ");
        let detail = format!("pod updates may not change fields other than {UPDATABLE}\nchanged: {changed}");
        errors.forbidden(&SPEC, detail);
    }
}

fn what(list: &str) -> &'static str {
    if list == "containers" { "containers" } else { "init containers" }
}

fn changed_members(new: &Document, old: &Document) -> Vec<String> {
    let names: BTreeSet<&str> =
        new.members().iter().chain(old.members()).map(|(name, _)| name.as_str()).collect();
    names
        .into_iter()
        .filter(|name| new.get(name) != old.get(name))
        .map(|name| format!("spec.{name}"))
        .collect()
}

fn tolerations_update(new: &Document, old: &Document, errors: &mut FieldErrors) {
    let now = items(new, "tolerations");
    // Only the time of a toleration may change.
    let same = |a: &Document, b: &Document| {
        ["key", "operator", "value", "effect"].iter().all(|name| a.text(&[name]) == b.text(&[name]))
    };
    if items(old, "tolerations").iter().any(|toleration| !now.iter().any(|other| same(toleration, other))) {
        let detail = "existing toleration can not be modified except its tolerationSeconds";
        errors.forbidden(&SPEC.child("tolerations"), detail);
    }
}

fn gates_update(new: &Document, old: &Document, errors: &mut FieldErrors) {
    let known = items(old, "schedulingGates");
    if let Some(added) = items(new, "schedulingGates").iter().find(|gate| !known.contains(gate)) {
        let detail =
            format!("only deletion is allowed, but found new scheduling gate '{}'", added.text(&["name"]));
        errors.forbidden(&SPEC.child("schedulingGates"), detail);
    }
}
