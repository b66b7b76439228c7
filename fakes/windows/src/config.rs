//! What a host is before anything runs on it.

use std::net::IpAddr;

use winlab_fake_hcs::HcsConfig;
use winlab_fake_hns::HnsConfig;
use winlab_fake_system::SystemConfig;
use winlab_host::linux::Prefix;
use winlab_host::{Adapter, AdapterKind, Guid, MacAddress};
use winlab_profiles::WindowsVersion;

/// A freshly installed Windows host.
#[derive(Debug, Clone)]
pub struct WindowsConfig {
    /// Its computer name.
    pub name: String,
    /// Its DNS suffix; empty of none.
    pub dns_suffix: String,
    /// Its Windows.
    pub windows: WindowsVersion,
    /// Its network adapters, by interface index.
    pub nics: Vec<HostNic>,
    /// Physical memory in bytes.
    pub memory: u64,
    /// Logical processors.
    pub processors: u32,
    /// The size of drive C: in bytes.
    pub disk: u64,
    /// Whether the feature Hyper-V is installed.
    pub hyper_v: bool,
    /// Whether the feature Containers is installed; without it there are neither HNS nor HCS.
    pub containers_feature: bool,
}

/// A network adapter of a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostNic {
    /// Its name: `Ethernet`.
    pub name: String,
    /// Its MAC.
    pub mac: MacAddress,
    /// Its addresses.
    pub addresses: Vec<Prefix>,
    /// Its default gateway.
    pub gateway: Option<IpAddr>,
    /// DNS servers set on it.
    pub dns: Vec<IpAddr>,
    /// MTU in bytes.
    pub mtu: u32,
}

/// The interface index of the first adapter: what a Server shows after installation.
const FIRST_INDEX: u32 = 4;

impl WindowsConfig {
    /// A node of common size: 4 processors, 8 GiB of memory, 100 GiB of disk, both features, one adapter `Ethernet`.
    #[must_use]
    pub fn new(name: impl Into<String>, windows: WindowsVersion, nic: HostNic) -> Self {
        Self {
            name: name.into(),
            dns_suffix: String::new(),
            windows,
            nics: vec![nic],
            memory: 8 << 30,
            processors: 4,
            disk: 100 << 30,
            hyper_v: true,
            containers_feature: true,
        }
    }

    pub(crate) fn adapters(&self) -> Vec<Adapter> {
        (FIRST_INDEX..)
            .zip(&self.nics)
            .map(|(index, nic)| Adapter {
                index,
                name: nic.name.clone(),
                kind: AdapterKind::Physical,
                mac: nic.mac,
                addresses: nic.addresses.clone(),
                gateway: nic.gateway,
                dns: nic.dns.clone(),
                mtu: nic.mtu,
            })
            .collect()
    }

    /// `epoch`: the date of the lab's first moment as a FILETIME.
    pub(crate) fn hns(&self, epoch: u64) -> HnsConfig {
        HnsConfig {
            windows: self.windows,
            host_name: self.name.clone(),
            dns_suffix: self.dns_suffix.clone(),
            adapters: self.adapters(),
            epoch,
        }
    }

    pub(crate) fn hcs(&self) -> HcsConfig {
        HcsConfig {
            build: self.build(),
            hyper_v: self.hyper_v,
            processors: self.processors,
            memory: self.memory,
        }
    }

    pub(crate) fn system(&self, system_uuid: Guid) -> SystemConfig {
        SystemConfig {
            computer_name: self.name.clone(),
            dns_suffix: self.dns_suffix.clone(),
            build: self.build(),
            product_name: self.windows.profile().product.to_owned(),
            system_uuid,
            memory: self.memory,
            processors: self.processors,
            disk: self.disk,
            adapters: self.adapters(),
            containers_feature: self.containers_feature,
        }
    }

    fn build(&self) -> (u32, u32) {
        (self.windows.build(), self.windows.revision())
    }
}
