//! One packet's passage through one namespace: connection tracking and the tables at each hook.

use std::net::SocketAddr;

use winlab_host::LinuxDataPlane;
use winlab_host::linux::{CtState, Hook, NatRange, TableName};

use super::rules::Ruling;
use super::view::{first_address, link};
use crate::packet::{IpProtocol, Packet, Tuple, pick};
use crate::tracking::{Connection, Point};
use crate::verdict::{Decision, ObjectKind, Outcome};
use crate::walk::{Object, Stop, Walk};

/// Where a packet is.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) node: usize,
    pub(super) name: &'a str,
    pub(super) plane: &'a LinuxDataPlane,
    pub(super) namespace: &'a str,
}

impl At<'_> {
    /// The namespace in names of objects; the host's own goes without.
    pub(super) fn inside(&self) -> String {
        if self.namespace.is_empty() { String::new() } else { format!(" in {}", self.namespace) }
    }
}

/// What a passage has seen so far.
#[derive(Debug, Clone)]
pub(super) struct Passage {
    original: Tuple,
    pub(super) state: CtState,
    /// What a reply becomes when it leaves.
    becomes: Option<Tuple>,
    pub(super) dnat: bool,
    pub(super) snat: bool,
    pub(super) mark: u32,
    by: String,
    pub(super) in_device: String,
    pub(super) out_device: String,
    pub(super) in_port: String,
    pub(super) out_port: String,
}

impl Walk<'_> {
    /// A packet enters a namespace: tracking knows what it belongs to.
    pub(super) fn enter(&mut self, at: At<'_>, packet: &mut Packet) -> Passage {
        let point = Point::Namespace(at.namespace.to_owned());
        let known = self.state.tracking.of_reply(at.node, &point, packet.tuple).cloned();
        let state = match (&known, packet.reply, packet.tuple.protocol) {
            (Some(_), ..) => CtState::Established,
            // An answer to a connection request that this namespace never saw.
            (None, true, IpProtocol::Tcp) => CtState::Invalid,
            (None, ..) => CtState::New,
        };
        let mut passage = Passage {
            original: packet.tuple,
            state,
            becomes: None,
            dnat: false,
            snat: false,
            mark: 0,
            by: String::new(),
            in_device: String::new(),
            out_device: String::new(),
            in_port: String::new(),
            out_port: String::new(),
        };
        if let Some(connection) = known {
            let back = connection.original.reverse();
            passage.dnat = connection.original.destination != connection.translated.destination;
            passage.snat = connection.original.source != connection.translated.source;
            if back != packet.tuple {
                let detail =
                    format!("{} becomes {back}, as {} translated the request", packet.tuple, connection.by);
                let object = Object::named(ObjectKind::Connection, "");
                self.hop(at.name, object, Decision::Translate, detail);
            }
            // Its destination is right before routing, its source only when it leaves.
            packet.tuple.destination = back.destination;
            passage.becomes = Some(back);
        }
        passage
    }

    /// A packet leaves a namespace, or has arrived in it.
    pub(super) fn confirm(&mut self, at: At<'_>, packet: &mut Packet, passage: &Passage) {
        if let Some(back) = passage.becomes {
            packet.tuple = back;
            return;
        }
        if passage.state == CtState::New {
            let connection =
                Connection { original: passage.original, translated: packet.tuple, by: passage.by.clone() };
            self.state.tracking.remember(at.node, Point::Namespace(at.namespace.to_owned()), connection);
        }
    }

    /// Every table at one hook.
    pub(super) fn hook(
        &mut self,
        at: At<'_>,
        hook: Hook,
        packet: &mut Packet,
        passage: &mut Passage,
    ) -> Result<(), Stop> {
        let Some(netfilter) = at.plane.netfilter.get(at.namespace) else {
            return self.no_rule(at, hook, packet, passage);
        };
        let mut translated = false;
        for name in TableName::ALL {
            if name == TableName::Nat && passage.state != CtState::New || !name.hooks().contains(&hook) {
                continue;
            }
            // A table that nobody has touched accepts everything.
            let Some(table) = netfilter.table(name) else { continue };
            let ruling = self.rule_on(at, table, hook, packet, passage);
            translated |= self.obey(at, (name, hook), ruling, packet, passage)?;
        }
        if translated { Ok(()) } else { self.no_rule(at, hook, packet, passage) }
    }

    /// Carries a ruling out; whether it translated.
    fn obey(
        &mut self,
        at: At<'_>,
        (table, hook): (TableName, Hook),
        ruling: Ruling,
        packet: &mut Packet,
        passage: &mut Passage,
    ) -> Result<bool, Stop> {
        let named =
            |place: &str| Object::named(ObjectKind::Iptables, format!("{table} {place}{}", at.inside()));
        match ruling {
            Ruling::Accept => Ok(false),
            Ruling::Drop { place, rule } => {
                Err(self.drop(at.name, named(&place), format!("{rule}: {}", packet.tuple)))
            }
            Ruling::Reject { place, rule } => {
                let detail = format!("{rule}: {}", packet.tuple);
                Err(self.stop(at.name, named(&place), Outcome::Refused, Decision::Refuse, detail))
            }
            Ruling::Dnat { place, rule, to } => {
                let before = packet.tuple;
                packet.tuple.destination = within(packet.tuple.destination, &to, before.hash());
                passage.dnat = true;
                self.translated(at, named(&place), &rule, before, packet, passage);
                Ok(true)
            }
            Ruling::Snat { place, rule, to } => {
                let before = packet.tuple;
                packet.tuple.source = within(packet.tuple.source, &to, before.hash());
                passage.snat = true;
                self.translated(at, named(&place), &rule, before, packet, passage);
                Ok(true)
            }
            Ruling::Masquerade { place, rule, random } => {
                let out = link(at.plane, at.namespace, &passage.out_device);
                let Some(source) = out.and_then(|out| first_address(out, packet.tuple.source.is_ipv4()))
                else {
                    let detail = format!("{rule}: {} has no address", passage.out_device);
                    return Err(self.drop(at.name, named(hook.chain()), detail));
                };
                let before = packet.tuple;
                let draw = u16::try_from(self.draw() % 28_232).unwrap_or(0);
                let port = if random && before.protocol != IpProtocol::Icmp {
                    32_768 + draw
                } else {
                    before.source.port()
                };
                packet.tuple.source = SocketAddr::new(source, port);
                passage.snat = true;
                self.translated(at, named(&place), &rule, before, packet, passage);
                Ok(true)
            }
        }
    }

    fn translated(
        &mut self,
        at: At<'_>,
        object: Object,
        rule: &str,
        before: Tuple,
        packet: &Packet,
        passage: &mut Passage,
    ) {
        passage.by = format!("iptables {}", object.name);
        let detail = format!("{before} becomes {} by {rule}", packet.tuple);
        self.hop(at.name, object, Decision::Translate, detail);
    }

    /// No rule translated: remembered, in case the packet turns out to be for nobody.
    fn no_rule(&mut self, at: At<'_>, hook: Hook, packet: &Packet, passage: &Passage) -> Result<(), Stop> {
        let first = at.namespace.is_empty() && passage.state == CtState::New && !passage.dnat;
        if first && matches!(hook, Hook::Prerouting | Hook::Output) {
            let object = Object::named(ObjectKind::Iptables, format!("nat {}{}", hook.chain(), at.inside()));
            let detail = format!("no rule translates {} {}", packet.tuple.protocol, packet.tuple.destination);
            self.suspect_translation(at.name, object, detail);
        }
        Ok(())
    }
}

/// An address and a port within a range.
fn within(now: SocketAddr, range: &NatRange, hash: u64) -> SocketAddr {
    use std::net::IpAddr;
    let address = match range.addresses {
        Some((IpAddr::V4(first), IpAddr::V4(last))) => {
            let count = last.to_bits().saturating_sub(first.to_bits()).saturating_add(1);
            let step = u32::try_from(pick(hash, count as usize)).unwrap_or(0);
            IpAddr::V4((first.to_bits() + step).into())
        }
        Some((first, _)) => first,
        None => now.ip(),
    };
    let port = range.ports.map_or(now.port(), |(first, last)| {
        let count = usize::from(last.saturating_sub(first)) + 1;
        first + u16::try_from(pick(hash, count)).unwrap_or(0)
    });
    SocketAddr::new(address, port)
}
