//! EndpointSlices, as applied and as pending (`pkg/proxy/endpointslicecache.go`).

use std::collections::BTreeMap;
use std::sync::Arc;

use winlab_kube_client::ObjectKey;
use winlab_kube_client::k8s::discovery::{Endpoint as ApiEndpoint, EndpointSlice};

use super::endpoint::Endpoint;
use super::name::{Protocol, ServicePortName};
use crate::family::Family;
use crate::quirks::Doubled;

/// The endpoints of each service port, ordered by their text.
pub(crate) type EndpointsMap = BTreeMap<ServicePortName, Vec<Endpoint>>;

/// What happened to one service's endpoints.
#[derive(Debug, Clone)]
pub(crate) struct EndpointsChange {
    pub(crate) previous: EndpointsMap,
    pub(crate) current: EndpointsMap,
}

/// The slices of all services. Endpoints move between slices, so changes are kept by slice and put together by service.
#[derive(Debug)]
pub(crate) struct SliceCache {
    node: String,
    family: Family,
    doubled: Doubled,
    services: BTreeMap<ObjectKey, Tracker>,
}

#[derive(Debug, Default)]
struct Tracker {
    applied: BTreeMap<String, Arc<EndpointSlice>>,
    /// None: to be removed.
    pending: BTreeMap<String, Option<Arc<EndpointSlice>>>,
}

impl SliceCache {
    pub(crate) fn new(node: &str, family: Family, doubled: Doubled) -> Self {
        Self { node: node.to_owned(), family, doubled, services: BTreeMap::new() }
    }

    /// Takes in a slice, or its removal. Whether that is anything new.
    pub(crate) fn update(&mut self, slice: &Arc<EndpointSlice>, removed: bool) -> bool {
        if slice.address_type != self.family.word() {
            return false;
        }
        let labels = slice.metadata.labels.as_ref();
        let service = labels.and_then(|labels| labels.get("kubernetes.io/service-name"));
        let Some(service) = service.filter(|service| !service.is_empty()) else { return false };
        let key = ObjectKey::namespaced(slice.metadata.namespace.clone().unwrap_or_default(), service);
        let name = slice.metadata.name.clone().unwrap_or_default();
        let tracker = self.services.entry(key).or_default();
        let wanted = (!removed).then(|| Arc::clone(slice));
        let changed = match (tracker.pending.get(&name), tracker.applied.get(&name)) {
            (Some(pending), _) => *pending != wanted,
            (None, Some(applied)) => wanted.as_ref() != Some(applied),
            (None, None) => !removed,
        };
        if changed {
            tracker.pending.insert(name, wanted);
        }
        changed
    }

    /// Applies what is pending and tells what changed.
    pub(crate) fn take(&mut self) -> BTreeMap<ObjectKey, EndpointsChange> {
        let mut changes = BTreeMap::new();
        let Self { node, doubled, services, .. } = self;
        for (service, tracker) in services {
            if tracker.pending.is_empty() {
                continue;
            }
            let previous = endpoints(node, *doubled, service, &tracker.applied);
            for (name, slice) in std::mem::take(&mut tracker.pending) {
                match slice {
                    Some(slice) => tracker.applied.insert(name, slice),
                    None => tracker.applied.remove(&name),
                };
            }
            let current = endpoints(node, *doubled, service, &tracker.applied);
            changes.insert(service.clone(), EndpointsChange { previous, current });
        }
        self.services.retain(|_, tracker| !tracker.applied.is_empty());
        changes
    }
}

/// The endpoints that a service's slices list, one of each address and port.
fn endpoints(
    node: &str,
    doubled: Doubled,
    service: &ObjectKey,
    slices: &BTreeMap<String, Arc<EndpointSlice>>,
) -> EndpointsMap {
    let mut found: BTreeMap<ServicePortName, BTreeMap<String, Endpoint>> = BTreeMap::new();
    for slice in slices.values() {
        for port in slice.ports.as_deref().unwrap_or_default() {
            let number = port.port.and_then(|port| u16::try_from(port).ok()).filter(|port| *port != 0);
            // The API server always fills in a name; a missing number would mean every port, which is not proxied.
            let (Some(number), Some(port_name)) = (number, port.name.clone().or(Some(String::new()))) else {
                continue;
            };
            let name = ServicePortName {
                service: service.clone(),
                port: port_name,
                protocol: Protocol::read(port.protocol.as_deref()),
            };
            let set = found.entry(name).or_default();
            for listed in slice.endpoints.as_deref().unwrap_or_default() {
                let Some(endpoint) = endpoint(node, number, listed) else { continue };
                let counts = match doubled {
                    Doubled::FirstOrLocal => endpoint.local,
                    Doubled::Running => !endpoint.terminating,
                };
                if counts || !set.contains_key(&endpoint.to_string()) {
                    set.insert(endpoint.to_string(), endpoint);
                }
            }
        }
    }
    let listed = found.into_iter().filter(|(_, set)| !set.is_empty());
    listed.map(|(name, set)| (name, set.into_values().collect())).collect()
}

fn endpoint(node: &str, port: u16, listed: &ApiEndpoint) -> Option<Endpoint> {
    let conditions = listed.conditions.as_ref();
    let hints = listed.hints.as_ref();
    let zones = hints.and_then(|hints| hints.for_zones.as_deref()).unwrap_or_default();
    let nodes = hints.and_then(|hints| hints.for_nodes.as_deref()).unwrap_or_default();
    Some(Endpoint {
        ip: listed.addresses.first()?.parse().ok()?,
        port,
        local: !node.is_empty() && listed.node_name.as_deref() == Some(node),
        ready: conditions.and_then(|conditions| conditions.ready).unwrap_or(true),
        serving: conditions.and_then(|conditions| conditions.serving).unwrap_or(true),
        terminating: conditions.and_then(|conditions| conditions.terminating).unwrap_or(false),
        zone_hints: zones.iter().map(|zone| zone.name.clone()).collect(),
        node_hints: nodes.iter().map(|node| node.name.clone()).collect(),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use winlab_document::{Document, doc};
    use winlab_kube_client::k8s::discovery::EndpointSlice;

    use super::SliceCache;
    use crate::family::Family;
    use crate::quirks::Doubled;

    fn slice(name: &str, endpoints: &Document) -> Arc<EndpointSlice> {
        let labels = doc!({"kubernetes.io/service-name": "web"});
        let slice = doc!({"metadata": {"name": name, "namespace": "default", "labels": labels},
            "addressType": "IPv4", "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}], "endpoints": endpoints});
        Arc::new(slice.decode().unwrap())
    }

    #[test]
    fn an_endpoint_that_moves_between_slices_is_never_lost() {
        let mut cache = SliceCache::new("win1", Family::V4, Doubled::FirstOrLocal);
        let here = doc!([{"addresses": ["10.244.1.5"], "nodeName": "win1"}]);
        assert!(cache.update(&slice("a", &here), false));
        assert!(!cache.update(&slice("a", &here), false), "the same again is nothing new");
        assert_eq!(cache.take().len(), 1);
        assert!(cache.update(&slice("b", &here), false) && cache.update(&slice("a", &doc!([])), false));
        let changes = cache.take();
        let change = changes.values().next().unwrap();
        assert_eq!(change.previous, change.current);
        let endpoint = &change.current.values().next().unwrap()[0];
        assert!(endpoint.local && endpoint.ready && !endpoint.terminating);
        assert_eq!(endpoint.to_string(), "10.244.1.5:8080");
    }

    /// A pod's address is given to another pod while the first one ends.
    #[test]
    fn which_of_two_endpoints_with_one_address_counts() {
        let of = |node: &str, terminating: bool| doc!({"addresses": ["10.244.2.5"], "nodeName": node, "conditions": {"terminating": terminating}});
        let terminates = |doubled: Doubled, listed: Document| {
            let mut cache = SliceCache::new("win1", Family::V4, doubled);
            cache.update(&slice("a", &listed), false);
            let changes = cache.take();
            let endpoints = changes.values().next().unwrap().current.values().next().unwrap().clone();
            assert_eq!(endpoints.len(), 1);
            endpoints[0].terminating
        };
        let (first, last) =
            (doc!([of("lin1", true), of("lin1", false)]), doc!([of("lin1", false), of("lin1", true)]));
        assert!(
            terminates(Doubled::FirstOrLocal, first.clone())
                && !terminates(Doubled::FirstOrLocal, last.clone())
        );
        assert!(!terminates(Doubled::Running, first) && !terminates(Doubled::Running, last));
        let here = doc!([of("win1", false), of("win1", true)]);
        assert!(terminates(Doubled::FirstOrLocal, here.clone()) && !terminates(Doubled::Running, here));
    }

    #[test]
    fn removals_and_other_families() {
        let mut cache = SliceCache::new("win1", Family::V4, Doubled::Running);
        let there = slice("a", &doc!([{"addresses": ["10.244.2.5"], "nodeName": "lin1"}]));
        assert!(!cache.update(&there, true), "an unknown slice cannot go");
        cache.update(&there, false);
        cache.take();
        assert!(cache.update(&there, true));
        assert!(cache.take().values().next().unwrap().current.is_empty());
        assert!(!SliceCache::new("win1", Family::V6, Doubled::Running).update(&there, false));
    }
}
