//! What the parts of one kubelet share.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;
use winlab_clock::{Clock, Seed, VirtualInstant};
use winlab_component::{HostFiles, LocalEndpoints, Log, Machine};
use winlab_kube_client::k8s::core::{Node, Pod, Service};
use winlab_kube_client::{Client, Store};

use super::backoff::ItemBackoff;
use super::container::images::Images;
use super::events::Recorder;
use super::eviction::Evictions;
use super::node::MachineInfo;
use super::pod::facts::PodFacts;
use super::pod::workers::Workers;
use super::probe::Probes;
use super::setup::{KubeletConfig, KubeletOptions};
use super::status::{Reasons, Statuses};
use crate::cri::{Code, Cri, CriError};

/// What stands in the way of pods (`pkg/kubelet/runtime.go`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RuntimeState {
    /// Why the runtime cannot be used.
    pub(crate) runtime: Option<String>,
    /// Why pods have no network.
    pub(crate) network: Option<String>,
}

/// One kubelet.
pub(crate) struct Kubelet {
    pub(crate) node_name: String,
    pub(crate) machine: Machine,
    pub(crate) machine_info: MachineInfo,
    pub(crate) files: HostFiles,
    pub(crate) clock: Clock,
    pub(crate) started: VirtualInstant,
    pub(crate) log: Log,
    pub(crate) seed: Seed,
    pub(crate) client: Client,
    pub(crate) endpoints: LocalEndpoints,
    pub(crate) options: KubeletOptions,
    pub(crate) config: KubeletConfig,
    /// `containerd`
    pub(crate) runtime_name: String,
    /// `containerd://2.1.4`
    pub(crate) runtime_version: String,
    pub(crate) pods: Store<Pod>,
    /// A hollow kubelet has none: nobody in its containers reads variables.
    pub(crate) services: Option<Store<Service>>,
    pub(crate) recorder: Recorder,
    pub(crate) statuses: Statuses,
    pub(crate) reasons: Reasons,
    pub(crate) probes: Probes,
    pub(crate) images: Images,
    pub(crate) crashes: ItemBackoff,
    pub(crate) evictions: Evictions,
    pub(crate) workers: Workers,
    pub(crate) state: watch::Sender<RuntimeState>,
    pub(crate) node: Mutex<Option<Arc<Node>>>,
}

impl Kubelet {
    /// The runtime, if it listens at this moment.
    pub(crate) fn cri(&self) -> Result<Arc<dyn Cri>, CriError> {
        dial(&self.options, &self.endpoints, &self.config.runtime_endpoint)
    }

    /// The Node object as it was last seen.
    pub(crate) fn node_object(&self) -> Option<Arc<Node>> {
        self.node.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_node_object(&self, node: Node) {
        *self.node.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(node));
    }

    /// What the node has for pods, as text.
    pub(crate) fn allocatable(&self) -> BTreeMap<String, String> {
        let node = self.node_object();
        let allocatable = node.as_ref().and_then(|node| node.status.as_ref()?.allocatable.as_ref());
        allocatable.into_iter().flatten().map(|(name, q)| (name.clone(), q.0.clone())).collect()
    }

    /// The node's own address.
    pub(crate) fn host_ip(&self) -> String {
        self.machine_info.addresses.first().cloned().unwrap_or_default()
    }

    /// Where a pod's files lie.
    pub(crate) fn pod_dir(&self, uid: &str) -> String {
        format!("{}/pods/{uid}", self.config.root_dir)
    }

    /// Where a pod's logs lie.
    pub(crate) fn pod_logs(&self, pod: &Pod) -> String {
        format!("{}/{}_{}_{}", self.config.pod_logs_dir, pod.namespace(), pod.name(), pod.uid())
    }

    /// Lets a pod's worker look again.
    pub(crate) fn wake(&self, uid: &str) {
        self.workers.wake(uid);
    }
}

/// Dials the runtime.
pub(crate) fn dial(
    options: &KubeletOptions,
    endpoints: &LocalEndpoints,
    address: &str,
) -> Result<Arc<dyn Cri>, CriError> {
    if let Some(runtime) = &options.runtime {
        return Ok(runtime.clone());
    }
    endpoints.dial::<dyn Cri>(address).map_err(|_| {
        let (path, reason) = match address.strip_prefix("npipe:") {
            Some(pipe) => (pipe.trim_start_matches("//"), "The system cannot find the file specified."),
            None => (address.trim_start_matches("unix://"), "connect: no such file or directory"),
        };
        let dialled = if address.starts_with("npipe:") {
            format!("open //{path}")
        } else {
            format!("dial unix {path}")
        };
        CriError::new(
            Code::Unavailable,
            format!("connection error: desc = \"transport: Error while dialing: {dialled}: {reason}\""),
        )
    })
}
