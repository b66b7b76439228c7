//! Making networks.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use winlab_document::{Document, doc};
use winlab_host::linux::Prefix;
use winlab_host::network::NotificationKind;
use winlab_host::{Guid, HResult};
use winlab_profiles::HnsFeature;

use crate::context::Context;
use crate::flags;
use crate::hns::Hns;
use crate::members::{Members, Outcome, refuse, require, unknown_members};
use crate::network::mac_pool::MacPool;
use crate::network::object::extensions;
use crate::network::{Ipam, Network, NetworkKind, Subnet};
use crate::policy::{self, Policies, Target};
use crate::unmodelled;
use crate::v1;

/// Members of a network that HNS reads or writes itself.
const KNOWN: &[&str] = &[
    "ID",
    "Name",
    "Type",
    "Flags",
    "Policies",
    "Ipams",
    "MacPool",
    "Dns",
    "SchemaVersion",
    "Version",
    "Health",
    "State",
];

impl Hns {
    /// `HcnCreateNetwork` and V1's `POST /networks/`.
    pub(crate) fn create_network(
        &mut self,
        id: Guid,
        settings: &Document,
        context: &mut dyn Context,
    ) -> Outcome<Guid> {
        let settings = v1::network::as_v2(settings)?;
        let kind = NetworkKind::read(settings.string("Type"), self.version())?;
        let id = Self::choose_id(id, &settings, context)?;
        require(!self.networks.contains(id), HResult::HCN_E_NETWORK_ALREADY_EXISTS)?;
        let name = settings.string("Name");
        if !name.is_empty() && self.networks.iter().any(|network| *network.name == *name) {
            // ICS complains in Windows' words, the others in HNS's own.
            let ics = kind == NetworkKind::Ics;
            let code = if ics { HResult::ERROR_DUP_NAME } else { HResult::HCN_E_NETWORK_ALREADY_EXISTS };
            return refuse(code);
        }
        let mut network = self.read_network(id, kind, &settings, context)?;
        self.check_overlaps(&network)?;
        self.notify(NotificationKind::NetworkPreCreate, id, Document::Null);
        self.connect(&mut network, context)?;
        self.complete(&mut network);
        if !kind.is_modelled() {
            self.gaps.count(unmodelled::MIRRORED);
        }
        policy::count_gaps(&network.policies, &mut self.gaps);
        self.networks.insert(network);
        self.notify(NotificationKind::NetworkCreate, id, Document::Null);
        Ok(id)
    }

    fn read_network(
        &self,
        id: Guid,
        kind: NetworkKind,
        settings: &Document,
        context: &mut dyn Context,
    ) -> Outcome<Network> {
        let policies = Policies::from(settings.list("Policies"));
        policy::validate(&policies, Target::Network(kind), self.version())?;
        policy::check_sets(&[], policies.items())?;
        let mut ipams = Vec::new();
        for ipam in settings.list("Ipams") {
            let mut subnets = Vec::new();
            for subnet in ipam.list("Subnets") {
                subnets.push(Subnet::read(subnet, kind, self.version(), context)?);
            }
            let ipam_kind = if ipam.string("Type").is_empty() { "Static" } else { ipam.string("Type") };
            ipams.push(Ipam { kind: Arc::from(ipam_kind), subnets });
        }
        if kind.chooses_prefix() && ipams.iter().all(|ipam| ipam.subnets.is_empty()) {
            let settings = doc!({"IpAddressPrefix": self.choose_prefix(id)?.to_string()});
            let subnet = Subnet::read(&settings, kind, self.version(), context)?;
            ipams = vec![Ipam { kind: Arc::from("Static"), subnets: vec![subnet] }];
        }
        Ok(Network {
            id,
            name: Arc::from(settings.string("Name")),
            kind,
            flags: flags::read(settings, flags::NETWORK)?,
            policies,
            ipams,
            macs: MacPool::read(settings.member("MacPool").list("Ranges"), id)?,
            dns: settings.member("Dns").clone(),
            switch: Guid::NIL,
            gateway_nic: None,
            adapter: String::new(),
            management: None,
            extensions: extensions(kind),
            unknown: unknown_members(settings, KNOWN),
            since: self.filetime(context),
            plumbed: true,
            addresses: BTreeMap::new(),
            endpoints: BTreeSet::new(),
            view: OnceLock::new(),
            policies_v1: OnceLock::new(),
        })
    }

    /// The /20 of 172.16.0.0/12 that HNS chooses for a NAT network without a prefix; ids spread over the blocks.
    fn choose_prefix(&self, id: Guid) -> Outcome<Prefix> {
        let start = u32::from(id.bits().to_be_bytes()[0]);
        let blocks = (0..256).map(|n| 0xac10_0000 | ((start + n) & 0xff) << 12);
        let prefixes = blocks.map(|bits| Prefix { address: IpAddr::V4(bits.into()), length: 20 });
        let taken = |prefix: &Prefix| {
            self.networks.iter().flat_map(Network::subnets).any(|s| overlap(s.prefix, *prefix))
                || self.adapters.iter().flat_map(|a| &a.addresses).any(|a| overlap(*a, *prefix))
        };
        prefixes.into_iter().find(|p| !taken(p)).ok_or_else(|| HResult::HCN_E_INVALID_NETWORK.into())
    }

    /// Subnets of one network must be apart, and NAT prefixes of all NAT networks.
    fn check_overlaps(&self, network: &Network) -> Outcome<()> {
        let own: Vec<Prefix> = network.subnets().map(|subnet| subnet.prefix).collect();
        let apart = own.iter().enumerate().all(|(at, a)| own[..at].iter().all(|b| !overlap(*a, *b)));
        require(apart, HResult::HCN_E_INVALID_NETWORK)?;
        if network.kind == NetworkKind::Nat {
            let nats = self.networks.iter().filter(|other| other.kind == NetworkKind::Nat);
            let clash = nats.flat_map(Network::subnets).any(|s| own.iter().any(|p| overlap(s.prefix, *p)));
            require(!clash, HResult::HCN_E_INVALID_NETWORK)?;
        }
        Ok(())
    }

    /// Puts the network on a switch; the host's adapters change with it.
    fn connect(&mut self, network: &mut Network, context: &mut dyn Context) -> Outcome<()> {
        if !network.kind.is_external() {
            network.switch = context.guid();
            if network.kind.has_host_gateway() {
                self.add_gateway_nic(network);
            }
            return Ok(());
        }
        let wanted = policy::wanted_adapter(&network.policies, &mut self.gaps);
        let without = network.flags & flags::NETWORK_DISABLE_HOST_PORT != 0;
        let with_host_port = !(without && self.has(HnsFeature::DisableHostPort));
        let (switch, adapter) =
            self.join_switch(network.kind, wanted, with_host_port, network.id, context)?;
        network.switch = switch;
        network.management = self.host_address(&adapter);
        network.adapter = adapter;
        Ok(())
    }

    /// The gateway of a NAT, ICS or Internal network is the host, on a vNIC of the network's name.
    fn add_gateway_nic(&mut self, network: &mut Network) {
        let addresses: Vec<Prefix> = network
            .subnets()
            .filter_map(|s| Some(Prefix { address: s.gateway?, length: s.prefix.length }))
            .collect();
        let mac = network.macs.take().unwrap_or_default();
        let name = format!("vEthernet ({})", network.name);
        self.add_host_nic(&name, mac, addresses, None, Vec::new());
        network.gateway_nic = Some((name, mac));
    }

    /// Adds what Windows adds on its own: policies and DNS.
    fn complete(&self, network: &mut Network) {
        let mut add = |name: &str, settings: Document| {
            if network.policies.of(name).next().is_none() {
                network.policies.push(doc!({"Type": name, "Settings": settings}));
            }
        };
        if network.kind.is_external() {
            add("NetAdapterName", doc!({"NetworkAdapterName": network.adapter.as_str()}));
        }
        if let Some(address) = network.management.filter(|_| network.kind.shows_provider_address()) {
            add("ProviderAddress", doc!({"ProviderAddress": address.to_string()}));
        }
        if network.kind == NetworkKind::Overlay {
            add("DrMacAddress", doc!({"Address": self.switches.router_mac(network.switch).dashed()}));
        }
        if network.kind == NetworkKind::Nat {
            add("VLAN", doc!({"IsolationId": 1}));
        }
        if network.dns.members().is_empty() {
            let inherits = network.kind.inherits_dns();
            network.dns = if inherits { self.host_dns() } else { Document::empty_object() };
        }
    }

    fn host_dns(&self) -> Document {
        let mut dns = Document::empty_object();
        if !self.config.dns_suffix.is_empty() {
            dns.set("Domain", self.config.dns_suffix.as_str());
        }
        let servers: Vec<String> =
            self.adapters.iter().flat_map(|adapter| &adapter.dns).map(ToString::to_string).collect();
        if !servers.is_empty() {
            dns.set("ServerList", servers);
        }
        dns
    }
}

fn overlap(a: Prefix, b: Prefix) -> bool {
    a.contains(b.address) || b.contains(a.address)
}
