//! Into an endpoint.

use winlab_host::Guid;

use super::outbound::Port;
use super::policy::{HnsObject as _, NetworkKind, addresses, kind};
use super::view::{adapter_with, compartment_of, find, network_of};
use crate::packet::Packet;
use crate::tracking::Point;
use crate::verdict::{Decision, ObjectKind};
use crate::walk::{Arrived, Object, Place, Walk, Way, windows};

impl Walk<'_> {
    /// A packet for a local endpoint.
    pub(crate) fn windows_endpoint_in(&mut self, node: usize, endpoint: Guid, mut packet: Packet) -> Way {
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
        if kind(&network.document) == NetworkKind::Other {
            return Err(self.other_network(&name, network));
        }
        let port = Port { node, name: &name, plane, endpoint, network };
        if packet.reply {
            // The address of a source VIP is an endpoint with nobody behind it: the node takes it from here.
            if self.undo(node, &Point::Host, &mut packet) {
                return self.windows_deliver_translated(node, packet);
            }
            self.undo(node, &Point::Endpoint(endpoint.id), &mut packet);
        } else {
            self.note_unmodelled(port);
            self.check_acls(port, packet, true)?;
        }
        self.deliver_to_compartment(port, packet)
    }

    /// The endpoint gives the packet to whoever lives behind it.
    pub(super) fn deliver_to_compartment(&mut self, port: Port<'_>, packet: Packet) -> Way {
        let Port { node, name, plane, endpoint, .. } = port;
        let object = endpoint.object(ObjectKind::Endpoint);
        if compartment_of(plane, endpoint).is_some() {
            self.hop(name, object, Decision::Deliver, packet.tuple.to_string());
            return Ok(Arrived { place: Place::Endpoint { node, endpoint: endpoint.id }, packet });
        }
        if addresses(&endpoint.document).any(|address| adapter_with(plane, address).is_some()) {
            return self.windows_host_in(node, packet, false);
        }
        Err(self.drop(name, object, "no running container is behind it"))
    }

    /// A packet whose translation was undone on the host goes on to the client.
    pub(super) fn windows_deliver_translated(&mut self, node: usize, packet: Packet) -> Way {
        let plane = self.plane(node);
        let plane = windows(&plane);
        let to = packet.tuple.destination.ip();
        let local = plane.endpoints.iter().find(|endpoint| {
            endpoint.plumbed
                && !super::policy::is_remote(&endpoint.document)
                && addresses(&endpoint.document).any(|address| address == to)
                && compartment_of(plane, endpoint).is_some()
        });
        match local {
            Some(endpoint) => self.windows_endpoint_in(node, endpoint.id, packet),
            None => self.windows_host_forward(node, packet, None),
        }
    }
}
