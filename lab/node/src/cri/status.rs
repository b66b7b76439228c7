//! What the runtime says of itself, and what it tells unasked.

use super::sandbox::PodSandboxStatus;

/// Condition: the runtime is ready.
pub const RUNTIME_READY: &str = "RuntimeReady";
/// Condition: the network is ready.
pub const NETWORK_READY: &str = "NetworkReady";

/// `VersionResponse`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VersionResponse {
    /// `containerd`
    pub runtime_name: String,
    /// `v2.1.4`
    pub runtime_version: String,
    /// `v1`
    pub runtime_api_version: String,
}

/// `RuntimeCondition`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuntimeCondition {
    /// [`RUNTIME_READY`] or [`NETWORK_READY`]
    pub kind: String,
    /// Whether it is so
    pub status: bool,
    /// Why not
    pub reason: String,
    /// In words
    pub message: String,
}

/// `StatusResponse`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatusResponse {
    /// Conditions
    pub conditions: Vec<RuntimeCondition>,
    /// Names of the runtime handlers
    pub runtime_handlers: Vec<String>,
}

impl StatusResponse {
    /// The condition of a kind.
    #[must_use]
    pub fn condition(&self, kind: &str) -> Option<&RuntimeCondition> {
        self.conditions.iter().find(|condition| condition.kind == kind)
    }
}

/// `ContainerEventType`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContainerEventType {
    /// `CONTAINER_CREATED_EVENT`
    Created,
    /// `CONTAINER_STARTED_EVENT`
    Started,
    /// `CONTAINER_STOPPED_EVENT`
    Stopped,
    /// `CONTAINER_DELETED_EVENT`
    Deleted,
}

/// `ContainerEventResponse`
#[derive(Debug, Clone)]
pub struct ContainerEventResponse {
    /// The container, or the sandbox
    pub container_id: String,
    /// What happened
    pub container_event_type: ContainerEventType,
    /// Nanoseconds since 1970
    pub created_at: i64,
    /// The sandbox it is or belongs to
    pub pod_sandbox_status: PodSandboxStatus,
}
