//! Load balancers.
//!
//! Frontends: `FrontendVIPs` with a port, or no VIP: any address of the node (NodePort). With Direct Server Return the
//! source stays and only the destination is translated, at the client's port or (from outside) at the backend's;
//! without it the source becomes `SourceVIP`, or the node's address where none is set, and replies come back through the
//! node (Kubernetes' `pkg/proxy/winkernel/proxier.go`; hcsshim `hcn/hcnloadbalancer.go`).
//!
//! A backend that HNS lists but has no endpoint for takes its share of the flows and loses them.

use std::net::{IpAddr, SocketAddr};

use winlab_document::Document;
use winlab_host::{NetObject, WindowsDataPlane};

use super::outbound::Port;
use super::policy::{
    HnsObject as _, NetworkKind, address, addresses, guid, is_remote, kind, number, port, texts,
};
use super::view::{find, is_host, management_address};
use crate::packet::{Hash, IpProtocol, Packet, Tuple, pick};
use crate::tracking::{Connection, Point};
use crate::unmodelled;
use crate::verdict::{Decision, ObjectKind};
use crate::walk::{Object, Stop, Walk};

const DSR: u32 = 1;
const IPV6: u32 = 2;
const PRESERVE_DIP: u32 = 8;

/// `DistributionType` of a port mapping.
const BY_SOURCE_AND_PROTOCOL: u32 = 1;
const BY_SOURCE: u32 = 2;

/// The HNS version from which `DistributionType` has an effect (hcsshim `hcn/hcnglobals.go`).
const SESSION_AFFINITY: (u16, u16) = (12, 0);

/// What a load balancer made of a packet.
#[derive(Debug, Clone)]
pub(super) struct Balanced {
    /// Whether the source was translated, too.
    pub(super) masked: bool,
    pub(super) dsr: bool,
    pub(super) object: Object,
}

struct Frontend<'a> {
    balancer: &'a NetObject,
    mapping: &'a Document,
}

/// A backend for a frontend, and how the translation is kept.
struct Chosen<'a> {
    frontend: Frontend<'a>,
    backend: &'a NetObject,
    /// The network whose node address stands in where no SourceVIP is set.
    network: Option<&'a NetObject>,
    /// Where a translation that keeps the source is undone.
    point: Point,
}

impl Frontend<'_> {
    fn dsr(&self) -> bool {
        number(&self.balancer.document, "Flags") & DSR != 0
    }
}

impl Walk<'_> {
    /// A container's packet meets the load balancers of its node.
    pub(super) fn balance_from_endpoint(
        &mut self,
        from: Port<'_>,
        packet: &mut Packet,
    ) -> Result<Option<Balanced>, Stop> {
        let local = is_host(from.plane, packet.tuple.destination.ip());
        let Some(frontend) = self.frontend(from.name, from.plane, packet.tuple, local) else {
            return Ok(None);
        };
        let backend = self.backend(from.name, from.plane, &frontend, packet.tuple)?;
        let point = Point::Endpoint(from.endpoint.id);
        let chosen = Chosen { frontend, backend, network: Some(from.network), point };
        self.translate(from.node, from.plane, chosen, packet).map(Some)
    }

    /// A packet from the wire meets them: NodePorts on the node's addresses, and external addresses routed to it.
    pub(super) fn balance_from_wire(
        &mut self,
        node: usize,
        plane: &WindowsDataPlane,
        packet: &mut Packet,
    ) -> Result<Option<Balanced>, Stop> {
        let name = self.node_name(node);
        let local = is_host(plane, packet.tuple.destination.ip());
        let Some(frontend) = self.frontend(&name, plane, packet.tuple, local) else { return Ok(None) };
        let backend = self.backend(&name, plane, &frontend, packet.tuple)?;
        if frontend.dsr() && is_remote(&backend.document) {
            let object = frontend.balancer.object(ObjectKind::LoadBalancer);
            let detail = format!(
                "chose {} on another node, and with DSR a node does not pass on what comes from outside",
                backend.object(ObjectKind::Endpoint).id
            );
            return Err(self.drop(&name, object, detail));
        }
        let network = super::view::network_of(plane, backend);
        // With DSR the backend's own port translates, so that its reply needs no detour.
        let point = if frontend.dsr() { Point::Endpoint(backend.id) } else { Point::Host };
        let chosen = Chosen { frontend, backend, network, point };
        self.translate(node, plane, chosen, packet).map(Some)
    }

    fn frontend<'a>(
        &mut self,
        node: &str,
        plane: &'a WindowsDataPlane,
        tuple: Tuple,
        local: bool,
    ) -> Option<Frontend<'a>> {
        let mut idle = Vec::new();
        let mut other_ports = Vec::new();
        for balancer in &plane.load_balancers {
            let mappings = balancer.document.get("PortMappings").map(Document::items).unwrap_or_default();
            if !faces(&balancer.document, tuple.destination.ip(), local) {
                continue;
            }
            for mapping in mappings {
                if !takes(mapping, tuple) {
                    other_ports.push(format!(
                        "{}/{}",
                        port(mapping, "ExternalPort"),
                        number(mapping, "Protocol")
                    ));
                } else if balancer.plumbed {
                    return Some(Frontend { balancer, mapping });
                } else {
                    idle.push(balancer);
                }
            }
        }
        self.suspect_balancers(node, tuple, &idle, &other_ports);
        None
    }

    fn suspect_balancers(&mut self, node: &str, tuple: Tuple, idle: &[&NetObject], other_ports: &[String]) {
        let (protocol, to) = (tuple.protocol, tuple.destination);
        match idle.first() {
            Some(balancer) => {
                let object = balancer.object(ObjectKind::LoadBalancer);
                self.suspect_translation(node, object, "stored but not plumbed");
            }
            None if tuple.protocol == IpProtocol::Icmp => {
                let object = Object::named(ObjectKind::LoadBalancer, "");
                self.suspect_translation(node, object, "load balancers take TCP and UDP only");
            }
            None if other_ports.is_empty() => {
                let object = Object::named(ObjectKind::LoadBalancer, "");
                self.suspect_translation(node, object, format!("none has the frontend {protocol} {to}"));
            }
            None => {
                let object = Object::named(ObjectKind::LoadBalancer, "");
                let ports = other_ports.join(", ");
                let detail = format!("none has the frontend {protocol} {to}; this address has {ports}");
                self.suspect_translation(node, object, detail);
            }
        }
    }

    fn backend<'a>(
        &mut self,
        node: &str,
        plane: &'a WindowsDataPlane,
        frontend: &Frontend<'_>,
        tuple: Tuple,
    ) -> Result<&'a NetObject, Stop> {
        let object = frontend.balancer.object(ObjectKind::LoadBalancer);
        if number(frontend.mapping, "Flags") & PRESERVE_DIP != 0 {
            let detail = "frontends that preserve the destination are not modelled";
            return Err(self.not_modelled(unmodelled::PRESERVE_DIP, node, object, detail));
        }
        let listed: Vec<&str> = texts(&frontend.balancer.document, "HostComputeEndpoints").collect();
        let live = |id: &str| find(&plane.endpoints, guid(id)).filter(|endpoint| endpoint.plumbed);
        if !listed.iter().any(|id| live(id).is_some()) {
            let detail = match listed.as_slice() {
                [] => "has no backend".to_owned(),
                ids => format!("has no live backend: {} is no endpoint of {node}", ids.join(", ")),
            };
            return Err(self.drop(node, object, detail));
        }
        // Older HNS keeps the setting and does not act on it.
        let affinity = plane.hns_version >= SESSION_AFFINITY;
        let chosen = listed[pick(spread(frontend, tuple, affinity), listed.len())];
        live(chosen).ok_or_else(|| {
            let detail = format!("chose backend {chosen}, which is no endpoint of {node}");
            self.drop(node, object, detail)
        })
    }

    fn translate(
        &mut self,
        node: usize,
        plane: &WindowsDataPlane,
        chosen: Chosen<'_>,
        packet: &mut Packet,
    ) -> Result<Balanced, Stop> {
        let Chosen { frontend, backend, network, mut point } = chosen;
        let name = self.node_name(node);
        let object = frontend.balancer.object(ObjectKind::LoadBalancer);
        let v4 = packet.tuple.destination.is_ipv4();
        let Some(to) = addresses(&backend.document).find(|address| address.is_ipv4() == v4) else {
            let detail = format!("backend {} has no address of that family", backend.id);
            return Err(self.drop(&name, object, detail));
        };
        let original = packet.tuple;
        packet.tuple.destination = SocketAddr::new(to, port(frontend.mapping, "InternalPort"));
        let dsr = frontend.dsr();
        if !dsr {
            let source = address(&frontend.balancer.document, "SourceVIP");
            let Some(source) = source.or_else(|| management_address(plane, network)) else {
                return Err(self.drop(
                    &name,
                    object,
                    "no SourceVIP and no address of the node to translate to",
                ));
            };
            // One of the 64 ports that HNS reserved for it.
            let block = 49_152 + u16::try_from(self.draw() % 256).unwrap_or(0) * 64;
            let slot = u16::try_from(original.hash() % 64).unwrap_or(0);
            packet.tuple.source = SocketAddr::new(source, block + slot);
            point = Point::Host;
        }
        let how = if dsr { "DSR" } else { "source translated" };
        let detail = format!("{original} becomes {} ({how})", packet.tuple);
        self.hop(&name, object.clone(), Decision::Translate, detail);
        let by = format!("loadbalancer {}", object.id);
        self.state.tracking.remember(node, point, Connection { original, translated: packet.tuple, by });
        Ok(Balanced { masked: !dsr, dsr, object })
    }
}

/// Whether a load balancer has a frontend on an address.
fn faces(balancer: &Document, to: IpAddr, local: bool) -> bool {
    let mut vips = texts(balancer, "FrontendVIPs").filter(|vip| !vip.is_empty()).peekable();
    let v6 = number(balancer, "Flags") & IPV6 != 0;
    match vips.peek() {
        None => local && to.is_ipv6() == v6,
        Some(_) => vips.any(|vip| vip.parse() == Ok(to)),
    }
}

fn takes(mapping: &Document, tuple: Tuple) -> bool {
    number(mapping, "Protocol") == tuple.protocol as u32
        && port(mapping, "ExternalPort") == tuple.destination.port()
        && tuple.protocol != IpProtocol::Icmp
}

/// What decides which backend a flow gets.
fn spread(frontend: &Frontend<'_>, tuple: Tuple, affinity: bool) -> u64 {
    let mut hash = Hash::default();
    let by = if affinity { number(frontend.mapping, "DistributionType") } else { 0 };
    match by {
        BY_SOURCE => hash.address(tuple.source.ip()),
        BY_SOURCE_AND_PROTOCOL => {
            hash.address(tuple.source.ip());
            hash.number(tuple.protocol as u64);
        }
        _ => hash.number(tuple.hash()),
    }
    hash.end()
}

/// Whether a network's endpoints reach their own node only by permission.
pub(super) fn needs_host_route(network: &NetObject) -> bool {
    kind(&network.document) == NetworkKind::Overlay && network.policies("HostRoute").next().is_none()
}
