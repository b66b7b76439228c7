//! Into, through and out of a namespace.

use winlab_host::LinuxDataPlane;
use winlab_host::linux::{Hook, LinkKind, Route};

use super::hooks::{At, Passage};
use super::view::{is_local, link, route, sysctl};
use crate::packet::Packet;
use crate::verdict::{Decision, ObjectKind};
use crate::walk::{Arrived, Object, Outer, Place, Stop, Walk, Way, linux};

impl Walk<'_> {
    /// A packet that a program of a namespace sends.
    pub(crate) fn linux_out(&mut self, node: usize, namespace: &str, mut packet: Packet) -> Way {
        let plane = self.plane(node);
        let plane = linux(&plane);
        let name = self.node_name(node);
        let at = At { node, name: &name, plane, namespace };
        if plane.links.is_empty() {
            return Err(self.drop(
                &name,
                Object::named(ObjectKind::Host, name.clone()),
                "the machine is off",
            ));
        }
        let mut passage = self.enter(at, &mut packet);
        if is_local(plane, namespace, packet.tuple.destination.ip()) {
            passage.out_device = "lo".into();
        } else {
            let (route, _) = self.chosen(at, packet)?;
            passage.out_device.clone_from(&route.device);
        }
        self.hook(at, Hook::Output, &mut packet, &mut passage)?;
        if is_local(plane, namespace, packet.tuple.destination.ip()) {
            return Ok(self.here(at, packet, &passage));
        }
        self.leave(at, packet, passage)
    }

    /// A packet from the wire, not encapsulated.
    pub(crate) fn linux_arrive(&mut self, node: usize, packet: Packet) -> Way {
        let plane = self.plane(node);
        let plane = linux(&plane);
        let name = self.node_name(node);
        let nic = plane
            .links
            .get("")
            .and_then(|links| links.iter().find(|link| link.kind == LinkKind::Physical && link.up));
        let Some(nic) = nic else {
            return Err(self.drop(&name, Object::named(ObjectKind::Host, name.clone()), "no NIC is up"));
        };
        self.receive(At { node, name: &name, plane, namespace: "" }, &nic.name, "", packet)
    }

    /// A VXLAN packet comes in.
    pub(crate) fn linux_decapsulate(&mut self, node: usize, packet: Packet, outer: Outer) -> Way {
        let plane = self.plane(node);
        let plane = linux(&plane);
        let name = self.node_name(node);
        let ends: Vec<_> = plane
            .links
            .get("")
            .map(Vec::as_slice)
            .unwrap_or_default()
            .iter()
            .filter_map(|link| match link.kind {
                LinkKind::Vxlan { vni, port, .. } if link.up => Some((link, vni, port)),
                _ => None,
            })
            .collect();
        let Some((end, ..)) = ends.iter().find(|(_, vni, port)| (*vni, *port) == (outer.vni, outer.port))
        else {
            let known: Vec<String> = ends
                .iter()
                .map(|(link, vni, port)| format!("{} with VNI {vni} on UDP {port}", link.name))
                .collect();
            let known = if known.is_empty() { "no VXLAN link that is up".into() } else { known.join(", ") };
            let why = format!("VNI {} on UDP {} ≠ {name}, which has {known}", outer.vni, outer.port);
            return Err(self.tunnels_differ(&name, Object::named(ObjectKind::Link, ""), outer.sender, &why));
        };
        let object = Object::named(ObjectKind::Link, end.name.clone());
        if end.mac != outer.mac {
            let why = format!("sent to MAC {} ≠ {}, that of {} on {name}", outer.mac, end.mac, end.name);
            return Err(self.tunnels_differ(&name, object, outer.sender, &why));
        }
        self.hop(&name, object, Decision::Decapsulate, format!("VNI {}: {}", outer.vni, packet.tuple));
        self.receive(At { node, name: &name, plane, namespace: "" }, &end.name, "", packet)
    }

    /// A packet comes into a namespace through a link.
    pub(super) fn receive(&mut self, at: At<'_>, device: &str, port: &str, mut packet: Packet) -> Way {
        if is_local(at.plane, at.namespace, packet.tuple.source.ip()) {
            let object = Object::named(ObjectKind::Link, format!("{device}{}", at.inside()));
            let detail = format!("{}: a source of its own from outside (martian)", packet.tuple);
            return Err(self.drop(at.name, object, detail));
        }
        let mut passage = self.enter(at, &mut packet);
        device.clone_into(&mut passage.in_device);
        port.clone_into(&mut passage.in_port);
        self.hook(at, Hook::Prerouting, &mut packet, &mut passage)?;
        if is_local(at.plane, at.namespace, packet.tuple.destination.ip()) {
            self.hook(at, Hook::Input, &mut packet, &mut passage)?;
            return Ok(self.here(at, packet, &passage));
        }
        if sysctl(at.plane, at.namespace, "net.ipv4.ip_forward") != "1" {
            let object = Object::named(ObjectKind::Sysctl, format!("net.ipv4.ip_forward{}", at.inside()));
            let detail = format!("is 0, and {} is not this host's", packet.tuple.destination.ip());
            return Err(self.drop(at.name, object, detail));
        }
        self.age(at.name, &mut packet)?;
        let (route, _) = self.chosen(at, packet)?;
        passage.out_device.clone_from(&route.device);
        self.hook(at, Hook::Forward, &mut packet, &mut passage)?;
        self.leave(at, packet, passage)
    }

    /// By route, through POSTROUTING, onto the link.
    fn leave(&mut self, at: At<'_>, mut packet: Packet, mut passage: Passage) -> Way {
        let (route, default) = self.chosen(at, packet)?;
        let route = route.clone();
        passage.out_device.clone_from(&route.device);
        self.hook(at, Hook::Postrouting, &mut packet, &mut passage)?;
        self.note_unmasked(at, packet, &passage);
        self.confirm(at, &mut packet, &passage);
        let object = Object::named(ObjectKind::Route, written(&route, at));
        let hop = self.hop(at.name, object.clone(), Decision::Forward, packet.tuple.to_string());
        if default && at.namespace.is_empty() {
            let to = packet.tuple.destination.ip();
            self.suspect(at.name, object, format!("the host has no better route for {to}"));
        }
        self.emit(at, &route, packet, hop)
    }

    /// The route to a packet's destination, and whether it is a default route.
    fn chosen<'a>(&mut self, at: At<'a>, packet: Packet) -> Result<(&'a Route, bool), Stop> {
        let to = packet.tuple.destination.ip();
        let plane: &'a LinuxDataPlane = at.plane;
        match route(plane, at.namespace, to) {
            Some(route) => Ok((route, route.destination.length == 0)),
            None => {
                let object = Object::named(ObjectKind::Route, at.inside().trim().to_owned());
                Err(self.drop(at.name, object, format!("no route for {to}")))
            }
        }
    }

    fn here(&mut self, at: At<'_>, mut packet: Packet, passage: &Passage) -> Arrived {
        self.confirm(at, &mut packet, passage);
        let name = if at.namespace.is_empty() { at.name } else { at.namespace };
        let object = Object::named(ObjectKind::Host, name);
        self.hop(at.name, object, Decision::Deliver, packet.tuple.to_string());
        let place = Place::Namespace { node: at.node, namespace: at.namespace.to_owned() };
        Arrived { place, packet }
    }

    /// A packet that leaves through a NIC with a source that the NIC does not have.
    fn note_unmasked(&mut self, at: At<'_>, packet: Packet, passage: &Passage) {
        let nic = link(at.plane, at.namespace, &passage.out_device)
            .is_some_and(|link| link.kind == LinkKind::Physical);
        let source = packet.tuple.source.ip();
        if nic && !packet.reply && !passage.snat && !is_local(at.plane, at.namespace, source) {
            let object = Object::named(ObjectKind::Iptables, "nat POSTROUTING");
            self.left_unmasked(at.name, object, format!("no rule translates the source {source}"));
        }
    }
}

/// As `ip route` writes it.
fn written(route: &Route, at: At<'_>) -> String {
    let to = if route.destination.length == 0 { "default".to_owned() } else { route.destination.to_string() };
    let via = route.gateway.map_or_else(String::new, |gateway| format!(" via {gateway}"));
    format!("{to}{via} dev {}{}", route.device, at.inside())
}
