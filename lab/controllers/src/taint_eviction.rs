//! Taint eviction: deletes pods that do not tolerate a NoExecute taint, at once or when their toleration runs out
//! (`pkg/controller/tainteviction`); and pods whose node is gone (`pkg/controller/podgc`).

use winlab_clock::VirtualSpan;
use winlab_kube_client::api::DeleteParams;
use winlab_kube_client::k8s::core::{Pod, Taint};
use winlab_kube_client::{Error, ErrorExt, ObjectKey, ResourceExt};

use crate::access::Access;
use crate::queue::{Outcome, Queue};
use crate::tolerations::tolerates;

/// Pods of a node that is gone are kept this long (`podgc` looks every 20 s and waits 40 s before it believes it).
const GONE_NODE: VirtualSpan = VirtualSpan::from_secs(40);

pub(crate) async fn run(access: Access) {
    let queue = Queue::new(access.clock, access.seed);
    let stores = access.informers.clone();
    let own = queue.clone().follow(stores.pods.changes(), |key, before, now| {
        let node = |pod: Option<&Pod>| pod.and_then(|pod| pod.spec.as_ref()?.node_name.clone());
        (node(before) != node(now)).then(|| key.clone()).into_iter().collect()
    });
    let pods = stores.pods.clone();
    let nodes = queue.clone().follow(stores.nodes.changes(), move |key, before, now| {
        let taints = |node: Option<&winlab_kube_client::k8s::core::Node>| node.map(evicting);
        if taints(before) == taints(now)
            || (before.is_none() && taints(now).is_some_and(|list| list.is_empty()))
        {
            return Vec::new();
        }
        let on_node =
            |pod: &Pod| pod.spec.as_ref().and_then(|spec| spec.node_name.as_ref()) == Some(&key.name);
        pods.select(on_node).iter().map(|pod| ObjectKey::of(&**pod)).collect()
    });
    let work = queue.work(|key| sync(&access, key));
    futures::join!(own, nodes, work);
}

fn evicting(node: &winlab_kube_client::k8s::core::Node) -> Vec<Taint> {
    let taints = node.spec.iter().flat_map(|spec| spec.taints.iter().flatten());
    taints.filter(|taint| taint.effect == "NoExecute").cloned().collect()
}

async fn sync(access: &Access, key: ObjectKey) -> Outcome {
    let Some(pod) = access.informers.pods.get(&key) else { return Ok(None) };
    let spec = pod.spec.clone().unwrap_or_default();
    let Some(name) = spec.node_name.filter(|name| !name.is_empty()) else { return Ok(None) };
    if pod.metadata.deletion_timestamp.is_some() && access.informers.nodes.get_cluster(&name).is_some() {
        return Ok(None);
    }
    let Some(node) = access.informers.nodes.get_cluster(&name) else {
        return collect(access, &pod).await;
    };
    let tolerations = spec.tolerations.unwrap_or_default();
    let mut soonest: Option<VirtualSpan> = None;
    for taint in evicting(&node) {
        let tolerating: Vec<_> =
            tolerations.iter().filter(|toleration| tolerates(toleration, &taint)).collect();
        if tolerating.is_empty() {
            return evict(access, &pod, &taint).await;
        }
        // The shortest of those with a time counts; a toleration without one lasts for ever.
        let Some(secs) = tolerating.iter().filter_map(|toleration| toleration.toleration_seconds).min()
        else {
            continue;
        };
        let span = VirtualSpan::from_secs(u64::try_from(secs).unwrap_or_default());
        let passed = taint.time_added.as_ref().map_or(VirtualSpan::ZERO, |time| access.since(time));
        if passed >= span {
            return evict(access, &pod, &taint).await;
        }
        let left = VirtualSpan::from_nanos(span.as_nanos() - passed.as_nanos());
        soonest = Some(soonest.map_or(left, |known| known.min(left)));
    }
    Ok(soonest)
}

async fn evict(access: &Access, pod: &Pod, taint: &Taint) -> Outcome {
    let message = format!(
        "Marking for deletion Pod {}/{} (taint {}:{})",
        pod.namespace().unwrap_or_default(),
        pod.name_any(),
        taint.key,
        taint.effect
    );
    access.recorder.normal(pod, "TaintManagerEviction", &message).await;
    delete(access, pod, &DeleteParams::default()).await?;
    Ok(None)
}

/// A pod without a node: nobody will ever finish its deletion, so it goes by force.
async fn collect(access: &Access, pod: &Pod) -> Outcome {
    let age = pod.metadata.creation_timestamp.as_ref().map_or(VirtualSpan::ZERO, |time| access.since(time));
    if age < GONE_NODE {
        return Ok(Some(GONE_NODE));
    }
    delete(access, pod, &DeleteParams::default().grace_period(0)).await?;
    Ok(None)
}

async fn delete(access: &Access, pod: &Pod, params: &DeleteParams) -> Result<(), Error> {
    let pods = access.of::<Pod>(&pod.namespace().unwrap_or_default());
    match pods.delete(&pod.name_any(), params).await {
        Ok(_) => Ok(()),
        Err(error) if error.is_not_found() => Ok(()),
        Err(error) => Err(error),
    }
}
