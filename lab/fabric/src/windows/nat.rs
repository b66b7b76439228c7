//! Outbound NAT.
//!
//! An OutBoundNAT policy makes the node's address the source of everything but what its `Exceptions` list; with
//! `Destinations` it is about those only. A destination is looked up as the container addressed it and, behind a load
//! balancer, as it was translated: either one outside the exceptions is enough. ICMP is never translated (Kubernetes'
//! `windows-networking.md`).

use std::net::{IpAddr, SocketAddr};

use winlab_document::Document;
use winlab_host::NetObject;

use super::balance::Balanced;
use super::outbound::Port;
use super::policy::{HnsObject as _, address, addresses, prefix, texts};
use super::view::{is_host, management_address};
use crate::packet::{IpProtocol, Packet};
use crate::tracking::{Connection, Point};
use crate::verdict::{Decision, ObjectKind};
use crate::walk::{Object, Stop, Walk, Way};

/// Which way a packet leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outbound {
    /// Through its network, with its own source.
    Kept,
    /// Through the host, with the host's source.
    Masked,
}

impl Walk<'_> {
    pub(super) fn outbound_nat(
        &mut self,
        port: Port<'_>,
        addressed: IpAddr,
        balanced: Option<&Balanced>,
        packet: &mut Packet,
    ) -> Result<Outbound, Stop> {
        let to = packet.tuple.destination.ip();
        let own = addresses(&port.endpoint.document).any(|own| own == to);
        if own {
            return self.hairpin(port, balanced, packet).map(|()| Outbound::Kept);
        }
        if balanced.is_some_and(|balanced| balanced.masked) {
            // Whatever the exceptions say, its source is the node's already; only the frontend's own address counts.
            return match uncovered(port.endpoint, addressed) {
                Some(policy) => Err(self.sent_untouched(port, policy, addressed)),
                None => Ok(Outbound::Kept),
            };
        }
        let policy = uncovered(port.endpoint, addressed).or_else(|| uncovered(port.endpoint, to));
        let Some(policy) = policy.filter(|_| !is_host(port.plane, to)) else { return Ok(Outbound::Kept) };
        if balanced.is_some() && uncovered(port.endpoint, addressed).is_some() {
            return Err(self.sent_untouched(port, policy, addressed));
        }
        let object = nat_object(port.endpoint);
        if packet.tuple.protocol == IpProtocol::Icmp {
            self.hop(port.name, object.clone(), Decision::Pass, "ICMP is not translated");
            self.left_unmasked(port.name, object, "ICMP leaves with the container's own source");
            return Ok(Outbound::Kept);
        }
        let source =
            address(policy, "VirtualIP").or_else(|| management_address(port.plane, Some(port.network)));
        let Some(source) = source else {
            return Err(self.drop(port.name, object, "the node has no address to translate to"));
        };
        let original = packet.tuple;
        packet.tuple.source = SocketAddr::new(source, self.free_port());
        let detail = format!("{original} becomes {}: {to} is no exception", packet.tuple);
        self.hop(port.name, object.clone(), Decision::Translate, detail);
        let by = format!("the OutBoundNAT policy of endpoint {}", port.endpoint.id);
        let connection = Connection { original, translated: packet.tuple, by };
        self.state.tracking.remember(port.node, Point::Host, connection);
        Ok(Outbound::Masked)
    }

    /// The host's NAT takes a packet to a frontend before any load balancer sees it, and the physical network gets it.
    fn sent_untouched(&mut self, port: Port<'_>, policy: &Document, addressed: IpAddr) -> Stop {
        let exceptions: Vec<&str> = texts(policy, "Exceptions").collect();
        let detail = format!(
            "{addressed} is not in Exceptions [{}]: sent to the physical network with the node's source, where nobody \
             has it",
            exceptions.join(", ")
        );
        self.drop(port.name, nat_object(port.endpoint), detail)
    }

    /// A load balancer chose the client itself.
    fn hairpin(
        &mut self,
        port: Port<'_>,
        balanced: Option<&Balanced>,
        packet: &mut Packet,
    ) -> Result<(), Stop> {
        let Some(balanced) = balanced.filter(|balanced| balanced.dsr) else { return Ok(()) };
        let to = packet.tuple.destination.ip();
        let looped = |policy: &&Document| destinations(policy).any(|prefix| prefix.contains(to));
        let Some(policy) = port.endpoint.policies("OutBoundNAT").find(looped) else {
            let detail = format!(
                "chose the client itself: with DSR the source stays, and endpoint {} has no OutBoundNAT policy with \
                 its own address in Destinations",
                port.endpoint.id
            );
            return Err(self.drop(port.name, balanced.object.clone(), detail));
        };
        let source =
            address(policy, "VirtualIP").or_else(|| management_address(port.plane, Some(port.network)));
        let Some(source) = source else { return Ok(()) };
        let original = packet.tuple;
        packet.tuple.source = SocketAddr::new(source, self.free_port());
        let detail = format!("{original} becomes {}: the client itself", packet.tuple);
        self.hop(port.name, nat_object(port.endpoint), Decision::Translate, detail);
        let by = format!("the OutBoundNAT policy of endpoint {}", port.endpoint.id);
        let connection = Connection { original, translated: packet.tuple, by };
        self.state.tracking.remember(port.node, Point::Host, connection);
        Ok(())
    }

    /// A network of type NAT: everything but its own endpoints and the host is behind the host's address.
    pub(super) fn nat_out(&mut self, port: Port<'_>, mut packet: Packet) -> Way {
        let to = packet.tuple.destination.ip();
        if let Some(endpoint) = super::view::with_address(port.plane, port.network.id, false, to) {
            return self.windows_endpoint_in(port.node, endpoint.id, packet);
        }
        if is_host(port.plane, to) || packet.reply {
            return self.windows_host_forward(port.node, packet, None);
        }
        let object = port.network.object(ObjectKind::Network);
        let adapter = port.plane.adapters.iter().find(|adapter| adapter.gateway.is_some());
        let Some(source) = adapter.and_then(|adapter| adapter.addresses.first()) else {
            return Err(self.drop(port.name, object, "the node has no address to translate to"));
        };
        let original = packet.tuple;
        packet.tuple.source = SocketAddr::new(source.address, self.free_port());
        let detail = format!("{original} becomes {}", packet.tuple);
        self.hop(port.name, object, Decision::Translate, detail);
        let by = format!("NAT network {}", port.network.name());
        let connection = Connection { original, translated: packet.tuple, by };
        self.state.tracking.remember(port.node, Point::Host, connection);
        self.windows_host_forward(port.node, packet, None)
    }

    fn free_port(&mut self) -> u16 {
        49_152 + u16::try_from(self.draw() % 16_384).unwrap_or(0)
    }
}

/// The first policy that would translate a packet to an address.
///
/// Exceptions add up over an endpoint's policies: win-overlay appends a policy of its own with the node's subnet to one
/// from its configuration (containernetworking/plugins `pkg/hns/netconf_windows.go`, `ApplyOutboundNatPolicy`), and
/// what either excepts is reached.
fn uncovered(endpoint: &NetObject, to: IpAddr) -> Option<&Document> {
    let excepts = |policy: &Document| {
        let exceptions = texts(policy, "Exceptions").chain(texts(policy, "ExceptionList"));
        exceptions.filter_map(prefix).any(|prefix| prefix.contains(to))
    };
    let excepted = endpoint.policies("OutBoundNAT").any(excepts);
    endpoint.policies("OutBoundNAT").find(|policy| {
        if destinations(policy).next().is_some() {
            return destinations(policy).any(|prefix| prefix.contains(to));
        }
        !excepted
    })
}

fn destinations(policy: &Document) -> impl Iterator<Item = winlab_host::linux::Prefix> {
    texts(policy, "Destinations").filter_map(prefix)
}

fn nat_object(endpoint: &NetObject) -> Object {
    let mut object = endpoint.object(ObjectKind::OutBoundNat);
    object.name = format!("OutBoundNAT of {}", object.name);
    object
}
