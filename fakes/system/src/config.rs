//! What a host is before anything runs on it.

use winlab_host::{Adapter, Guid};

/// A freshly installed Windows host.
#[derive(Debug, Clone)]
pub struct SystemConfig {
    /// Its computer name.
    pub computer_name: String,
    /// Its DNS suffix; empty of none.
    pub dns_suffix: String,
    /// Build and revision: `(20348, 2113)`.
    pub build: (u32, u32),
    /// `ProductName` of the registry: `Windows Server 2022 Datacenter`.
    pub product_name: String,
    /// What the firmware calls the machine.
    pub system_uuid: Guid,
    /// Physical memory in bytes.
    pub memory: u64,
    /// Logical processors.
    pub processors: u32,
    /// The size of drive C: in bytes.
    pub disk: u64,
    /// Network adapters.
    pub adapters: Vec<Adapter>,
    /// Whether the features Containers and Hyper-V are installed; without the first there are no `hns` and `vmcompute`.
    pub containers_feature: bool,
}
