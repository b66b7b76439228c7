//! Whether a rule is about a packet.

use std::net::IpAddr;

use winlab_clock::VirtualSpan;
use winlab_host::linux::{CtState, InetProtocol, Match, RecentAction, Rule, Side, TableName};

use super::hooks::{At, Passage};
use super::view::is_local;
use crate::packet::{IpProtocol, Packet};
use crate::walk::Walk;

impl Walk<'_> {
    pub(super) fn matches(
        &mut self,
        at: At<'_>,
        table: TableName,
        place: &str,
        rule: &Rule,
        packet: &Packet,
        passage: &Passage,
    ) -> bool {
        rule.matches.iter().all(|m| self.holds(at, table, place, m, packet, passage))
    }

    fn holds(
        &mut self,
        at: At<'_>,
        table: TableName,
        place: &str,
        m: &Match,
        packet: &Packet,
        passage: &Passage,
    ) -> bool {
        let tuple = packet.tuple;
        let end = |side: &Side| match side {
            Side::Source => tuple.source,
            Side::Destination => tuple.destination,
        };
        let between = |side: &Side, source: &str, destination: &str, wanted: &str| {
            let found = if *side == Side::Source { source } else { destination };
            match wanted.strip_suffix('+') {
                Some(head) => found.starts_with(head),
                None => found == wanted,
            }
        };
        match m {
            Match::Address { side, not, prefix } => prefix.contains(end(side).ip()) != *not,
            Match::Interface { side, not, name } => {
                between(side, &passage.in_device, &passage.out_device, name) != *not
            }
            Match::Protocol { not, protocol } => is(*protocol, tuple.protocol) != *not,
            Match::Transport { protocol } => is(*protocol, tuple.protocol),
            Match::Port { protocol, side, not, ports } => {
                is(*protocol, tuple.protocol) && ports.contains(end(side).port()) != *not
            }
            Match::MultiPort { side, not, ports } => {
                tuple.protocol != IpProtocol::Icmp
                    && ports.iter().any(|span| span.contains(end(side).port())) != *not
            }
            Match::Comment(_) => true,
            Match::Mark { not, value, mask } => (passage.mark & mask == *value) != *not,
            Match::AddressType { side, not, kind } => address_type(at, end(side).ip(), kind) != *not,
            Match::Random { not, probability } => (self.draw() >> 33 < u64::from(*probability)) != *not,
            Match::Nth { not, every, packet: wanted } => {
                let seen = self.state.tracking.count(at.node, at.namespace, format!("{table} {place}"));
                (seen % every.max(&1) == *wanted) != *not
            }
            Match::CtState { not, states } => states.iter().any(|state| in_state(passage, *state)) != *not,
            Match::Recent { not, action, name, seconds, reap, side } => {
                self.recent(at, name, *action, *seconds, *reap, end(side).ip()) != *not
            }
            Match::BridgePort { side, not, name } => {
                let port = if *side == Side::Source { &passage.in_port } else { &passage.out_port };
                match name {
                    Some(name) => between(side, &passage.in_port, &passage.out_port, name) != *not,
                    None => port.is_empty() == *not,
                }
            }
            Match::Bridged { not } => (passage.in_port.is_empty() || passage.out_port.is_empty()) == *not,
        }
    }

    fn recent(
        &mut self,
        at: At<'_>,
        list: &str,
        action: RecentAction,
        seconds: Option<u32>,
        reap: bool,
        address: IpAddr,
    ) -> bool {
        let now = self.now;
        let list = self.state.tracking.recent(at.node, at.namespace, list);
        let fresh = |at: &winlab_clock::VirtualInstant| {
            seconds.is_none_or(|secs| now.since(*at) <= VirtualSpan::from_secs(u64::from(secs)))
        };
        if reap {
            list.retain(|_, at| fresh(at));
        }
        let known = list.get(&address).is_some_and(fresh);
        match action {
            RecentAction::Set => {
                list.insert(address, now);
                true
            }
            RecentAction::Rcheck => known,
            RecentAction::Update => {
                if known {
                    list.insert(address, now);
                }
                known
            }
            RecentAction::Remove => list.remove(&address).is_some(),
        }
    }
}

fn is(wanted: InetProtocol, found: IpProtocol) -> bool {
    match wanted {
        InetProtocol::All => true,
        InetProtocol::Icmp => found == IpProtocol::Icmp,
        InetProtocol::Tcp => found == IpProtocol::Tcp,
        InetProtocol::Udp => found == IpProtocol::Udp,
        InetProtocol::Sctp => false,
        InetProtocol::Number(number) => found as u8 == number,
    }
}

fn in_state(passage: &Passage, state: CtState) -> bool {
    match state {
        CtState::Dnat => passage.dnat,
        CtState::Snat => passage.snat,
        other => passage.state == other,
    }
}

fn address_type(at: At<'_>, address: IpAddr, kind: &str) -> bool {
    kind.split(',').any(|kind| match kind {
        "LOCAL" => is_local(at.plane, at.namespace, address),
        "MULTICAST" => address.is_multicast(),
        "UNSPEC" => address.is_unspecified(),
        "BROADCAST" => address == IpAddr::from([255, 255, 255, 255]),
        "UNICAST" => !is_local(at.plane, at.namespace, address) && !address.is_multicast(),
        _ => false,
    })
}
