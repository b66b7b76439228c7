//! Looking things up in a Windows host's data plane.

use std::net::IpAddr;

use winlab_document::Document;
use winlab_host::linux::{Prefix, Route};
use winlab_host::{Adapter, Compartment, Guid, HostProgram, NetObject, WindowsDataPlane};

use super::policy::{
    HnsObject as _, NetworkKind, address, addresses, guid, is_remote, kind, number, subnets, texts,
};
use crate::walk::Place;

/// The host's own compartment.
const HOST: u32 = 1;

/// The place of a container: the first endpoint of its compartment, or the host's own.
pub(crate) fn place_of(plane: &WindowsDataPlane, node: usize, container: &str) -> Option<Place> {
    let compartment = plane
        .compartments
        .iter()
        .find(|compartment| compartment.programs.iter().any(|program| program.container == container))?;
    if compartment.number == HOST {
        return Some(Place::WindowsHost { node });
    }
    let endpoint = plane.endpoints.iter().find(|endpoint| is_in(endpoint, compartment))?;
    Some(Place::Endpoint { node, endpoint: endpoint.id })
}

/// Whether an endpoint is a compartment's: by its namespace, or (V1) by a container that it was attached to.
fn is_in(endpoint: &NetObject, compartment: &Compartment) -> bool {
    if is_remote(&endpoint.document) {
        return false;
    }
    let namespace = guid(endpoint.document.text(&["HostComputeNamespace"]));
    if !namespace.is_nil() {
        return namespace == compartment.namespace;
    }
    let shared = endpoint.document.path(&["Health", "Extra"]).unwrap_or(&Document::Null);
    texts(shared, "SharedContainers").any(|id| compartment.programs.iter().any(|p| p.container == id))
}

pub(super) fn compartment_of<'a>(
    plane: &'a WindowsDataPlane,
    endpoint: &NetObject,
) -> Option<&'a Compartment> {
    // A compartment lives as long as a container in it.
    plane.compartments.iter().find(|c| c.number != HOST && !c.programs.is_empty() && is_in(endpoint, c))
}

pub(crate) fn programs_of(plane: &WindowsDataPlane, endpoint: Guid) -> Vec<HostProgram> {
    let found = find(&plane.endpoints, endpoint).and_then(|endpoint| compartment_of(plane, endpoint));
    found.map(|compartment| compartment.programs.clone()).unwrap_or_default()
}

pub(crate) fn host_programs(plane: &WindowsDataPlane) -> Vec<HostProgram> {
    let host = plane.compartments.iter().find(|compartment| compartment.number == HOST);
    host.map(|compartment| compartment.programs.clone()).unwrap_or_default()
}

pub(super) fn find(objects: &[NetObject], id: Guid) -> Option<&NetObject> {
    objects.iter().find(|object| object.id == id)
}

/// The network of an endpoint.
pub(super) fn network_of<'a>(plane: &'a WindowsDataPlane, endpoint: &NetObject) -> Option<&'a NetObject> {
    find(&plane.networks, guid(endpoint.document.text(&["HostComputeNetwork"])))
}

/// Plumbed endpoints of a network with an address, local or remote.
pub(super) fn with_address(
    plane: &WindowsDataPlane,
    network: Guid,
    remote: bool,
    wanted: IpAddr,
) -> Option<&NetObject> {
    plane.endpoints.iter().find(|endpoint| {
        endpoint.plumbed
            && is_remote(&endpoint.document) == remote
            && addresses(&endpoint.document).any(|address| address == wanted)
            && guid(endpoint.document.text(&["HostComputeNetwork"])) == network
    })
}

/// A plumbed local endpoint with an address on a plumbed network of one of some types, with that network.
pub(super) fn local_on<'a>(
    plane: &'a WindowsDataPlane,
    wanted: IpAddr,
    kinds: &[NetworkKind],
) -> Option<(&'a NetObject, &'a NetObject)> {
    let local = |endpoint: &&NetObject| {
        endpoint.plumbed
            && !is_remote(&endpoint.document)
            && addresses(&endpoint.document).any(|address| address == wanted)
    };
    plane.endpoints.iter().filter(local).find_map(|endpoint| {
        let network = network_of(plane, endpoint)?;
        (network.plumbed && kinds.contains(&kind(&network.document))).then_some((endpoint, network))
    })
}

/// The address of one family that an endpoint sends from.
pub(crate) fn address_of(plane: &WindowsDataPlane, endpoint: Guid, v4: bool) -> Option<IpAddr> {
    addresses(&find(&plane.endpoints, endpoint)?.document).find(|address| address.is_ipv4() == v4)
}

/// The MTU of an endpoint's interface: set by policy, or less the encapsulation on an overlay.
pub(crate) fn mtu_of(plane: &WindowsDataPlane, endpoint: Guid) -> u32 {
    let Some(endpoint) = find(&plane.endpoints, endpoint) else { return 1500 };
    if let Some(settings) = endpoint.policies("InterfaceParameters").next() {
        return number(settings, "Mtu");
    }
    if let Some(settings) = endpoint.policies("EncapOverhead").next() {
        return 1500 - number(settings, "Overhead").min(1000);
    }
    let overlay = network_of(plane, endpoint).is_some_and(|n| kind(&n.document) == NetworkKind::Overlay);
    if overlay { 1450 } else { 1500 }
}

/// Whether an address is the host's own.
pub(super) fn is_host(plane: &WindowsDataPlane, wanted: IpAddr) -> bool {
    wanted.is_loopback() || adapter_with(plane, wanted).is_some()
}

pub(super) fn adapter_with(plane: &WindowsDataPlane, wanted: IpAddr) -> Option<&Adapter> {
    plane.adapters.iter().find(|adapter| adapter.addresses.iter().any(|prefix| prefix.address == wanted))
}

/// The host's address for NAT: what the network shows as its provider address, or that of an adapter with a gateway.
pub(super) fn management_address(plane: &WindowsDataPlane, network: Option<&NetObject>) -> Option<IpAddr> {
    let shown = network.and_then(|network| {
        network.policies("ProviderAddress").find_map(|settings| address(settings, "ProviderAddress"))
    });
    let adapter = plane.adapters.iter().find(|adapter| adapter.gateway.is_some());
    shown.or_else(|| adapter.and_then(|adapter| adapter.addresses.first()).map(|prefix| prefix.address))
}

/// The host's routes: those made by hand, those of its adapters' prefixes, those to its gateways. Longest first.
pub(super) fn host_routes(plane: &WindowsDataPlane) -> Vec<Route> {
    let mut routes = plane.host_routes.clone();
    let mut add = |destination: Prefix, gateway: Option<IpAddr>, device: &str, metric: u32| {
        let known = |route: &Route| (route.destination, route.gateway) == (destination, gateway);
        if !routes.iter().any(known) {
            let device = device.to_owned();
            routes.push(Route { destination, gateway, device, source: None, metric, onlink: false });
        }
    };
    for adapter in &plane.adapters {
        for prefix in &adapter.addresses {
            add(prefix.network(), None, &adapter.name, 256);
        }
        if let Some(gateway) = adapter.gateway {
            add(Prefix::everything(gateway), Some(gateway), &adapter.name, 256);
        }
    }
    routes.sort_by_key(|route| (std::cmp::Reverse(route.destination.length), route.metric));
    routes
}

/// The address the host itself sends from.
pub(crate) fn host_source(plane: &WindowsDataPlane, to: IpAddr) -> Option<IpAddr> {
    if is_host(plane, to) {
        return Some(to);
    }
    let route = host_routes(plane).into_iter().find(|route| route.destination.contains(to))?;
    let adapter = plane.adapters.iter().find(|adapter| adapter.name == route.device)?;
    let of_family = |prefix: &&Prefix| prefix.address.is_ipv4() == to.is_ipv4();
    // An adapter with several prefixes sends from the one of the next hop.
    let next_hop = route.gateway.unwrap_or(to);
    let near = adapter.addresses.iter().filter(of_family).find(|prefix| prefix.contains(next_hop));
    near.or_else(|| adapter.addresses.iter().find(of_family)).map(|prefix| prefix.address)
}

/// Whether an address is that of a local endpoint.
pub(crate) fn has_inside(plane: &WindowsDataPlane, wanted: IpAddr) -> bool {
    plane.endpoints.iter().any(|endpoint| {
        !is_remote(&endpoint.document) && addresses(&endpoint.document).any(|address| address == wanted)
    })
}

/// Whether an l2bridge switch has a local endpoint with an address.
pub(crate) fn bridges(plane: &WindowsDataPlane, wanted: IpAddr) -> bool {
    let bridged = |network: &&NetObject| network.plumbed && kind(&network.document) == NetworkKind::Bridge;
    plane
        .networks
        .iter()
        .filter(bridged)
        .any(|network| with_address(plane, network.id, false, wanted).is_some())
}

/// The network whose subnet an address is in.
pub(super) fn network_with_subnet(plane: &WindowsDataPlane, wanted: IpAddr) -> Option<&NetObject> {
    plane
        .networks
        .iter()
        .filter(|network| network.plumbed)
        .find(|network| subnets(&network.document).any(|(prefix, _)| prefix.contains(wanted)))
}
