//! Routes: those that follow from addresses, and those made by hand.

use std::cmp::Reverse;
use std::net::IpAddr;

use winlab_host::linux::{Errno, LinkKind, LinuxFault, Prefix, Route};

use super::namespaces::Stack;
use super::{no_device, refused};
use crate::context::Done;

impl Stack {
    pub(crate) fn replace_route(&mut self, namespace: &str, mut route: Route) -> Done<()> {
        if route.destination != route.destination.network() {
            return Err(invalid("Invalid prefix for given prefix length."));
        }
        if route.device.is_empty() {
            let gateway = route.gateway.ok_or_else(|| refused(Errno::ENODEV))?;
            route.device = self.on_link(namespace, gateway).ok_or_else(bad_gateway)?.device;
        }
        let link = &self.find(namespace, &route.device).map_err(|_| no_device(&route.device))?.link;
        if !link.up {
            return Err(LinuxFault::because(Errno::ENETDOWN, "Error: Device for nexthop is not up."));
        }
        if let Some(gateway) = route.gateway
            && !route.onlink
            && self.on_link(namespace, gateway).is_none_or(|connected| connected.device != route.device)
        {
            return Err(bad_gateway());
        }
        if let Some(source) = route.source
            && !self.is_local(namespace, source)
        {
            return Err(invalid("Invalid prefsrc address."));
        }
        let routes = &mut self.namespace_mut(namespace)?.routes;
        routes.retain(|known| (known.destination, known.metric) != (route.destination, route.metric));
        routes.push(route);
        sort(routes);
        Ok(())
    }

    pub(crate) fn delete_route(&mut self, namespace: &str, destination: Prefix) -> Done<()> {
        let routes = &mut self.namespace_mut(namespace)?.routes;
        let at = routes.iter().position(|route| route.destination == destination);
        routes.remove(at.ok_or_else(|| refused(Errno::ESRCH))?);
        Ok(())
    }

    pub(crate) fn routes(&self, namespace: &str) -> Done<Vec<Route>> {
        Ok(self.namespace(namespace)?.routes.clone())
    }

    /// The routes that follow from a link's addresses when it is up.
    pub(super) fn add_connected(&mut self, index: u32) {
        let Some(stored) = self.links.get(&index) else { return };
        if stored.link.kind == LinkKind::Loopback {
            return;
        }
        let full = |prefix: &&Prefix| prefix.length < if prefix.address.is_ipv4() { 32 } else { 128 };
        let wanted: Vec<Route> = stored
            .link
            .addresses
            .iter()
            .filter(full)
            .map(|prefix| Route {
                destination: prefix.network(),
                gateway: None,
                device: stored.link.name.clone(),
                source: Some(prefix.address),
                metric: 0,
                onlink: false,
            })
            .collect();
        let namespace = stored.namespace.clone();
        let Some(namespace) = self.namespaces.get_mut(&namespace) else { return };
        for route in wanted {
            let same = |known: &Route| {
                known.destination == route.destination
                    && known.device == route.device
                    && known.gateway.is_none()
            };
            if !namespace.routes.iter().any(same) {
                namespace.routes.push(route);
            }
        }
        sort(&mut namespace.routes);
    }

    /// The routes that followed from an address, and those that prefer it as their source.
    pub(super) fn remove_connected(&mut self, index: u32, address: Prefix) {
        let Some(stored) = self.links.get(&index) else { return };
        let (namespace, device) = (stored.namespace.clone(), stored.link.name.clone());
        let sibling = stored.link.addresses.iter().any(|other| other.network() == address.network());
        let Some(namespace) = self.namespaces.get_mut(&namespace) else { return };
        namespace.routes.retain(|route| {
            let connected =
                route.destination == address.network() && route.device == device && route.gateway.is_none();
            (sibling || !connected) && (route.source != Some(address.address) || route.device != device)
        });
    }

    /// A link went down: its routes and neighbours are gone.
    pub(super) fn forget_device(&mut self, namespace: &str, device: &str) {
        if let Some(namespace) = self.namespaces.get_mut(namespace) {
            namespace.routes.retain(|route| route.device != device);
            namespace.neighbours.retain(|neighbour| neighbour.device != device);
        }
    }

    pub(super) fn rename_device(&mut self, namespace: &str, old: &str, new: &str) {
        let Some(namespace) = self.namespaces.get_mut(namespace) else { return };
        for route in namespace.routes.iter_mut().filter(|route| route.device == old) {
            new.clone_into(&mut route.device);
        }
        for neighbour in namespace.neighbours.iter_mut().filter(|neighbour| neighbour.device == old) {
            new.clone_into(&mut neighbour.device);
        }
    }

    /// The route by which an address is a neighbour, if it is one.
    fn on_link(&self, namespace: &str, address: IpAddr) -> Option<Route> {
        let routes = &self.namespaces.get(namespace)?.routes;
        let best = routes.iter().find(|route| route.destination.contains(address))?;
        best.gateway.is_none().then(|| best.clone())
    }

    pub(super) fn is_local(&self, namespace: &str, address: IpAddr) -> bool {
        self.links
            .values()
            .filter(|stored| stored.namespace == namespace)
            .any(|stored| stored.link.addresses.iter().any(|known| known.address == address))
    }
}

/// Longest prefix first, then the lower metric, then by address: the order in which they are looked through.
fn sort(routes: &mut [Route]) {
    routes.sort_by_key(|route| (Reverse(route.destination.length), route.metric, route.destination.address));
}

fn bad_gateway() -> LinuxFault {
    LinuxFault::because(Errno::ENETUNREACH, "Error: Nexthop has invalid gateway.")
}

fn invalid(text: &str) -> LinuxFault {
    LinuxFault::because(Errno::EINVAL, format!("Error: {text}"))
}
