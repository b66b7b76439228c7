//! From one link to whatever is at its other end.

use std::net::IpAddr;

use winlab_host::linux::{FdbEntry, Hook, Link, LinkKind, Route};

use super::hooks::At;
use super::view::{is_local, link, peer, ports, sysctl};
use crate::packet::Packet;
use crate::verdict::{Decision, ObjectKind};
use crate::walk::{Object, Outer, Walk, Way};

impl Walk<'_> {
    /// Puts a packet on a link, for the neighbour that its route names.
    pub(super) fn emit(&mut self, at: At<'_>, route: &Route, packet: Packet, hop: usize) -> Way {
        let next_hop = route.gateway.unwrap_or(packet.tuple.destination.ip());
        let Some(out) = link(at.plane, at.namespace, &route.device).filter(|out| out.up) else {
            let object = Object::named(ObjectKind::Link, format!("{}{}", route.device, at.inside()));
            return Err(self.drop(at.name, object, "is down or gone"));
        };
        match &out.kind {
            LinkKind::Physical => self.transmit(at.node, next_hop, packet, None, hop),
            LinkKind::Vxlan { vni, port, .. } => {
                self.through_tunnel(at, out, (*vni, *port), next_hop, packet)
            }
            LinkKind::Veth { .. } => self.through_pair(at, out, next_hop, packet),
            LinkKind::Bridge => self.onto_bridge(at, out, None, next_hop, packet),
            LinkKind::Loopback | LinkKind::Dummy => {
                let object = Object::named(ObjectKind::Link, format!("{}{}", out.name, at.inside()));
                Err(self.drop(at.name, object, format!("leads nowhere: {next_hop}")))
            }
        }
    }

    fn through_tunnel(
        &mut self,
        at: At<'_>,
        out: &Link,
        (vni, port): (u32, u16),
        next_hop: IpAddr,
        packet: Packet,
    ) -> Way {
        let neighbours = at.plane.neighbours.get(at.namespace).map(Vec::as_slice).unwrap_or_default();
        let neighbour = neighbours.iter().find(|n| n.device == out.name && n.address == next_hop);
        let Some(neighbour) = neighbour else {
            let object = Object::named(ObjectKind::Neighbour, format!("{next_hop} dev {}", out.name));
            return Err(self.drop(at.name, object, "no entry, and nobody answers inside a tunnel"));
        };
        let entries = at.plane.fdb.get(&out.name).map(Vec::as_slice).unwrap_or_default();
        let forward = |entry: &&FdbEntry| entry.mac == neighbour.mac;
        let destination = entries.iter().find(forward).and_then(|entry| entry.destination);
        let Some(destination) = destination else {
            let object = Object::named(ObjectKind::Fdb, format!("{} dev {}", neighbour.mac, out.name));
            return Err(self.drop(at.name, object, format!("no entry: the host of {next_hop} is not known")));
        };
        let object = Object::named(ObjectKind::Link, out.name.clone());
        let detail = format!("VNI {vni} to {destination}, MAC {}", neighbour.mac);
        let sender = self.hop(at.name, object, Decision::Encapsulate, detail);
        let outer = Outer { vni, port, destination, mac: neighbour.mac, sender };
        if is_local(at.plane, "", destination) {
            return Err(self.blame(sender, &format!("{destination} is {} itself", at.name)));
        }
        self.transmit(at.node, destination, packet, Some(outer), sender)
    }

    fn through_pair(&mut self, at: At<'_>, out: &Link, next_hop: IpAddr, packet: Packet) -> Way {
        let Some((namespace, far)) = peer(at.plane, out).filter(|(_, far)| far.up) else {
            let object = Object::named(ObjectKind::Link, format!("{}{}", out.name, at.inside()));
            return Err(self.drop(at.name, object, "its other end is down or gone"));
        };
        let there = At { namespace, ..at };
        if let Some(bridge) = link(at.plane, namespace, &far.master).filter(|_| !far.master.is_empty()) {
            return self.onto_bridge(there, bridge, Some(far), next_hop, packet);
        }
        let proxied = sysctl(at.plane, namespace, &format!("net.ipv4.conf.{}.proxy_arp", far.name)) == "1";
        if proxied || is_local(at.plane, namespace, next_hop) {
            return self.receive(there, &far.name, "", packet);
        }
        let object =
            Object::named(ObjectKind::Neighbour, format!("{next_hop} dev {}{}", out.name, at.inside()));
        Err(self.drop(at.name, object, "nobody answers"))
    }

    /// A frame on a bridge, from one of its ports or from the host itself.
    fn onto_bridge(
        &mut self,
        at: At<'_>,
        bridge: &Link,
        from: Option<&Link>,
        next_hop: IpAddr,
        packet: Packet,
    ) -> Way {
        if !bridge.up {
            return Err(self.drop(at.name, Object::named(ObjectKind::Link, bridge.name.clone()), "is down"));
        }
        if let Some(from) = from
            && bridge.addresses.iter().any(|prefix| prefix.address == next_hop)
        {
            return self.receive(at, &bridge.name, &from.name, packet);
        }
        let far = ports(at.plane, at.namespace, &bridge.name)
            .filter(|port| from.is_none_or(|from| from.name != port.name))
            .filter_map(|port| peer(at.plane, port).map(|far| (port, far)))
            .find(|(_, (_, far))| far.up && far.addresses.iter().any(|prefix| prefix.address == next_hop));
        let Some((port, (namespace, far))) = far else {
            let object = Object::named(ObjectKind::Link, bridge.name.clone());
            return Err(self.drop(at.name, object, format!("nobody on the bridge answers for {next_hop}")));
        };
        let mut packet = packet;
        if let Some(from) = from {
            self.bridged(at, bridge, (from, port), &mut packet)?;
        }
        let object = Object::named(ObjectKind::Link, bridge.name.clone());
        self.hop(at.name, object, Decision::Forward, format!("port {}", port.name));
        let to = At { namespace, ..at };
        self.receive(to, &far.name, "", packet)
    }

    /// What iptables and connection tracking do to bridged packets, where the kernel shows them any
    /// (`net.bridge.bridge-nf-call-iptables`).
    fn bridged(
        &mut self,
        at: At<'_>,
        bridge: &Link,
        (from, to): (&Link, &Link),
        packet: &mut Packet,
    ) -> Result<(), crate::walk::Stop> {
        if sysctl(at.plane, at.namespace, "net.bridge.bridge-nf-call-iptables") != "1" {
            return Ok(());
        }
        let mut passage = self.enter(at, packet);
        passage.in_device.clone_from(&bridge.name);
        passage.in_port.clone_from(&from.name);
        self.hook(at, Hook::Prerouting, packet, &mut passage)?;
        passage.out_device.clone_from(&bridge.name);
        passage.out_port.clone_from(&to.name);
        self.hook(at, Hook::Forward, packet, &mut passage)?;
        self.hook(at, Hook::Postrouting, packet, &mut passage)?;
        self.confirm(at, packet, &passage);
        Ok(())
    }
}
