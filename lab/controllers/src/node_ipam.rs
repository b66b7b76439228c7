//! Node IPAM: each node its own part of the cluster CIDR (`pkg/controller/nodeipam/ipam/range_allocator.go`).

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use ipnet::IpNet;
use winlab_kube_client::api::{Patch, PatchParams};
use winlab_kube_client::k8s::core::Node;
use winlab_kube_client::{Api, ErrorExt, ObjectKey, ResourceExt};

use crate::access::Access;
use crate::queue::{Outcome, Queue};

/// Hands out the parts of a CIDR in order.
pub(crate) struct Pool {
    cluster: IpNet,
    node_mask: u8,
    taken: Mutex<BTreeSet<IpNet>>,
}

impl Pool {
    pub(crate) fn new(cluster: IpNet, node_mask: u8) -> Self {
        Self { cluster, node_mask, taken: Mutex::default() }
    }

    fn take(&self) -> Option<IpNet> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let free = self.cluster.subnets(self.node_mask).ok()?.find(|part| !taken.contains(part))?;
        taken.insert(free);
        Some(free)
    }

    fn occupy(&self, part: IpNet) {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).insert(part);
    }

    fn give_back(&self, part: &IpNet) {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).remove(part);
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
    fn parts_come_in_order_and_come_back() {
        let pool = Pool::new("10.244.0.0/16".parse().unwrap(), 24);
        pool.occupy("10.244.0.0/24".parse().unwrap());
        let first = pool.take().unwrap();
        assert_eq!(first.to_string(), "10.244.1.0/24");
        assert_eq!(pool.take().unwrap().to_string(), "10.244.2.0/24");
        pool.give_back(&first);
        assert_eq!(pool.take(), Some(first));
        let small = Pool::new("10.0.0.0/24".parse().unwrap(), 24);
        assert!(small.take().is_some());
        assert_eq!(small.take(), None);
    }
}
