//! What the runtime says of a pod (`pkg/kubelet/kuberuntime`, GetPodStatus).

use std::collections::BTreeMap;

use crate::cri::{
    CONTAINER_NAME_LABEL, ContainerFilter, ContainerState, ContainerStatus, Cri, CriError, POD_UID_LABEL,
    PodSandboxFilter, PodSandboxState, PodSandboxStatus,
};

/// Annotation with the container's fingerprint.
pub(crate) const HASH: &str = "io.kubernetes.container.hash";
/// Annotation with how often the container was restarted.
pub(crate) const RESTARTS: &str = "io.kubernetes.container.restartCount";

/// Sandboxes and containers of one pod, newest first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Observed {
    pub(crate) sandboxes: Vec<PodSandboxStatus>,
    pub(crate) containers: Vec<ContainerStatus>,
    pub(crate) ips: Vec<String>,
}

impl Observed {
    /// Asks the runtime.
    pub(crate) async fn of(cri: &dyn Cri, uid: &str) -> Result<Self, CriError> {
        let selector: BTreeMap<String, String> = [(POD_UID_LABEL.to_owned(), uid.to_owned())].into();
        let filter = PodSandboxFilter { label_selector: selector.clone(), ..PodSandboxFilter::default() };
        let mut listed = cri.list_pod_sandbox(filter).await?;
        listed.sort_by(|a, b| (b.created_at, &b.id).cmp(&(a.created_at, &a.id)));
        let mut sandboxes = Vec::with_capacity(listed.len());
        for sandbox in listed {
            match cri.pod_sandbox_status(&sandbox.id).await {
                Err(error) if error.is_not_found() => {}
                other => sandboxes.push(other?),
            }
        }
        let ips = match sandboxes.first() {
            Some(newest) if newest.state == PodSandboxState::Ready => newest.ips.clone(),
            _ => Vec::new(),
        };
        let filter = ContainerFilter { label_selector: selector, ..ContainerFilter::default() };
        let mut containers = Vec::new();
        for container in cri.list_containers(filter).await? {
            match cri.container_status(&container.id).await {
                Err(error) if error.is_not_found() => {}
                other => containers.push(other?),
            }
        }
        containers.sort_by(|a, b| (b.created_at, &b.id).cmp(&(a.created_at, &a.id)));
        Ok(Self { sandboxes, containers, ips })
    }

    /// The newest container of a name.
    pub(crate) fn newest(&self, name: &str) -> Option<&ContainerStatus> {
        self.containers.iter().find(|status| container_name(status) == name)
    }

    /// Containers that run.
    pub(crate) fn running(&self) -> impl Iterator<Item = &ContainerStatus> {
        self.containers.iter().filter(|status| status.state == ContainerState::Running)
    }

    /// Whether a new sandbox is needed, how many there were, and which one is the newest
    /// (`pkg/kubelet/kuberuntime/util`, PodSandboxChanged).
    pub(crate) fn sandbox_changed(&self, host_network: bool) -> (bool, u32, String) {
        let Some(newest) = self.sandboxes.first() else { return (true, 0, String::new()) };
        let ready = self.sandboxes.iter().filter(|s| s.state == PodSandboxState::Ready).count();
        let next = newest.metadata.attempt + 1;
        if ready > 1 || newest.state != PodSandboxState::Ready {
            return (true, next, newest.id.clone());
        }
        if !host_network && !newest.host_network && newest.ips.is_empty() {
            return (true, next, newest.id.clone());
        }
        (false, newest.metadata.attempt, newest.id.clone())
    }
}

/// The container's name in its pod.
pub(crate) fn container_name(status: &ContainerStatus) -> &str {
    status.labels.get(CONTAINER_NAME_LABEL).map_or(status.metadata.name.as_str(), String::as_str)
}

/// How often the container was restarted before it was made.
pub(crate) fn restart_count(status: &ContainerStatus) -> i32 {
    status.annotations.get(RESTARTS).and_then(|count| count.parse().ok()).unwrap_or(0)
}
