//! An endpoint in the store.
//!
//! A cluster has hundreds of thousands of remote endpoints and few local ones, so the object itself holds what a remote
//! endpoint needs (an address, a MAC, shared policies) and everything else sits in [`Details`], which a plain remote
//! endpoint has not got.

use std::net::IpAddr;
use std::sync::{Arc, LazyLock};

use winlab_document::Document;
use winlab_host::linux::Prefix;
use winlab_host::{Guid, MacAddress};

use crate::endpoint::stats::Stats;
use crate::flags;
use crate::policy::Policies;
use crate::store::{Identified, Serial};

/// `State` of V1 and V2 documents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum EndpointState {
    #[default]
    Created = 1,
    Attached = 2,
    AttachedSharing = 3,
    Detached = 4,
    Degraded = 5,
}

/// What an endpoint's port is connected to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Port {
    /// Nothing.
    #[default]
    None,
    /// A vNIC of the host.
    Host,
    /// The containers of its namespace.
    Namespace,
    /// Containers attached the V1 way.
    Containers,
    /// A virtual machine.
    VirtualMachine,
}

/// An endpoint.
#[derive(Debug, Clone)]
pub(crate) struct Endpoint {
    pub(crate) id: Guid,
    pub(crate) network: Serial,
    pub(crate) flags: u32,
    pub(crate) mac: MacAddress,
    pub(crate) plumbed: bool,
    pub(crate) address: Option<Prefix>,
    pub(crate) name: Arc<str>,
    pub(crate) policies: Policies,
    details: Option<Box<Details>>,
}

/// What few endpoints have.
#[derive(Debug, Clone, Default)]
pub(crate) struct Details {
    pub(crate) state: EndpointState,
    pub(crate) port: Port,
    pub(crate) namespace: Guid,
    /// The compartment of a port of [`Port::Containers`] or [`Port::Host`].
    pub(crate) compartment: u32,
    /// Containers that share it.
    pub(crate) containers: Vec<String>,
    /// The id of its switch port.
    pub(crate) port_id: Guid,
    pub(crate) host_nic: Option<String>,
    pub(crate) dns: Document,
    pub(crate) routes: Document,
    /// Addresses after the first.
    pub(crate) more_addresses: Vec<Prefix>,
    pub(crate) stats: Stats,
    pub(crate) since: u64,
    /// Members HNS does not know, kept as they are.
    pub(crate) unknown: Document,
}

static PLAIN: LazyLock<Details> = LazyLock::new(Details::default);

impl Identified for Endpoint {
    fn id(&self) -> Guid {
        self.id
    }
}

impl Endpoint {
    /// A new one without details.
    pub(crate) fn plain(
        (id, network, flags): (Guid, Serial, u32),
        mac: MacAddress,
        address: Option<Prefix>,
        name: Arc<str>,
        policies: Policies,
    ) -> Self {
        Self { id, network, flags, mac, plumbed: true, address, name, policies, details: None }
    }

    pub(crate) fn is_remote(&self) -> bool {
        self.flags & flags::ENDPOINT_REMOTE != 0
    }

    pub(crate) fn details(&self) -> &Details {
        self.details.as_deref().unwrap_or(&PLAIN)
    }

    pub(crate) fn details_mut(&mut self) -> &mut Details {
        self.details.get_or_insert_default()
    }

    pub(crate) fn namespace(&self) -> Guid {
        self.details().namespace
    }

    pub(crate) fn is_attached(&self) -> bool {
        self.details().port != Port::None
    }

    /// All its addresses.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = &Prefix> {
        self.address.iter().chain(&self.details().more_addresses)
    }

    /// All its addresses without prefixes.
    pub(crate) fn hosts(&self) -> impl Iterator<Item = IpAddr> {
        self.addresses().map(|prefix| prefix.address)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_remote_endpoint_is_small() {
        assert!(size_of::<super::Endpoint>() <= 96, "{}", size_of::<super::Endpoint>());
    }
}
