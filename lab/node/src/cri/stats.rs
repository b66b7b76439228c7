//! Figures of containers and sandboxes.

use std::collections::BTreeMap;

use super::container::ContainerMetadata;
use super::sandbox::PodSandboxMetadata;

/// `CpuUsage`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CpuUsage {
    /// Time used, in nanoseconds
    pub usage_core_nano_seconds: u64,
    /// Time used per second since the figures were last asked for
    pub usage_nano_cores: u64,
}

/// `MemoryUsage`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MemoryUsage {
    /// Working set in bytes; on Windows the private one
    pub working_set_bytes: u64,
    /// Bytes in use; on Windows what is committed
    pub usage_bytes: u64,
}

/// `ContainerStats`, what of it both systems know
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContainerStats {
    /// The container
    pub id: String,
    /// The sandbox it is in
    pub pod_sandbox_id: String,
    /// What names it
    pub metadata: ContainerMetadata,
    /// Labels
    pub labels: BTreeMap<String, String>,
    /// Annotations
    pub annotations: BTreeMap<String, String>,
    /// Nanoseconds since 1970
    pub timestamp: i64,
    /// Processor
    pub cpu: CpuUsage,
    /// Memory
    pub memory: MemoryUsage,
    /// Where the writable layer lies
    pub writable_layer: String,
}

/// `WindowsNetworkInterfaceUsage`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InterfaceUsage {
    /// The endpoint's id
    pub name: String,
    /// Bytes received
    pub rx_bytes: u64,
    /// Packets that were dropped on their way in
    pub rx_packets_dropped: u64,
    /// Bytes sent
    pub tx_bytes: u64,
    /// Packets that were dropped on their way out
    pub tx_packets_dropped: u64,
}

/// `PodSandboxStats` of a Windows pod: its sandbox and its containers together, since there is nothing like a cgroup of
/// the pod.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PodSandboxStats {
    /// The sandbox
    pub id: String,
    /// What names it
    pub metadata: PodSandboxMetadata,
    /// Labels
    pub labels: BTreeMap<String, String>,
    /// Annotations
    pub annotations: BTreeMap<String, String>,
    /// Nanoseconds since 1970
    pub timestamp: i64,
    /// Processor
    pub cpu: CpuUsage,
    /// Memory
    pub memory: MemoryUsage,
    /// The interfaces of its network namespace; the first one is the default
    pub interfaces: Vec<InterfaceUsage>,
    /// How many processes run in it
    pub process_count: u64,
    /// Its running containers
    pub containers: Vec<ContainerStats>,
}
