//! Containers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::image::ImageSpec;
use super::sandbox::PodSandboxConfig;
use super::security::{LinuxContainerSecurityContext, WindowsSecurityContext};

/// `ContainerMetadata`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainerMetadata {
    /// The container's name in the pod
    pub name: String,
    /// How often it was restarted
    pub attempt: u32,
}

/// `KeyValue`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyValue {
    /// Name
    pub key: String,
    /// Value
    pub value: String,
}

/// `MountPropagation`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum MountPropagation {
    /// None
    #[default]
    Private,
    /// Mounts of the host are seen in the container.
    HostToContainer,
    /// In both directions.
    Bidirectional,
}

/// `Mount`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mount {
    /// Where it is seen
    pub container_path: String,
    /// Where it lies
    pub host_path: String,
    /// Read-only
    pub readonly: bool,
    /// Propagation
    pub propagation: MountPropagation,
}

/// `LinuxContainerResources`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinuxContainerResources {
    /// CFS period in microseconds
    pub cpu_period: i64,
    /// CFS quota in microseconds
    pub cpu_quota: i64,
    /// CPU shares
    pub cpu_shares: i64,
    /// Memory limit in bytes; 0 of none
    pub memory_limit_in_bytes: i64,
    /// OOM score adjustment
    pub oom_score_adj: i64,
}

/// `WindowsContainerResources`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowsContainerResources {
    /// CPU shares; 0 of none
    #[serde(default)]
    pub cpu_shares: i64,
    /// Number of CPUs; 0 of none
    #[serde(default)]
    pub cpu_count: i64,
    /// CPU limit in ten-thousandths of the whole host; 0 of none
    pub cpu_maximum: i64,
    /// Memory limit in bytes; 0 of none
    pub memory_limit_in_bytes: i64,
    /// Size of the root file system in bytes; 0 of the default
    #[serde(default)]
    pub rootfs_size_in_bytes: i64,
}

/// Either system's resources (`ContainerResources`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainerResources {
    /// Of a Linux container
    pub linux: Option<LinuxContainerResources>,
    /// Of a Windows container
    pub windows: Option<WindowsContainerResources>,
}

/// `LinuxContainerConfig`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinuxContainerConfig {
    /// Resources
    pub resources: LinuxContainerResources,
    /// Security context
    pub security_context: LinuxContainerSecurityContext,
}

/// `WindowsContainerConfig`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowsContainerConfig {
    /// Resources
    pub resources: WindowsContainerResources,
    /// Security context
    pub security_context: WindowsSecurityContext,
}

/// `ContainerConfig`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainerConfig {
    /// What names it
    pub metadata: ContainerMetadata,
    /// The image
    pub image: ImageSpec,
    /// The image's entry point is replaced by it
    pub command: Vec<String>,
    /// The image's command is replaced by it
    pub args: Vec<String>,
    /// The image's working directory is replaced by it
    pub working_dir: String,
    /// Environment
    pub envs: Vec<KeyValue>,
    /// Mounts
    pub mounts: Vec<Mount>,
    /// Labels
    pub labels: BTreeMap<String, String>,
    /// Annotations
    pub annotations: BTreeMap<String, String>,
    /// Log file below the sandbox's log directory
    pub log_path: String,
    /// Whether its input is open
    pub stdin: bool,
    /// Whether its input is closed when the first client that attached to it goes
    #[serde(default)]
    pub stdin_once: bool,
    /// Whether it has a terminal
    pub tty: bool,
    /// Linux only
    pub linux: Option<LinuxContainerConfig>,
    /// Windows only
    pub windows: Option<WindowsContainerConfig>,
}

/// `CreateContainerRequest`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreateContainerRequest {
    /// The sandbox it goes into
    pub pod_sandbox_id: String,
    /// The container
    pub config: ContainerConfig,
    /// The sandbox's configuration, as it was run with
    pub sandbox_config: PodSandboxConfig,
}

/// `ContainerState`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ContainerState {
    /// Made, not started
    Created,
    /// Running
    Running,
    /// Ended
    Exited,
    /// The runtime cannot tell
    #[default]
    Unknown,
}

/// `ContainerStatus`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContainerStatus {
    /// Its id
    pub id: String,
    /// The sandbox it is in
    pub pod_sandbox_id: String,
    /// What names it
    pub metadata: ContainerMetadata,
    /// Its state
    pub state: ContainerState,
    /// Nanoseconds since 1970
    pub created_at: i64,
    /// Nanoseconds since 1970; 0: not yet
    pub started_at: i64,
    /// Nanoseconds since 1970; 0: not yet
    pub finished_at: i64,
    /// Exit code
    pub exit_code: i32,
    /// The image as it was asked for
    pub image: String,
    /// The image's digest reference
    pub image_ref: String,
    /// The image's id
    pub image_id: String,
    /// `Completed`, `Error`, `OOMKilled`, `StartError`, `ContainerCannotRun`, `Unknown`
    pub reason: String,
    /// More words
    pub message: String,
    /// Labels
    pub labels: BTreeMap<String, String>,
    /// Annotations
    pub annotations: BTreeMap<String, String>,
    /// Mounts
    pub mounts: Vec<Mount>,
    /// Full path of its log
    pub log_path: String,
    /// Its limits
    pub resources: ContainerResources,
}

/// `Container`, an entry of a list
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListedContainer {
    /// Its id
    pub id: String,
    /// The sandbox it is in
    pub pod_sandbox_id: String,
    /// What names it
    pub metadata: ContainerMetadata,
    /// The image as it was asked for
    pub image: String,
    /// The image's id
    pub image_ref: String,
    /// The image's id again, for kubelets that look for it here
    pub image_id: String,
    /// Its state
    pub state: ContainerState,
    /// Nanoseconds since 1970
    pub created_at: i64,
    /// Labels
    pub labels: BTreeMap<String, String>,
    /// Annotations
    pub annotations: BTreeMap<String, String>,
}

/// `ContainerFilter`; what is empty selects everything
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContainerFilter {
    /// The beginning of an id
    pub id: String,
    /// A state
    pub state: Option<ContainerState>,
    /// A sandbox
    pub pod_sandbox_id: String,
    /// Labels it must have
    pub label_selector: BTreeMap<String, String>,
}

/// `ExecSyncResponse`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExecSyncResponse {
    /// What it wrote
    pub stdout: Vec<u8>,
    /// What it complained
    pub stderr: Vec<u8>,
    /// Exit code
    pub exit_code: i32,
}
