//! Nodes, leases, endpoint slices, budgets, classes, secrets, config maps.

use std::net::IpAddr;

use ipnet::IpNet;
use winlab_document::Document;

use super::container::protocol;
use super::name::dns_label_problem;
use super::selector::label_selector;
use super::{FieldErrors, FieldPath, immutable, is_set, is_true, items, scheduling};
use crate::config::Profile;
use crate::meta;

static SPEC: FieldPath<'static> = FieldPath::new("spec");

/// Checks a node.
pub(crate) fn node(node: &Document, _profile: &Profile, errors: &mut FieldErrors) {
    scheduling::taints(node, errors);
    let list = SPEC.child("podCIDRs");
    let cidrs = node.path(&["spec", "podCIDRs"]).map(Document::items).unwrap_or_default();
    let mut parsed = Vec::new();
    for (at, cidr) in cidrs.iter().enumerate() {
        let text = cidr.as_str().unwrap_or_default();
        match text.parse::<IpNet>() {
            Ok(cidr) => parsed.push(cidr),
            Err(_) => errors.invalid(
                &list.index(at),
                text,
                "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)",
            ),
        }
    }
    let one_family = |a: &IpNet, b: &IpNet| a.addr().is_ipv4() == b.addr().is_ipv4();
    if cidrs.len() > 2 || matches!(parsed.as_slice(), [a, b] if one_family(a, b)) {
        let value: Document = cidrs.iter().cloned().collect();
        errors.invalid(&list, value, "may specify no more than one CIDR for each IP family");
    }
}

/// Checks what an update of a node may not do.
pub(crate) fn node_update(new: &Document, old: &Document, _profile: &Profile, errors: &mut FieldErrors) {
    let cidrs =
        |node: &Document| node.path(&["spec", "podCIDRs"]).map(Document::items).unwrap_or_default().to_vec();
    if !cidrs(old).is_empty() && cidrs(old) != cidrs(new) {
        errors.forbidden(
            &SPEC.child("podCIDRs"),
            "node updates may not change podCIDR except from \"\" to valid",
        );
    }
    let provider = |node: &Document| node.text(&["spec", "providerID"]).to_owned();
    if !provider(old).is_empty() && provider(old) != provider(new) {
        errors.forbidden(
            &SPEC.child("providerID"),
            "node updates may not change providerID except from \"\" to valid",
        );
    }
}

/// Checks an event: it lives where the object is that it is about, or in `default` if that has no namespace
/// (`pkg/apis/core/validation/events.go`, `legacyValidateEvent`). One with an `eventTime` is of the newer kind, which may
/// be anywhere else as well.
pub(crate) fn event(event: &Document, _profile: &Profile, errors: &mut FieldErrors) {
    let (about, own) = (event.text(&["involvedObject", "namespace"]), meta::text(event, "namespace"));
    let involved = FieldPath::new("involvedObject");
    let path = involved.child("namespace");
    let fits = match (about, is_set(event, "eventTime")) {
        ("", true) => matches!(own, "default" | "kube-system"),
        ("", false) => own == "default",
        (_, true) => true,
        (about, false) => about == own,
    };
    if !fits {
        errors.invalid(&path, about, "does not match event.namespace");
    }
}

/// Checks a lease.
pub(crate) fn lease(lease: &Document, _profile: &Profile, errors: &mut FieldErrors) {
    let number = |name: &str| lease.path(&["spec", name]).and_then(Document::as_i64);
    if let Some(seconds) = number("leaseDurationSeconds").filter(|seconds| *seconds <= 0) {
        errors.invalid(&SPEC.child("leaseDurationSeconds"), seconds, "must be greater than 0");
    }
    if let Some(count) = number("leaseTransitions").filter(|count| *count < 0) {
        errors.invalid(&SPEC.child("leaseTransitions"), count, "must be greater than or equal to 0");
    }
}

/// Checks an endpoint slice (`pkg/apis/discovery/validation/validation.go`).
pub(crate) fn endpoint_slice(slice: &Document, _profile: &Profile, errors: &mut FieldErrors) {
    const MOST_ENDPOINTS: usize = 1000;
    const MOST_ADDRESSES: usize = 100;
    const KNOWN: [&str; 3] = ["FQDN", "IPv4", "IPv6"];
    let family = slice.text(&["addressType"]);
    let type_path = FieldPath::new("addressType");
    if family.is_empty() {
        errors.required(&type_path, "");
    } else if !KNOWN.contains(&family) {
        errors.not_supported(&type_path, family, &KNOWN);
    }
    let list = FieldPath::new("endpoints");
    let endpoints = items(slice, "endpoints");
    if endpoints.len() > MOST_ENDPOINTS {
        errors.too_many(&list, endpoints.len(), MOST_ENDPOINTS);
        return;
    }
    for (at, endpoint) in endpoints.iter().enumerate() {
        let path = list.index(at);
        let path = path.child("addresses");
        let addresses = items(endpoint, "addresses");
        if addresses.is_empty() {
            errors.required(&path, "must contain at least 1 address");
        } else if addresses.len() > MOST_ADDRESSES {
            errors.too_many(&path, addresses.len(), MOST_ADDRESSES);
        }
        for (at, address) in addresses.iter().enumerate() {
            let text = address.as_str().unwrap_or_default();
            let ip = text.parse::<IpAddr>().ok();
            match family {
                "IPv4" | "IPv6" if ip.is_none() => errors.invalid(
                    &path.index(at),
                    text,
                    "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)",
                ),
                "IPv4" if !ip.is_some_and(|ip| ip.is_ipv4()) => {
                    errors.invalid(&path.index(at), text, "must be an IPv4 address")
                }
                "IPv6" if !ip.is_some_and(|ip| ip.is_ipv6()) => {
                    errors.invalid(&path.index(at), text, "must be an IPv6 address")
                }
                _ => {}
            }
        }
    }
    slice_ports(slice, errors);
}

fn slice_ports(slice: &Document, errors: &mut FieldErrors) {
    let list = FieldPath::new("ports");
    let mut seen = std::collections::BTreeSet::new();
    for (at, port) in items(slice, "ports").iter().enumerate() {
        let path = list.index(at);
        let name = port.text(&["name"]);
        if !name.is_empty()
            && let Some(problem) = dns_label_problem(name)
        {
            errors.invalid(&path.child("name"), name, problem);
        }
        if !seen.insert(name) {
            errors.duplicate(&path.child("name"), name);
        }
        protocol(port, &path, errors);
    }
}

/// Checks what an update of an endpoint slice may not do.
pub(crate) fn endpoint_slice_update(
    new: &Document,
    old: &Document,
    _profile: &Profile,
    errors: &mut FieldErrors,
) {
    immutable(new, old, &FieldPath::new("addressType"), &["addressType"], errors);
}

/// Checks a disruption budget.
pub(crate) fn disruption_budget(budget: &Document, _profile: &Profile, errors: &mut FieldErrors) {
    let spec = budget.get("spec").unwrap_or(&Document::Null);
    if is_set(spec, "minAvailable") && is_set(spec, "maxUnavailable") {
        errors.invalid(&SPEC, spec.clone(), "minAvailable and maxUnavailable cannot be both set");
    }
    label_selector(spec.get("selector"), &SPEC.child("selector"), errors);
}

/// Checks a priority class; names with the system's prefix are the system's.
pub(crate) fn priority_class(class: &Document, _profile: &Profile, errors: &mut FieldErrors) {
    const HIGHEST: i64 = 1_000_000_000;
    let name = meta::text(class, "name");
    let own = matches!(name, "system-cluster-critical" | "system-node-critical");
    let value = class.get("value").and_then(Document::as_i64).unwrap_or(0);
    if name.starts_with("system-") && !own {
        let metadata = FieldPath::new("metadata");
        let detail = "priority class names with 'system-' prefix are reserved for system use only. error: not a system priority class";
        errors.forbidden(&metadata.child("name"), detail);
    } else if !own && value > HIGHEST {
        let detail = format!("maximum allowed value of a user defined priority is {HIGHEST}");
        errors.forbidden(&FieldPath::new("value"), detail);
    }
}

/// Checks what an update of a priority class may not do.
pub(crate) fn priority_class_update(
    new: &Document,
    old: &Document,
    _profile: &Profile,
    errors: &mut FieldErrors,
) {
    let value = |class: &Document| class.get("value").and_then(Document::as_i64).unwrap_or(0);
    if value(new) != value(old) {
        errors.forbidden(&FieldPath::new("value"), "may not be changed in an update.");
    }
    immutable(new, old, &FieldPath::new("preemptionPolicy"), &["preemptionPolicy"], errors);
}

/// Checks a runtime class.
pub(crate) fn runtime_class(class: &Document, _profile: &Profile, errors: &mut FieldErrors) {
    let handler = class.text(&["handler"]);
    if let Some(problem) = dns_label_problem(handler) {
        errors.invalid(&FieldPath::new("handler"), handler, problem);
    }
}

/// Checks what an update of a runtime class may not do.
pub(crate) fn runtime_class_update(
    new: &Document,
    old: &Document,
    _profile: &Profile,
    errors: &mut FieldErrors,
) {
    immutable(new, old, &FieldPath::new("handler"), &["handler"], errors);
}

fn keys(object: &Document, name: &str, errors: &mut FieldErrors) {
    let path = FieldPath::new(name);
    for (key, _) in object.get(name).map(Document::members).unwrap_or_default() {
        let good = key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
        if key.len() > 253 || !good || key.is_empty() || matches!(key.as_str(), "." | "..") {
            let detail = "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
            errors.invalid(&path.key(key), key.as_str(), detail);
        }
    }
}

/// Checks a config map.
pub(crate) fn config_map(map: &Document, _profile: &Profile, errors: &mut FieldErrors) {
    keys(map, "data", errors);
    keys(map, "binaryData", errors);
}

fn frozen(new: &Document, old: &Document, fields: &[&str], errors: &mut FieldErrors) {
    if !is_true(old, "immutable") {
        return;
    }
    if !is_true(new, "immutable") {
        errors.forbidden(&FieldPath::new("immutable"), "field is immutable when `immutable` is set");
    }
    for name in fields {
        if new.get(name) != old.get(name) {
            errors.forbidden(&FieldPath::new(name), "field is immutable when `immutable` is set");
        }
    }
}

/// Checks what an update of a config map may not do.
pub(crate) fn config_map_update(
    new: &Document,
    old: &Document,
    _profile: &Profile,
    errors: &mut FieldErrors,
) {
    frozen(new, old, &["data", "binaryData"], errors);
}

/// Checks a secret.
pub(crate) fn secret(secret: &Document, _profile: &Profile, errors: &mut FieldErrors) {
    keys(secret, "data", errors);
    let data = FieldPath::new("data");
    let needed: &[&str] = match secret.text(&["type"]) {
        "kubernetes.io/tls" => &["tls.crt", "tls.key"],
        "kubernetes.io/dockerconfigjson" => &[".dockerconfigjson"],
        "kubernetes.io/dockercfg" => &[".dockercfg"],
        "kubernetes.io/ssh-auth" => &["ssh-privatekey"],
        _ => &[],
    };
    for key in needed {
        if secret.path(&["data", key]).is_none() {
            errors.required(&data.key(key), "");
        }
    }
}

/// Checks what an update of a secret may not do.
pub(crate) fn secret_update(new: &Document, old: &Document, _profile: &Profile, errors: &mut FieldErrors) {
    immutable(new, old, &FieldPath::new("type"), &["type"], errors);
    frozen(new, old, &["data"], errors);
}
