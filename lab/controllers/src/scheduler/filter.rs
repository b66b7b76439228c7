//! Why a node does not take a pod.

use winlab_kube_client::ResourceExt;
use winlab_kube_client::k8s::core::{Pod, PodAffinityTerm};

use super::cache::{Cache, NodeInfo};
use crate::node_affinity::node_matches;
use crate::quantity::{bytes, millis};
use crate::selector::selector_matches;
use crate::tolerations::untolerated;

/// What a pod needs of a node, or a node has to give.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Needs {
    /// Thousandths of a CPU.
    pub(super) cpu: i64,
    /// Bytes.
    pub(super) memory: i64,
    /// Number of pods.
    pub(super) pods: i64,
    /// Host ports with their protocol.
    pub(super) host_ports: Vec<(String, i32)>,
}

impl Needs {
    /// Requests: the sum of the containers, or the largest init container, and the overhead.
    pub(super) fn of(pod: &Pod) -> Self {
        let Some(spec) = &pod.spec else { return Self::default() };
        let request = |container: &winlab_kube_client::k8s::core::Container, name: &str| {
            container.resources.as_ref().and_then(|resources| resources.requests.as_ref()?.get(name).cloned())
        };
        let total = |name: &str, value: fn(&winlab_kube_client::k8s::Quantity) -> i64| {
            let of = |container| request(container, name).as_ref().map(value).unwrap_or_default();
            let running: i64 = spec.containers.iter().map(of).sum();
            let starting = spec.init_containers.iter().flatten().map(of).max().unwrap_or_default();
            let overhead = spec.overhead.as_ref().and_then(|o| o.get(name)).map(value).unwrap_or_default();
            running.max(starting) + overhead
        };
        let ports = spec.containers.iter().flat_map(|container| container.ports.iter().flatten());
        let host_ports = ports
            .filter_map(|port| {
                Some((port.protocol.clone().unwrap_or_else(|| "TCP".to_owned()), port.host_port?))
            })
            .collect();
        Self { cpu: total("cpu", millis), memory: total("memory", bytes), pods: 1, host_ports }
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.cpu += other.cpu;
        self.memory += other.memory;
        self.pods += other.pods;
        self.host_ports.extend(other.host_ports.iter().cloned());
    }

    pub(super) fn remove(&mut self, other: &Self) {
        self.cpu -= other.cpu;
        self.memory -= other.memory;
        self.pods -= other.pods;
        for port in &other.host_ports {
            if let Some(at) = self.host_ports.iter().position(|known| known == port) {
                self.host_ports.remove(at);
            }
        }
    }
}

/// Why `info` does not take the pod, in upstream's words after the count of nodes; `None`: it does.
pub(super) fn refusal(pod: &Pod, needs: &Needs, info: &NodeInfo, cache: &Cache) -> Option<String> {
    let spec = pod.spec.as_ref()?;
    let node_spec = info.node.spec.as_ref();
    let taints = node_spec.and_then(|spec| spec.taints.as_deref()).unwrap_or_default();
    if let Some(taint) = untolerated(pod, taints, &["NoSchedule", "NoExecute"]) {
        let value = taint.value.as_deref().unwrap_or_default();
        return Some(format!("node(s) had untolerated taint {{{}: {value}}}", taint.key));
    }
    if node_spec.is_some_and(|spec| spec.unschedulable == Some(true)) && taints.is_empty() {
        return Some("node(s) were unschedulable".to_owned());
    }
    if !node_matches(spec, &info.node) {
        return Some("node(s) didn't match Pod's node affinity/selector".to_owned());
    }
    if needs.host_ports.iter().any(|port| info.used.host_ports.contains(port)) {
        return Some("node(s) didn't have free ports for the requested pod ports".to_owned());
    }
    for (name, need, used, has) in [
        ("Too many pods", needs.pods, info.used.pods, info.allocatable.pods),
        ("Insufficient cpu", needs.cpu, info.used.cpu, info.allocatable.cpu),
        ("Insufficient memory", needs.memory, info.used.memory, info.allocatable.memory),
    ] {
        if need > 0 && used + need > has {
            return Some(name.to_owned());
        }
    }
    pod_affinity_refusal(pod, info, cache)
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

fn term_selects(term: &PodAffinityTerm, of: &Pod, other: &Pod) -> bool {
    let namespaces = term.namespaces.as_deref().unwrap_or_default();
    let namespace = other.namespace().unwrap_or_default();
    let in_namespace = if namespaces.is_empty() {
        of.namespace().unwrap_or_default() == namespace
    } else {
        namespaces.contains(&namespace)
    };
    in_namespace
        && term
            .label_selector
            .as_ref()
            .is_some_and(|selector| selector_matches(selector, other.metadata.labels.as_ref()))
}

fn pod_affinity_refusal(pod: &Pod, info: &NodeInfo, cache: &Cache) -> Option<String> {
    let (near, far) = required_terms(pod);
    let anywhere = |term: &PodAffinityTerm, same_domain: bool| {
        let domain = info.label(&term.topology_key);
        cache
            .nodes()
            .filter(|other| !same_domain || (domain.is_some() && other.label(&term.topology_key) == domain))
            .any(|other| other.pods.values().any(|other| term_selects(term, pod, other)))
    };
    for term in near {
        // The first of a group that wants to be together may go anywhere (upstream: the pod matches its own term).
        let first = term_selects(term, pod, pod) && !anywhere(term, false);
        if !first && !anywhere(term, true) {
            return Some("node(s) didn't match pod affinity rules".to_owned());
        }
    }
    if far.iter().any(|term| anywhere(term, true)) {
        return Some("node(s) didn't match pod anti-affinity rules".to_owned());
    }
    if cache.with_anti_affinity > 0 && kept_away(pod, info, cache) {
        return Some("node(s) didn't satisfy existing pods anti-affinity rules".to_owned());
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
                    && term_selects(term, placed, pod)
            })
        })
    })
}
