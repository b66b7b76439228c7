//! The host's own stack: its addresses, its NodePorts, its routes.

use std::net::SocketAddr;

use winlab_host::{NetObject, WindowsDataPlane};

use super::balance::needs_host_route;
use super::policy::{HnsObject as _, NetworkKind, addresses, guid, is_remote, kind, number, port};
use super::view::{adapter_with, find, host_routes, is_host, local_on, network_with_subnet};
use crate::packet::{IpProtocol, Packet};
use crate::tracking::{Connection, Point};
use crate::verdict::{Decision, ObjectKind};
use crate::walk::{Arrived, Object, Place, Walk, Way, windows};

impl Walk<'_> {
    /// A packet that a program of the host sends. It meets no load balancer.
    pub(crate) fn windows_host_out(&mut self, node: usize, mut packet: Packet) -> Way {
        let plane = self.plane(node);
        let plane = windows(&plane);
        let name = self.node_name(node);
        let to = packet.tuple.destination.ip();
        if packet.reply && self.undo(node, &Point::Host, &mut packet) {
            return self.windows_deliver_translated(node, packet);
        }
        if is_host(plane, to) {
            return Ok(self.at_host(node, &name, packet));
        }
        let object = Object::named(ObjectKind::LoadBalancer, "");
        self.suspect_translation(&name, object, "a node's own traffic meets no load balancer");
        if let Some((endpoint, network)) = local_on(plane, to, &[NetworkKind::Overlay]) {
            if needs_host_route(network) {
                let detail = format!("no HostRoute policy: the host does not reach its endpoint {to}");
                return Err(self.drop(&name, network.object(ObjectKind::Network), detail));
            }
            return self.windows_endpoint_in(node, endpoint.id, packet);
        }
        self.windows_host_forward(node, packet, None)
    }

    /// A packet from the wire, not encapsulated.
    pub(crate) fn windows_arrive(&mut self, node: usize, packet: Packet) -> Way {
        let plane = self.plane(node);
        let plane = windows(&plane);
        let to = packet.tuple.destination.ip();
        if is_host(plane, to) {
            return self.windows_host_in(node, packet, true);
        }
        if let Some((endpoint, _)) = local_on(plane, to, &[NetworkKind::Bridge, NetworkKind::Other]) {
            return self.windows_endpoint_in(node, endpoint.id, packet);
        }
        let mut balanced = packet;
        if !packet.reply && self.balance_from_wire(node, plane, &mut balanced)?.is_some() {
            return self.windows_balanced(node, balanced);
        }
        let adapter = plane.adapters.iter().find(|adapter| adapter.gateway.is_some());
        let name = adapter.map(|adapter| adapter.name.clone()).unwrap_or_default();
        self.windows_host_forward(node, packet, Some(&name))
    }

    /// A packet for one of the host's addresses; `wire`: it came from another host.
    pub(crate) fn windows_host_in(&mut self, node: usize, mut packet: Packet, wire: bool) -> Way {
        let plane = self.plane(node);
        let plane = windows(&plane);
        let name = self.node_name(node);
        if packet.reply {
            if self.undo(node, &Point::Host, &mut packet) {
                return self.windows_deliver_translated(node, packet);
            }
            return Ok(self.at_host(node, &name, packet));
        }
        if let Some((endpoint, to)) = mapped(plane, packet) {
            let original = packet.tuple;
            packet.tuple.destination = to;
            let mut object = endpoint.object(ObjectKind::PortMapping);
            object.name = format!("PortMapping of {}", object.name);
            let detail = format!("{original} becomes {}", packet.tuple);
            self.hop(&name, object, Decision::Translate, detail);
            let by = format!("the PortMapping policy of endpoint {}", endpoint.id);
            let connection = Connection { original, translated: packet.tuple, by };
            self.state.tracking.remember(node, Point::Endpoint(endpoint.id), connection);
            return self.windows_endpoint_in(node, endpoint.id, packet);
        }
        if wire && self.balance_from_wire(node, plane, &mut packet)?.is_some() {
            return self.windows_balanced(node, packet);
        }
        Ok(self.at_host(node, &name, packet))
    }

    /// What a load balancer of the host has translated goes on to the backend.
    fn windows_balanced(&mut self, node: usize, packet: Packet) -> Way {
        let plane = self.plane(node);
        let plane = windows(&plane);
        let to = packet.tuple.destination.ip();
        if is_host(plane, to) {
            let name = self.node_name(node);
            return Ok(self.at_host(node, &name, packet));
        }
        let backend = plane
            .endpoints
            .iter()
            .find(|endpoint| endpoint.plumbed && addresses(&endpoint.document).any(|address| address == to));
        let Some(backend) = backend else { return self.windows_host_forward(node, packet, None) };
        if !is_remote(&backend.document) {
            return self.windows_endpoint_in(node, backend.id, packet);
        }
        let network = find(&plane.networks, guid(backend.document.text(&["HostComputeNetwork"])));
        match network.filter(|network| kind(&network.document) == NetworkKind::Overlay) {
            Some(network) => {
                let name = self.node_name(node);
                let port = super::outbound::Port { node, name: &name, plane, endpoint: backend, network };
                self.overlay_out(port, packet)
            }
            None => self.windows_host_forward(node, packet, None),
        }
    }

    /// By the host's routes. `through`: the adapter it came in by, which must pass on; none: the host's own business.
    pub(crate) fn windows_host_forward(
        &mut self,
        node: usize,
        mut packet: Packet,
        through: Option<&str>,
    ) -> Way {
        let plane = self.plane(node);
        let plane = windows(&plane);
        let name = self.node_name(node);
        let to = packet.tuple.destination.ip();
        if is_host(plane, to) {
            return self.windows_host_in(node, packet, false);
        }
        if let Some(adapter) = through
            && !plane.forwarding.iter().any(|known| known.eq_ignore_ascii_case(adapter))
        {
            let detail = format!("{to} is not this host's, and the adapter does not forward");
            return Err(self.drop(&name, Object::named(ObjectKind::Adapter, adapter), detail));
        }
        self.age(&name, &mut packet)?;
        let routes = host_routes(plane);
        let Some(route) = routes.iter().find(|route| route.destination.contains(to)) else {
            let object = Object::named(ObjectKind::Route, "");
            return Err(self.drop(&name, object, format!("the host has no route for {to}")));
        };
        let via = route.gateway.map_or_else(String::new, |gateway| format!(" via {gateway}"));
        let object =
            Object::named(ObjectKind::Route, format!("{}{via} dev {}", route.destination, route.device));
        let hop = self.hop(&name, object.clone(), Decision::Forward, packet.tuple.to_string());
        let next_hop = route.gateway.unwrap_or(to);
        // An endpoint behind a vNIC of the host on the same switch; one that is the vNIC itself is the host.
        if adapter_with(plane, next_hop).is_none()
            && let Some((endpoint, _)) = local_on(plane, next_hop, &[NetworkKind::Bridge, NetworkKind::Nat])
        {
            return self.windows_endpoint_in(node, endpoint.id, packet);
        }
        if route.gateway.is_none()
            && let Some(network) = network_with_subnet(plane, to)
            && kind(&network.document) != NetworkKind::Overlay
        {
            let detail = format!("no plumbed local endpoint has {to}");
            return Err(self.drop(&name, network.object(ObjectKind::Network), detail));
        }
        if route.destination.length == 0 {
            self.suspect(&name, object, format!("the host has no better route for {to}"));
        }
        self.transmit(node, next_hop, packet, None, hop)
    }

    fn at_host(&mut self, node: usize, name: &str, packet: Packet) -> Arrived {
        let object = Object::named(ObjectKind::Host, name);
        self.hop(name, object, Decision::Deliver, packet.tuple.to_string());
        Arrived { place: Place::WindowsHost { node }, packet }
    }
}

/// The endpoint that a PortMapping policy gives a port of the host to.
fn mapped(plane: &WindowsDataPlane, packet: Packet) -> Option<(&NetObject, SocketAddr)> {
    let tuple = packet.tuple;
    if tuple.protocol == IpProtocol::Icmp {
        return None;
    }
    plane.endpoints.iter().filter(|endpoint| endpoint.plumbed && !is_remote(&endpoint.document)).find_map(
        |endpoint| {
            let policy = endpoint.policies("PortMapping").find(|policy| {
                number(policy, "Protocol") == tuple.protocol as u32
                    && port(policy, "ExternalPort") == tuple.destination.port()
            })?;
            let address =
                addresses(&endpoint.document).find(|a| a.is_ipv4() == tuple.destination.is_ipv4())?;
            Some((endpoint, SocketAddr::new(address, port(policy, "InternalPort"))))
        },
    )
}
