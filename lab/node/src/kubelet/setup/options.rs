//! What a kubelet of a lab is given beside its command line.

use std::fmt;
use std::sync::Arc;

use winlab_kube_client::Client;
use winlab_profiles::KubeVersion;

use crate::cri::Cri;
use crate::kubelet::probe::Prober;

/// Version, prober and, for hollow nodes, the runtime.
#[derive(Clone)]
pub struct KubeletOptions {
    /// Its version: which flags and gates it knows, and what it does.
    pub version: KubeVersion,
    /// Who sends probes: a probe is a packet from the node.
    pub prober: Arc<dyn Prober>,
    /// A runtime in place of the one behind the endpoint.
    pub runtime: Option<Arc<dyn Cri>>,
    /// Kubernetes under the identity of the bootstrap kubeconfig, for a kubelet that has no certificate yet.
    pub bootstrap: Option<Client>,
    /// A kubelet without a machine's loops: no eviction, no garbage collection, no service environment, no events.
    pub hollow: bool,
}

impl KubeletOptions {
    /// An ordinary kubelet.
    #[must_use]
    pub fn new(version: KubeVersion, prober: Arc<dyn Prober>) -> Self {
        Self { version, prober, runtime: None, bootstrap: None, hollow: false }
    }

    /// A hollow kubelet over a runtime of its own.
    #[must_use]
    pub fn hollow(version: KubeVersion, prober: Arc<dyn Prober>, runtime: Arc<dyn Cri>) -> Self {
        Self { version, prober, runtime: Some(runtime), bootstrap: None, hollow: true }
    }
}

impl fmt::Debug for KubeletOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KubeletOptions")
            .field("version", &self.version)
            .field("hollow", &self.hollow)
            .finish_non_exhaustive()
    }
}
