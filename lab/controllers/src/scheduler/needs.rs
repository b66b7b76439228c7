//! What pods need of a node, and what it has to give.

use std::collections::BTreeMap;

use winlab_kube_client::k8s::Quantity;
use winlab_kube_client::k8s::core::Pod;
use winlab_kube_client::{pod_requests, quantity};

/// What a pod needs of a node, what pods use of it, or what it has (`Resource` in `pkg/scheduler/framework/types.go`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Needs {
    /// Thousandths of a CPU.
    pub(super) cpu: i64,
    /// Bytes.
    pub(super) memory: i64,
    /// Number of pods.
    pub(super) pods: i64,
    /// All else by name, in its unit: ephemeral storage, huge pages, extended resources. Empty of most pods.
    pub(super) others: BTreeMap<String, i64>,
    /// Host ports with their protocol.
    pub(super) host_ports: Vec<(String, i32)>,
}

impl Needs {
    /// What a pod asks for.
    pub(super) fn of(pod: &Pod) -> Self {
        let Some(spec) = &pod.spec else { return Self::default() };
        let ports = spec.containers.iter().flat_map(|container| container.ports.iter().flatten());
        let host_ports = ports
            .filter_map(|port| {
                Some((port.protocol.clone().unwrap_or_else(|| "TCP".to_owned()), port.host_port?))
            })
            .collect();
        let mut needs = Self { pods: 1, host_ports, ..Self::default() };
        for (name, thousandths) in pod_requests(spec) {
            let units = quantity::whole(thousandths);
            match name {
                "cpu" => needs.cpu = thousandths,
                "memory" => needs.memory = units,
                _ if units > 0 => drop(needs.others.insert(name.to_owned(), units)),
                _ => {}
            }
        }
        needs
    }

    /// What a node has for pods.
    pub(super) fn allocatable(listed: &BTreeMap<String, Quantity>) -> Self {
        let mut has = Self::default();
        for (name, amount) in listed {
            match name.as_str() {
                "cpu" => has.cpu = quantity::milli(&amount.0),
                "memory" => has.memory = quantity::value(&amount.0),
                "pods" => has.pods = quantity::value(&amount.0),
                _ => drop(has.others.insert(name.clone(), quantity::value(&amount.0))),
            }
        }
        has
    }

    /// How much of one of the other resources.
    pub(super) fn other(&self, name: &str) -> i64 {
        self.others.get(name).copied().unwrap_or_default()
    }

    pub(super) fn add(&mut self, more: &Self) {
        self.cpu += more.cpu;
        self.memory += more.memory;
        self.pods += more.pods;
        for (name, amount) in &more.others {
            *self.others.entry(name.clone()).or_default() += amount;
        }
        self.host_ports.extend(more.host_ports.iter().cloned());
    }

    pub(super) fn remove(&mut self, less: &Self) {
        self.cpu -= less.cpu;
        self.memory -= less.memory;
        self.pods -= less.pods;
        for (name, amount) in &less.others {
            *self.others.entry(name.clone()).or_default() -= amount;
        }
        for port in &less.host_ports {
            if let Some(at) = self.host_ports.iter().position(|known| known == port) {
                self.host_ports.remove(at);
            }
        }
    }
}
