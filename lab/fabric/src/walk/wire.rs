//! The underlay: who gets a packet that a host puts on the wire.

use std::net::IpAddr;

use winlab_clock::VirtualSpan;
use winlab_host::{HostDataPlane, MacAddress};

use super::{Arrived, Object, Place, Stop, Walk, Way};
use crate::packet::Packet;
use crate::verdict::{Decision, ObjectKind, Outcome};

/// What VXLAN over IPv4 adds to a packet, in bytes.
const VXLAN_OVERHEAD: u32 = 50;

/// The VXLAN packet around another.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outer {
    pub(crate) vni: u32,
    pub(crate) port: u16,
    /// The tunnel end it is for.
    pub(crate) destination: IpAddr,
    /// Destination MAC of the packet inside.
    pub(crate) mac: MacAddress,
    /// The hop that made it.
    pub(crate) sender: usize,
}

enum Receiver {
    Node(usize),
    External(usize),
    Edge,
}

impl Walk<'_> {
    /// Puts a packet on the wire of a node. `route` is the hop that chose the next hop.
    pub(crate) fn transmit(
        &mut self,
        node: usize,
        next_hop: IpAddr,
        packet: Packet,
        outer: Option<Outer>,
        route: usize,
    ) -> Way {
        let from = self.node_name(node);
        let to = outer.map_or(packet.tuple.destination.ip(), |outer| outer.destination);
        if !self.state.nodes[node].addresses.is_empty() {
            if outer.is_none() {
                self.check_source(&from, packet);
            }
            return self.pass(&from, next_hop, to, packet, outer, route);
        }
        let object = Object::named(ObjectKind::Underlay, from.clone());
        Err(self.drop(&from, object, "its cable is out"))
    }

    /// A packet of a host that is no node.
    pub(crate) fn external_out(&mut self, host: usize, packet: Packet) -> Way {
        let (from, to) = (self.state.underlay.hosts[host].name.clone(), packet.tuple.destination.ip());
        let object = Object::named(ObjectKind::Route, "default");
        let route = self.hop(&from, object, Decision::Forward, format!("{to} through the network"));
        // A host of the segment and one beyond it reach the same addresses: those of hosts, and what the edge routes.
        let next_hop = if self.receiver(to).is_some() { to } else { self.state.underlay.gateway };
        self.pass(&from, next_hop, to, packet, None, route)
    }

    fn pass(
        &mut self,
        from: &str,
        next_hop: IpAddr,
        to: IpAddr,
        packet: Packet,
        outer: Option<Outer>,
        route: usize,
    ) -> Way {
        let receiver = match self.receiver(next_hop) {
            Some(Receiver::Edge) if next_hop != to => match self.behind_edge(to) {
                Some(receiver) => receiver,
                None => return Err(self.lost_at_edge(from, to, route)),
            },
            Some(receiver) => receiver,
            None => {
                let why = format!("nobody on the underlay answers for {next_hop}");
                return Err(self.blame(route, &why));
            }
        };
        self.claimed_twice(next_hop, packet)?;
        match receiver {
            Receiver::Node(node) => {
                let name = self.node_name(node);
                self.cross(from, &name, packet, outer.is_some())?;
                self.arrive(node, packet, outer)
            }
            Receiver::External(host) => {
                let name = self.state.underlay.hosts[host].name.clone();
                self.cross(from, &name, packet, outer.is_some())?;
                if outer.is_some() {
                    return Err(self.blame(route, &format!("{name} is no end of a tunnel")));
                }
                let detail = packet.tuple.to_string();
                self.hop(&name, Object::named(ObjectKind::Host, name.clone()), Decision::Deliver, detail);
                Ok(Arrived { place: Place::External { host }, packet })
            }
            Receiver::Edge => Err(self.blame(route, "the edge's router takes no connections")),
        }
    }

    /// Who answers for an address on the segment.
    fn receiver(&mut self, address: IpAddr) -> Option<Receiver> {
        if let Some(node) = self.state.nodes.iter().position(|node| node.addresses.contains(&address)) {
            return Some(Receiver::Node(node));
        }
        let host = self.state.underlay.hosts.iter().position(|host| host.address == address);
        if let Some(host) = host {
            return Some(Receiver::External(host));
        }
        if address == self.state.underlay.gateway {
            return Some(Receiver::Edge);
        }
        // An l2bridge switch answers for its endpoints on the segment it bridges to.
        let bridged = |walk: &mut Self, node: usize| match &*walk.plane(node) {
            HostDataPlane::Windows(plane) => crate::windows::bridges(plane, address),
            HostDataPlane::Linux(_) => false,
        };
        (0..self.state.nodes.len())
            .find(|node| !self.state.nodes[*node].addresses.is_empty() && bridged(self, *node))
            .map(Receiver::Node)
    }

    /// Where the edge's router sends an address.
    fn behind_edge(&self, address: IpAddr) -> Option<Receiver> {
        let underlay = &self.state.underlay;
        if let Some(node) = self.state.nodes.iter().position(|node| node.addresses.contains(&address)) {
            return Some(Receiver::Node(node));
        }
        if let Some(host) = underlay.hosts.iter().position(|host| host.address == address) {
            return Some(Receiver::External(host));
        }
        let routes = underlay.routes.iter().filter(|(prefix, _)| prefix.contains(address));
        let (_, name) = routes.max_by_key(|(prefix, _)| prefix.length)?;
        self.node_named(name).map(Receiver::Node)
    }

    /// A node's route led to the edge for nothing. A host beyond can only answer to the source it was shown.
    fn lost_at_edge(&mut self, from: &str, to: IpAddr, route: usize) -> Stop {
        let why = format!("the edge's router has no way to {to}");
        match self.unmasked.take() {
            Some(hop) if self.node_named(from).is_none() => {
                self.hops.push(hop);
                self.blame(self.hops.len() - 1, &format!("so the reply is for {to}: {why}"))
            }
            _ => self.nobody(route, to, &why),
        }
    }

    fn claimed_twice(&mut self, address: IpAddr, packet: Packet) -> Result<(), Stop> {
        let Some(intruder) = self.state.underlay.intruder(address).map(str::to_owned) else { return Ok(()) };
        if packet.tuple.hash() & 1 == 0 {
            return Ok(());
        }
        let object = Object::named(ObjectKind::Underlay, address.to_string());
        let detail = format!("{intruder} claims {address}, too, and got this one");
        Err(self.drop("underlay", object, detail))
    }

    fn cross(&mut self, from: &str, to: &str, packet: Packet, encapsulated: bool) -> Result<(), Stop> {
        let trouble = self.state.underlay.trouble_of(from, to);
        let object = || Object::named(ObjectKind::Underlay, format!("{from} → {to}"));
        if trouble.cut {
            return Err(self.drop("underlay", object(), "partitioned"));
        }
        // 53 bits of the draw, as a share.
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit an f64 exactly")]
        let share = (self.draw() >> 11) as f64 / (1_u64 << 53) as f64;
        if share < trouble.loss {
            return Err(self.drop("underlay", object(), "lost"));
        }
        let size = packet.size + if encapsulated { VXLAN_OVERHEAD } else { 0 };
        let mtu = trouble.mtu.unwrap_or(u32::MAX).min(self.state.underlay.mtu);
        if size > mtu {
            let detail = format!("a packet of {size} bytes, and {mtu} fit");
            return Err(self.drop("underlay", object(), detail));
        }
        if trouble.delay > VirtualSpan::ZERO {
            self.elapsed = self.elapsed + trouble.delay;
        }
        Ok(())
    }

    fn arrive(&mut self, node: usize, mut packet: Packet, outer: Option<Outer>) -> Way {
        let name = self.node_name(node);
        self.age(&name, &mut packet)?;
        match (&*self.plane(node), outer) {
            (HostDataPlane::Windows(_), None) => self.windows_arrive(node, packet),
            (HostDataPlane::Windows(_), Some(outer)) => self.windows_decapsulate(node, packet, outer),
            (HostDataPlane::Linux(_), None) => self.linux_arrive(node, packet),
            (HostDataPlane::Linux(_), Some(outer)) => self.linux_decapsulate(node, packet, outer),
        }
    }

    /// A packet whose source nobody outside its node knows gets no reply from beyond the edge.
    fn check_source(&mut self, node: &str, packet: Packet) {
        let source = packet.tuple.source.ip();
        let known = self.state.nodes.iter().any(|node| node.addresses.contains(&source));
        if !known && !packet.reply && self.unmasked.is_none() {
            let object = Object::named(ObjectKind::Host, node);
            let detail = format!("{} left with a source that only {node} knows", packet.tuple);
            let hop = self.make(node, object, Decision::Pass, detail);
            self.unmasked = Some(hop);
        }
    }

    /// Says which object let a packet leave untranslated.
    pub(crate) fn left_unmasked(&mut self, node: &str, object: Object, detail: impl Into<String>) {
        let hop = self.make(node, object, Decision::Pass, detail.into());
        self.unmasked = Some(hop);
    }

    /// Tells both ends of a tunnel that they do not fit together; the sending one is to blame.
    pub(crate) fn tunnels_differ(&mut self, node: &str, object: Object, sender: usize, why: &str) -> Stop {
        self.hop(node, object, Decision::Drop, why);
        let mut stop = self.blame(sender, why);
        stop.outcome = Outcome::Timeout;
        stop
    }
}
