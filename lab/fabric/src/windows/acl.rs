//! ACL policies of an endpoint.
//!
//! The rule with the lowest `Priority` wins. At equal priority `Block` is taken before `Allow`: HNS has a tie-break of
//! its own that is not documented, and Calico avoids ties for that reason (`felix/dataplane/windows/policysets`).
//! Without a rule that matches, traffic passes. Rules are looked up with translated addresses; replies of what was let
//! through pass.

use std::net::IpAddr;

use winlab_document::Document;
use winlab_host::NetObject;

use super::outbound::Port;
use super::policy::{HnsObject as _, number, prefix};
use super::view::is_host;
use crate::packet::{IpProtocol, Packet};
use crate::verdict::{Decision, ObjectKind};
use crate::walk::{Stop, Walk};

/// "Any" among protocol numbers.
const ANY_PROTOCOL: &str = "256";

/// A packet as a rule sees it.
struct Seen<'a> {
    inbound: bool,
    protocol: IpProtocol,
    local: Option<IpAddr>,
    remote: IpAddr,
    local_port: u16,
    remote_port: u16,
    with_host: bool,
    network: &'a NetObject,
}

impl Walk<'_> {
    pub(super) fn check_acls(&mut self, port: Port<'_>, packet: Packet, inbound: bool) -> Result<(), Stop> {
        let tuple = packet.tuple;
        let (own, other) =
            if inbound { (tuple.destination, tuple.source) } else { (tuple.source, tuple.destination) };
        let v4 = other.is_ipv4();
        let seen = Seen {
            inbound,
            protocol: tuple.protocol,
            local: super::view::address_of(port.plane, port.endpoint.id, v4),
            remote: other.ip(),
            local_port: own.port(),
            remote_port: other.port(),
            with_host: is_host(port.plane, other.ip()),
            network: port.network,
        };
        let rules = port.endpoint.policies("ACL").filter(|rule| seen.matches(rule));
        let blocks = |rule: &Document| rule.text(&["Action"]).eq_ignore_ascii_case("Block");
        let Some(rule) = rules.min_by_key(|rule| (number(rule, "Priority"), !blocks(rule))) else {
            return Ok(());
        };
        let mut object = port.endpoint.object(ObjectKind::Acl);
        let (action, direction, priority) =
            (rule.text(&["Action"]), rule.text(&["Direction"]), number(rule, "Priority"));
        object.name = format!("ACL {action} {direction} priority {priority} of {}", object.name);
        if blocks(rule) {
            return Err(self.drop(port.name, object, tuple.to_string()));
        }
        self.hop(port.name, object, Decision::Allow, tuple.to_string());
        Ok(())
    }
}

impl Seen<'_> {
    fn matches(&self, rule: &Document) -> bool {
        let direction = if self.inbound { "In" } else { "Out" };
        rule.text(&["Direction"]).eq_ignore_ascii_case(direction)
            // Host rules are about a container and its own host, Switch rules about the rest; neither word: both.
            && match rule.text(&["RuleType"]).to_ascii_lowercase().as_str() {
                "host" => self.with_host,
                "switch" => !self.with_host,
                _ => true,
            }
            && self.protocol_matches(rule)
            && self.local.is_none_or(|local| self.address_matches(rule.text(&["LocalAddresses"]), local))
            && self.address_matches(rule.text(&["RemoteAddresses"]), self.remote)
            && self.port_matches(rule.text(&["LocalPorts"]), self.local_port)
            && self.port_matches(rule.text(&["RemotePorts"]), self.remote_port)
    }

    fn protocol_matches(&self, rule: &Document) -> bool {
        let protocols = rule.text(&["Protocols"]);
        let own = (self.protocol as u32).to_string();
        protocols.is_empty()
            || protocols.split(',').map(str::trim).any(|one| one == ANY_PROTOCOL || one == own)
    }

    /// A comma list of addresses, prefixes, or names of the network's SetPolicy policies.
    fn address_matches(&self, list: &str, address: IpAddr) -> bool {
        list.is_empty()
            || list.split(',').map(str::trim).any(|one| match prefix(one) {
                Some(prefix) => prefix.contains(address),
                None => self.set_has(one, address, 0),
            })
    }

    fn set_has(&self, name: &str, address: IpAddr, depth: u8) -> bool {
        let mut sets = self.network.policies("SetPolicy");
        let Some(set) = sets.find(|set| set.text(&["Id"]) == name || set.text(&["Name"]) == name) else {
            return false;
        };
        let nested = set.text(&["PolicyType"]).eq_ignore_ascii_case("NESTEDIPSET");
        set.text(&["Values"]).split(',').map(str::trim).any(|value| match prefix(value) {
            Some(prefix) => prefix.contains(address),
            None => nested && depth < 4 && self.set_has(value, address, depth + 1),
        })
    }

    /// A comma list of ports and spans; ICMP has none.
    fn port_matches(&self, list: &str, port: u16) -> bool {
        list.is_empty()
            || self.protocol != IpProtocol::Icmp
                && list.split(',').map(str::trim).any(|one| {
                    let (first, last) = one.split_once('-').unwrap_or((one, one));
                    first.parse().is_ok_and(|first: u16| first <= port)
                        && last.parse().is_ok_and(|last: u16| port <= last)
                })
    }
}

/// The SDNRoute policy of an endpoint that steers an address to the host.
pub(super) fn steered(endpoint: &NetObject, to: IpAddr) -> Option<&Document> {
    endpoint.policies("SDNRoute").find(|route| {
        route.get("NeedEncap").and_then(Document::as_bool) == Some(true)
            && prefix(route.text(&["DestinationPrefix"])).is_some_and(|prefix| prefix.contains(to))
    })
}
