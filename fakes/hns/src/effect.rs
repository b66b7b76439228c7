//! What the host around HNS has to carry out.
//!
//! HNS decides, the host does: adapters appear in the host's own compartment, containers get their network settings
//! into their registry. The joined host takes these with [`Hns::take_effects`](crate::Hns::take_effects) after each
//! call and in this order.

use std::net::IpAddr;

use winlab_host::linux::Prefix;
use winlab_host::{Adapter, Guid, MacAddress};

/// One thing for the host to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// The host has a new adapter: the vNIC of a switch or of a host-attached endpoint.
    AdapterAdded(Adapter),
    /// An adapter lost or gained addresses.
    AdapterChanged(Adapter),
    /// An adapter is gone.
    AdapterRemoved(Adapter),
    /// An endpoint got its port and lives in a compartment now.
    EndpointAttached(Attachment),
    /// An endpoint lost its port.
    EndpointDetached(Attachment),
    /// The network settings of a container are these now: write them into its registry.
    ContainerNetwork(ContainerNetwork),
}

/// Where an endpoint is, or was, attached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// The endpoint.
    pub endpoint: Guid,
    /// Its namespace; nil for one attached the V1 way.
    pub namespace: Guid,
    /// The compartment; 1 is the host's.
    pub compartment: u32,
    /// The containers that share it; none for the host's own.
    pub containers: Vec<String>,
}

/// The network settings one container sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerNetwork {
    /// The container.
    pub container: String,
    /// Its namespace; nil for a container attached the V1 way.
    pub namespace: Guid,
    /// Its compartment.
    pub compartment: u32,
    /// Its interfaces, one per endpoint, in the order they were added.
    pub interfaces: Vec<Interface>,
}

/// One endpoint as an interface inside a compartment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// The endpoint.
    pub endpoint: Guid,
    /// The interface's name: `vEthernet (web)`.
    pub name: String,
    /// Its MAC.
    pub mac: MacAddress,
    /// Its addresses.
    pub addresses: Vec<Prefix>,
    /// Its default gateways.
    pub gateways: Vec<IpAddr>,
    /// The connection's own DNS suffix.
    pub dns_domain: String,
    /// The search list.
    pub dns_search: Vec<String>,
    /// DNS servers.
    pub dns_servers: Vec<String>,
    /// MTU in bytes.
    pub mtu: u32,
}
