//! A network in the store.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use winlab_document::Document;
use winlab_host::linux::Prefix;
use winlab_host::{Guid, MacAddress};

use crate::network::mac_pool::MacPool;
use crate::network::{Ipam, NetworkKind, Subnet};
use crate::policy::Policies;
use crate::store::{Identified, Serial};

/// A network.
#[derive(Debug, Clone)]
pub(crate) struct Network {
    pub(crate) id: Guid,
    pub(crate) name: Arc<str>,
    pub(crate) kind: NetworkKind,
    pub(crate) flags: u32,
    /// The client's, then those that HNS added.
    pub(crate) policies: Policies,
    pub(crate) ipams: Vec<Ipam>,
    pub(crate) macs: MacPool,
    pub(crate) dns: Document,
    /// The switch it is on.
    pub(crate) switch: Guid,
    /// The host vNIC that is the gateway of a NAT, ICS or Internal network, with its MAC.
    pub(crate) gateway_nic: Option<(String, MacAddress)>,
    /// The physical adapter under the switch.
    pub(crate) adapter: String,
    pub(crate) management: Option<IpAddr>,
    pub(crate) extensions: Vec<Extension>,
    /// Members HNS does not know, kept as they are.
    pub(crate) unknown: Document,
    pub(crate) since: u64,
    pub(crate) plumbed: bool,
    /// Addresses of local endpoints.
    pub(crate) addresses: BTreeMap<IpAddr, Serial>,
    pub(crate) endpoints: BTreeSet<Serial>,
    pub(crate) view: OnceLock<Document>,
    /// The policies in their V1 form: thousands of answers show the same ones.
    pub(crate) policies_v1: OnceLock<Document>,
}

/// An extension of the vSwitch.
#[derive(Debug, Clone)]
pub(crate) struct Extension {
    pub(crate) id: Guid,
    pub(crate) name: &'static str,
    pub(crate) enabled: bool,
}

impl Identified for Network {
    fn id(&self) -> Guid {
        self.id
    }
}

impl Network {
    /// Call after every change: the cached document is stale.
    pub(crate) fn touch(&mut self) {
        self.view = OnceLock::new();
    }

    /// Replaces the policies.
    pub(crate) fn set_policies(&mut self, policies: Policies) {
        self.policies = policies;
        self.policies_v1 = OnceLock::new();
        self.touch();
    }

    pub(crate) fn subnets(&self) -> impl Iterator<Item = &Subnet> {
        self.ipams.iter().flat_map(|ipam| &ipam.subnets)
    }

    /// The subnet an address is in.
    pub(crate) fn subnet_of(&self, address: IpAddr) -> Option<&Subnet> {
        self.subnets().find(|subnet| subnet.prefix.contains(address))
    }

    /// The next free address of the first subnet of a family, or of the first at all.
    pub(crate) fn allocate(&mut self, v4: Option<bool>) -> Option<(IpAddr, Prefix)> {
        let wanted = |subnet: &&mut Subnet| v4.is_none_or(|v4| subnet.prefix.address.is_ipv4() == v4);
        let subnet = self.ipams.iter_mut().flat_map(|ipam| &mut ipam.subnets).find(wanted)?;
        Some((subnet.allocate(&self.addresses, self.management)?, subnet.prefix))
    }
}

/// The extensions of every vSwitch, as hosts list them; VFP is on where the network's type needs it.
pub(crate) fn extensions(kind: NetworkKind) -> Vec<Extension> {
    vec![
        Extension {
            id: Guid::from_bits(0xe7c3_b2f0_f3c5_48df_af2b_10fe_d6d7_2e7a),
            name: "Microsoft Windows Filtering Platform",
            enabled: false,
        },
        Extension {
            id: Guid::from_bits(0xf74f_241b_440f_4433_bb28_00f8_9ead_20d8),
            name: "Microsoft Azure VFP Switch Filter Extension",
            enabled: kind.uses_vfp(),
        },
        Extension {
            id: Guid::from_bits(0x430b_dadd_bab0_41ab_a369_94b6_7fa5_be0a),
            name: "Microsoft NDIS Capture",
            enabled: true,
        },
    ]
}
