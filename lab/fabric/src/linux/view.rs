//! Looking things up in a Linux host's data plane.

use std::net::IpAddr;

use winlab_host::LinuxDataPlane;
use winlab_host::linux::{Link, LinkKind, Route};

use crate::walk::Place;

/// The namespace a container runs in.
pub(crate) fn place_of(plane: &LinuxDataPlane, node: usize, container: &str) -> Option<Place> {
    let found = plane.programs.iter().find(|(_, programs)| programs.iter().any(|p| p.container == container));
    found.map(|(namespace, _)| Place::Namespace { node, namespace: namespace.clone() })
}

/// The address a namespace sends from.
pub(crate) fn source(plane: &LinuxDataPlane, namespace: &str, to: IpAddr) -> Option<IpAddr> {
    if is_local(plane, namespace, to) {
        return Some(to);
    }
    let route = route(plane, namespace, to)?;
    route.source.or_else(|| first_address(link(plane, namespace, &route.device)?, to.is_ipv4()))
}

/// The MTU of the link that a namespace sends through.
pub(crate) fn mtu_of(plane: &LinuxDataPlane, namespace: &str) -> u32 {
    let inside = plane.links.get(namespace).map(Vec::as_slice).unwrap_or_default();
    let outer = inside.iter().find(|link| !matches!(link.kind, LinkKind::Loopback) && link.up);
    outer.map_or(1500, |link| link.mtu)
}

/// Whether an address is some namespace's own.
pub(crate) fn has_inside(plane: &LinuxDataPlane, wanted: IpAddr) -> bool {
    plane.links.keys().any(|namespace| !wanted.is_loopback() && is_local(plane, namespace, wanted))
}

pub(super) fn link<'a>(plane: &'a LinuxDataPlane, namespace: &str, name: &str) -> Option<&'a Link> {
    plane.links.get(namespace)?.iter().find(|link| link.name == name)
}

pub(super) fn is_local(plane: &LinuxDataPlane, namespace: &str, wanted: IpAddr) -> bool {
    wanted.is_loopback()
        || plane
            .links
            .get(namespace)
            .is_some_and(|links| links.iter().any(|l| l.addresses.iter().any(|a| a.address == wanted)))
}

/// The route to an address: the list is sorted, longest prefix first.
pub(super) fn route<'a>(plane: &'a LinuxDataPlane, namespace: &str, to: IpAddr) -> Option<&'a Route> {
    plane.routes.get(namespace)?.iter().find(|route| route.destination.contains(to))
}

pub(super) fn first_address(link: &Link, v4: bool) -> Option<IpAddr> {
    link.addresses.iter().map(|prefix| prefix.address).find(|address| address.is_ipv4() == v4)
}

pub(super) fn sysctl<'a>(plane: &'a LinuxDataPlane, namespace: &str, name: &str) -> &'a str {
    plane.sysctls.get(namespace).and_then(|all| all.get(name)).map_or("", String::as_str)
}

/// Ports of a bridge that are up.
pub(super) fn ports<'a>(
    plane: &'a LinuxDataPlane,
    namespace: &str,
    bridge: &'a str,
) -> impl Iterator<Item = &'a Link> {
    let links = plane.links.get(namespace).map(Vec::as_slice).unwrap_or_default();
    links.iter().filter(move |link| link.master == bridge && link.up)
}

/// A veth's other end, with its namespace.
pub(super) fn peer<'a>(plane: &'a LinuxDataPlane, link: &'a Link) -> Option<(&'a str, &'a Link)> {
    let LinkKind::Veth { peer, peer_namespace } = &link.kind else { return None };
    Some((peer_namespace, self::link(plane, peer_namespace, peer)?))
}
