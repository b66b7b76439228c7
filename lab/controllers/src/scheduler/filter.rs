//! Why a node does not take a pod.

use std::collections::BTreeMap;
use std::fmt;

use winlab_kube_client::k8s::core::{Pod, PodAffinityTerm, PodSpec, Taint};
use winlab_kube_client::tolerates;

use super::cache::{Cache, NodeInfo};
use super::needs::Needs;
use crate::node_affinity::node_matches;
use crate::selector::selector_matches;
use crate::tolerations::untolerated;

/// Why one node does not take a pod. Nothing is formatted before the answer: there may be thousands of nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Refusal<'a> {
    /// In upstream's words.
    Words(&'static str),
    /// A taint by key and value.
    Taint(&'a str, &'a str),
    /// Too little of a resource.
    Insufficient(&'a str),
}

impl fmt::Display for Refusal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Words(words) => f.write_str(words),
            Self::Taint(key, value) => write!(f, "node(s) had untolerated taint {{{key}: {value}}}"),
            Self::Insufficient(name) => write!(f, "Insufficient {name}"),
        }
    }
}

/// How many nodes gave which reason.
pub(super) type Refusals<'a> = BTreeMap<Refusal<'a>, usize>;

/// Whether `info` does not take the pod, by the first filter that says so, in upstream's order
/// (`pkg/scheduler/apis/config/v1/default_plugins.go`); its reasons are counted.
pub(super) fn refuses<'a>(
    pod: &Pod,
    needs: &'a Needs,
    info: &'a NodeInfo,
    cache: &Cache,
    refusals: &mut Refusals<'a>,
) -> bool {
    let Some(spec) = &pod.spec else { return false };
    let first = node_refusal(pod, spec, info).or_else(|| {
        let taken = needs.host_ports.iter().any(|port| info.used.host_ports.contains(port));
        taken.then_some(Refusal::Words("node(s) didn't have free ports for the requested pod ports"))
    });
    if first.is_none() && short_of(needs, info, |reason| *refusals.entry(reason).or_default() += 1) {
        return true;
    }
    let refusal = first.or_else(|| pod_affinity_refusal(pod, info, cache).map(Refusal::Words));
    if let Some(reason) = refusal {
        *refusals.entry(reason).or_default() += 1;
    }
    refusal.is_some()
}

/// What of the node itself stands against the pod.
fn node_refusal<'a>(pod: &Pod, spec: &PodSpec, info: &'a NodeInfo) -> Option<Refusal<'a>> {
    let node = info.node.spec.as_ref();
    if node.is_some_and(|node| node.unschedulable == Some(true)) && !tolerates_cordon(spec) {
        return Some(Refusal::Words("node(s) were unschedulable"));
    }
    let taints = node.and_then(|node| node.taints.as_deref()).unwrap_or_default();
    if let Some(taint) = untolerated(pod, taints, &["NoSchedule", "NoExecute"]) {
        return Some(Refusal::Taint(&taint.key, taint.value.as_deref().unwrap_or_default()));
    }
    let matches = node_matches(spec, &info.node);
    (!matches).then_some(Refusal::Words("node(s) didn't match Pod's node affinity/selector"))
}

/// A pod that tolerates the taint of a cordoned node tolerates the cordon (`plugins/nodeunschedulable`).
fn tolerates_cordon(spec: &PodSpec) -> bool {
    let cordon = Taint {
        key: "node.kubernetes.io/unschedulable".to_owned(),
        effect: "NoSchedule".to_owned(),
        ..Taint::default()
    };
    spec.tolerations.iter().flatten().any(|toleration| tolerates(toleration, &cordon))
}

/// Whether the node has too little of anything, each of which is told (`fitsRequest`, `plugins/noderesources/fit.go`).
fn short_of<'a>(needs: &'a Needs, info: &'a NodeInfo, mut tell: impl FnMut(Refusal<'a>)) -> bool {
    let (used, has) = (&info.used, &info.allocatable);
    let mut short = false;
    let mut check = |reason: Refusal<'a>, need: i64, used: i64, has: i64| {
        if need > 0 && need > has - used {
            tell(reason);
            short = true;
        }
    };
    check(Refusal::Words("Too many pods"), needs.pods, used.pods, has.pods);
    check(Refusal::Insufficient("cpu"), needs.cpu, used.cpu, has.cpu);
    check(Refusal::Insufficient("memory"), needs.memory, used.memory, has.memory);
    for (name, need) in &needs.others {
        check(Refusal::Insufficient(name), *need, used.other(name), has.other(name));
    }
    short
}

/// Whether the pod keeps others of its choice away.
pub(super) fn has_anti_affinity(pod: &Pod) -> bool {
    !required_terms(pod).1.is_empty()
}

/// Required affinity and anti-affinity terms.
fn required_terms(pod: &Pod) -> (&[PodAffinityTerm], &[PodAffinityTerm]) {
    let affinity = pod.spec.as_ref().and_then(|spec| spec.affinity.as_ref());
    let near = affinity.and_then(|affinity| affinity.pod_affinity.as_ref());
    let far = affinity.and_then(|affinity| affinity.pod_anti_affinity.as_ref());
    (
        near.and_then(|near| near.required_during_scheduling_ignored_during_execution.as_deref())
            .unwrap_or_default(),
        far.and_then(|far| far.required_during_scheduling_ignored_during_execution.as_deref())
            .unwrap_or_default(),
    )
}

/// Whether a term of the pod `of` means another: by its namespaces, or those its selector finds; by neither, the pod's own
/// (`getNamespacesFromPodAffinityTerm`, `AffinityTerm.Matches` in `pkg/scheduler/framework/types.go`).
fn term_selects(term: &PodAffinityTerm, of: &Pod, other: &Pod, cache: &Cache) -> bool {
    let labels = term.label_selector.as_ref();
    if !labels.is_some_and(|selector| selector_matches(selector, other.metadata.labels.as_ref())) {
        return false;
    }
    let namespaces = term.namespaces.as_deref().unwrap_or_default();
    let namespace = other.metadata.namespace.as_deref().unwrap_or_default();
    match &term.namespace_selector {
        None if namespaces.is_empty() => of.metadata.namespace.as_deref().unwrap_or_default() == namespace,
        None => namespaces.iter().any(|named| named == namespace),
        Some(selector) => {
            namespaces.iter().any(|named| named == namespace)
                || selector_matches(selector, cache.namespace_labels(namespace).as_ref())
        }
    }
}

fn pod_affinity_refusal(pod: &Pod, info: &NodeInfo, cache: &Cache) -> Option<&'static str> {
    let (near, far) = required_terms(pod);
    let anywhere = |term: &PodAffinityTerm, same_domain: bool| {
        let domain = info.label(&term.topology_key);
        cache
            .nodes()
            .filter(|other| !same_domain || (domain.is_some() && other.label(&term.topology_key) == domain))
            .any(|other| other.pods.values().any(|other| term_selects(term, pod, other, cache)))
    };
    for term in near {
        // The first of a group that wants to be together may go anywhere (upstream: the pod matches its own term).
        let first = term_selects(term, pod, pod, cache) && !anywhere(term, false);
        if !first && !anywhere(term, true) {
            return Some("node(s) didn't match pod affinity rules");
        }
    }
    if far.iter().any(|term| anywhere(term, true)) {
        return Some("node(s) didn't match pod anti-affinity rules");
    }
    if cache.with_anti_affinity > 0 && kept_away(pod, info, cache) {
        return Some("node(s) didn't satisfy existing pods anti-affinity rules");
    }
    None
}

/// Whether a pod that is placed in the same domain keeps this one away.
fn kept_away(pod: &Pod, info: &NodeInfo, cache: &Cache) -> bool {
    cache.nodes().any(|other| {
        other.pods.values().any(|placed| {
            required_terms(placed).1.iter().any(|term| {
                let domain = info.label(&term.topology_key);
                domain.is_some()
                    && other.label(&term.topology_key) == domain
                    && term_selects(term, placed, pod, cache)
            })
        })
    })
}
