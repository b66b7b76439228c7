//! Names that stand for something: objects, pods, services.

use crate::diagnostic::Diagnostic;
use crate::model::{ObjectRef, PodRef, ServiceRef};
use crate::read::Reader;
use crate::read::named::Needs;
use crate::read::services::Shows;
use crate::span::Spanned;
use crate::suggest::meant;

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

/// Whether kubectl takes the word for a built-in kind.
fn is_kind(word: &str) -> bool {
    let word = word.to_lowercase();
    KINDS.iter().any(|names| names.contains(&word.as_str()))
}

/// The kind's singular in lower case, by any of its names: `deployment` for `deploy`.
pub(crate) fn singular(word: &str) -> Option<&'static str> {
    let word = word.to_lowercase();
    KINDS.iter().find(|names| names.contains(&word.as_str())).map(|names| names[0])
}

/// Every name of every built-in kind.
pub(crate) fn kind_names() -> impl Iterator<Item = &'static str> {
    KINDS.iter().flat_map(|names| names.iter().copied())
}

impl Reader<'_> {
    /// `deployment/web`, `pods`, `kube-system/deployment/coredns`, `kube-system/pods`.
    pub(super) fn object(&mut self, text: &Spanned<String>) -> Option<ObjectRef> {
        let parts: Vec<&str> = text.split('/').collect();
        let (namespace, kind, name) = match parts[..] {
            [kind] if is_kind(kind) => ("default", kind, ""),
            [kind, name] if is_kind(kind) => ("default", kind, name),
            [namespace, kind] if is_kind(kind) => (namespace, kind, ""),
            [namespace, kind, name] if is_kind(kind) => (namespace, kind, name),
            _ => return self.no_object(text, &parts),
        };
        if parts.iter().any(|part| part.is_empty()) {
            return self.no_object(text, &parts);
        }
        if singular(kind) == Some("node") {
            self.name_node(text, name, Needs::Any);
        }
        Some(ObjectRef { namespace: namespace.to_owned(), kind: kind.to_lowercase(), name: name.to_owned() })
    }

    fn no_object<T>(&mut self, text: &Spanned<String>, parts: &[&str]) -> Option<T> {
        let kind = parts.get(parts.len().saturating_sub(2)).copied().unwrap_or_default();
        let hint = meant(kind, kind_names()).filter(|_| !is_kind(kind)).unwrap_or_else(|| {
            "as in `deployment/web`, `pods` or `kube-system/deployment/coredns`".to_owned()
        });
        let problem =
            Diagnostic::error("bad-object", text.span, format!("`{}` names no objects", text.value));
        self.problems.push(problem.hint(hint));
        None
    }

    /// `pod/web@win1`, `shop/pod/web`: `text` or a part of it.
    pub(super) fn pod(&mut self, whole: &Spanned<String>, text: &str) -> Option<PodRef> {
        let (object, node) = text.split_once('@').unwrap_or((text, ""));
        let parts: Vec<&str> = object.split('/').collect();
        let (namespace, name) = match parts[..] {
            ["pod", name] => ("default", name),
            [namespace, "pod", name] => (namespace, name),
            _ => ("", ""),
        };
        if namespace.is_empty() || name.is_empty() || (node.is_empty() && text.contains('@')) {
            let span = self.place_of(whole, text);
            let problem = Diagnostic::error("bad-pod", span, format!("`{text}` names no pods"));
            self.problems.push(problem.hint("as in `pod/web`, `pod/web@win1` or `shop/pod/web@win1`"));
            return None;
        }
        self.name_node(whole, node, Needs::Any);
        Some(PodRef { namespace: namespace.to_owned(), name: name.to_owned(), node: node.to_owned() })
    }

    /// `win1/kube-proxy`
    pub(super) fn service(&mut self, text: &Spanned<String>, shows: Shows) -> Option<ServiceRef> {
        let parts = text.value.split_once('/');
        let Some((node, service)) =
            parts.filter(|(node, service)| !node.is_empty() && !service.is_empty() && !service.contains('/'))
        else {
            let message = format!("`{}` names no service of a node", text.value);
            let problem = Diagnostic::error("bad-service", text.span, message);
            self.problems.push(problem.hint("as in `win1/kube-proxy`"));
            return None;
        };
        self.name_node(text, node, Needs::Any);
        self.name_service(text, node, service, shows);
        Some(ServiceRef { node: node.to_owned(), service: service.to_owned() })
    }
}
