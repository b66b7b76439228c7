//! Overlay: local endpoints on the switch, other nodes' behind VXLAN.
//!
//! A remote endpoint says by its ProviderAddress policy which node has an address; a RemoteSubnetRoute policy says it
//! for a prefix, with the VNI and the MAC that the packet inside is sent to (flannel `pkg/backend/vxlan`,
//! `vxlan_network_windows.go`). Pods and their own host reach each other with a HostRoute policy only.

use std::net::IpAddr;

use winlab_document::Document;
use winlab_host::{MacAddress, NetObject};

use super::acl::steered;
use super::balance::needs_host_route;
use super::outbound::Port;
use super::policy::{HnsObject as _, NetworkKind, address, kind, number, port as port_of, prefix, subnets};
use super::view::{is_host, with_address};
use crate::packet::Packet;
use crate::tracking::Point;
use crate::verdict::{Decision, ObjectKind};
use crate::walk::{Object, Outer, Walk, Way, windows};

/// The UDP port of VXLAN that HNS uses unless a VxlanPort policy says another.
const VXLAN_PORT: u16 = 4789;

/// Where an address of the overlay is.
struct Remote {
    provider: IpAddr,
    vni: u32,
    mac: Option<MacAddress>,
    object: Object,
    detail: String,
}

impl Walk<'_> {
    pub(super) fn overlay_out(&mut self, port: Port<'_>, packet: Packet) -> Way {
        let to = packet.tuple.destination.ip();
        if let Some(endpoint) = with_address(port.plane, port.network.id, false, to) {
            return self.windows_endpoint_in(port.node, endpoint.id, packet);
        }
        if is_host(port.plane, to) {
            return self.overlay_to_own_host(port, packet);
        }
        if let Some(remote) = remote(port, to) {
            return self.encapsulate(port, packet, remote);
        }
        if subnets(&port.network.document).any(|(prefix, _)| prefix.contains(to)) {
            let detail = format!("{to} is in its subnet, and no endpoint has it");
            return Err(self.drop(port.name, port.network.object(ObjectKind::Network), detail));
        }
        let object = port.network.object(ObjectKind::RemoteSubnet);
        self.suspect(port.name, object, format!("no RemoteSubnetRoute policy covers {to}"));
        self.windows_host_forward(port.node, packet, None)
    }

    fn overlay_to_own_host(&mut self, port: Port<'_>, packet: Packet) -> Way {
        let to = packet.tuple.destination.ip();
        if needs_host_route(port.network) && steered(port.endpoint, to).is_none() {
            // The reply to the host's NAT and to a load balancer comes back to a translation, not to the host.
            let translated =
                self.state.tracking.of_reply(port.node, &Point::Host, packet.tuple).is_some() && packet.reply;
            if !translated {
                let detail = format!("no HostRoute policy: its endpoints do not reach their own host {to}");
                return Err(self.drop(port.name, port.network.object(ObjectKind::Network), detail));
            }
        }
        self.windows_host_in(port.node, packet, false)
    }

    fn encapsulate(&mut self, port: Port<'_>, packet: Packet, remote: Remote) -> Way {
        if is_host(port.plane, remote.provider) {
            let detail = format!("its node is {} itself, where no endpoint has it", port.name);
            return Err(self.drop(port.name, remote.object, detail));
        }
        let Some(mac) = remote.mac else {
            return Err(self.drop(port.name, remote.object, "no MAC to send to is known"));
        };
        let udp = port.network.policies("VxlanPort").next().map_or(VXLAN_PORT, |s| port_of(s, "Port"));
        let sender = self.hop(port.name, remote.object, Decision::Encapsulate, remote.detail);
        let outer = Outer { vni: remote.vni, port: udp, destination: remote.provider, mac, sender };
        self.transmit(port.node, remote.provider, packet, Some(outer), sender)
    }

    /// A VXLAN packet comes in.
    pub(crate) fn windows_decapsulate(&mut self, node: usize, packet: Packet, outer: Outer) -> Way {
        let plane = self.plane(node);
        let plane = windows(&plane);
        let name = self.node_name(node);
        let overlays: Vec<&NetObject> = plane
            .networks
            .iter()
            .filter(|network| network.plumbed && kind(&network.document) == NetworkKind::Overlay)
            .collect();
        let fits = |network: &&&NetObject| {
            vsids(&network.document).any(|vsid| vsid == outer.vni) && udp_port(network) == outer.port
        };
        let Some(network) = overlays.iter().find(fits).copied() else {
            let known: Vec<String> = overlays
                .iter()
                .flat_map(|network| {
                    let udp = udp_port(network);
                    vsids(&network.document).map(move |vsid| format!("VNI {vsid} on UDP {udp}"))
                })
                .collect();
            let known = if known.is_empty() { "no plumbed overlay network".into() } else { known.join(", ") };
            let why = format!("VNI {} on UDP {} ≠ {name}, which has {known}", outer.vni, outer.port);
            let object = Object::named(ObjectKind::Network, "");
            return Err(self.tunnels_differ(&name, object, outer.sender, &why));
        };
        let to = packet.tuple.destination.ip();
        let router = network
            .policies("DrMacAddress")
            .find_map(|settings| settings.text(&["Address"]).parse::<MacAddress>().ok());
        let endpoint = with_address(plane, network.id, false, to);
        let own = endpoint.and_then(|e| e.document.text(&["MacAddress"]).parse::<MacAddress>().ok());
        if Some(outer.mac) != router && Some(outer.mac) != own {
            let expected = router.map_or_else(|| "none".into(), |mac| mac.to_string());
            let why =
                format!("sent to MAC {} ≠ {expected}, the distributed router's MAC on {name}", outer.mac);
            return Err(self.tunnels_differ(&name, network.object(ObjectKind::Network), outer.sender, &why));
        }
        let detail = format!("VNI {}: {}", outer.vni, packet.tuple);
        self.hop(&name, network.object(ObjectKind::Network), Decision::Decapsulate, detail);
        match endpoint {
            Some(endpoint) => self.windows_endpoint_in(node, endpoint.id, packet),
            None => {
                let detail = format!("no plumbed local endpoint has {to}");
                Err(self.drop(&name, network.object(ObjectKind::Network), detail))
            }
        }
    }
}

/// Who has an address of the overlay: a remote endpoint, or the longest RemoteSubnetRoute. An address that no prefix
/// of the overlay covers is none of its own, whatever remote endpoint kube-proxy made for it.
fn remote(port: Port<'_>, to: IpAddr) -> Option<Remote> {
    let destination = |route: &Document| prefix(route.text(&["DestinationPrefix"]));
    let route = port
        .network
        .policies("RemoteSubnetRoute")
        .filter_map(|route| Some((destination(route)?, route)))
        .filter(|(prefix, _)| prefix.contains(to))
        .max_by_key(|(prefix, _)| prefix.length)
        .map(|(_, route)| route);
    let inside = subnets(&port.network.document).any(|(prefix, _)| prefix.contains(to));
    let endpoint = with_address(port.plane, port.network.id, true, to).filter(|_| route.is_some() || inside);
    let claimed = endpoint.and_then(|endpoint| {
        endpoint.policies("ProviderAddress").find_map(|settings| address(settings, "ProviderAddress"))
    });
    let routed = route.and_then(|route| address(route, "ProviderAddress"));
    let own_vni = vsids(&port.network.document).next().unwrap_or(0);
    match (endpoint, claimed, route) {
        (_, None, Some(route)) => Some(by_route(port, route, routed?)),
        (_, Some(claimed), Some(route)) if routed == Some(claimed) => Some(by_route(port, route, claimed)),
        (Some(endpoint), Some(claimed), _) => Some(Remote {
            provider: claimed,
            vni: own_vni,
            mac: endpoint.document.text(&["MacAddress"]).parse().ok(),
            object: endpoint.object(ObjectKind::Endpoint),
            detail: format!("remote endpoint {to}: ProviderAddress {claimed}, VNI {own_vni}"),
        }),
        _ => None,
    }
}

fn by_route(port: Port<'_>, route: &Document, provider: IpAddr) -> Remote {
    let (vni, destination) = (number(route, "IsolationId"), route.text(&["DestinationPrefix"]));
    Remote {
        provider,
        vni,
        mac: route.text(&["DistributedRouterMacAddress"]).parse().ok(),
        object: Object::new(
            ObjectKind::RemoteSubnet,
            port.network.id,
            format!("RemoteSubnetRoute {destination} of {}", port.network.name()),
        ),
        detail: format!("VNI {vni} to {provider}"),
    }
}

/// The VSIDs of a network's subnets.
fn vsids(network: &Document) -> impl Iterator<Item = u32> {
    subnets(network).flat_map(|(_, subnet)| {
        let policies = subnet.get("Policies").map(Document::items).unwrap_or_default();
        policies
            .iter()
            .filter(|policy| policy.text(&["Type"]).eq_ignore_ascii_case("VSID"))
            .map(|policy| number(policy.get("Settings").unwrap_or(policy), "IsolationId"))
    })
}

fn udp_port(network: &NetObject) -> u16 {
    network.policies("VxlanPort").next().map_or(VXLAN_PORT, |settings| port_of(settings, "Port"))
}
