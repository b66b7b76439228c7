//! What containerd remembers of sandboxes and containers, in memory and on disk.

use serde::{Deserialize, Serialize};

use crate::cri::{
    ContainerConfig, ContainerState, ContainerStatus, ListedContainer, ListedPodSandbox, PodSandboxConfig,
    PodSandboxState, PodSandboxStatus,
};

/// How a task is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum TaskKind {
    /// A process-isolated Windows container.
    Process,
    /// A Windows container in a utility VM.
    Hypervisor,
    /// A HostProcess container: a job object.
    Job,
    /// A Linux container.
    Runc,
}

/// A container's first process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Task {
    pub(crate) id: String,
    pub(crate) kind: TaskKind,
    pub(crate) pid: u32,
}

/// A sandbox.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SandboxRecord {
    pub(crate) id: String,
    pub(crate) config: PodSandboxConfig,
    pub(crate) runtime_handler: String,
    pub(crate) created_at: i64,
    pub(crate) state: PodSandboxState,
    /// The network namespace: a GUID on Windows, a path on Linux; empty in the host's network.
    pub(crate) netns: String,
    pub(crate) ips: Vec<String>,
    /// The pause container; none of HostProcess pods.
    pub(crate) task: Option<Task>,
    pub(crate) boot: String,
    /// Whether the network was given back.
    pub(crate) torn_down: bool,
}

impl SandboxRecord {
    pub(crate) fn host_network(&self) -> bool {
        self.netns.is_empty() && self.ips.is_empty()
    }

    pub(crate) fn to_status(&self) -> PodSandboxStatus {
        PodSandboxStatus {
            id: self.id.clone(),
            metadata: self.config.metadata.clone(),
            state: self.state,
            created_at: self.created_at,
            ips: self.ips.clone(),
            host_network: self.host_network(),
            labels: self.config.labels.clone(),
            annotations: self.config.annotations.clone(),
            runtime_handler: self.runtime_handler.clone(),
        }
    }

    pub(crate) fn to_listed(&self) -> ListedPodSandbox {
        ListedPodSandbox {
            id: self.id.clone(),
            metadata: self.config.metadata.clone(),
            state: self.state,
            created_at: self.created_at,
            labels: self.config.labels.clone(),
            annotations: self.config.annotations.clone(),
            runtime_handler: self.runtime_handler.clone(),
        }
    }
}

/// A container.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ContainerRecord {
    pub(crate) id: String,
    pub(crate) sandbox_id: String,
    pub(crate) config: ContainerConfig,
    pub(crate) image_id: String,
    pub(crate) image_ref: String,
    pub(crate) log_path: String,
    pub(crate) created_at: i64,
    pub(crate) started_at: i64,
    pub(crate) finished_at: i64,
    pub(crate) exit_code: i32,
    pub(crate) reason: String,
    pub(crate) message: String,
    pub(crate) state: ContainerState,
    pub(crate) task: Option<Task>,
    pub(crate) boot: String,
}

impl ContainerRecord {
    pub(crate) fn to_status(&self) -> ContainerStatus {
        let resources = crate::cri::ContainerResources {
            linux: self.config.linux.as_ref().map(|linux| linux.resources.clone()),
            windows: self.config.windows.as_ref().map(|windows| windows.resources.clone()),
        };
        ContainerStatus {
            id: self.id.clone(),
            pod_sandbox_id: self.sandbox_id.clone(),
            metadata: self.config.metadata.clone(),
            state: self.state,
            created_at: self.created_at,
            started_at: self.started_at,
            finished_at: self.finished_at,
            exit_code: self.exit_code,
            image: self.config.image.image.clone(),
            image_ref: self.image_ref.clone(),
            image_id: self.image_id.clone(),
            reason: self.reason.clone(),
            message: self.message.clone(),
            labels: self.config.labels.clone(),
            annotations: self.config.annotations.clone(),
            mounts: self.config.mounts.clone(),
            log_path: self.log_path.clone(),
            resources,
        }
    }

    pub(crate) fn to_listed(&self) -> ListedContainer {
        ListedContainer {
            id: self.id.clone(),
            pod_sandbox_id: self.sandbox_id.clone(),
            metadata: self.config.metadata.clone(),
            image: self.config.image.image.clone(),
            image_ref: self.image_id.clone(),
            image_id: self.image_id.clone(),
            state: self.state,
            created_at: self.created_at,
            labels: self.config.labels.clone(),
            annotations: self.config.annotations.clone(),
        }
    }

    /// Marks it ended; `Completed` and `Error` are told apart by the code (containerd `toCRIContainerStatus`).
    pub(crate) fn exited(&mut self, code: i32, at: i64) {
        self.state = ContainerState::Exited;
        self.exit_code = code;
        self.finished_at = at;
        if self.reason.is_empty() {
            self.reason = if code == 0 { "Completed" } else { "Error" }.to_owned();
        }
    }
}
