//! The node's own addresses (`pkg/proxy/node.go`, `detectNodeIPs` of `cmd/kube-proxy/app/server.go`).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use winlab_clock::VirtualSpan;
use winlab_component::Context;
use winlab_kube_client::k8s::core::Node;
use winlab_kube_client::{Api, Store, WatchConfig, reflect};

use crate::family::Family;

/// How long kube-proxy waits for its Node object to have addresses; then it goes on without.
const PATIENCE: VirtualSpan = VirtualSpan::from_secs(30);

/// The node as kube-proxy knows it.
#[derive(Debug, Clone)]
pub(crate) struct NodeAddresses {
    pub(crate) primary: Family,
    pub(crate) v4: IpAddr,
    pub(crate) v6: IpAddr,
}

impl NodeAddresses {
    /// The address of a family.
    pub(crate) fn of(&self, family: Family) -> IpAddr {
        if family.is_v6() { self.v6 } else { self.v4 }
    }
}

/// A store with the one node, and what keeps it up to date.
pub(crate) fn watch(
    context: &Context,
    name: &str,
) -> (Store<Node>, impl Future<Output = ()> + Send + 'static) {
    let config = WatchConfig::all().fields(format!("metadata.name={name}"));
    reflect(Api::all(context.client.clone()), config, context.clock, context.seed.child("node"))
}

/// Waits for the node's addresses for half a minute.
pub(crate) async fn wait(context: &Context, store: &Store<Node>, name: &str) -> Vec<IpAddr> {
    store.synced().await;
    let addresses = store.until(|store| {
        let found = host_addresses(store.get_cluster(name).as_ref()?);
        (!found.is_empty()).then_some(found)
    });
    if let Ok(found) = context.clock.within(PATIENCE, addresses).await {
        return found;
    }
    let problem = if store.get_cluster(name).is_some() { "be assigned IPs" } else { "exist" };
    context.log.error(format_args!("Timed out waiting for node {name:?} to {problem}"));
    Vec::new()
}

/// Waits until the node has other addresses than kube-proxy goes by, or is gone after it has been there (`NodeManager`).
/// Which of them.
pub(crate) async fn changed(store: &Store<Node>, found: &[IpAddr]) -> &'static str {
    let mut changes = store.changes();
    loop {
        for change in changes.next().await {
            match change.now {
                Some(node) if host_addresses(&node) != found => return "NodeIPs changed for the node",
                Some(_) => {}
                None => return "Node is being deleted",
            }
        }
    }
}

/// InternalIP before ExternalIP; the first, and the first of the other family (`GetNodeHostIPs`).
fn host_addresses(node: &Arc<Node>) -> Vec<IpAddr> {
    let status = node.status.as_ref();
    let listed = status.and_then(|status| status.addresses.as_deref()).unwrap_or_default();
    let of = |kind: &'static str| listed.iter().filter(move |address| address.type_ == kind);
    let all: Vec<IpAddr> =
        of("InternalIP").chain(of("ExternalIP")).filter_map(|address| address.address.parse().ok()).collect();
    let Some(first) = all.first().copied() else { return Vec::new() };
    let second = all.iter().copied().find(|address| Family::of(*address) != Family::of(first));
    [first].into_iter().chain(second).collect()
}

/// The addresses a proxier goes by: those of the node, else loopback; `--bind-address` wins over the primary one.
pub(crate) fn detect(found: &[IpAddr], bind_address: Option<IpAddr>) -> NodeAddresses {
    let mut addresses =
        NodeAddresses { primary: Family::V4, v4: Ipv4Addr::LOCALHOST.into(), v6: Ipv6Addr::LOCALHOST.into() };
    let set = |addresses: &mut NodeAddresses, address: IpAddr| match Family::of(address) {
        Family::V4 => addresses.v4 = address,
        Family::V6 => addresses.v6 = address,
    };
    for address in found {
        set(&mut addresses, *address);
    }
    if let Some(first) = found.first() {
        addresses.primary = Family::of(*first);
    }
    if let Some(bind) = bind_address.filter(|bind| !bind.is_unspecified()) {
        addresses.primary = Family::of(bind);
        set(&mut addresses, bind);
    }
    addresses
}

#[cfg(test)]
mod tests {
    use super::detect;
    use crate::family::Family;

    #[test]
    fn bind_address_wins_and_loopback_is_the_last_resort() {
        let found = [[10, 0, 0, 5].into(), [0xfd00, 0, 0, 0, 0, 0, 0, 5].into()];
        let addresses = detect(&found, Some([192, 168, 1, 5].into()));
        assert_eq!(
            (addresses.v4.to_string(), addresses.v6.to_string()),
            ("192.168.1.5".into(), "fd00::5".into())
        );
        let addresses = detect(&[], Some([0, 0, 0, 0].into()));
        assert_eq!((addresses.primary, addresses.v4.to_string()), (Family::V4, "127.0.0.1".into()));
    }
}
