//! Services (`pkg/apis/core/validation/validation.go`, `ValidateService` and `ValidateServiceUpdate`).

use std::collections::BTreeSet;
use std::net::IpAddr;

use winlab_document::{Document, doc};

use super::container::{port_name_problem, protocol};
use super::name::{dns_label_problem, dns_subdomain_problem};
use super::{FieldErrors, FieldPath, is_set, items, metadata, port_number};
use crate::config::Profile;

static SPEC: FieldPath<'static> = FieldPath::new("spec");
const TYPES: [&str; 4] = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
const DAY: i64 = 86_400;

/// Checks a service.
pub(crate) fn service(service: &Document, _profile: &Profile, errors: &mut FieldErrors) {
    let spec = service.get("spec").unwrap_or(&Document::Null);
    let kind = spec.text(&["type"]);
    let headless = spec.text(&["clusterIP"]) == "None";
    if items(spec, "ports").is_empty() && !headless && kind != "ExternalName" {
        errors.required(&SPEC.child("ports"), "");
    }
    by_type(spec, kind, headless, errors);
    ports(spec, errors);
    metadata::labels(spec.get("selector"), &SPEC.child("selector"), errors);
    affinity(spec, errors);
    if !TYPES.contains(&kind) {
        errors.not_supported(&SPEC.child("type"), kind, &TYPES);
    }
    cluster_ips(spec, kind, errors);
    external_ips(spec, errors);
    traffic_policies(spec, kind, errors);
}

fn by_type(spec: &Document, kind: &str, headless: bool, errors: &mut FieldErrors) {
    match kind {
        "LoadBalancer" | "NodePort" if headless => {
            errors.invalid(
                &SPEC.child("clusterIPs").index(0),
                "None",
                format!("may not be set to 'None' for {kind} services"),
            );
        }
        "ExternalName" => {
            for name in ["clusterIPs", "ipFamilies", "ipFamilyPolicy"] {
                let set = spec.get(name).is_some_and(|value| {
                    !value.is_null()
                        && value.as_str() != Some("")
                        && (!value.is_array() || !value.items().is_empty())
                });
                if set {
                    errors.forbidden(&SPEC.child(name), "may not be set for ExternalName services");
                }
            }
            let name = spec.text(&["externalName"]).trim_end_matches('.');
            if name.is_empty() {
                errors.required(&SPEC.child("externalName"), "");
            } else if let Some(problem) = dns_subdomain_problem(name) {
                errors.invalid(&SPEC.child("externalName"), name, problem);
            }
        }
        _ => {}
    }
}

fn ports(spec: &Document, errors: &mut FieldErrors) {
    let list = SPEC.child("ports");
    let ports = items(spec, "ports");
    let mut names = BTreeSet::new();
    let mut numbers = BTreeSet::new();
    let mut node_ports = BTreeSet::new();
    for (at, port) in ports.iter().enumerate() {
        let path = list.index(at);
        let name = port.text(&["name"]);
        if name.is_empty() && ports.len() > 1 {
            errors.required(&path.child("name"), "");
        } else if !name.is_empty() {
            if let Some(problem) = dns_label_problem(name) {
                errors.invalid(&path.child("name"), name, problem);
            }
            if !names.insert(name) {
                errors.duplicate(&path.child("name"), name);
            }
        }
        let number = port.get("port").and_then(Document::as_i64).unwrap_or(0);
        port_number(number, &path.child("port"), errors);
        protocol(port, &path, errors);
        match port.get("targetPort") {
            Some(Document::String(name)) => {
                if let Some(problem) = port_name_problem(name) {
                    errors.invalid(&path.child("targetPort"), &**name, problem);
                }
            }
            other => port_number(
                other.and_then(Document::as_i64).unwrap_or(number),
                &path.child("targetPort"),
                errors,
            ),
        }
        let pair = port.text(&["protocol"]).to_owned();
        if !numbers.insert((pair.clone(), number)) {
            // The internal form of a port, of which only these two are compared.
            let twin = doc!({
                "Name": "", "Protocol": pair.as_str(), "AppProtocol": null, "Port": number, "TargetPort": 0, "NodePort": 0
            });
            errors.duplicate(&path, twin);
        }
        if let Some(node) = port.get("nodePort").and_then(Document::as_i64).filter(|node| *node != 0) {
            if matches!(spec.text(&["type"]), "ClusterIP") {
                errors.forbidden(&path.child("nodePort"), "may not be used when `type` is 'ClusterIP'");
            }
            if !node_ports.insert((pair, node)) {
                errors.duplicate(&path.child("nodePort"), node);
            }
        }
    }
}

fn affinity(spec: &Document, errors: &mut FieldErrors) {
    let kind = spec.text(&["sessionAffinity"]);
    match kind {
        "None" => {
            if is_set(spec, "sessionAffinityConfig") {
                let detail = "must not be set when session affinity is None";
                errors.forbidden(&SPEC.child("sessionAffinityConfig"), detail);
            }
        }
        "ClientIP" => {
            let seconds = spec
                .path(&["sessionAffinityConfig", "clientIP", "timeoutSeconds"])
                .and_then(Document::as_i64);
            if let Some(seconds) = seconds.filter(|seconds| !(1..=DAY).contains(seconds)) {
                let config = SPEC.child("sessionAffinityConfig");
                let client = config.child("clientIP");
                let detail = format!("must be greater than 0 and less than {DAY}");
                errors.invalid(&client.child("timeoutSeconds"), seconds, detail);
            }
        }
        "" => errors.required(&SPEC.child("sessionAffinity"), ""),
        other => errors.not_supported(&SPEC.child("sessionAffinity"), other, &["ClientIP", "None"]),
    }
}

fn cluster_ips(spec: &Document, kind: &str, errors: &mut FieldErrors) {
    if kind == "ExternalName" {
        return;
    }
    let path = SPEC.child("clusterIPs");
    let ips = items(spec, "clusterIPs");
    let one = spec.text(&["clusterIP"]);
    let whole = || ips.iter().cloned().collect::<Document>();
    if !one.is_empty() && ips.first().and_then(Document::as_str).is_some_and(|first| first != one) {
        errors.invalid(&path, whole(), "first value must match `clusterIP`");
    }
    if one.is_empty() && !ips.is_empty() {
        errors.invalid(&path, whole(), "must be empty when `clusterIP` is not specified");
    }
    let families = SPEC.child("ipFamilies");
    let mut seen = BTreeSet::new();
    for (at, family) in items(spec, "ipFamilies").iter().enumerate() {
        let text = family.as_str().unwrap_or_default();
        if !matches!(text, "IPv4" | "IPv6") {
            errors.not_supported(&families.index(at), text, &["IPv4", "IPv6"]);
        }
        if !seen.insert(text) {
            errors.duplicate(&families.index(at), text);
        }
    }
    let policy = spec.text(&["ipFamilyPolicy"]);
    let known = ["PreferDualStack", "RequireDualStack", "SingleStack"];
    if !policy.is_empty() && !known.contains(&policy) {
        errors.not_supported(&SPEC.child("ipFamilyPolicy"), policy, &known);
    }
    let mut parsed = Vec::new();
    for (at, ip) in ips.iter().enumerate() {
        let text = ip.as_str().unwrap_or_default();
        if at == 0 && text == "None" {
            if ips.len() > 1 {
                errors.invalid(&path, whole(), "'None' must be the first and only value");
            }
            continue;
        }
        match text.parse::<IpAddr>() {
            Ok(ip) => parsed.push(ip),
            Err(_) => errors.invalid(
                &path.index(at),
                text,
                "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)",
            ),
        }
    }
    if ips.len() > 2 {
        errors.invalid(&path, whole(), "may only hold up to 2 values");
    }
    if let [a, b] = parsed.as_slice()
        && a.is_ipv4() == b.is_ipv4()
    {
        errors.invalid(&path, whole(), "may specify no more than one IP for each IP family");
    }
}

fn external_ips(spec: &Document, errors: &mut FieldErrors) {
    let path = SPEC.child("externalIPs");
    for (at, ip) in items(spec, "externalIPs").iter().enumerate() {
        let text = ip.as_str().unwrap_or_default();
        match text.parse::<IpAddr>() {
            Err(_) => errors.invalid(
                &path.index(at),
                text,
                "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)",
            ),
            Ok(ip) if ip.is_unspecified() => {
                errors.invalid(&path.index(at), text, format!("may not be unspecified ({text})"))
            }
            Ok(ip) if ip.is_loopback() => {
                errors.invalid(
                    &path.index(at),
                    text,
                    "may not be in the loopback range (127.0.0.0/8, ::1/128)",
                );
            }
            Ok(_) => {}
        }
    }
}

fn traffic_policies(spec: &Document, kind: &str, errors: &mut FieldErrors) {
    let known = ["Cluster", "Local"];
    let internal = spec.text(&["internalTrafficPolicy"]);
    if !internal.is_empty() && !known.contains(&internal) {
        errors.not_supported(&SPEC.child("internalTrafficPolicy"), internal, &known);
    }
    let external = spec.text(&["externalTrafficPolicy"]);
    let outside = matches!(kind, "NodePort" | "LoadBalancer")
        || (kind == "ClusterIP" && !items(spec, "externalIPs").is_empty());
    if !outside {
        if !external.is_empty() {
            let detail = "may only be set for externally-accessible services";
            errors.invalid(&SPEC.child("externalTrafficPolicy"), external, detail);
        }
    } else if external.is_empty() {
        errors.required(&SPEC.child("externalTrafficPolicy"), "");
    } else if !known.contains(&external) {
        errors.not_supported(&SPEC.child("externalTrafficPolicy"), external, &known);
    }
    if is_set(spec, "allocateLoadBalancerNodePorts") && kind != "LoadBalancer" {
        errors.forbidden(
            &SPEC.child("allocateLoadBalancerNodePorts"),
            "may only be used when `type` is 'LoadBalancer'",
        );
    }
}

/// Checks what an update of a service may not do.
pub(crate) fn service_update(new: &Document, old: &Document, _profile: &Profile, errors: &mut FieldErrors) {
    let external = |service: &Document| service.text(&["spec", "type"]) == "ExternalName";
    if external(new) || external(old) {
        return;
    }
    let first = |service: &Document| {
        service.path(&["spec", "clusterIPs"]).and_then(|ips| ips.items().first().cloned()).unwrap_or_default()
    };
    let (now, before) = (first(new), first(old));
    if !before.is_null() && !now.is_null() && now != before {
        let value = new.path(&["spec", "clusterIPs"]).cloned().unwrap_or_default();
        errors.invalid(&SPEC.child("clusterIPs").index(0), value, "may not change once set");
    }
}
