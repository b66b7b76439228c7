//! Deployment: replica sets, old and new (`pkg/controller/deployment`).
//!
//! One replica set per template, named by the template's hash; a rollout scales the new one up and the old ones down
//! within `maxSurge` and `maxUnavailable`. Left out: proportional scaling of several old sets in one step happens set
//! by set, and `progressDeadlineSeconds` is judged only when something changes or the deadline passes.

mod replica_sets;
mod rollout;
mod status;
mod template_hash;

use std::sync::Arc;

use winlab_kube_client::k8s::apps::{Deployment, ReplicaSet};
use winlab_kube_client::{ObjectKey, Resource as _};

use crate::access::Access;
use crate::ownership::{controller_key, is_controlled_by};
use crate::queue::{Outcome, Queue};

pub(crate) async fn run(access: Access) {
    let queue = Queue::new(access.clock, access.seed);
    let stores = access.informers.clone();
    let own = queue.clone().follow(stores.deployments.changes(), |key, _, _| vec![key.clone()]);
    let sets = queue.clone().follow(stores.replica_sets.changes(), |_, before, now| {
        before.into_iter().chain(now).filter_map(|set| controller_key(set, "Deployment")).collect()
    });
    let all_sets = stores.replica_sets.clone();
    let pods = queue.clone().follow(stores.pods.changes(), move |_, before, now| {
        // Only Recreate waits for pods, and only until they are gone.
        let gone = before.filter(|_| now.is_none()).and_then(|pod| controller_key(pod, "ReplicaSet"));
        let set = gone.and_then(|key| all_sets.get(&key));
        set.and_then(|set| controller_key(&*set, "Deployment")).into_iter().collect()
    });
    let work = queue.work(|key| sync(&access, key));
    futures::join!(own, sets, pods, work);
}

async fn sync(access: &Access, key: ObjectKey) -> Outcome {
    let Some(deployment) = access.informers.deployments.get(&key) else { return Ok(None) };
    if deployment.meta().deletion_timestamp.is_some() {
        return Ok(None);
    }
    let spec = deployment.spec.clone();
    let sets = owned_sets(access, &deployment);
    let rollout = replica_sets::Rollout::of(access, &deployment, sets);
    if spec.paused == Some(true) {
        return status::update(access, &deployment, &rollout).await;
    }
    let rollout = rollout.with_new_set(access, &deployment).await?;
    match spec.strategy.and_then(|strategy| strategy.type_).as_deref() {
        Some("Recreate") => rollout::recreate(access, &deployment, &rollout).await?,
        _ => rollout::rolling(access, &deployment, &rollout).await?,
    }
    let sets = owned_sets(access, &deployment);
    let rollout = replica_sets::Rollout::of(access, &deployment, sets);
    replica_sets::clean_up(access, &deployment, &rollout).await?;
    status::update(access, &deployment, &rollout).await
}

/// The deployment's replica sets, oldest first.
fn owned_sets(access: &Access, deployment: &Deployment) -> Vec<Arc<ReplicaSet>> {
    let namespace = deployment.meta().namespace.clone().unwrap_or_default();
    let mut sets = access.informers.replica_sets.list_namespace(&namespace);
    sets.retain(|set| is_controlled_by(&**set, deployment));
    sets.sort_by(|a, b| {
        (&a.meta().creation_timestamp, &a.meta().name).cmp(&(&b.meta().creation_timestamp, &b.meta().name))
    });
    sets
}
