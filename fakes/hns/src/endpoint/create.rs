//! Making endpoints.

use std::net::IpAddr;

use winlab_document::{Document, doc};
use winlab_host::linux::Prefix;
use winlab_host::{Guid, HResult};
use winlab_profiles::HnsFeature;

use crate::context::Context;
use crate::endpoint::object::Details;
use crate::endpoint::{Endpoint, ports};
use crate::flags;
use crate::handle::known;
use crate::hns::Hns;
use crate::members::{Members, Outcome, refuse, require, unknown_members};
use crate::network::{Network, NetworkKind, default_route};
use crate::policy::{self, Policies, Target};
use crate::store::Serial;
use crate::v1;
use crate::version;

/// Members of an endpoint that HNS reads or writes itself.
const KNOWN: &[&str] = &[
    "ID",
    "Name",
    "HostComputeNetwork",
    "HostComputeNamespace",
    "Policies",
    "IpConfigurations",
    "Dns",
    "Routes",
    "MacAddress",
    "Flags",
    "SchemaVersion",
    "Version",
    "Health",
    "State",
];

/// Addresses of a new endpoint, and which of them are local ones of the network.
struct Addresses {
    first: Option<Prefix>,
    more: Vec<Prefix>,
}

impl Hns {
    /// `HcnCreateEndpoint` and V1's `POST /endpoints/`.
    pub(crate) fn create_endpoint(
        &mut self,
        network: Guid,
        id: Guid,
        settings: &Document,
        context: &mut dyn Context,
    ) -> Outcome<Guid> {
        let settings = v1::endpoint::as_v2(settings)?;
        let given = settings.guid("HostComputeNetwork")?.filter(|id| !id.is_nil());
        require(network.is_nil() || given.is_none_or(|given| given == network), HResult::E_INVALIDARG)?;
        let network = if network.is_nil() { given.unwrap_or_default() } else { network };
        let Some(network) = self.networks.serial(network) else {
            return refuse(HResult::HCN_E_NETWORK_NOT_FOUND);
        };
        let id = Self::choose_id(id, &settings, context)?;
        require(!self.endpoints.contains(id), HResult::ERROR_OBJECT_ALREADY_EXISTS)?;
        let namespace = settings.guid("HostComputeNamespace")?.unwrap_or_default();
        require(namespace.is_nil() || self.namespaces.contains(namespace), HResult::ERROR_NOT_FOUND)?;
        let endpoint = self.read_endpoint(id, network, &settings, context)?;
        if let Err(fault) = self.ports.map(&ports::mappings(&endpoint.policies)) {
            if let Some(network) = self.networks.at_mut(network) {
                network.macs.give(endpoint.mac);
            }
            return Err(fault);
        }
        let remote = endpoint.is_remote();
        self.insert_endpoint(endpoint);
        if !namespace.is_nil() && !remote {
            self.add_endpoint(namespace, id).inspect_err(|_| self.forget_endpoint(id))?;
        }
        Ok(id)
    }

    /// Reads the settings; addresses and MAC are taken from the network's pools last, when nothing can fail any more.
    fn read_endpoint(
        &mut self,
        id: Guid,
        serial: Serial,
        settings: &Document,
        context: &mut dyn Context,
    ) -> Outcome<Endpoint> {
        let version = self.version();
        let flags = flags::read(settings, flags::ENDPOINT)?;
        let remote = flags & flags::ENDPOINT_REMOTE != 0;
        let kind = known(self.networks.at(serial))?.kind;
        let mut policies = self.shared.policies(settings.list("Policies"));
        policy::validate(&policies, Target::Endpoint(kind), version)?;
        policy::count_gaps(&policies, &mut self.gaps);
        let bad = HResult::HCN_E_INVALID_ENDPOINT;
        let mac = settings.mac("MacAddress", bad)?;
        if ports::choose(&mut policies, &self.ports)? {
            policies = self.shared.policies(policies.items());
        }
        let addresses = self.read_addresses(serial, remote, settings)?;
        let name = match settings.member("Name") {
            Document::String(text) if !text.is_empty() => text.clone(),
            _ => self.shared.ethernet.clone(),
        };
        let mac = self.choose_mac(serial, remote, mac)?;
        if !remote {
            policies = self.add_own_policies(serial, policies);
        }
        let head = (id, serial, flags);
        let mut endpoint = Endpoint::plain(head, mac, addresses.first, name, policies);
        let network = known(self.networks.at(serial))?;
        self.fill_details(&mut endpoint, network, settings, addresses.more, context);
        Ok(endpoint)
    }

    /// Policies that HNS adds to local endpoints by itself.
    fn add_own_policies(&mut self, network: Serial, mut policies: Policies) -> Policies {
        let Some(network) = self.networks.at(network) else { return policies };
        if network.kind.adds_l2_driver() && policies.of("L2Driver").next().is_none() {
            policies.push(doc!({"Type": "L2Driver"}));
        }
        let overlay = network.kind == NetworkKind::Overlay;
        let own = policies.of("ProviderAddress").next().is_some();
        if let Some(address) = network.management.filter(|_| overlay && !own) {
            let settings = doc!({"ProviderAddress": address.to_string()});
            policies.push(doc!({"Type": "ProviderAddress", "Settings": settings}));
        }
        policies
    }

    fn fill_details(
        &self,
        endpoint: &mut Endpoint,
        network: &Network,
        settings: &Document,
        more: Vec<Prefix>,
        context: &mut dyn Context,
    ) {
        let routes = settings.list("Routes").iter();
        let said = |route: &&Document| {
            !(route.string("NextHop").is_empty() && route.string("DestinationPrefix").is_empty())
        };
        let routes: Vec<Document> = routes.filter(said).cloned().collect();
        let dns = settings.member("Dns");
        let unknown = unknown_members(settings, KNOWN);
        let said_dns = !dns.members().is_empty();
        if endpoint.is_remote() {
            if routes.is_empty() && !said_dns && unknown.is_null() && more.is_empty() {
                return;
            }
            *endpoint.details_mut() = Details {
                routes: routes.into(),
                dns: dns.clone(),
                unknown,
                more_addresses: more,
                ..Details::default()
            };
            return;
        }
        let hosts: Vec<IpAddr> = endpoint.hosts().chain(more.iter().map(|prefix| prefix.address)).collect();
        let routes = if routes.is_empty() { default_routes(network, &hosts) } else { routes };
        *endpoint.details_mut() = Details {
            port_id: context.guid(),
            dns: if said_dns { dns.clone() } else { network.dns.clone() },
            routes: routes.into(),
            more_addresses: more,
            since: self.filetime(context),
            unknown,
            ..Details::default()
        };
    }

    fn insert_endpoint(&mut self, endpoint: Endpoint) {
        let (network, name, remote) = (endpoint.network, endpoint.name.clone(), endpoint.is_remote());
        let hosts: Vec<IpAddr> = endpoint.hosts().collect();
        let serial = self.endpoints.insert(endpoint);
        self.endpoint_names.entry(name).or_default().insert(serial);
        let Some(network) = self.networks.at_mut(network) else { return };
        network.endpoints.insert(serial);
        if !remote {
            network.addresses.extend(hosts.into_iter().map(|host| (host, serial)));
        }
    }

    fn choose_mac(
        &mut self,
        network: Serial,
        remote: bool,
        given: Option<winlab_host::MacAddress>,
    ) -> Outcome<winlab_host::MacAddress> {
        let network = known(self.networks.at_mut(network))?;
        match given {
            Some(mac) => {
                if !remote {
                    network.macs.mark(mac);
                }
                Ok(mac)
            }
            None if remote => Ok(network.macs.peek()),
            None => network.macs.take().ok_or_else(|| HResult::HCN_E_ADDR_INVALID_OR_RESERVED.into()),
        }
    }

    /// The addresses asked for; a local endpoint without any gets the next free one.
    fn read_addresses(&mut self, serial: Serial, remote: bool, settings: &Document) -> Outcome<Addresses> {
        let mut found = Vec::new();
        for config in settings.list("IpConfigurations") {
            let address = config.address("IpAddress", HResult::HCN_E_INVALID_IP)?;
            let length = config.integer("PrefixLength").filter(|length| *length != 0);
            let Some(address) = address else { continue };
            let doubled = found.iter().any(|known: &Prefix| known.address == address);
            require(!doubled, HResult::HCN_E_ADDR_INVALID_OR_RESERVED)?;
            found.push(self.check_address(serial, remote, address, length)?);
        }
        if found.is_empty() {
            require(!remote, HResult::HCN_E_INVALID_IP)?;
            found.extend(self.allocate(serial)?);
        }
        let mut found = found.into_iter();
        Ok(Addresses { first: found.next(), more: found.collect() })
    }

    /// Remote endpoints may have any address (kube-proxy gives them service addresses and those of other nodes' pods);
    /// local ones an address of a subnet that is free.
    fn check_address(
        &self,
        network: Serial,
        remote: bool,
        address: IpAddr,
        length: Option<u64>,
    ) -> Outcome<Prefix> {
        let network = known(self.networks.at(network))?;
        let subnet = network.subnet_of(address);
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let default = subnet.map_or(longest, |subnet| subnet.prefix.length);
        let length = length.map_or(Ok(default), u8::try_from).unwrap_or(u8::MAX);
        require(length <= longest, HResult::HCN_E_INVALID_PREFIX)?;
        let prefix = Prefix { address, length };
        if remote {
            return Ok(prefix);
        }
        if length == longest && subnet.is_some_and(|subnet| subnet.prefix.length < longest) {
            require(self.has(HnsFeature::Slash32EndpointPrefixes), HResult::HCN_E_INVALID_PREFIX)?;
        }
        let Some(subnet) = subnet else {
            let of_family = network.subnets().any(|s| s.prefix.address.is_ipv4() == address.is_ipv4());
            if !of_family && network.kind.allows_no_subnet() {
                return Ok(prefix);
            }
            let code = if of_family { HResult::HCN_E_INVALID_IP } else { HResult::HCN_E_SUBNET_NOT_FOUND };
            return refuse(code);
        };
        require(!subnet.is_reserved(address, network.management), HResult::HCN_E_ADDR_INVALID_OR_RESERVED)?;
        require(!network.addresses.contains_key(&address), self.address_taken())?;
        Ok(prefix)
    }

    /// The first builds of 1809 said that the object exists.
    fn address_taken(&self) -> HResult {
        if version::reports_doubled_address_as_object(self.version()) {
            HResult::ERROR_OBJECT_ALREADY_EXISTS
        } else {
            HResult::HCN_E_ADDR_INVALID_OR_RESERVED
        }
    }

    fn allocate(&mut self, network: Serial) -> Outcome<Vec<Prefix>> {
        let network = known(self.networks.at_mut(network))?;
        if network.subnets().next().is_none() {
            require(network.kind.allows_no_subnet(), HResult::HCN_E_SUBNET_NOT_FOUND)?;
            return Ok(Vec::new());
        }
        let Some((address, subnet)) = network.allocate(None) else {
            return refuse(HResult::HCN_E_ADDR_INVALID_OR_RESERVED);
        };
        Ok(vec![Prefix { address, length: subnet.length }])
    }
}

/// A default route through the gateway of the subnet of each address.
fn default_routes(network: &Network, hosts: &[IpAddr]) -> Vec<Document> {
    let mut gateways: Vec<IpAddr> =
        hosts.iter().filter_map(|host| network.subnet_of(*host)?.gateway).collect();
    gateways.dedup();
    gateways.into_iter().map(|gateway| default_route(Some(gateway))).collect()
}
