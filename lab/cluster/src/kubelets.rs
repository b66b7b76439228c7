//! The model kubelets, as the embedded API server asks them for logs and exec.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use winlab_clock::VirtualSpan;
use winlab_component::LocalEndpoints;
use winlab_control_plane::{ContainerRef, ExecOutput, Kubelet, Kubelets, LogOptions};
use winlab_node::kubelet::{self, KubeletApi, kubelet_endpoint};

/// A command that takes longer than this hangs.
const WITHIN: VirtualSpan = VirtualSpan::from_secs(120);

/// Where each node's kubelet listens in this process.
pub(crate) struct ModelKubelets(BTreeMap<String, LocalEndpoints>);

impl ModelKubelets {
    pub(crate) fn new(nodes: impl IntoIterator<Item = (String, LocalEndpoints)>) -> Self {
        Self(nodes.into_iter().collect())
    }
}

impl Kubelets for ModelKubelets {
    fn of_node(&self, node: &str) -> Option<Arc<dyn Kubelet>> {
        let endpoints = self.0.get(node)?.clone();
        Some(Arc::new(ModelKubelet(endpoints)))
    }
}

struct ModelKubelet(LocalEndpoints);

impl ModelKubelet {
    fn dial(&self) -> Result<Arc<dyn KubeletApi>, String> {
        self.0.dial::<dyn KubeletApi>(kubelet_endpoint()).map_err(|error| error.to_string())
    }
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

    fn exec<'a>(
        &'a self,
        container: &'a ContainerRef,
        command: &'a [String],
    ) -> BoxFuture<'a, Result<ExecOutput, String>> {
        let ContainerRef { namespace, pod, container } = container;
        async move {
            let done = self.dial()?.exec(namespace, pod, container, command, Some(WITHIN)).await?;
            Ok(ExecOutput { code: done.exit_code, stdout: done.stdout, stderr: done.stderr })
        }
        .boxed()
    }
}
