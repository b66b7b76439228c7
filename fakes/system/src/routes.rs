//! IP routes and forwarding of the host's own compartment.
//!
//! What these functions set is in the active store: it is gone after a boot, as it is for
//! `CreateIpForwardEntry2` and `SetIpInterfaceEntry`.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use winlab_host::linux::{Prefix, Route};
use winlab_host::{Adapter, Fault, HResult};

/// Routes that were added, and adapters that forward.
#[derive(Debug, Clone, Default)]
pub(crate) struct Routes {
    added: Vec<Route>,
    forwarding: BTreeSet<String>,
}

impl Routes {
    /// Every route, longest prefix first: added ones, and what follows from the adapters.
    pub(crate) fn list(&self, adapters: &[Adapter]) -> Vec<Route> {
        let mut routes = self.added.clone();
        for adapter in adapters {
            let route = |destination, gateway| Route {
                destination,
                gateway,
                device: adapter.name.clone(),
                source: None,
                metric: 256,
                onlink: false,
            };
            routes.extend(adapter.addresses.iter().map(|address| route(address.network(), None)));
            routes.extend(adapter.gateway.map(|gateway| route(Prefix::everything(gateway), Some(gateway))));
        }
        routes.sort_by_key(|route| (Reverse(route.destination.length), route.metric));
        routes
    }

    /// Those that were added.
    pub(crate) fn added(&self) -> &[Route] {
        &self.added
    }

    /// Adapters that forward, by name.
    pub(crate) fn forwarding(&self) -> Vec<String> {
        self.forwarding.iter().cloned().collect()
    }

    pub(crate) fn create(&mut self, route: Route, adapters: &[Adapter]) -> Result<(), Fault> {
        if !adapters.iter().any(|adapter| adapter.name == route.device) {
            return Err(Fault::new(HResult::ERROR_NOT_FOUND));
        }
        if self.list(adapters).iter().any(|known| is_same(known, &route)) {
            return Err(Fault::new(HResult::ERROR_OBJECT_ALREADY_EXISTS));
        }
        self.added.push(route);
        Ok(())
    }

    pub(crate) fn delete(&mut self, route: &Route) -> Result<(), Fault> {
        let at = self.added.iter().position(|known| is_same(known, route));
        let at = at.ok_or(Fault::new(HResult::ERROR_NOT_FOUND))?;
        self.added.remove(at);
        Ok(())
    }

    pub(crate) fn set_forwarding(
        &mut self,
        adapter: String,
        forwarding: bool,
        adapters: &[Adapter],
    ) -> Result<(), Fault> {
        if !adapters.iter().any(|known| known.name == adapter) {
            return Err(Fault::new(HResult::ERROR_NOT_FOUND));
        }
        if forwarding {
            self.forwarding.insert(adapter);
        } else {
            self.forwarding.remove(&adapter);
        }
        Ok(())
    }

    /// An adapter is gone, and what was set on it.
    pub(crate) fn adapter_removed(&mut self, name: &str) {
        self.added.retain(|route| route.device != name);
        self.forwarding.remove(name);
    }
}

fn is_same(a: &Route, b: &Route) -> bool {
    (a.destination.network(), a.gateway, &a.device) == (b.destination.network(), b.gateway, &b.device)
}

#[cfg(test)]
mod tests {
    use winlab_host::linux::Route;
    use winlab_host::{Adapter, AdapterKind, HResult, MacAddress};

    use super::Routes;

    #[test]
    fn added_routes_stand_among_those_of_the_adapters() {
        let adapters = [Adapter {
            index: 4,
            name: "vEthernet (Ethernet)".into(),
            kind: AdapterKind::Virtual,
            mac: MacAddress::default(),
            addresses: vec!["192.168.1.10/24".parse().unwrap()],
            gateway: Some("192.168.1.1".parse().unwrap()),
            dns: vec![],
            mtu: 1500,
        }];
        let route = Route {
            destination: "10.244.2.0/24".parse().unwrap(),
            gateway: Some("192.168.1.11".parse().unwrap()),
            device: "vEthernet (Ethernet)".into(),
            source: None,
            metric: 0,
            onlink: false,
        };
        let mut routes = Routes::default();
        routes.create(route.clone(), &adapters).unwrap();
        let shown: Vec<String> =
            routes.list(&adapters).iter().map(|route| route.destination.to_string()).collect();
        assert_eq!(shown, ["10.244.2.0/24", "192.168.1.0/24", "0.0.0.0/0"]);
        let code = |result: Result<(), winlab_host::Fault>| result.unwrap_err().code;
        assert_eq!(code(routes.create(route.clone(), &adapters)), HResult::ERROR_OBJECT_ALREADY_EXISTS);
        assert_eq!(
            code(routes.create(Route { device: "none".into(), ..route.clone() }, &adapters)),
            HResult::ERROR_NOT_FOUND
        );
        routes.delete(&route).unwrap();
        assert_eq!(code(routes.delete(&route)), HResult::ERROR_NOT_FOUND);
    }
}
