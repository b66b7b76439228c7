//! Pod sandboxes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::security::{LinuxSandboxSecurityContext, WindowsSecurityContext};

/// `PodSandboxMetadata`: what names a sandbox.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PodSandboxMetadata {
    /// The pod's name.
    pub name: String,
    /// The pod's UID.
    pub uid: String,
    /// The pod's namespace.
    pub namespace: String,
    /// How many sandboxes the pod had before.
    pub attempt: u32,
}

/// `DNSConfig`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DnsConfig {
    /// Servers
    pub servers: Vec<String>,
    /// Search list
    pub searches: Vec<String>,
    /// Options
    pub options: Vec<String>,
}

/// Transport protocols of port mappings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Protocol {
    /// TCP
    #[default]
    Tcp,
    /// UDP
    Udp,
    /// SCTP
    Sctp,
}

impl Protocol {
    /// As CNI's port mappings spell it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Sctp => "sctp",
        }
    }
}

/// `PortMapping`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortMapping {
    /// Protocol
    pub protocol: Protocol,
    /// Port of the container
    pub container_port: i32,
    /// Port of the host; 0 of none
    pub host_port: i32,
    /// Address of the host; empty for all
    pub host_ip: String,
}

/// `PodSandboxConfig`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PodSandboxConfig {
    /// What names it
    pub metadata: PodSandboxMetadata,
    /// Host name; empty in a pod of the host's network
    pub hostname: String,
    /// Where the containers' logs go
    pub log_directory: String,
    /// DNS settings
    pub dns_config: Option<DnsConfig>,
    /// Host ports
    pub port_mappings: Vec<PortMapping>,
    /// Labels
    pub labels: BTreeMap<String, String>,
    /// Annotations
    pub annotations: BTreeMap<String, String>,
    /// Linux only
    pub linux: Option<LinuxSandboxSecurityContext>,
    /// Windows only
    pub windows: Option<WindowsSecurityContext>,
}

/// `RunPodSandboxRequest`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunPodSandboxRequest {
    /// The sandbox
    pub config: PodSandboxConfig,
    /// The handler of the pod's RuntimeClass; empty: the default
    pub runtime_handler: String,
}

/// `PodSandboxState`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum PodSandboxState {
    /// Its pause container runs.
    Ready,
    /// It was stopped, or died.
    #[default]
    NotReady,
}

/// `PodSandboxStatus`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PodSandboxStatus {
    /// Its id
    pub id: String,
    /// What names it
    pub metadata: PodSandboxMetadata,
    /// Its state
    pub state: PodSandboxState,
    /// Nanoseconds since 1970
    pub created_at: i64,
    /// Its addresses, the first one first; none in the host's network
    pub ips: Vec<String>,
    /// Whether it uses the node's network
    pub host_network: bool,
    /// Labels
    pub labels: BTreeMap<String, String>,
    /// Annotations
    pub annotations: BTreeMap<String, String>,
    /// Its runtime handler
    pub runtime_handler: String,
}

/// `PodSandbox`, an entry of a list
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListedPodSandbox {
    /// Its id
    pub id: String,
    /// What names it
    pub metadata: PodSandboxMetadata,
    /// Its state
    pub state: PodSandboxState,
    /// Nanoseconds since 1970
    pub created_at: i64,
    /// Labels
    pub labels: BTreeMap<String, String>,
    /// Annotations
    pub annotations: BTreeMap<String, String>,
    /// Its runtime handler
    pub runtime_handler: String,
}

/// `PodSandboxFilter`; what is empty selects everything
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PodSandboxFilter {
    /// The beginning of an id
    pub id: String,
    /// A state
    pub state: Option<PodSandboxState>,
    /// Labels it must have
    pub label_selector: BTreeMap<String, String>,
}
