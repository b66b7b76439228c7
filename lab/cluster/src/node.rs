//! One node of a lab.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use winlab_component::{HostFiles, LocalEndpoints, Machine, Supervisor};
use winlab_host::FaultSwitch;
use winlab_node::cri::Cri;
use winlab_profiles::KubeVersion;

use crate::call_log::CallLog;
use crate::component_containers::ComponentContainers;
use crate::error::LabError;
use crate::host::Host;
use crate::programs::Making;
use crate::spec::{NodeOs, NodeSpec};

/// Where the runtime of a Windows node listens.
pub(crate) const WINDOWS_RUNTIME: &str = "npipe:////./pipe/containerd-containerd";

/// The address of the runtime of nodes with that system.
pub(crate) fn runtime_endpoint(os: NodeOs) -> &'static str {
    match os {
        NodeOs::Windows(_) => WINDOWS_RUNTIME,
        NodeOs::Linux => "unix:///run/containerd/containerd.sock",
    }
}

/// A node: its machine, what runs its services, what it is made of.
pub(crate) struct Node {
    pub(crate) spec: NodeSpec,
    pub(crate) address: IpAddr,
    pub(crate) host: Host,
    pub(crate) machine: Machine,
    pub(crate) supervisor: Supervisor,
    pub(crate) containers: ComponentContainers,
    pub(crate) endpoints: LocalEndpoints,
    pub(crate) calls: Arc<CallLog>,
    pub(crate) faults: BTreeMap<&'static str, FaultSwitch>,
    pub(crate) versions: Versions,
    pub(crate) making: Arc<Making>,
}

/// Versions of a node's Kubernetes components, as they are installed at the moment.
#[derive(Clone)]
pub(crate) struct Versions(Arc<Mutex<BTreeMap<String, KubeVersion>>>);

impl Versions {
    pub(crate) fn of(spec: &NodeSpec) -> Self {
        let versions = [("kubelet", spec.kubelet), ("kube-proxy", spec.kube_proxy)];
        Self(Arc::new(Mutex::new(versions.map(|(name, version)| (name.to_owned(), version)).into())))
    }

    pub(crate) fn get(&self, component: &str) -> Option<KubeVersion> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(component).copied()
    }

    /// Installs another version; whether the component has one.
    pub(crate) fn set(&self, component: &str, version: KubeVersion) -> bool {
        let mut versions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        versions.get_mut(component).map(|known| *known = version).is_some()
    }
}

impl Node {
    pub(crate) fn is_windows(&self) -> bool {
        matches!(self.spec.os, NodeOs::Windows(_))
    }

    /// The power is gone: every program ends without a word.
    pub(crate) fn end_programs(&self) {
        self.supervisor.power_off();
        self.containers.power_off();
    }

    pub(crate) fn files(&self) -> HostFiles {
        HostFiles::of(&self.machine)
    }

    /// The address of the node's runtime.
    pub(crate) fn runtime_endpoint(&self) -> &'static str {
        runtime_endpoint(self.spec.os)
    }

    /// The node's runtime, if it runs.
    pub(crate) fn cri(&self) -> Result<Arc<dyn Cri>, LabError> {
        let what = format!("asking the runtime of {}", self.spec.name);
        self.endpoints
            .dial::<dyn Cri>(self.runtime_endpoint())
            .map_err(|error| LabError::new(what, error).hint("is its service `containerd` running?"))
    }
}
