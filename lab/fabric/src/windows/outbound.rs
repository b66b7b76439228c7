//! Out of an endpoint.

use winlab_host::{Guid, NetObject, WindowsDataPlane};

use super::nat::Outbound;
use super::policy::{HnsObject as _, NetworkKind, addresses, kind};
use super::view::{find, network_of};
use crate::packet::Packet;
use crate::tracking::Point;
use crate::unmodelled;
use crate::verdict::{Decision, ObjectKind};
use crate::walk::{Object, Stop, Walk, Way, windows};

/// Policies that change a packet's way and are not modelled.
const UNMODELLED: [&str; 4] = ["TierAcl", "L4WFPPROXY", "L4Proxy", "Encryption"];

/// An endpoint and its network, as a packet passes them.
#[derive(Clone, Copy)]
pub(super) struct Port<'a> {
    pub(super) node: usize,
    pub(super) name: &'a str,
    pub(super) plane: &'a WindowsDataPlane,
    pub(super) endpoint: &'a NetObject,
    pub(super) network: &'a NetObject,
}

impl Walk<'_> {
    /// A packet that a container sends.
    pub(crate) fn windows_endpoint_out(&mut self, node: usize, endpoint: Guid, mut packet: Packet) -> Way {
        let plane = self.plane(node);
        let plane = windows(&plane);
        let name = self.node_name(node);
        let Some(endpoint) = find(&plane.endpoints, endpoint) else {
            return Err(self.drop(&name, Object::new(ObjectKind::Endpoint, endpoint, ""), "it is gone"));
        };
        if !endpoint.plumbed {
            return Err(self.drop(&name, endpoint.object(ObjectKind::Endpoint), "stored but not plumbed"));
        }
        let Some(network) = network_of(plane, endpoint) else {
            return Err(self.drop(&name, endpoint.object(ObjectKind::Endpoint), "its network is gone"));
        };
        if !network.plumbed {
            return Err(self.drop(&name, network.object(ObjectKind::Network), "stored but not plumbed"));
        }
        let port = Port { node, name: &name, plane, endpoint, network };
        self.note_unmodelled(port);
        if packet.tuple.destination.ip().is_loopback() {
            return self.deliver_to_compartment(port, packet);
        }
        if packet.reply {
            self.undo(node, &Point::Endpoint(endpoint.id), &mut packet);
            return self.route_out(port, packet, Outbound::Kept);
        }
        let addressed = packet.tuple.destination.ip();
        let balanced = self.balance_from_endpoint(port, &mut packet)?;
        if balanced.is_none() && addresses(&endpoint.document).any(|own| own == addressed) {
            return self.deliver_to_compartment(port, packet);
        }
        let outbound = self.outbound_nat(port, addressed, balanced.as_ref(), &mut packet)?;
        self.check_acls(port, packet, false)?;
        self.route_out(port, packet, outbound)
    }

    /// By the network's type.
    pub(super) fn route_out(&mut self, port: Port<'_>, packet: Packet, outbound: Outbound) -> Way {
        match (kind(&port.network.document), outbound) {
            (NetworkKind::Other, _) => Err(self.other_network(port.name, port.network)),
            // What the host's NAT has taken goes on through the host's stack.
            (_, Outbound::Masked) => self.windows_host_forward(port.node, packet, None),
            (NetworkKind::Bridge, Outbound::Kept) => self.bridge_out(port, packet),
            (NetworkKind::Overlay, Outbound::Kept) => self.overlay_out(port, packet),
            (NetworkKind::Nat, Outbound::Kept) => self.nat_out(port, packet),
        }
    }

    /// A network of a type that is not modelled.
    pub(super) fn other_network(&mut self, node: &str, network: &NetObject) -> Stop {
        let detail = format!("networks of type {} are not modelled", network.document.text(&["Type"]));
        self.not_modelled(unmodelled::NETWORK_TYPE, node, network.object(ObjectKind::Network), detail)
    }

    /// Says which policies in the way are not modelled.
    pub(super) fn note_unmodelled(&mut self, port: Port<'_>) {
        for kind in UNMODELLED {
            if port.endpoint.policies(kind).next().is_some() {
                self.passed(port, kind, port.endpoint);
            }
        }
        if port.network.policies("NetworkACL").next().is_some() {
            self.passed(port, "NetworkACL", port.network);
        }
    }

    fn passed(&mut self, port: Port<'_>, kind: &str, of: &NetObject) {
        self.state.unmodelled.met(unmodelled::POLICY);
        let mut object = of.object(ObjectKind::Policy);
        object.name = format!("{kind} of {}", object.name);
        self.hop(port.name, object, Decision::NotModelled, "passed as if it were not there");
    }

    /// Translates a reply back, if this point translated what it replies to.
    pub(super) fn undo(&mut self, node: usize, point: &Point, packet: &mut Packet) -> bool {
        let Some(connection) = self.state.tracking.of_reply(node, point, packet.tuple) else { return false };
        let (back, by) = (connection.original.reverse(), connection.by.clone());
        let name = self.node_name(node);
        let detail = format!("{} becomes {back}, as {by} translated the request", packet.tuple);
        packet.tuple = back;
        self.hop(&name, Object::named(ObjectKind::Connection, ""), Decision::Translate, detail);
        true
    }
}
