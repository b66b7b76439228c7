//! What a packet would meet on a host: beside the boundary, read-only.
//!
//! Fakes fill it from their state, plumbed or not; for a real host it is derived from queries. It shows what *was
//! programmed*, never what somebody wanted.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use winlab_document::Document;

use crate::linux::{FdbEntry, Link, Neighbour, Netfilter, Prefix, Route};
use crate::{Guid, MacAddress, Program};

/// Read-only sight of one host's data plane.
pub trait DataPlaneView: Send + Sync {
    /// The state at this moment. Cheap: documents are shared.
    fn data_plane(&self) -> HostDataPlane;
}

/// One host's data plane.
#[derive(Debug, Clone)]
pub enum HostDataPlane {
    /// Of a Windows host.
    Windows(WindowsDataPlane),
    /// Of a Linux host.
    Linux(LinuxDataPlane),
}

/// A Windows host's data plane: HNS objects in their V2 form, and who lives in which compartment.
#[derive(Debug, Clone, Default)]
pub struct WindowsDataPlane {
    /// `<major, minor>` of HNS.
    pub hns_version: (u16, u16),
    /// Build and revision of the host.
    pub build: (u32, u32),
    /// Networks.
    pub networks: Vec<NetObject>,
    /// Endpoints, local and remote.
    pub endpoints: Vec<NetObject>,
    /// Namespaces.
    pub namespaces: Vec<NetObject>,
    /// Load balancers.
    pub load_balancers: Vec<NetObject>,
    /// Routes.
    pub routes: Vec<NetObject>,
    /// The host's adapters.
    pub adapters: Vec<Adapter>,
    /// IP routes of the host's own compartment, longest prefix first; a route's device is an adapter's name. Those of
    /// the adapters' own prefixes and gateways may be missing: they follow from `adapters`.
    pub host_routes: Vec<Route>,
    /// Names of the adapters that pass on what arrives for others.
    pub forwarding: Vec<String>,
    /// Compartments with their programs; the host's own (1) first.
    pub compartments: Vec<Compartment>,
}

/// A stored HNS object and whether the switch really has it.
#[derive(Debug, Clone)]
pub struct NetObject {
    /// Its id.
    pub id: Guid,
    /// Its V2 document.
    pub document: Document,
    /// `false`: stored but not plumbed, as after a lost rehydration (microsoft/Windows-Containers#61).
    pub plumbed: bool,
}

/// A network compartment of a Windows host, or a network namespace's programs on Linux.
#[derive(Debug, Clone, Default)]
pub struct Compartment {
    /// Windows: the compartment's number; 1 is the host's.
    pub number: u32,
    /// The HNS namespace it belongs to; nil for the host's own.
    pub namespace: Guid,
    /// What runs in it.
    pub programs: Vec<HostProgram>,
}

/// A running program.
#[derive(Debug, Clone)]
pub struct HostProgram {
    /// Its container; empty: a program of the host itself.
    pub container: String,
    /// Its process.
    pub pid: u32,
    /// What it listens on at this moment: less than its image says until it is ready.
    pub listening: Vec<Listener>,
    /// Its environment, with the host name as `HOSTNAME` and `COMPUTERNAME`.
    pub environment: BTreeMap<String, String>,
    /// How it behaves.
    pub program: Program,
}

document_struct! {
    /// A network adapter of a host.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Adapter {
        /// Interface index.
        pub index: u32,
        /// Friendly name: `Ethernet`, `vEthernet (Ethernet)`.
        pub name: String,
        /// What it is.
        pub kind: AdapterKind,
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
}

word_enum! {
    /// What an adapter is.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum AdapterKind {
        /// A NIC.
        Physical = "physical",
        /// A host vNIC of a virtual switch.
        Virtual = "virtual",
    }
}

/// A Linux host's data plane.
#[derive(Debug, Clone, Default)]
pub struct LinuxDataPlane {
    /// Links by network namespace; `""` is the host's own.
    pub links: BTreeMap<String, Vec<Link>>,
    /// Routes by network namespace, longest prefix first.
    pub routes: BTreeMap<String, Vec<Route>>,
    /// Neighbours by network namespace.
    pub neighbours: BTreeMap<String, Vec<Neighbour>>,
    /// Forwarding entries by link of the host's namespace.
    pub fdb: BTreeMap<String, Vec<FdbEntry>>,
    /// Netfilter's tables by network namespace.
    pub netfilter: BTreeMap<String, Netfilter>,
    /// Kernel parameters by network namespace.
    pub sysctls: BTreeMap<String, BTreeMap<String, String>>,
    /// Programs by network namespace.
    pub programs: BTreeMap<String, Vec<HostProgram>>,
    /// `resolv.conf` by container; `""` is the host's own.
    pub resolv_conf: BTreeMap<String, String>,
}

/// Transport protocols a program can listen on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// TCP
    Tcp,
    /// UDP
    Udp,
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        })
    }
}

/// A socket a program listens on: `tcp/8080`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Listener {
    /// Protocol.
    pub transport: Transport,
    /// Port.
    pub port: u16,
}

impl fmt::Display for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.transport, self.port)
    }
}

impl From<Listener> for String {
    fn from(listener: Listener) -> Self {
        listener.to_string()
    }
}

impl FromStr for Listener {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let problem = || format!("`{text}` is not a protocol and a port, as `tcp/8080` is");
        let (transport, port) = text.split_once('/').ok_or_else(problem)?;
        let transport = match transport {
            "tcp" => Transport::Tcp,
            "udp" => Transport::Udp,
            _ => return Err(problem()),
        };
        let port = port.parse().ok().filter(|port| *port != 0).ok_or_else(problem)?;
        Ok(Self { transport, port })
    }
}

impl TryFrom<String> for Listener {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}
