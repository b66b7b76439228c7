//! Containers (`pkg/apis/core/validation/validation.go`, `validateContainers` and its relatives).

use std::collections::BTreeSet;

use winlab_document::Document;

use super::name::dns_label_problem;
use super::{FieldErrors, FieldPath, is_set, is_true, items, port_number, probe, volume, windows_user};
use crate::config::Profile;
use crate::quantity::Quantity;

/// Checks all containers of a pod. `volumes` are the names that mounts may use.
pub(super) fn containers(
    spec: &Document,
    volumes: &BTreeSet<&str>,
    path: &FieldPath<'_>,
    profile: &Profile,
    errors: &mut FieldErrors,
) {
    let list = path.child("containers");
    let regular = items(spec, "containers");
    if regular.is_empty() {
        errors.required(&list, "");
    }
    let mut names = BTreeSet::new();
    let mut host_ports = BTreeSet::new();
    for (at, container) in regular.iter().enumerate() {
        let path = list.index(at);
        common(container, volumes, &path, profile, errors);
        if !names.insert(container.text(&["name"])) {
            errors.duplicate(&path.child("name"), container.text(&["name"]));
        }
        probe::lifecycle(container, &path, errors);
        probe::probes(container, &path, errors);
        if is_set(container, "restartPolicy") && profile.minor < 35 {
            errors.forbidden(&path.child("restartPolicy"), "may not be set for non-init containers");
        }
        unique_host_ports(container, &path, &mut host_ports, errors);
    }
    init_containers(spec, volumes, path, &mut names, profile, errors);
    ephemeral_containers(spec, volumes, path, &mut names, profile, errors);
}

fn ephemeral_containers<'a>(
    spec: &'a Document,
    volumes: &BTreeSet<&str>,
    path: &FieldPath<'_>,
    names: &mut BTreeSet<&'a str>,
    profile: &Profile,
    errors: &mut FieldErrors,
) {
    const NOT_HERE: [&str; 6] =
        ["ports", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle", "restartPolicy"];
    let list = path.child("ephemeralContainers");
    for (at, container) in items(spec, "ephemeralContainers").iter().enumerate() {
        let path = list.index(at);
        common(container, volumes, &path, profile, errors);
        let name = container.text(&["name"]);
        if !name.is_empty() && !names.insert(name) {
            errors.duplicate(&path.child("name"), name);
        }
        for field in NOT_HERE.into_iter().filter(|field| is_set(container, field)) {
            errors.forbidden(&path.child(field), "cannot be set for an Ephemeral Container");
        }
        let target = container.text(&["targetContainerName"]);
        let known = |list: &str| items(spec, list).iter().any(|other| other.text(&["name"]) == target);
        if !target.is_empty() && !known("containers") && !known("initContainers") {
            errors.not_found(&path.child("targetContainerName"), target);
        }
    }
}

fn init_containers<'a>(
    spec: &'a Document,
    volumes: &BTreeSet<&str>,
    path: &FieldPath<'_>,
    names: &mut BTreeSet<&'a str>,
    profile: &Profile,
    errors: &mut FieldErrors,
) {
    let list = path.child("initContainers");
    for (at, container) in items(spec, "initContainers").iter().enumerate() {
        let path = list.index(at);
        common(container, volumes, &path, profile, errors);
        let name = container.text(&["name"]);
        if !name.is_empty() && !names.insert(name) {
            errors.duplicate(&path.child("name"), name);
        }
        unique_host_ports(container, &path, &mut BTreeSet::new(), errors);
        match container.text(&["restartPolicy"]) {
            "Always" => {
                probe::lifecycle(container, &path, errors);
                probe::probes(container, &path, errors);
                continue;
            }
            "" => {}
            other => errors.not_supported(&path.child("restartPolicy"), other, &["Always"]),
        }
        for name in ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] {
            if is_set(container, name) {
                let detail = "may not be set for init containers without restartPolicy=Always";
                errors.forbidden(&path.child(name), detail);
            }
        }
    }
}

fn common(
    container: &Document,
    volumes: &BTreeSet<&str>,
    path: &FieldPath<'_>,
    profile: &Profile,
    errors: &mut FieldErrors,
) {
    match container.text(&["name"]) {
        "" => errors.required(&path.child("name"), ""),
        name => {
            if let Some(problem) = dns_label_problem(name) {
                errors.invalid(&path.child("name"), name, problem);
            }
        }
    }
    if container.text(&["image"]).is_empty() {
        errors.required(&path.child("image"), "");
    }
    for (name, known) in [
        ("terminationMessagePolicy", &["File", "FallbackToLogsOnError"][..]),
        ("imagePullPolicy", &["Always", "IfNotPresent", "Never"][..]),
    ] {
        match container.text(&[name]) {
            "" => errors.required(&path.child(name), ""),
            value if !known.contains(&value) => errors.not_supported(&path.child(name), value, known),
            _ => {}
        }
    }
    ports(container, &path.child("ports"), errors);
    env(container, &path.child("env"), errors);
    volume::mounts(container, volumes, &path.child("volumeMounts"), errors);
    resources(container, &path.child("resources"), errors);
    security_context(container.get("securityContext"), &path.child("securityContext"), profile, errors);
}

fn ports(container: &Document, path: &FieldPath<'_>, errors: &mut FieldErrors) {
    let mut names = BTreeSet::new();
    for (at, port) in items(container, "ports").iter().enumerate() {
        let path = path.index(at);
        let name = port.text(&["name"]);
        if !name.is_empty() {
            if let Some(problem) = port_name_problem(name) {
                errors.invalid(&path.child("name"), name, problem);
            } else if !names.insert(name) {
                errors.duplicate(&path.child("name"), name);
            }
        }
        match port.get("containerPort").and_then(Document::as_i64).unwrap_or(0) {
            0 => errors.required(&path.child("containerPort"), ""),
            number => port_number(number, &path.child("containerPort"), errors),
        }
        if let Some(number) = port.get("hostPort").and_then(Document::as_i64).filter(|number| *number != 0) {
            port_number(number, &path.child("hostPort"), errors);
        }
        protocol(port, &path, errors);
    }
}

/// TCP, UDP or SCTP.
pub(super) fn protocol(port: &Document, path: &FieldPath<'_>, errors: &mut FieldErrors) {
    const KNOWN: [&str; 3] = ["SCTP", "TCP", "UDP"];
    match port.text(&["protocol"]) {
        "" => errors.required(&path.child("protocol"), ""),
        value if !KNOWN.contains(&value) => errors.not_supported(&path.child("protocol"), value, &KNOWN),
        _ => {}
    }
}

/// Port names: at most 15 bytes, a letter among them, no doubled dash (RFC 6335).
pub(super) fn port_name_problem(name: &str) -> Option<&'static str> {
    if name.len() > 15 {
        return Some("must be no more than 15 characters");
    }
    if !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
        return Some("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
    }
    if !name.bytes().any(|b| b.is_ascii_lowercase()) {
        return Some("must contain at least one letter (a-z)");
    }
    if name.contains("--") {
        return Some("must not contain consecutive hyphens");
    }
    (name.starts_with('-') || name.ends_with('-')).then_some("must not begin or end with a hyphen")
}

fn unique_host_ports(
    container: &Document,
    path: &FieldPath<'_>,
    seen: &mut BTreeSet<String>,
    errors: &mut FieldErrors,
) {
    let list = path.child("ports");
    for (at, port) in items(container, "ports").iter().enumerate() {
        let number = port.get("hostPort").and_then(Document::as_i64).unwrap_or(0);
        if number == 0 {
            continue;
        }
        let shown = format!("{}/{}/{number}", port.text(&["protocol"]), port.text(&["hostIP"]));
        if !seen.insert(shown.clone()) {
            errors.duplicate(&list.index(at).child("hostPort"), shown);
        }
    }
}

fn env(container: &Document, path: &FieldPath<'_>, errors: &mut FieldErrors) {
    for (at, var) in items(container, "env").iter().enumerate() {
        let path = path.index(at);
        match var.text(&["name"]) {
            "" => errors.required(&path.child("name"), ""),
            name if name.contains('=') || !name.bytes().all(|b| (0x20..0x7f).contains(&b)) => {
                let detail = "a valid environment variable name must consist only of printable ASCII characters other than '='";
                errors.invalid(&path.child("name"), name, detail);
            }
            _ => {}
        }
        let Some(source) = var.get("valueFrom").filter(|source| source.is_object()) else { continue };
        let from = path.child("valueFrom");
        match source.members().len() {
            0 => errors.invalid(
                &from,
                "",
                "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`",
            ),
            1 => {}
            _ => errors.invalid(&from, "", "may not have more than one field specified at a time"),
        }
        if !var.text(&["value"]).is_empty() && !source.members().is_empty() {
            errors.invalid(&from, "", "may not be specified when `value` is not empty");
        }
        for (name, fields) in [("configMapKeyRef", ["name", "key"]), ("secretKeyRef", ["name", "key"])] {
            if let Some(reference) = source.get(name) {
                for field in fields.iter().filter(|field| reference.text(&[field]).is_empty()) {
                    errors.required(&from.child(name).child(field), "");
                }
            }
        }
    }
}

fn resources(container: &Document, path: &FieldPath<'_>, errors: &mut FieldErrors) {
    let Some(resources) = container.get("resources") else { return };
    for part in ["limits", "requests"] {
        for (name, value) in resources.get(part).map(Document::members).unwrap_or_default() {
            let path = path.child(part);
            match Quantity::of_document(value) {
                None => {
                    let detail = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
                    errors.invalid(&path.key(name), value.clone(), detail);
                }
                Some(quantity) if quantity.is_negative() => {
                    errors.invalid(&path.key(name), value.clone(), "must be greater than or equal to 0");
                }
                Some(_) => {}
            }
            if !name.contains('/') && !is_standard(name) {
                errors.invalid(&path.key(name), name.as_str(), "must be a standard resource for containers");
            }
        }
    }
    let limits = resources.get("limits");
    for (name, value) in resources.get("requests").map(Document::members).unwrap_or_default() {
        let limit = limits.and_then(|limits| limits.get(name));
        let amounts = (Quantity::of_document(value), limit.and_then(Quantity::of_document));
        if let (Some(request), Some(most)) = amounts
            && request > most
        {
            let most = limit.and_then(Document::as_str).unwrap_or_default();
            let detail = format!("must be less than or equal to {name} limit of {most}");
            errors.invalid(&path.child("requests"), value.clone(), detail);
        }
    }
}

fn is_standard(name: &str) -> bool {
    matches!(name, "cpu" | "memory" | "ephemeral-storage") || name.starts_with("hugepages-")
}

fn security_context(
    context: Option<&Document>,
    path: &FieldPath<'_>,
    profile: &Profile,
    errors: &mut FieldErrors,
) {
    let Some(context) = context.filter(|context| context.is_object()) else { return };
    if is_true(context, "privileged") && !profile.allow_privileged {
        errors.forbidden(&path.child("privileged"), "disallowed by cluster policy");
    }
    user_ids(context, path, errors);
    if context.get("allowPrivilegeEscalation").and_then(Document::as_bool) == Some(false)
        && is_true(context, "privileged")
    {
        let detail = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true";
        errors.invalid(path, context.clone(), detail);
    }
    windows_user::options(context.get("windowsOptions"), &path.child("windowsOptions"), errors);
}

/// `runAsUser` and `runAsGroup` of a container or a pod.
pub(super) fn user_ids(context: &Document, path: &FieldPath<'_>, errors: &mut FieldErrors) {
    for name in ["runAsUser", "runAsGroup", "fsGroup"] {
        if let Some(id) = context.get(name).and_then(Document::as_i64)
            && !(0..=i64::from(i32::MAX)).contains(&id)
        {
            errors.invalid(&path.child(name), id, "must be between 0 and 2147483647, inclusive");
        }
    }
}
