//! L2Bridge and L2Tunnel: the switch bridges to the physical segment; what is for elsewhere goes to the endpoint's
//! gateway, which is an adapter of the host (flannel host-gw's `<network>_ep`) or a router on the segment.

use super::acl::steered;
use super::outbound::Port;
use super::policy::{HnsObject as _, next_hop, subnets};
use super::view::{adapter_with, is_host, with_address};
use crate::packet::Packet;
use crate::verdict::{Decision, ObjectKind};
use crate::walk::{Object, Walk, Way};

impl Walk<'_> {
    pub(super) fn bridge_out(&mut self, port: Port<'_>, packet: Packet) -> Way {
        let to = packet.tuple.destination.ip();
        if let Some(endpoint) = with_address(port.plane, port.network.id, false, to) {
            return self.windows_endpoint_in(port.node, endpoint.id, packet);
        }
        if is_host(port.plane, to) {
            return self.windows_host_in(port.node, packet, false);
        }
        if steered(port.endpoint, to).is_some() {
            let mut object = port.endpoint.object(ObjectKind::SdnRoute);
            object.name = format!("SDNRoute of {}", object.name);
            self.hop(port.name, object, Decision::Forward, format!("{to} to the host"));
            return self.windows_host_forward(port.node, packet, None);
        }
        let on_link = subnets(&port.network.document).any(|(prefix, _)| prefix.contains(to));
        if on_link {
            let detail = format!("{to} is on the link");
            let route =
                self.hop(port.name, port.network.object(ObjectKind::Network), Decision::Forward, detail);
            return self.transmit(port.node, to, packet, None, route);
        }
        let Some((prefix, gateway)) = next_hop(port.endpoint.document.get("Routes"), to) else {
            let object = port.endpoint.object(ObjectKind::Endpoint);
            return Err(self.drop(port.name, object, format!("has no route for {to}")));
        };
        let object = Object::new(
            ObjectKind::Route,
            port.endpoint.id,
            format!("{prefix} via {gateway} of endpoint {}", port.endpoint.name()),
        );
        let route = self.hop(port.name, object, Decision::Forward, to.to_string());
        match adapter_with(port.plane, gateway) {
            Some(adapter) => self.windows_host_forward(port.node, packet, Some(&adapter.name)),
            None => self.transmit(port.node, gateway, packet, None, route),
        }
    }
}
