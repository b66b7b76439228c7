//! Security contexts.

use serde::{Deserialize, Serialize};

/// Whose namespace is used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum NamespaceMode {
    /// The pod's own.
    #[default]
    Pod,
    /// The container's own.
    Container,
    /// The node's.
    Node,
}

/// `LinuxSandboxSecurityContext`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinuxSandboxSecurityContext {
    /// Network namespace.
    pub network: NamespaceMode,
    /// PID namespace.
    pub pid: NamespaceMode,
    /// IPC namespace.
    pub ipc: NamespaceMode,
    /// User to run as.
    pub run_as_user: Option<i64>,
    /// Whether any container of the pod is privileged.
    pub privileged: bool,
}

/// `LinuxContainerSecurityContext`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinuxContainerSecurityContext {
    /// Network namespace.
    pub network: NamespaceMode,
    /// Privileged containers see the node's devices and have all capabilities.
    pub privileged: bool,
    /// User to run as.
    pub run_as_user: Option<i64>,
    /// Group to run as.
    pub run_as_group: Option<i64>,
    /// Whether the root file system may not be written.
    pub readonly_rootfs: bool,
    /// Capabilities to add.
    pub add_capabilities: Vec<String>,
    /// Capabilities to drop.
    pub drop_capabilities: Vec<String>,
    /// `allowPrivilegeEscalation` turned round.
    pub no_new_privs: bool,
}

/// `WindowsSandboxSecurityContext` and `WindowsContainerSecurityContext`, which have the same members.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowsSecurityContext {
    /// User to run as: `ContainerAdministrator`, `DOMAIN\user`.
    pub run_as_username: String,
    /// The gMSA credential specification.
    pub credential_spec: String,
    /// Whether it is a HostProcess container.
    pub host_process: bool,
    /// Network namespace; `Node` only where the WindowsHostNetwork gate is on, or of HostProcess pods.
    pub network: NamespaceMode,
}
