//! ReplicaSet: as many pods as the specification says (`pkg/controller/replicaset/replica_set.go`).

use std::sync::Arc;

use winlab_clock::VirtualSpan;
use winlab_kube_client::api::PostParams;
use winlab_kube_client::k8s::apps::{ReplicaSet, ReplicaSetCondition, ReplicaSetStatus};
use winlab_kube_client::k8s::core::Pod;
use winlab_kube_client::{Error, ErrorExt, ObjectKey, ResourceExt};

use crate::access::Access;
use crate::conditions;
use crate::control::{create_pod, delete_pod, pod_from};
use crate::ownership::{claim_pods, controller_key, controller_of};
use crate::pace::Pace;
use crate::pod_state::{available_in, deletion_order, is_active, is_ready, is_terminal};
use crate::queue::{Outcome, Queue};
use crate::selector::selector_matches;

/// How many pods one look creates or deletes at most (`BurstReplicas`).
const BURST: usize = 500;

pub(crate) async fn run(access: Access) {
    let queue = Queue::new(access.clock, access.seed);
    let stores = access.informers.clone();
    let own = queue.clone().follow(stores.replica_sets.changes(), |key, _, _| vec![key.clone()]);
    let sets = stores.replica_sets.clone();
    let pods = queue.clone().follow(stores.pods.changes(), move |_, before, now| {
        before.into_iter().chain(now).flat_map(|pod| concerned(&sets, pod)).collect()
    });
    let pace = Pace::default();
    let work = queue.work(|key| sync(&access, &pace, key));
    futures::join!(own, pods, work);
}

/// The sets a pod's change concerns: its controller, or every set that could adopt it.
fn concerned(sets: &winlab_kube_client::Store<ReplicaSet>, pod: &Pod) -> Vec<ObjectKey> {
    if controller_of(pod).is_some() {
        return controller_key(pod, "ReplicaSet").into_iter().collect();
    }
    let namespace = pod.namespace().unwrap_or_default();
    let selects = |set: &Arc<ReplicaSet>| selector_matches(&set.spec.selector, pod.metadata.labels.as_ref());
    sets.list_namespace(&namespace)
        .iter()
        .filter(|set| selects(set))
        .map(|set| ObjectKey::of(&**set))
        .collect()
}

async fn sync(access: &Access, pace: &Pace, key: ObjectKey) -> Outcome {
    let Some(set) = access.informers.replica_sets.get(&key) else { return Ok(None) };
    let claimed = claim_pods(access, &*set, &set.spec.selector).await?;
    let pace = claimed.iter().any(|pod| is_terminal(pod)).then_some(pace);
    let mut pods: Vec<Arc<Pod>> = claimed.into_iter().filter(|pod| is_active(pod)).collect();
    let managed = if set.metadata.deletion_timestamp.is_none() {
        manage(access, pace, &set, &mut pods).await
    } else {
        Ok(None)
    };
    let available = update_status(access, &set, &pods, managed.as_ref().err()).await?;
    Ok(managed?.into_iter().chain(available).min())
}

/// Creates what is missing, deletes what is too much. Pods that replace ended ones come no faster than `pace`: upstream
/// knows no other bound on a set whose pods its kubelet turns away, and without it time would stand still here.
async fn manage(access: &Access, pace: Option<&Pace>, set: &ReplicaSet, pods: &mut Vec<Arc<Pod>>) -> Outcome {
    let spec = set.spec.clone();
    let wanted = usize::try_from(spec.replicas.unwrap_or(1)).unwrap_or_default();
    if pods.len() < wanted {
        let template = spec.template.unwrap_or_default();
        let pod = pod_from(set, &template);
        let (mut last, mut again) = (None, None);
        for _ in 0..(wanted - pods.len()).min(BURST) {
            if let Some(Err(wait)) = pace.map(|pace| pace.take(access.clock.now())) {
                again = Some(wait);
                break;
            }
            match create_pod(access, set, &pod).await {
                Ok(created) => {
                    pods.push(Arc::new(created.clone()));
                    last = Some(created);
                }
                // A namespace that is going away refuses for good (upstream: HasStatusCause NamespaceTerminating).
                Err(error) if error.is_forbidden() => break,
                Err(error) => return Err(error),
            }
        }
        if let Some(last) = last {
            access.seen(&access.informers.pods, &last).await;
        }
        return Ok(again);
    }
    let surplus = (pods.len() - wanted).min(BURST);
    if surplus > 0 {
        let related = related_pods(access, set);
        let same_node = |pod: &Pod| {
            let node = pod.spec.as_ref().and_then(|spec| spec.node_name.as_ref());
            related
                .iter()
                .filter(|other| other.spec.as_ref().and_then(|s| s.node_name.as_ref()) == node)
                .count()
        };
        pods.sort_by(|a, b| deletion_order(a, b, &same_node));
        for pod in pods.drain(..surplus).collect::<Vec<_>>() {
            delete_pod(access, set, &pod).await?;
        }
    }
    Ok(None)
}

/// Active pods of every set of the same owner: scaling down evens them out over the nodes.
fn related_pods(access: &Access, set: &ReplicaSet) -> Vec<Arc<Pod>> {
    let owner = controller_of(set).map(|reference| reference.uid.clone());
    let namespace = set.namespace().unwrap_or_default();
    let siblings = access.informers.replica_sets.list_namespace(&namespace);
    let of_owner = |other: &ReplicaSet| {
        other.uid() == set.uid() || (owner.is_some() && controller_of(other).map(|r| r.uid.clone()) == owner)
    };
    let uids: Vec<_> =
        siblings.iter().filter(|other| of_owner(other)).filter_map(|other| other.uid()).collect();
    let pods = access.informers.pods.list_namespace(&namespace);
    let ours = |pod: &Arc<Pod>| controller_of(&**pod).is_some_and(|reference| uids.contains(&reference.uid));
    pods.into_iter().filter(|pod| is_active(pod) && ours(pod)).collect()
}

async fn update_status(
    access: &Access,
    set: &ReplicaSet,
    pods: &[Arc<Pod>],
    failed: Option<&Error>,
) -> Result<Option<VirtualSpan>, Error> {
    let spec = set.spec.clone();
    let min_ready = spec.min_ready_seconds.unwrap_or_default();
    let template_labels = spec.template.and_then(|template| template.metadata).and_then(|meta| meta.labels);
    let labelled = |pod: &Pod| {
        let labels = pod.labels();
        template_labels.iter().flatten().all(|(key, value)| labels.get(key) == Some(value))
    };
    let waits: Vec<VirtualSpan> =
        pods.iter().filter_map(|pod| available_in(access, pod, min_ready)).collect();
    let old = set.status.clone().unwrap_or_default();
    let mut conditions = old.conditions.clone().unwrap_or_default();
    match failed {
        Some(error) => conditions::set(
            &mut conditions,
            ReplicaSetCondition {
                type_: Some("ReplicaFailure".to_owned()),
                status: Some("True".to_owned()),
                reason: Some("FailedCreate".to_owned()),
                message: Some(error.to_string()),
                last_transition_time: Some(access.time()),
            },
        ),
        None => conditions.retain(|condition| condition.type_.as_deref() != Some("ReplicaFailure")),
    }
    let count = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
    let status = ReplicaSetStatus {
        replicas: count(pods.len()),
        fully_labeled_replicas: Some(count(pods.iter().filter(|pod| labelled(pod)).count())),
        ready_replicas: Some(count(pods.iter().filter(|pod| is_ready(pod)).count())),
        available_replicas: Some(count(waits.iter().filter(|wait| **wait == VirtualSpan::ZERO).count())),
        observed_generation: set.metadata.generation,
        conditions: (!conditions.is_empty()).then_some(conditions),
        ..old.clone()
    };
    if !same_status(&status, &old) {
        let mut changed = set.clone();
        changed.status = Some(status);
        write_status(access, &changed).await?;
    }
    Ok(waits.into_iter().filter(|wait| *wait > VirtualSpan::ZERO).min())
}

/// A server drops zeros that a client writes; they mean the same.
fn same_status(a: &ReplicaSetStatus, b: &ReplicaSetStatus) -> bool {
    let zero = Option::unwrap_or_default;
    a.replicas == b.replicas
        && zero(a.fully_labeled_replicas) == zero(b.fully_labeled_replicas)
        && zero(a.ready_replicas) == zero(b.ready_replicas)
        && zero(a.available_replicas) == zero(b.available_replicas)
        && a.observed_generation == b.observed_generation
        && a.conditions.clone().unwrap_or_default() == b.conditions.clone().unwrap_or_default()
}

async fn write_status(access: &Access, set: &ReplicaSet) -> Result<(), Error> {
    let sets = access.of::<ReplicaSet>(&set.namespace().unwrap_or_default());
    match sets.replace_status(&set.name_any(), &PostParams::default(), set).await {
        Ok(written) => access.seen(&access.informers.replica_sets, &written).await,
        Err(error) if error.is_not_found() => {}
        Err(error) => return Err(error),
    }
    Ok(())
}
