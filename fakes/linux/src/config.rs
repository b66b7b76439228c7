//! What a machine is made of.

use std::net::IpAddr;

use winlab_host::MacAddress;
use winlab_host::linux::Prefix;

/// A NIC of the machine, as the installer left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NicConfig {
    /// Its name: `eth0`.
    pub name: String,
    /// Its MAC.
    pub mac: MacAddress,
    /// Its address with the length of the network's prefix.
    pub address: Prefix,
    /// The default gateway, if it is behind this NIC.
    pub gateway: Option<IpAddr>,
    /// MTU in bytes.
    pub mtu: u32,
}

/// The machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinuxConfig {
    /// Its host name.
    pub hostname: String,
    /// `uname -r`
    pub kernel: String,
    /// `PRETTY_NAME` of `/etc/os-release`
    pub os_image: String,
    /// Logical processors.
    pub processors: u32,
    /// Memory in bytes.
    pub memory: u64,
    /// Disk in bytes.
    pub disk: u64,
    /// Its NICs.
    pub nics: Vec<NicConfig>,
    /// Name servers of the host's own `/etc/resolv.conf`.
    pub name_servers: Vec<IpAddr>,
}

impl LinuxConfig {
    /// Ubuntu 24.04 with 4 processors, 8 GiB of memory, 64 GiB of disk and one NIC `eth0`.
    #[must_use]
    pub fn ubuntu(hostname: &str, mac: MacAddress, address: Prefix, gateway: Option<IpAddr>) -> Self {
        Self {
            hostname: hostname.to_owned(),
            kernel: "6.8.0-48-generic".into(),
            os_image: "Ubuntu 24.04.1 LTS".into(),
            processors: 4,
            memory: 8 << 30,
            disk: 64 << 30,
            nics: vec![NicConfig { name: "eth0".into(), mac, address, gateway, mtu: 1500 }],
            name_servers: gateway.into_iter().collect(),
        }
    }
}
