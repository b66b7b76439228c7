//! The rules that do not depend on services.

use super::lines::Text;
use super::names::{
    EXTERNAL_SERVICES, FORWARD, KUBELET_FIREWALL, MARK_MASQ, NODE_PORTS, POSTROUTING, PROXY_FIREWALL,
    SERVICES,
};
use super::proxier::Settings;

/// The top-level chains and their first rules.
pub(super) fn begin(text: &mut Text, settings: &Settings) {
    for chain in [SERVICES, EXTERNAL_SERVICES, FORWARD, NODE_PORTS, PROXY_FIREWALL] {
        text.filter_chains.chain(chain);
    }
    for chain in [SERVICES, NODE_PORTS, POSTROUTING, MARK_MASQ] {
        text.nat_chains.chain(chain);
    }
    let mark = &settings.mark;
    let rules = &mut text.nat_rules;
    rules.write(&["-A", POSTROUTING, "-m mark ! --mark", &format!("{mark}/{mark}"), "-j RETURN"]);
    // The mark goes, so that the packet is not translated again if it passes another time.
    rules.write(&["-A", POSTROUTING, "-j MARK --xor-mark", mark]);
    let comment = r#"-m comment --comment "kubernetes service traffic requiring SNAT""#;
    rules.write(&["-A", POSTROUTING, comment, "-j MASQUERADE --random-fully"]);
    rules.write(&["-A", MARK_MASQ, "-j MARK --or-mark", mark]);
    if settings.localhost_node_ports {
        // `route_localnet` opens a hole (kubernetes#90259) that this closes; the kubelet writes the same rule.
        text.filter_chains.chain(KUBELET_FIREWALL);
        text.filter_rules.write(&[
            "-A",
            KUBELET_FIREWALL,
            r#"-m comment --comment "block incoming localnet connections""#,
            "-d 127.0.0.0/8 ! -s 127.0.0.0/8 -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP",
        ]);
    }
}

const LAST: &str =
    r#"-m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain""#;

/// The rules that come after those of services.
pub(super) fn end(text: &mut Text, settings: &Settings) {
    match &settings.node_port_addresses {
        None => {
            let destination = if settings.localhost_node_ports {
                "-m addrtype --dst-type LOCAL"
            } else {
                "-m addrtype --dst-type LOCAL ! -d 127.0.0.0/8"
            };
            text.nat_rules.write(&["-A", SERVICES, LAST, destination, "-j", NODE_PORTS]);
        }
        Some(addresses) => {
            for address in addresses.iter().filter(|ip| !ip.is_loopback() || settings.localhost_node_ports) {
                text.nat_rules.write(&["-A", SERVICES, LAST, "-d", &address.to_string(), "-j", NODE_PORTS]);
            }
        }
    }
    let rules = &mut text.filter_rules;
    if !settings.conntrack_liberal {
        // Packets out of window would reset connections (kubernetes#74839).
        rules.write(&["-A", FORWARD, "-m conntrack --ctstate INVALID -j DROP"]);
    }
    let mark = &settings.mark;
    rules.write(&[
        "-A",
        FORWARD,
        r#"-m comment --comment "kubernetes forwarding rules""#,
        "-m mark --mark",
        &format!("{mark}/{mark}"),
        "-j ACCEPT",
    ]);
    rules.write(&[
        "-A",
        FORWARD,
        r#"-m comment --comment "kubernetes forwarding conntrack rule""#,
        "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
    ]);
}
