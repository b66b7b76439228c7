//! Whether the node takes a pod (`pkg/kubelet/lifecycle/{predicate,handlers}.go`).

use std::collections::BTreeMap;

use winlab_kube_client::k8s::core::{Node, Pod, PodSpec};

use super::facts::PodFacts;
use crate::kubelet::setup::Gates;
use winlab_kube_client::{pod_requests, quantity, tolerates};

/// Why a pod is turned away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rejection {
    pub(crate) reason: String,
    pub(crate) message: String,
}

fn reject(reason: &str, message: impl Into<String>) -> Option<Rejection> {
    Some(Rejection { reason: reason.to_owned(), message: message.into() })
}

/// The reason a pod is turned away, if it is; `others` are the pods that the node has.
pub(crate) fn check(
    pod: &Pod,
    node: Option<&Node>,
    others: &[&Pod],
    os: &str,
    gates: &Gates,
) -> Option<Rejection> {
    let wrong_label =
        pod.metadata.labels.iter().flatten().any(|(name, value)| name == "kubernetes.io/os" && value != os);
    if wrong_label {
        return reject(
            "PodOSSelectorNodeLabelDoesNotMatch",
            "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label",
        );
    }
    if gates.checks_pod_os() && pod.spec().os.as_ref().is_some_and(|wanted| wanted.name != os) {
        return reject("PodOSNotSupported", "Failed to admit pod as the OS field doesn't match node OS");
    }
    if os == "windows" && gates.since(34) && pod.spec().resources.is_some() {
        return reject("PodLevelResourcesNotSupported", "pod-level resources are not supported on Windows");
    }
    let node = node?;
    resources(pod.spec(), node, others)
        .or_else(|| selector(pod.spec(), node))
        .or_else(|| taints(pod.spec(), node))
}

/// The first resource that does not suffice.
fn resources(spec: &PodSpec, node: &Node, others: &[&Pod]) -> Option<Rejection> {
    let allocatable = node.status.as_ref()?.allocatable.as_ref()?;
    let out_of = |name: &str, asked: i64, used: i64, there: i64| {
        let reason = match name {
            "cpu" => "OutOfcpu".to_owned(),
            "memory" => "OutOfmemory".to_owned(),
            "ephemeral-storage" => "OutOfephemeral-storage".to_owned(),
            "pods" => "OutOfpods".to_owned(),
            name => format!("OutOf{name}"),
        };
        reject(
            &reason,
            format!(
                "Node didn't have enough resource: {name}, requested: {asked}, used: {used}, capacity: {there}"
            ),
        )
    };
    let pods = allocatable.get("pods").map_or(i64::MAX, |q| quantity::value(&q.0));
    let count = i64::try_from(others.len()).unwrap_or(i64::MAX);
    if count + 1 > pods {
        return out_of("pods", 1, count, pods);
    }
    let mut used: BTreeMap<&str, i64> = BTreeMap::new();
    for (name, amount) in others.iter().flat_map(|pod| pod_requests(pod.spec())) {
        *used.entry(name).or_default() += amount;
    }
    for (name, asked) in pod_requests(spec).into_iter().filter(|(_, asked)| *asked > 0) {
        // What the node does not know is the cluster's own resource, not the node's.
        let Some(there) = allocatable.get(name) else { continue };
        let (there, taken) = (quantity::milli(&there.0), used.get(name).copied().unwrap_or(0));
        if taken + asked > there {
            let unit = if name == "cpu" { 1 } else { 1000 };
            return out_of(name, asked / unit, taken / unit, there / unit);
        }
    }
    None
}

/// nodeName is bound already; nodeSelector and required node affinity must still fit.
fn selector(spec: &PodSpec, node: &Node) -> Option<Rejection> {
    let none = BTreeMap::new();
    let labels = node.metadata.labels.as_ref().unwrap_or(&none);
    let selected = spec.node_selector.iter().flatten().all(|(name, value)| labels.get(name) == Some(value));
    let affinity = spec.affinity.as_ref().and_then(|affinity| affinity.node_affinity.as_ref());
    let required =
        affinity.and_then(|affinity| affinity.required_during_scheduling_ignored_during_execution.as_ref());
    let near = required.is_none_or(|required| {
        required.node_selector_terms.iter().any(|term| {
            let expressions = term.match_expressions.iter().flatten();
            expressions.into_iter().all(|e| {
                expression(
                    labels.get(&e.key).map(String::as_str),
                    &e.operator,
                    e.values.as_deref().unwrap_or_default(),
                )
            })
        })
    });
    if selected && near {
        return None;
    }
    reject("NodeAffinity", "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector")
}

fn expression(label: Option<&str>, operator: &str, values: &[String]) -> bool {
    let number = |text: &str| text.parse::<i64>().ok();
    let bound = values.first().and_then(|value| number(value));
    match operator {
        "In" => label.is_some_and(|label| values.iter().any(|value| value == label)),
        "NotIn" => label.is_none_or(|label| values.iter().all(|value| value != label)),
        "Exists" => label.is_some(),
        "DoesNotExist" => label.is_none(),
        "Gt" => label.and_then(number).zip(bound).is_some_and(|(label, bound)| label > bound),
        "Lt" => label.and_then(number).zip(bound).is_some_and(|(label, bound)| label < bound),
        _ => false,
    }
}

/// Only taints that would throw the pod out count here.
fn taints(spec: &PodSpec, node: &Node) -> Option<Rejection> {
    let taints = node.spec.as_ref().and_then(|spec| spec.taints.as_deref()).unwrap_or_default();
    let tolerations = spec.tolerations.as_deref().unwrap_or_default();
    let refused = taints
        .iter()
        .filter(|taint| taint.effect == "NoExecute")
        .any(|taint| !tolerations.iter().any(|toleration| tolerates(toleration, taint)));
    if refused {
        return reject(
            "TaintToleration",
            "Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate",
        );
    }
    None
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use winlab_document::{Document, doc};
    use winlab_kube_client::k8s::core::{Node, Pod};

    use super::{Gates, check};

    fn reason(minor: u32, pod: Document, os: &str) -> Option<String> {
        let node: Node = doc!({
            "metadata": {"labels": {"disk": "ssd"}},
            "spec": {"taints": [{"key": "gone", "effect": "NoExecute"}, {"key": "os", "value": "windows", "effect": "NoSchedule"}]},
            "status": {"allocatable": {"cpu": "2", "memory": "4Gi", "pods": "2"}},
        })
        .decode()
        .unwrap();
        let pod: Pod = pod.decode().unwrap();
        let other: Pod =
            doc!({"spec": {"containers": [{"name": "o", "resources": {"requests": {"cpu": "1500m"}}}]}})
                .decode()
                .unwrap();
        let gates = Gates::new(minor, BTreeMap::new()).unwrap();
        check(&pod, Some(&node), &[&other], os, &gates).map(|rejection| rejection.reason)
    }

    #[test]
    fn another_system_is_refused_where_the_kubelet_looks() {
        let linux = || doc!({"spec": {"os": {"name": "linux"}, "containers": [], "tolerations": [{"operator": "Exists"}]}});
        assert_eq!(reason(34, linux(), "windows").as_deref(), Some("PodOSNotSupported"));
        assert_eq!(reason(22, linux(), "windows"), None);
        let label = doc!({"metadata": {"labels": {"kubernetes.io/os": "linux"}}, "spec": {"containers": []}});
        assert_eq!(reason(34, label, "windows").as_deref(), Some("PodOSSelectorNodeLabelDoesNotMatch"));
    }

    #[test]
    fn what_the_node_cannot_give_is_named() {
        let pod = |extra: Document| {
            let spec = doc!({"containers": [], "tolerations": [{"operator": "Exists"}]}).merge_patch(&extra);
            doc!({"spec": spec})
        };
        let cpu = doc!({"containers": [{"name": "a", "resources": {"requests": {"cpu": "600m"}}}]});
        assert_eq!(reason(34, pod(cpu), "linux").as_deref(), Some("OutOfcpu"));
        assert_eq!(
            reason(34, pod(doc!({"nodeSelector": {"disk": "hdd"}})), "linux").as_deref(),
            Some("NodeAffinity")
        );
        assert_eq!(reason(34, pod(doc!({"tolerations": []})), "linux").as_deref(), Some("TaintToleration"));
        assert_eq!(reason(34, pod(doc!({})), "linux"), None);
        let level = doc!({"resources": {"limits": {"cpu": "1"}}});
        assert_eq!(reason(34, pod(level), "windows").as_deref(), Some("PodLevelResourcesNotSupported"));
    }
}
