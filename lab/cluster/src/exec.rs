//! Commands in containers, and what containers have written: the ways of `kubectl exec` and `kubectl logs`.
//!
//! Both go through the API server to the node's kubelet and its runtime. An API server of a control plane of programs reaches
//! no kubelet that is a model, since that listens on no socket: the lab asks such a kubelet itself.

use winlab_clock::VirtualSpan;
use winlab_kube_client::api::LogParams;
use winlab_kube_client::k8s::core::Pod;
use winlab_kube_client::{Api, ErrorExt, Exec, Executed};
use winlab_node::kubelet::LogOptions;
use winlab_real::RealComponent;

use crate::error::LabError;
use crate::kubelets;
use crate::lab::Lab;
use crate::node::Node;

/// A command that takes longer than this hangs.
const WITHIN: VirtualSpan = VirtualSpan::from_secs(120);

/// The container that kubectl takes where none is named.
const DEFAULT_CONTAINER: &str = "kubectl.kubernetes.io/default-container";

/// What a command left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecOutcome {
    /// Its exit code.
    pub code: i32,
    /// What it wrote.
    pub stdout: String,
    /// What it complained.
    pub stderr: String,
}

impl Lab {
    /// Runs a command in a pod's container: the one named, or the one that kubectl would take.
    ///
    /// # Errors
    /// That the container is not there, or the words of whoever refused it.
    pub async fn exec(
        &self,
        namespace: &str,
        pod: &str,
        container: Option<&str>,
        command: &[String],
    ) -> Result<ExecOutcome, LabError> {
        let (node, default) = self.place_of(namespace, pod).await?;
        let container = container.unwrap_or(&default);
        let what = || format!("running `{}` in {namespace}/{pod}", command.join(" "));
        let (code, stdout, stderr) = if self.is_reached(node) {
            let exec = Exec { namespace, pod, container: Some(container), command };
            let client = self.client();
            let run = self.clock().within(WITHIN, exec.run(&client)).await;
            let done = run.map_err(|elapsed| LabError::new(what(), elapsed))?;
            let Executed { code, stdout, stderr } = done.map_err(|error| LabError::new(what(), error))?;
            (code, stdout, stderr)
        } else {
            let kubelet = kubelets::dial(&node.endpoints).map_err(|error| LabError::new(what(), error))?;
            let done = kubelet.exec(namespace, pod, container, command, Some(WITHIN)).await;
            let done = done.map_err(|error| LabError::new(what(), error))?;
            (done.exit_code, done.stdout, done.stderr)
        };
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(ExecOutcome { code, stdout: text(&stdout), stderr: text(&stderr) })
    }

    /// What a pod's container has written, of which kubectl would show the log.
    ///
    /// # Errors
    /// That there is no log, or the words of whoever refused it.
    pub async fn pod_log(&self, namespace: &str, pod: &str) -> Result<String, LabError> {
        let (node, container) = self.place_of(namespace, pod).await?;
        let what = || format!("reading the log of {namespace}/{pod}");
        if self.is_reached(node) {
            let pods: Api<Pod> = Api::namespaced(self.client(), namespace);
            let wanted = LogParams { container: Some(container), ..LogParams::default() };
            return pods.logs(pod, &wanted).await.map_err(|error| LabError::new(what(), error));
        }
        let kubelet = kubelets::dial(&node.endpoints).map_err(|error| LabError::new(what(), error))?;
        let text = kubelet.container_logs(namespace, pod, &container, LogOptions::default()).await;
        text.map_err(|error| LabError::new(what(), error))
    }

    /// Whether the API server reaches the kubelet of a node.
    fn is_reached(&self, node: &Node) -> bool {
        self.has_embedded_plane() || node.spec.real.contains(&RealComponent::Kubelet)
    }

    /// The node that a pod runs on, and its container of which kubectl thinks first (`polymorphichelpers`,
    /// `kubectl/pkg/util/podutils`).
    pub(crate) async fn place_of(&self, namespace: &str, pod: &str) -> Result<(&Node, String), LabError> {
        let what = format!("finding pod {namespace}/{pod}");
        let pods: Api<Pod> = Api::namespaced(self.client(), namespace);
        let found = match pods.get(pod).await {
            Ok(found) => found,
            Err(error) if error.is_not_found() => return Err(LabError::new(what, "there is no such pod")),
            Err(error) => return Err(LabError::new(what, error)),
        };
        let phase = found.status.and_then(|status| status.phase).unwrap_or_default();
        let spec = found.spec.unwrap_or_default();
        let annotated = found.metadata.annotations.and_then(|mut all| all.remove(DEFAULT_CONTAINER));
        let first = spec.containers.first().map(|container| container.name.clone());
        let container = annotated.or(first).unwrap_or_default();
        match spec.node_name.filter(|node| !node.is_empty()) {
            Some(node) => Ok((self.node(&node)?, container)),
            None => Err(LabError::new(what, format!("it is on no node yet ({phase})"))),
        }
    }
}
