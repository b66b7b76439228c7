//! Node IPAM: each node its own part of the cluster CIDR (`pkg/controller/nodeipam/ipam/range_allocator.go`).

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};

use ipnet::IpNet;
use winlab_kube_client::api::{Patch, PatchParams};
use winlab_kube_client::k8s::core::Node;
use winlab_kube_client::{Api, ErrorExt, ObjectKey, ResourceExt};

use crate::access::Access;
use crate::queue::{Outcome, Queue};

/// Hands out the parts of a CIDR in turn: one that came back is given again only after the last of them
/// (`AllocateNext` of `pkg/controller/nodeipam/ipam/cidrset`).
pub(crate) struct Pool {
    cluster: IpNet,
    node_mask: u8,
    parts: Mutex<Parts>,
}

#[derive(Default)]
struct Parts {
    taken: BTreeSet<IpNet>,
    /// The number of the part that is looked at first.
    next: u128,
}

impl Pool {
    pub(crate) fn new(cluster: IpNet, node_mask: u8) -> Self {
        Self { cluster, node_mask, parts: Mutex::default() }
    }

    fn take(&self) -> Option<IpNet> {
        let bits = self.node_mask.checked_sub(self.cluster.prefix_len())?;
        let count = 1_u128.checked_shl(bits.into())?;
        let mut parts = self.parts();
        let first = parts.next;
        let numbers = (0..count).map(|step| (first + step) % count);
        let (number, free) = numbers
            .filter_map(|number| Some((number, self.part(number)?)))
            .find(|(_, part)| !parts.taken.contains(part))?;
        parts.next = number + 1;
        parts.taken.insert(free);
        Some(free)
    }

    /// The part with this number, from zero.
    fn part(&self, number: u128) -> Option<IpNet> {
        let address = match self.cluster.network() {
            IpAddr::V4(first) => {
                let offset = u32::try_from(number).ok()?.checked_shl(32 - u32::from(self.node_mask));
                Ipv4Addr::from_bits(first.to_bits() + offset.unwrap_or_default()).into()
            }
            IpAddr::V6(first) => {
                let offset = number.checked_shl(128 - u32::from(self.node_mask));
                Ipv6Addr::from_bits(first.to_bits() + offset.unwrap_or_default()).into()
            }
        };
        IpNet::new(address, self.node_mask).ok()
    }

    fn occupy(&self, part: IpNet) {
        self.parts().taken.insert(part);
    }

    fn give_back(&self, part: &IpNet) {
        self.parts().taken.remove(part);
    }

    fn parts(&self) -> MutexGuard<'_, Parts> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) async fn run(access: Access, pool: Pool) {
    let queue = Queue::new(access.clock, access.seed);
    for node in access.informers.nodes.list() {
        cidr(&node).into_iter().for_each(|part| pool.occupy(part));
    }
    let own = queue.clone().follow(access.informers.nodes.changes(), |key, before, now| {
        if now.is_none() {
            before.and_then(cidr).iter().for_each(|part| pool.give_back(part));
        }
        now.filter(|node| cidr(node).is_none()).map(|_| key.clone()).into_iter().collect()
    });
    let work = queue.work(|key| sync(&access, &pool, key));
    futures::join!(own, work);
}

fn cidr(node: &Node) -> Option<IpNet> {
    node.spec.as_ref()?.pod_cidr.as_ref()?.parse().ok()
}

async fn sync(access: &Access, pool: &Pool, key: ObjectKey) -> Outcome {
    let Some(node) = access.informers.nodes.get(&key).filter(|node| cidr(node).is_none()) else {
        return Ok(None);
    };
    let Some(part) = pool.take() else {
        access.recorder.normal(&*node, "CIDRNotAvailable", "Node status is now: CIDRNotAvailable").await;
        return Ok(None);
    };
    let patch = serde_json::json!({"spec": {"podCIDR": part.to_string(), "podCIDRs": [part.to_string()]}});
    let nodes: Api<Node> = Api::all(access.client.clone());
    match nodes.patch(&node.name_any(), &PatchParams::default(), &Patch::Strategic(patch)).await {
        Ok(written) => access.seen(&access.informers.nodes, &written).await,
        Err(error) => {
            pool.give_back(&part);
            if !error.is_not_found() {
                return Err(error);
            }
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::Pool;

    #[test]
    fn parts_come_in_turn_and_come_back_after_the_last() {
        let part = |text: &str| text.parse().ok();
        let pool = Pool::new("10.244.0.0/22".parse().unwrap(), 24);
        pool.occupy("10.244.0.0/24".parse().unwrap());
        let first = pool.take();
        assert_eq!(first, part("10.244.1.0/24"));
        assert_eq!(pool.take(), part("10.244.2.0/24"));
        pool.give_back(&first.unwrap());
        assert_eq!(pool.take(), part("10.244.3.0/24"));
        assert_eq!(pool.take(), first);
        assert_eq!(pool.take(), None);
    }

    #[test]
    fn a_pool_may_have_one_part_or_sixth_version_addresses() {
        let one = Pool::new("10.0.0.0/24".parse().unwrap(), 24);
        assert!(one.take().is_some());
        assert_eq!(one.take(), None);
        let six = Pool::new("fd00:10:244::/56".parse().unwrap(), 64);
        assert_eq!(six.take(), "fd00:10:244::/64".parse().ok());
        assert_eq!(six.take(), "fd00:10:244:1::/64".parse().ok());
        assert_eq!(Pool::new("10.0.0.0/24".parse().unwrap(), 16).take(), None);
    }
}
