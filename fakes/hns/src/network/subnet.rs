//! Subnets, their gateways and their IP blocks.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use winlab_document::{Document, ObjectBuilder, doc};
use winlab_host::linux::Prefix;
use winlab_host::{Guid, HResult};
use winlab_profiles::{HnsFeature, HnsVersion};

use crate::context::Context;
use crate::flags;
use crate::members::{Members, Outcome, read_prefix, refuse, require, unknown_members};
use crate::network::NetworkKind;
use crate::policy::{self, Policies, Target};
use crate::store::Serial;

/// An entry of `Ipams`.
#[derive(Debug, Clone)]
pub(crate) struct Ipam {
    /// `Static` or `Dhcp`.
    pub(crate) kind: Arc<str>,
    pub(crate) subnets: Vec<Subnet>,
}

/// A subnet.
#[derive(Debug, Clone)]
pub(crate) struct Subnet {
    pub(crate) id: Guid,
    /// As the client wrote it: clients compare the text.
    pub(crate) text: Arc<str>,
    pub(crate) prefix: Prefix,
    pub(crate) gateway: Option<IpAddr>,
    pub(crate) routes: Document,
    pub(crate) policies: Policies,
    pub(crate) blocks: Vec<IpBlock>,
    pub(crate) flags: u32,
    pub(crate) unknown: Document,
    cursor: u128,
}

/// An `IpSubnet`: a block that endpoints of the subnet take their addresses from.
#[derive(Debug, Clone)]
pub(crate) struct IpBlock {
    pub(crate) id: Guid,
    pub(crate) prefix: Prefix,
    pub(crate) flags: u32,
}

const KNOWN: &[&str] = &["ID", "IpAddressPrefix", "Policies", "Routes", "IpSubnets", "Flags"];

impl Subnet {
    /// Reads a V2 subnet and fills in what Windows fills in.
    ///
    /// # Errors
    /// The code for what is wrong with it; a gateway that is missing, or outside the prefix, is
    /// `HCN_E_INVALID_NETWORK`.
    pub(crate) fn read(
        document: &Document,
        kind: NetworkKind,
        version: HnsVersion,
        context: &mut dyn Context,
    ) -> Outcome<Self> {
        let text = document.string("IpAddressPrefix");
        let prefix = read_prefix(text)?;
        require(
            prefix.address.is_ipv4() || version.has(HnsFeature::Ipv6DualStack),
            HResult::HCN_E_INVALID_SUBNET,
        )?;
        // Overlay networks carry IPv6 from build 22410 on (Microsoft, "IPv6 for Windows pods").
        let since = HnsVersion::new(15, 0);
        let carried = prefix.address.is_ipv4() || kind != NetworkKind::Overlay || version >= since;
        require(carried, HResult::HCN_E_INVALID_SUBNET)?;
        let mut routes = document.member("Routes").clone();
        let mut gateway = read_gateway(routes.items(), prefix)?;
        if gateway.is_none() && kind.has_host_gateway() {
            gateway = host(prefix, 1);
            routes = doc!([default_route(gateway)]);
        }
        let policies = Policies::from(document.list("Policies"));
        policy::validate(&policies, Target::Subnet, version)?;
        check_isolation(&policies, kind)?;
        let id = document.guid("ID")?.filter(|id| !id.is_nil()).unwrap_or_else(|| context.guid());
        let mut blocks = Vec::new();
        for block in document.list("IpSubnets") {
            blocks.push(IpBlock::read(block, prefix, context)?);
        }
        if blocks.is_empty() {
            blocks.push(IpBlock {
                id: context.guid(),
                prefix: prefix.network(),
                flags: flags::IP_SUBNET_DEFAULT,
            });
        }
        Ok(Self {
            id,
            text: Arc::from(text),
            prefix,
            gateway,
            routes,
            policies,
            blocks,
            flags: flags::read(document, flags::SUBNET)?,
            unknown: unknown_members(document, KNOWN),
            cursor: 0,
        })
    }

    /// Whether an address is kept from endpoints: network and broadcast address, gateway, management address.
    pub(crate) fn is_reserved(&self, address: IpAddr, management: Option<IpAddr>) -> bool {
        let gateway = self.flags & flags::SUBNET_FREE_GATEWAY == 0 && self.gateway == Some(address);
        let block = self.blocks.iter().find(|block| block.prefix.contains(address));
        gateway || management == Some(address) || block.is_some_and(|block| block.keeps(address))
    }

    /// The next free address of the first block; none if all are used.
    pub(crate) fn allocate(
        &mut self,
        used: &BTreeMap<IpAddr, Serial>,
        management: Option<IpAddr>,
    ) -> Option<IpAddr> {
        let block = self.blocks.first()?;
        let (first, last) = bounds(block.prefix);
        let start = self.cursor.clamp(first, last);
        let v4 = block.prefix.address.is_ipv4();
        let is_free = |bits: &u128| {
            let address = from_bits(*bits, v4);
            !used.contains_key(&address) && !self.is_reserved(address, management)
        };
        let found = (start..=last).chain(first..start).find(is_free)?;
        self.cursor = if found == last { first } else { found + 1 };
        Some(from_bits(found, v4))
    }

    /// The V2 form.
    pub(crate) fn view(&self) -> Document {
        let mut object = ObjectBuilder::with_capacity(6);
        object.set("ID", self.id);
        object.set("IpAddressPrefix", self.text.clone());
        object.set("Policies", self.policies.view());
        object
            .set("Routes", if self.routes.is_null() { Document::empty_array() } else { self.routes.clone() });
        object.set("IpSubnets", self.blocks.iter().map(IpBlock::view).collect::<Document>());
        object.set("Flags", self.flags);
        for (name, value) in self.unknown.members() {
            object.set(name, value);
        }
        object.build()
    }
}

impl IpBlock {
    /// Reads an `IpSubnet`.
    ///
    /// # Errors
    /// `HCN_E_INVALID_IP_SUBNET` where it is outside its subnet.
    pub(crate) fn read(document: &Document, subnet: Prefix, context: &mut dyn Context) -> Outcome<Self> {
        let prefix = read_prefix(document.string("IpAddressPrefix"))?.network();
        let inside = prefix.length >= subnet.length && subnet.contains(prefix.address);
        require(inside, HResult::HCN_E_INVALID_IP_SUBNET)?;
        let flags = if document.has("Flags") {
            flags::read(document, flags::IP_SUBNET)?
        } else {
            flags::IP_SUBNET_DEFAULT
        };
        let id = document.guid("ID")?.filter(|id| !id.is_nil()).unwrap_or_else(|| context.guid());
        Ok(Self { id, prefix, flags })
    }

    fn keeps(&self, address: IpAddr) -> bool {
        let (first, last) = bounds(self.prefix);
        let bits = to_bits(address);
        // Point-to-point and host blocks have no addresses to spare (RFC 3021).
        if last - first < 2 {
            return false;
        }
        (self.flags & flags::IP_SUBNET_RESERVE_NETWORK != 0 && bits == first)
            || (self.flags & flags::IP_SUBNET_BROADCAST != 0 && address.is_ipv4() && bits == last)
    }

    pub(crate) fn view(&self) -> Document {
        doc!({"ID": self.id, "IpAddressPrefix": self.prefix.to_string(), "Flags": self.flags})
    }
}

/// A default route through `gateway`.
pub(crate) fn default_route(gateway: Option<IpAddr>) -> Document {
    let destination = if gateway.is_some_and(|g| g.is_ipv6()) { "::/0" } else { "0.0.0.0/0" };
    doc!({"NextHop": gateway.map(|g| g.to_string()).unwrap_or_default(), "DestinationPrefix": destination})
}

/// The address `offset` after the prefix's first.
pub(crate) fn host(prefix: Prefix, offset: u128) -> Option<IpAddr> {
    let (first, last) = bounds(prefix);
    (first + offset <= last).then(|| from_bits(first + offset, prefix.address.is_ipv4()))
}

/// A subnet that names routes must name its default gateway, and that must be one of its addresses.
fn read_gateway(routes: &[Document], prefix: Prefix) -> Outcome<Option<IpAddr>> {
    if routes.is_empty() {
        return Ok(None);
    }
    let default = if prefix.address.is_ipv4() { "0.0.0.0/0" } else { "::/0" };
    let Some(route) = routes.iter().find(|route| route.string("DestinationPrefix") == default) else {
        return refuse(HResult::HCN_E_INVALID_NETWORK);
    };
    match route.address("NextHop", HResult::HCN_E_INVALID_NETWORK)? {
        Some(gateway) if prefix.contains(gateway) => Ok(Some(gateway)),
        _ => refuse(HResult::HCN_E_INVALID_NETWORK),
    }
}

/// An Overlay subnet needs a VSID of 4096 or more (Microsoft, "Network topologies": VNI).
fn check_isolation(policies: &Policies, kind: NetworkKind) -> Outcome<()> {
    if kind != NetworkKind::Overlay {
        return Ok(());
    }
    let Some(policy) = policies.of("VSID").next() else { return refuse(HResult::HCN_E_INVALID_NETWORK) };
    let id = policy.member("Settings").integer("IsolationId").unwrap_or_default();
    require((4096..=0x00ff_ffff).contains(&id), HResult::HCN_E_INVALID_POLICY)
}

fn bounds(prefix: Prefix) -> (u128, u128) {
    let first = to_bits(prefix.network().address);
    let width = if prefix.address.is_ipv4() { 32 } else { 128 };
    let hosts = width - u32::from(prefix.length.min(width as u8));
    let mask = if hosts == 128 { u128::MAX } else { (1 << hosts) - 1 };
    (first, first | mask)
}

fn to_bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u128::from(v4.to_bits()),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

fn from_bits(bits: u128, v4: bool) -> IpAddr {
    if v4 { IpAddr::V4(u32::try_from(bits).unwrap_or(u32::MAX).into()) } else { IpAddr::V6(bits.into()) }
}
