//! Nodes with what runs on them, kept up to date by changes.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use winlab_kube_client::k8s::core::{Namespace, Node, Pod};
use winlab_kube_client::{ObjectKey, ResourceExt, Store};

use super::needs::Needs;
use crate::ownership::controller_of;
use crate::pod_state::is_terminal;

/// One node with what is on it.
pub(super) struct NodeInfo {
    pub(super) node: Arc<Node>,
    pub(super) allocatable: Needs,
    pub(super) used: Needs,
    pub(super) pods: BTreeMap<ObjectKey, Arc<Pod>>,
    /// Pods by the uid of their controller.
    pub(super) by_owner: BTreeMap<String, usize>,
}

/// All nodes, and which pod is where.
#[derive(Default)]
pub(super) struct Cache {
    nodes: BTreeMap<String, NodeInfo>,
    placed: BTreeMap<ObjectKey, String>,
    /// Pods on nodes that have not been seen yet.
    homeless: BTreeMap<ObjectKey, Arc<Pod>>,
    /// Namespaces, for the terms that select by their labels.
    namespaces: Store<Namespace>,
    /// How many placed pods have an anti-affinity of their own: none is the common case, and cheap.
    pub(super) with_anti_affinity: usize,
}

fn allocatable(node: &Node) -> Needs {
    let listed = node.status.as_ref().and_then(|status| status.allocatable.as_ref());
    listed.map(Needs::allocatable).unwrap_or_default()
}

fn node_of(pod: &Pod) -> Option<&str> {
    pod.spec.as_ref()?.node_name.as_deref().filter(|name| !name.is_empty())
}

impl Cache {
    pub(super) fn new(namespaces: Store<Namespace>) -> Self {
        Self { namespaces, ..Self::default() }
    }

    /// How many nodes there are.
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Each node once by name, from this one on and round to the one before it.
    pub(super) fn from<'a>(
        &'a self,
        name: &str,
    ) -> impl Iterator<Item = (&'a String, &'a NodeInfo)> + use<'a> {
        let later = self.nodes.range::<str, _>((Bound::Included(name), Bound::Unbounded));
        let earlier = self.nodes.range::<str, _>((Bound::Unbounded, Bound::Excluded(name)));
        later.chain(earlier)
    }

    /// The labels of a namespace.
    pub(super) fn namespace_labels(&self, name: &str) -> Option<BTreeMap<String, String>> {
        self.namespaces.get_cluster(name)?.metadata.labels.clone()
    }

    pub(super) fn nodes(&self) -> impl Iterator<Item = &NodeInfo> {
        self.nodes.values()
    }

    /// Takes a node's change in; whether a pod that did not fit may fit now.
    pub(super) fn node_changed(&mut self, name: &str, before: Option<&Node>, now: Option<Arc<Node>>) -> bool {
        let Some(node) = now else {
            if let Some(gone) = self.nodes.remove(name) {
                self.homeless.extend(gone.pods);
            }
            return false;
        };
        let relevant = |node: &Node| {
            let status = node.status.clone().unwrap_or_default();
            (node.metadata.labels.clone(), node.spec.clone(), status.allocatable)
        };
        let changed = before.is_none_or(|before| relevant(before) != relevant(&node));
        match self.nodes.get_mut(name) {
            Some(info) => {
                if changed {
                    info.allocatable = allocatable(&node);
                }
                info.node = node;
            }
            None => {
                let info = NodeInfo {
                    allocatable: allocatable(&node),
                    node,
                    used: Needs::default(),
                    pods: BTreeMap::new(),
                    by_owner: BTreeMap::new(),
                };
                self.nodes.insert(name.to_owned(), info);
                let here: Vec<_> = self
                    .homeless
                    .iter()
                    .filter(|(_, pod)| node_of(pod) == Some(name))
                    .map(|(k, _)| k.clone())
                    .collect();
                for key in here {
                    if let Some(pod) = self.homeless.remove(&key) {
                        self.place(&key, &pod, name);
                    }
                }
            }
        }
        changed
    }

    /// Takes a pod's change in; whether it freed something.
    pub(super) fn pod_changed(&mut self, key: &ObjectKey, now: Option<&Arc<Pod>>) -> bool {
        let placed =
            now.filter(|pod| !is_terminal(pod)).and_then(|pod| Some((pod, node_of(pod)?.to_owned())));
        match (placed, self.placed.get(key).cloned()) {
            (Some((pod, node)), Some(old)) if node == old => {
                if let Some(info) = self.nodes.get_mut(&node) {
                    info.pods.insert(key.clone(), pod.clone());
                }
                false
            }
            (Some((pod, node)), _) => {
                self.unplace(key);
                self.place(key, pod, &node);
                false
            }
            // A pod this scheduler has just bound: the store does not show the binding yet.
            (None, Some(_)) if now.is_some_and(|pod| !is_terminal(pod)) => false,
            (None, Some(_)) => {
                self.unplace(key);
                true
            }
            (None, None) => {
                self.homeless.remove(key);
                false
            }
        }
    }

    /// A pod that has just been bound.
    pub(super) fn assume(&mut self, key: &ObjectKey, pod: &Arc<Pod>, node: &str) {
        self.place(key, pod, node);
    }

    fn place(&mut self, key: &ObjectKey, pod: &Arc<Pod>, node: &str) {
        let Some(info) = self.nodes.get_mut(node) else {
            self.homeless.insert(key.clone(), pod.clone());
            return;
        };
        info.used.add(&Needs::of(pod));
        info.pods.insert(key.clone(), pod.clone());
        if let Some(owner) = controller_of(&**pod) {
            *info.by_owner.entry(owner.uid.clone()).or_default() += 1;
        }
        self.with_anti_affinity += usize::from(super::filter::has_anti_affinity(pod));
        self.placed.insert(key.clone(), node.to_owned());
    }

    fn unplace(&mut self, key: &ObjectKey) {
        self.homeless.remove(key);
        let Some(node) = self.placed.remove(key) else { return };
        let Some(info) = self.nodes.get_mut(&node) else { return };
        let Some(pod) = info.pods.remove(key) else { return };
        info.used.remove(&Needs::of(&pod));
        let owner = controller_of(&*pod).map(|owner| &owner.uid);
        if let Some(count) = owner.and_then(|uid| info.by_owner.get_mut(uid)) {
            *count -= 1;
        }
        self.with_anti_affinity -= usize::from(super::filter::has_anti_affinity(&pod));
    }
}

impl NodeInfo {
    /// How many pods of this controller, by its uid, are on the node.
    pub(super) fn pods_of(&self, owner: &str) -> usize {
        self.by_owner.get(owner).copied().unwrap_or_default()
    }

    /// A label of the node.
    pub(super) fn label(&self, key: &str) -> Option<&String> {
        self.node.labels().get(key)
    }
}
