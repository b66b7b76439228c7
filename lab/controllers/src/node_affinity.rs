//! Node selectors and required node affinity (`k8s.io/component-helpers/scheduling/corev1/nodeaffinity`).

use winlab_kube_client::ResourceExt;
use winlab_kube_client::k8s::core::{Node, NodeSelectorRequirement, NodeSelectorTerm, PodSpec};

/// Whether a pod's `nodeSelector` and required node affinity allow a node.
#[must_use]
pub fn node_matches(spec: &PodSpec, node: &Node) -> bool {
    let labels = node.labels();
    let selected = spec.node_selector.iter().flatten().all(|(key, value)| labels.get(key) == Some(value));
    let required = spec
        .affinity
        .as_ref()
        .and_then(|affinity| affinity.node_affinity.as_ref())
        .and_then(|affinity| affinity.required_during_scheduling_ignored_during_execution.as_ref());
    selected
        && required.is_none_or(|terms| terms.node_selector_terms.iter().any(|term| term_matches(term, node)))
}

/// Whether a node fulfils all of a term. A term without requirements fulfils nothing.
pub(crate) fn term_matches(term: &NodeSelectorTerm, node: &Node) -> bool {
    let expressions = term.match_expressions.as_deref().unwrap_or_default();
    let fields = term.match_fields.as_deref().unwrap_or_default();
    if expressions.is_empty() && fields.is_empty() {
        return false;
    }
    let name = node.name_any();
    expressions.iter().all(|r| requirement_matches(r, node.labels().get(&r.key)))
        && fields.iter().all(|r| requirement_matches(r, (r.key == "metadata.name").then_some(&name)))
}

fn requirement_matches(requirement: &NodeSelectorRequirement, found: Option<&String>) -> bool {
    let values = requirement.values.as_deref().unwrap_or_default();
    let number = |text: &String| text.parse::<i64>().ok();
    let compare = |wanted: std::cmp::Ordering| {
        let (found, bound) = (found.and_then(number), values.first().and_then(number));
        found.zip(bound).is_some_and(|(found, bound)| found.cmp(&bound) == wanted)
    };
    match requirement.operator.as_str() {
        "In" => found.is_some_and(|found| values.contains(found)),
        "NotIn" => !found.is_some_and(|found| values.contains(found)),
        "Exists" => found.is_some(),
        "DoesNotExist" => found.is_none(),
        "Gt" => compare(std::cmp::Ordering::Greater),
        "Lt" => compare(std::cmp::Ordering::Less),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use winlab_kube_client::k8s::core::{Node, NodeSelectorRequirement, NodeSelectorTerm, PodSpec};
    use winlab_kube_client::k8s::meta::ObjectMeta;

    use super::{node_matches, term_matches};

    #[test]
    fn selectors_and_terms() {
        let labels = [("kubernetes.io/os", "windows"), ("zone", "3")];
        let node = Node {
            metadata: ObjectMeta {
                name: Some("win1".into()),
                labels: Some(labels.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect()),
                ..ObjectMeta::default()
            },
            ..Node::default()
        };
        let selector = |os: &str| PodSpec {
            node_selector: Some([("kubernetes.io/os".to_owned(), os.to_owned())].into()),
            ..PodSpec::default()
        };
        assert!(node_matches(&selector("windows"), &node));
        assert!(!node_matches(&selector("linux"), &node));
        assert!(node_matches(&PodSpec::default(), &node));
        let requirement = |key: &str, operator: &str, value: &str| NodeSelectorRequirement {
            key: key.into(),
            operator: operator.into(),
            values: Some(vec![value.into()]),
        };
        let fields = |name: &str| NodeSelectorTerm {
            match_fields: Some(vec![requirement("metadata.name", "In", name)]),
            ..NodeSelectorTerm::default()
        };
        assert!(term_matches(&fields("win1"), &node));
        assert!(!term_matches(&fields("win2"), &node));
        let zone = |operator: &str| NodeSelectorTerm {
            match_expressions: Some(vec![requirement("zone", operator, "2")]),
            ..NodeSelectorTerm::default()
        };
        assert!(term_matches(&zone("Gt"), &node) && !term_matches(&zone("Lt"), &node));
        assert!(!term_matches(&NodeSelectorTerm::default(), &node));
    }
}
