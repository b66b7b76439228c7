//! `ip addr` and `ip route`, as iproute2 prints them.

use std::fmt::Write as _;

use winlab_host::linux::{Link, LinkKind, Route};

use super::commands::{Finished, Surroundings};

/// Runs `ip`; none for other objects than addresses and routes.
pub(super) fn run(at: &Surroundings<'_>, words: &[&str]) -> Option<Finished> {
    let namespace = &at.machine.containers.all.get(at.container)?.namespace;
    let words: Vec<&str> =
        words.iter().copied().filter(|word| !matches!(*word, "-4" | "show" | "list")).collect();
    let output = match words.as_slice() {
        ["a" | "addr" | "address"] => {
            let links = at.machine.stack.links(namespace).ok()?;
            links.iter().map(|link| shown(link, &links)).collect()
        }
        ["r" | "route"] => at.machine.stack.routes(namespace).ok()?.iter().map(route).collect(),
        _ => return None,
    };
    Some(Finished { output, ..Finished::default() })
}

fn shown(link: &Link, all: &[Link]) -> String {
    let mut text = String::new();
    let loopback = link.kind == LinkKind::Loopback;
    let flags = match (loopback, link.up) {
        (true, _) => "LOOPBACK,UP,LOWER_UP",
        (false, true) => "BROADCAST,MULTICAST,UP,LOWER_UP",
        (false, false) => "BROADCAST,MULTICAST",
    };
    let state = match (loopback, link.up) {
        (true, _) => "UNKNOWN",
        (false, true) => "UP",
        (false, false) => "DOWN",
    };
    let name = match &link.kind {
        LinkKind::Veth { peer, .. } => match all.iter().find(|other| other.name == *peer) {
            Some(_) => format!("{}@{peer}", link.name),
            None => format!("{}@if{}", link.name, link.index + 1),
        },
        _ => link.name.clone(),
    };
    let (index, mtu, mac) = (link.index, link.mtu, link.mac);
    let kind = if loopback { "loopback" } else { "ether" };
    let broadcast = if loopback { "00:00:00:00:00:00" } else { "ff:ff:ff:ff:ff:ff" };
    // Writing to a String cannot fail.
    let _ok = writeln!(text, "{index}: {name}: <{flags}> mtu {mtu} state {state}");
    let _ok = writeln!(text, "    link/{kind} {mac} brd {broadcast}");
    for address in &link.addresses {
        let scope = if loopback { "host" } else { "global" };
        let _ok = writeln!(text, "    inet {address} scope {scope} {}", link.name);
    }
    text
}

fn route(route: &Route) -> String {
    let mut text = match route.destination.length {
        0 => "default".to_owned(),
        32 => route.destination.address.to_string(),
        _ => route.destination.to_string(),
    };
    if let Some(gateway) = route.gateway {
        text.push_str(&format!(" via {gateway}"));
    }
    text.push_str(&format!(" dev {}", route.device));
    if route.gateway.is_none() {
        text.push_str(" scope link");
    }
    if let Some(source) = route.source {
        text.push_str(&format!(" src {source}"));
    }
    if route.metric > 0 {
        text.push_str(&format!(" metric {}", route.metric));
    }
    if route.onlink {
        text.push_str(" onlink");
    }
    text.push('\n');
    text
}
