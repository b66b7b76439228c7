//! Names that stand for something: objects, pods, sources, flows, services.

use crate::diagnostic::Diagnostic;
use crate::model::{Flow, FlowResult, ObjectRef, PodRef, ServiceRef, Source};
use crate::span::Span;
use crate::suggest::did_you_mean;

/// `deployment/web`, `pods`, `kube-system/deployment/coredns`, `kube-system/pods`.
pub(crate) fn read_object(text: &str, span: Span, problems: &mut Vec<Diagnostic>) -> Option<ObjectRef> {
    let parts: Vec<&str> = text.split('/').collect();
    let object = |namespace: &str, kind: &str, name: &str| {
        Some(ObjectRef { namespace: namespace.to_owned(), kind: kind.to_lowercase(), name: name.to_owned() })
    };
    match parts[..] {
        _ if parts.iter().any(|part| part.is_empty()) => {}
        [kind] if is_kind(kind) => return object("default", kind, ""),
        [kind, name] if is_kind(kind) => return object("default", kind, name),
        [namespace, kind] if is_kind(kind) => return object(namespace, kind, ""),
        [namespace, kind, name] if is_kind(kind) => return object(namespace, kind, name),
        _ => {}
    }
    let kind = parts.get(parts.len().saturating_sub(2)).copied().unwrap_or_default();
    let near = did_you_mean(kind, KINDS.iter().flat_map(|names| names.iter().copied()));
    let hint = near.map_or_else(
        || "as in `deployment/web`, `pods` or `kube-system/deployment/coredns`".to_owned(),
        |near| format!("did you mean `{near}`?"),
    );
    problems.push(Diagnostic::error("bad-object", span, format!("`{text}` names no objects")).hint(hint));
    None
}

/// Kinds by the names kubectl takes: singular, plural, short.
const KINDS: [&[&str]; 34] = [
    &["pod", "pods", "po"],
    &["node", "nodes", "no"],
    &["service", "services", "svc"],
    &["namespace", "namespaces", "ns"],
    &["deployment", "deployments", "deploy"],
    &["replicaset", "replicasets", "rs"],
    &["daemonset", "daemonsets", "ds"],
    &["statefulset", "statefulsets", "sts"],
    &["job", "jobs"],
    &["cronjob", "cronjobs", "cj"],
    &["configmap", "configmaps", "cm"],
    &["secret", "secrets"],
    &["serviceaccount", "serviceaccounts", "sa"],
    &["endpoints", "ep"],
    &["endpointslice", "endpointslices"],
    &["event", "events", "ev"],
    &["lease", "leases"],
    &["persistentvolume", "persistentvolumes", "pv"],
    &["persistentvolumeclaim", "persistentvolumeclaims", "pvc"],
    &["runtimeclass", "runtimeclasses"],
    &["poddisruptionbudget", "poddisruptionbudgets", "pdb"],
    &["networkpolicy", "networkpolicies", "netpol"],
    &["ingress", "ingresses", "ing"],
    &["ingressclass", "ingressclasses"],
    &["priorityclass", "priorityclasses", "pc"],
    &["storageclass", "storageclasses", "sc"],
    &["limitrange", "limitranges", "limits"],
    &["resourcequota", "resourcequotas", "quota"],
    &["role", "roles"],
    &["rolebinding", "rolebindings"],
    &["clusterrole", "clusterroles"],
    &["clusterrolebinding", "clusterrolebindings"],
    &["replicationcontroller", "replicationcontrollers", "rc"],
    &["controllerrevision", "controllerrevisions"],
];

fn is_kind(word: &str) -> bool {
    let word = word.to_lowercase();
    KINDS.iter().any(|names| names.contains(&word.as_str()))
}

/// `pod/web@win1`, `shop/pod/web`.
pub(crate) fn read_pod(text: &str, span: Span, problems: &mut Vec<Diagnostic>) -> Option<PodRef> {
    let (object, node) = text.split_once('@').unwrap_or((text, ""));
    let parts: Vec<&str> = object.split('/').collect();
    let pod = |namespace: &str, name: &str| {
        Some(PodRef { namespace: namespace.to_owned(), name: name.to_owned(), node: node.to_owned() })
    };
    match parts[..] {
        ["pod", name] if !name.is_empty() => pod("default", name),
        [namespace, "pod", name] if !namespace.is_empty() && !name.is_empty() => pod(namespace, name),
        _ => {
            let problem = Diagnostic::error("bad-pod", span, format!("`{text}` names no pods"));
            problems.push(problem.hint("as in `pod/web`, `pod/web@win1` or `shop/pod/web@win1`"));
            None
        }
    }
}

/// `win1/kube-proxy`
pub(crate) fn read_service(text: &str, span: Span, problems: &mut Vec<Diagnostic>) -> Option<ServiceRef> {
    match text.split_once('/') {
        Some((node, service)) if !node.is_empty() && !service.is_empty() && !service.contains('/') => {
            Some(ServiceRef { node: node.to_owned(), service: service.to_owned() })
        }
        _ => {
            let problem =
                Diagnostic::error("bad-service", span, format!("`{text}` names no service of a node"));
            problems.push(problem.hint("as in `win1/kube-proxy`"));
            None
        }
    }
}

/// `pod/client@win1`, `node/lin1`, `outside`
pub(crate) fn read_source(text: &str, span: Span, problems: &mut Vec<Diagnostic>) -> Option<Source> {
    if text == "outside" {
        return Some(Source::Outside);
    }
    if let Some(node) = text.strip_prefix("node/").filter(|node| !node.is_empty()) {
        return Some(Source::Node(node.to_owned()));
    }
    if text.contains("pod/") {
        return read_pod(text, span, problems).map(Source::Pod);
    }
    let problem = Diagnostic::error("bad-source", span, format!("`{text}` cannot start a flow"));
    problems.push(problem.hint("a flow starts at `pod/client@win1`, `node/lin1` or `outside`"));
    None
}

const FLOWS: &str = "a flow goes to a URL, `service/web:80`, `pod/web@win1:80`, `nodeport/web@win1:80`, `node/win1:10250`, `tcp/10.0.0.1:80`, `icmp/10.0.0.1`, `dns/web.default.svc` or `outside`";

/// Where a flow goes.
pub(crate) fn read_flow(text: &str, span: Span, problems: &mut Vec<Diagnostic>) -> Option<Flow> {
    let flow = parse_flow(text, span, problems);
    if flow.is_none() && problems.last().is_none_or(|last| last.span != span) {
        problems
            .push(Diagnostic::error("bad-flow", span, format!("a flow cannot go to `{text}`")).hint(FLOWS));
    }
    flow
}

fn parse_flow(text: &str, span: Span, problems: &mut Vec<Diagnostic>) -> Option<Flow> {
    if text == "outside" {
        return Some(Flow::Outside);
    }
    if text.starts_with("http://") || text.starts_with("https://") {
        return (text.len() > "https://".len()).then(|| Flow::Url(text.to_owned()));
    }
    if let Some(name) = text.strip_prefix("dns/") {
        return (!name.is_empty()).then(|| Flow::Name(name.to_owned()));
    }
    for protocol in ["tcp", "udp", "icmp"] {
        if let Some(rest) = text.strip_prefix(protocol).and_then(|rest| rest.strip_prefix('/')) {
            let (host, port) = if protocol == "icmp" { (rest, 0) } else { host_port(rest)? };
            return Some(Flow::Address { protocol: protocol.to_owned(), host: host.to_owned(), port });
        }
    }
    let (place, port) = host_port(text).unwrap_or((text, 0));
    if let Some(node) = place.strip_prefix("node/") {
        return Some(Flow::Node { node: node.to_owned(), port });
    }
    if place.contains("pod/") {
        return read_pod(place, span, problems).map(|pod| Flow::Pod { pod, port });
    }
    if port == 0 {
        return None;
    }
    let service = |kind: &str, text: &str| -> Option<ObjectRef> {
        let (namespace, name) = match text.split('/').collect::<Vec<_>>()[..] {
            [first, name] if first == kind => ("default", name),
            [namespace, second, name] if second == kind => (namespace, name),
            _ => return None,
        };
        let named = !name.is_empty();
        named.then(|| ObjectRef {
            namespace: namespace.to_owned(),
            kind: "service".to_owned(),
            name: name.to_owned(),
        })
    };
    if let Some((service_part, node)) = place.split_once('@') {
        let service = service("nodeport", service_part)?;
        return Some(Flow::NodePort { service, node: node.to_owned(), port });
    }
    service("service", place).map(|service| Flow::Service { service, port })
}

fn host_port(text: &str) -> Option<(&str, u16)> {
    let (host, port) = text.rsplit_once(':')?;
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let port: u16 = port.parse().ok().filter(|port| *port != 0)?;
    (!host.is_empty()).then_some((host, port))
}

/// `ok`, `ok x4`, `refused`, `timeout`, `no-name`
pub(crate) fn read_result(text: &str, span: Span, problems: &mut Vec<Diagnostic>) -> Option<FlowResult> {
    let words = ["ok", "refused", "timeout", "no-name"];
    match text {
        "ok" => return Some(FlowResult::Ok),
        "refused" => return Some(FlowResult::Refused),
        "timeout" => return Some(FlowResult::Timeout),
        "no-name" => return Some(FlowResult::NoName),
        _ => {}
    }
    if let Some(count) =
        text.strip_prefix("ok x").and_then(|count| count.trim().parse::<u32>().ok()).filter(|n| *n > 0)
    {
        return Some(FlowResult::OkFrom(count));
    }
    let hint = did_you_mean(text, words).map_or_else(
        || "a flow comes to `ok`, `ok x4` (four back ends), `refused`, `timeout` or `no-name`; `-` asks nothing".to_owned(),
        |near| format!("did you mean `{near}`?"),
    );
    problems
        .push(Diagnostic::error("bad-result", span, format!("a flow cannot come to `{text}`")).hint(hint));
    None
}
