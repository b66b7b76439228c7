//! The model kubelets, as the embedded API server reaches them: asked for logs, and connected to for everything that has
//! streams.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use winlab_component::LocalEndpoints;
use winlab_control_plane::{Connection, ContainerRef, Kubelet, Kubelets, LogOptions};
use winlab_cri::{Backend, HttpPods, KubeletPods, KubeletStreams};
use winlab_node::kubelet::{self, KubeletApi, kubelet_endpoint};

use crate::pod_network::NodePods;

/// How much may be on its way between the API server and a kubelet.
const ON_ITS_WAY: usize = 64 << 10;

/// One node's kubelet, and what is behind it.
#[derive(Clone)]
pub(crate) struct ModelKubelet {
    /// Where it listens in this process.
    pub(crate) endpoints: LocalEndpoints,
    /// The address of the node's runtime.
    pub(crate) runtime: &'static str,
    pub(crate) pods: Arc<NodePods>,
}

/// The kubelets of a lab by node.
pub(crate) struct ModelKubelets(BTreeMap<String, ModelKubelet>);

impl ModelKubelets {
    pub(crate) fn new(nodes: impl IntoIterator<Item = (String, ModelKubelet)>) -> Self {
        Self(nodes.into_iter().collect())
    }
}

impl Kubelets for ModelKubelets {
    fn of_node(&self, node: &str) -> Option<Arc<dyn Kubelet>> {
        Some(Arc::new(self.0.get(node)?.clone()))
    }
}

impl ModelKubelet {
    fn dial(&self) -> Result<Arc<dyn KubeletApi>, String> {
        dial(&self.endpoints)
    }
}

/// The kubelet that listens on a node, if it does.
pub(crate) fn dial(endpoints: &LocalEndpoints) -> Result<Arc<dyn KubeletApi>, String> {
    endpoints.dial::<dyn KubeletApi>(kubelet_endpoint()).map_err(|error| error.to_string())
}

impl Kubelet for ModelKubelet {
    fn logs<'a>(
        &'a self,
        container: &'a ContainerRef,
        options: &'a LogOptions,
    ) -> BoxFuture<'a, Result<String, String>> {
        let LogOptions { previous, tail, timestamps } = *options;
        let options = kubelet::LogOptions { previous, tail, timestamps };
        let ContainerRef { namespace, pod, container } = container;
        async move { self.dial()?.container_logs(namespace, pod, container, options).await }.boxed()
    }

    fn connect(&self) -> Result<Box<dyn Connection>, String> {
        let pods = Arc::new(PodsOf(self.dial()?));
        let backend = Backend::new(self.endpoints.clone(), self.runtime);
        let network = Arc::new(HttpPods::new(self.pods.clone()));
        let (ours, theirs) = tokio::io::duplex(ON_ITS_WAY);
        // It ends with the connection.
        tokio::spawn(KubeletStreams::new(pods, backend, self.pods.clock, network).serve(theirs));
        Ok(Box::new(ours))
    }
}

/// The pods of a kubelet that has been dialled.
struct PodsOf(Arc<dyn KubeletApi>);

impl KubeletPods for PodsOf {
    fn container(&self, namespace: &str, pod: &str, container: &str) -> Result<String, String> {
        self.0.container_id(namespace, pod, container)
    }

    fn sandbox<'a>(&'a self, namespace: &'a str, pod: &'a str) -> BoxFuture<'a, Result<String, String>> {
        self.0.sandbox_id(namespace, pod)
    }
}
