//! A load balancer in the store, and how settings become one.

use std::net::IpAddr;

use winlab_document::{Document, ObjectBuilder, doc};
use winlab_host::{Guid, HResult};
use winlab_profiles::{HnsFeature, HnsVersion};

use crate::base::Base;
use crate::flags;
use crate::members::{Members, Outcome, read_guid, refuse, require, unknown_members};
use crate::ports::Block;
use crate::store::Identified;
use crate::v1;
use crate::version;

/// What no two load balancers of a host may have in common: address (none: any of the node's), port, protocol, family.
pub(crate) type Frontend = (Option<IpAddr>, u16, u8, bool);

/// A load balancer.
#[derive(Debug, Clone)]
pub(crate) struct LoadBalancer {
    pub(crate) id: Guid,
    pub(crate) endpoints: Vec<Guid>,
    pub(crate) frontends: Vec<Frontend>,
    pub(crate) flags: u32,
    /// Ports reserved for translating sources; DSR needs none.
    pub(crate) block: Option<Block>,
    pub(crate) plumbed: bool,
    pub(crate) since: u64,
    /// Members that stay as the client wrote them.
    settings: Document,
    unknown: Document,
    document: Document,
}

const KNOWN: &[&str] = &[
    "ID",
    "HostComputeEndpoints",
    "SourceVIP",
    "FrontendVIPs",
    "PortMappings",
    "Flags",
    "SchemaVersion",
    "Version",
    "Health",
    "State",
];
/// `State` of a load balancer that is there.
const CREATED: u16 = 1;

impl Identified for LoadBalancer {
    fn id(&self) -> Guid {
        self.id
    }
}

impl LoadBalancer {
    /// Reads a V2 load balancer. Whether its endpoints are there is for the caller to see.
    ///
    /// # Errors
    /// `HCN_E_INVALID_POLICY` for what is missing or wrong, `HCN_E_INVALID_INTERNAL_PORT` for a port of 0.
    pub(crate) fn read(id: Guid, settings: &Document, version: HnsVersion) -> Outcome<Self> {
        require(settings.is_object(), HResult::HCN_E_INVALID_JSON)?;
        let bad = HResult::HCN_E_INVALID_POLICY;
        let flags = flags::read(settings, flags::LOAD_BALANCER)?;
        require(flags & flags::LOAD_BALANCER_DSR == 0 || version.has(HnsFeature::Dsr), bad)?;
        let v6 = flags & flags::LOAD_BALANCER_IPV6 != 0;
        require(!v6 || version.has(HnsFeature::Ipv6DualStack), bad)?;
        let mut endpoints = Vec::new();
        for endpoint in settings.list("HostComputeEndpoints") {
            let endpoint = read_guid(endpoint.as_str().unwrap_or_default())?;
            if !endpoints.contains(&endpoint) {
                endpoints.push(endpoint);
            }
        }
        require(!endpoints.is_empty(), bad)?;
        settings.address("SourceVIP", bad)?;
        let mut vips = Vec::new();
        for vip in settings.list("FrontendVIPs") {
            let Some(vip) = vip.as_str().and_then(|vip| vip.parse().ok()) else { return refuse(bad) };
            vips.push(Some(vip));
        }
        if vips.is_empty() {
            vips.push(None);
        }
        let mappings = settings.list("PortMappings");
        require(!mappings.is_empty(), bad)?;
        let mut frontends = Vec::new();
        let mut kept = Vec::new();
        for mapping in mappings {
            let (protocol, external) = read_mapping(mapping)?;
            frontends.extend(vips.iter().map(|vip| (*vip, external, protocol, v6)));
            kept.push(kept_mapping(mapping, version)?);
        }
        let mut balancer = Self {
            id,
            endpoints,
            frontends,
            flags,
            block: None,
            plumbed: true,
            since: 0,
            settings: settings.clone().with("PortMappings", kept),
            unknown: unknown_members(settings, KNOWN),
            document: Document::Null,
        };
        balancer.render(Base { version: version::number(version) });
        Ok(balancer)
    }

    /// Whether it needs ports for translating sources.
    pub(crate) fn needs_block(&self) -> bool {
        self.flags & flags::LOAD_BALANCER_DSR == 0
    }

    /// Call after the endpoints have changed.
    pub(crate) fn render(&mut self, base: Base) {
        let mut object = ObjectBuilder::with_capacity(10);
        object.set("ID", self.id);
        object.set("HostComputeEndpoints", self.endpoints.iter().copied().collect::<Document>());
        object.set("SourceVIP", self.settings.string("SourceVIP"));
        let vips = self.settings.member("FrontendVIPs");
        object.set("FrontendVIPs", if vips.is_null() { Document::empty_array() } else { vips.clone() });
        object.set("PortMappings", self.settings.member("PortMappings").clone());
        object.set("Flags", self.flags);
        self.document = base.finish_v2(object, CREATED, &self.unknown);
    }

    /// The V2 form.
    pub(crate) fn v2(&self) -> Document {
        self.document.clone()
    }

    /// The V1 form: a policy list of `ELB` policies.
    pub(crate) fn v1(&self, base: Base) -> Document {
        let ports = self.settings.list("PortMappings").iter();
        let policies: Document = ports.map(|mapping| self.elb(mapping)).collect();
        v1::policy_list::view((self.id, self.since), &self.endpoints, policies, base, &self.unknown)
    }

    fn elb(&self, mapping: &Document) -> Document {
        let mut object = ObjectBuilder::with_capacity(9);
        object.set("Type", "ELB");
        object.set("Protocol", mapping.integer("Protocol"));
        object.set("InternalPort", mapping.integer("InternalPort"));
        object.set("ExternalPort", mapping.integer("ExternalPort"));
        object.set("SourceVIP", self.settings.string("SourceVIP"));
        object.set("VIPs", self.settings.list("FrontendVIPs").iter().collect::<Document>());
        let flags = mapping.integer("Flags").unwrap_or_default();
        object.set("ILB", flags & u64::from(flags::PORT_MAPPING_ILB) != 0);
        object.set("IsDSR", self.flags & flags::LOAD_BALANCER_DSR != 0);
        object.build()
    }
}

fn read_mapping(mapping: &Document) -> Outcome<(u8, u16)> {
    let port =
        |name: &str| mapping.integer(name).and_then(|port| u16::try_from(port).ok()).filter(|p| *p != 0);
    let Some(protocol) = crate::policy::protocol(mapping) else {
        return refuse(HResult::HCN_E_INVALID_POLICY);
    };
    require(port("InternalPort").is_some(), HResult::HCN_E_INVALID_INTERNAL_PORT)?;
    match port("ExternalPort") {
        Some(external) => Ok((protocol, external)),
        None => refuse(HResult::HCN_E_INVALID_POLICY),
    }
}

/// The mapping as HNS keeps it: flags and protocol as numbers; versions without session affinity pass over
/// `DistributionType`.
fn kept_mapping(mapping: &Document, version: HnsVersion) -> Outcome<Document> {
    let mut kept = mapping.clone();
    if let Some(protocol) = crate::policy::protocol(mapping) {
        kept.set("Protocol", protocol);
    }
    if mapping.has("Flags") {
        kept.set("Flags", flags::read(mapping, flags::PORT_MAPPING)?);
    }
    if !version.has(HnsFeature::SessionAffinity) {
        kept.remove("DistributionType");
    }
    Ok(kept)
}

/// A V1 `ELB` policy list as V2 settings.
pub(crate) fn from_elb(policies: &[Document], endpoints: Document) -> Document {
    let first = policies.first().cloned().unwrap_or_default();
    let mappings: Document = policies
        .iter()
        .map(|elb| {
            let flags = if elb.truth("ILB") { flags::PORT_MAPPING_ILB } else { 0 };
            doc!({
                "Protocol": elb.integer("Protocol"),
                "InternalPort": elb.integer("InternalPort"),
                "ExternalPort": elb.integer("ExternalPort"),
                "Flags": flags,
            })
        })
        .collect();
    doc!({
        "HostComputeEndpoints": endpoints,
        "SourceVIP": first.string("SourceVIP"),
        "FrontendVIPs": first.list("VIPs").iter().collect::<Document>(),
        "PortMappings": mappings,
        "Flags": if first.truth("IsDSR") { flags::LOAD_BALANCER_DSR } else { 0 },
    })
}
