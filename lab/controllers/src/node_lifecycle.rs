//! Node lifecycle: watches heartbeats, turns conditions into taints (`pkg/controller/nodelifecycle`).
//!
//! Left out: zones and their eviction rates; one node or all, each is judged alone.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use winlab_clock::{VirtualInstant, VirtualSpan};
use winlab_kube_client::api::{Patch, PatchParams, PostParams};
use winlab_kube_client::k8s::core::{Node, NodeCondition, Pod, PodCondition, Taint};
use winlab_kube_client::{Api, Error, ErrorExt, ObjectKey, ResourceExt};

use crate::access::Access;
use crate::conditions;
use crate::pod_state::condition as pod_condition;
use crate::queue::{Outcome, Queue};

/// Where the kubelet's lease lives.
const LEASES: &str = "kube-node-lease";

/// Taints by condition: its type, the status that taints, the taint.
const BY_CONDITION: [(&str, &str, &str); 6] = [
    ("Ready", "False", "node.kubernetes.io/not-ready"),
    ("Ready", "Unknown", "node.kubernetes.io/unreachable"),
    ("MemoryPressure", "True", "node.kubernetes.io/memory-pressure"),
    ("DiskPressure", "True", "node.kubernetes.io/disk-pressure"),
    ("PIDPressure", "True", "node.kubernetes.io/pid-pressure"),
    ("NetworkUnavailable", "True", "node.kubernetes.io/network-unavailable"),
];
const UNSCHEDULABLE: &str = "node.kubernetes.io/unschedulable";
/// The two that also evict.
const EVICTING: [&str; 2] = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];
/// Labels that follow one another: from the stable name to the one that was beta.
const LABELS: [(&str, &str); 2] =
    [("kubernetes.io/os", "beta.kubernetes.io/os"), ("kubernetes.io/arch", "beta.kubernetes.io/arch")];

/// When a node's heartbeat was last seen to change, by this controller's own clock: the node's clock may be wrong.
#[derive(Default)]
struct Heartbeats(Mutex<BTreeMap<ObjectKey, (String, VirtualInstant)>>);

/// How a node is watched.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grace {
    /// `--node-monitor-grace-period`: 40 s, 50 s from 1.32 on.
    pub(crate) heartbeat: VirtualSpan,
}

pub(crate) async fn run(access: Access, grace: Grace) {
    let queue = Queue::new(access.clock, access.seed);
    let heartbeats = Arc::new(Heartbeats::default());
    let stores = access.informers.clone();
    let own = queue.clone().follow(stores.nodes.changes(), |key, _, _| vec![key.clone()]);
    let leases = queue.clone().follow(stores.leases.changes(), |key, _, now| {
        let first = now.is_some() && key.namespace == LEASES;
        first.then(|| ObjectKey::cluster(key.name.clone())).into_iter().collect()
    });
    let work = queue.work(|key| sync(&access, &heartbeats, grace, key));
    futures::join!(own, leases, work);
}

async fn sync(access: &Access, heartbeats: &Heartbeats, grace: Grace, key: ObjectKey) -> Outcome {
    let Some(node) = access.informers.nodes.get(&key) else {
        heartbeats.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
        return Ok(None);
    };
    let silent = heartbeats.silent_for(access, &key, &node);
    let node = reconcile_labels(access, node).await?;
    let node = if silent >= grace.heartbeat { mark_unknown(access, node).await? } else { node };
    let ready = condition(&node, "Ready").map(|ready| ready.status.clone());
    if ready.as_deref() != Some("True") {
        mark_pods_not_ready(access, &key.name).await?;
    }
    reconcile_taints(access, &node).await?;
    Ok((silent < grace.heartbeat)
        .then(|| VirtualSpan::from_nanos(grace.heartbeat.as_nanos() - silent.as_nanos())))
}

impl Heartbeats {
    /// How long ago the node's lease or status heartbeat last changed.
    fn silent_for(&self, access: &Access, key: &ObjectKey, node: &Node) -> VirtualSpan {
        let lease = access.informers.leases.get_namespaced(LEASES, &key.name);
        let renewed = lease.and_then(|lease| lease.spec.as_ref()?.renew_time.clone());
        let reported = condition(node, "Ready").and_then(|ready| ready.last_heartbeat_time.clone());
        let mark = format!("{:?}/{:?}", renewed.map(|time| time.0), reported.map(|time| time.0));
        let now = access.clock.now();
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match seen.get_mut(key) {
            Some((known, since)) if *known == mark => now.since(*since),
            // What this controller wrote itself is no heartbeat.
            Some((known, since))
                if unknown_by_us(node) && known.split('/').next() == mark.split('/').next() =>
            {
                known.clone_from(&mark);
                now.since(*since)
            }
            _ => {
                seen.insert(key.clone(), (mark, now));
                VirtualSpan::ZERO
            }
        }
    }
}

fn unknown_by_us(node: &Node) -> bool {
    condition(node, "Ready").is_some_and(|ready| ready.reason.as_deref() == Some("NodeStatusUnknown"))
}

fn condition<'a>(node: &'a Node, kind: &str) -> Option<&'a NodeCondition> {
    node.status.as_ref()?.conditions.as_ref()?.iter().find(|condition| condition.type_ == kind)
}

/// The labels that were beta follow the stable ones (`pkg/controller/nodelifecycle/node_lifecycle_controller.go`).
async fn reconcile_labels(access: &Access, node: Arc<Node>) -> Result<Arc<Node>, Error> {
    let labels = node.labels();
    let wrong: BTreeMap<&str, &String> = LABELS
        .iter()
        .filter_map(|(stable, beta)| Some((*beta, labels.get(*stable)?)))
        .filter(|(beta, value)| labels.get(*beta) != Some(value))
        .collect();
    if wrong.is_empty() {
        return Ok(node);
    }
    let patch = serde_json::json!({"metadata": {"labels": wrong}});
    patch_node(access, &node, &patch).await
}

async fn patch_node(
    access: &Access,
    node: &Arc<Node>,
    patch: &serde_json::Value,
) -> Result<Arc<Node>, Error> {
    let nodes: Api<Node> = Api::all(access.client.clone());
    match nodes.patch(&node.name_any(), &PatchParams::default(), &Patch::Strategic(patch)).await {
        Ok(written) => {
            access.seen(&access.informers.nodes, &written).await;
            Ok(Arc::new(written))
        }
        Err(error) if error.is_not_found() => Ok(node.clone()),
        Err(error) => Err(error),
    }
}

/// Every condition the kubelet keeps becomes Unknown.
async fn mark_unknown(access: &Access, node: Arc<Node>) -> Result<Arc<Node>, Error> {
    let mut changed = (*node).clone();
    let status = changed.status.get_or_insert_default();
    let list = status.conditions.get_or_insert_default();
    let before = list.clone();
    for kind in ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"] {
        let known = list.iter().find(|condition| condition.type_ == kind);
        let (reason, message) = match known {
            Some(_) => ("NodeStatusUnknown", "Kubelet stopped posting node status."),
            None => ("NodeStatusNeverUpdated", "Kubelet never posted node status."),
        };
        let heartbeat = known.and_then(|known| known.last_heartbeat_time.clone());
        conditions::set(
            list,
            NodeCondition {
                type_: kind.to_owned(),
                status: "Unknown".to_owned(),
                reason: Some(reason.to_owned()),
                message: Some(message.to_owned()),
                last_heartbeat_time: heartbeat.or_else(|| node.metadata.creation_timestamp.clone()),
                last_transition_time: Some(access.time()),
            },
        );
    }
    if *list == before {
        return Ok(node);
    }
    let message = format!("Node {} status is now: NodeNotReady", node.name_any());
    access.recorder.normal(&*node, "NodeNotReady", &message).await;
    let nodes: Api<Node> = Api::all(access.client.clone());
    match nodes.replace_status(&node.name_any(), &PostParams::default(), &changed).await {
        Ok(written) => {
            access.seen(&access.informers.nodes, &written).await;
            Ok(Arc::new(written))
        }
        Err(error) if error.is_not_found() => Ok(node),
        Err(error) => Err(error),
    }
}

/// The pods of a node that is not Ready are not Ready: services must not send them anything.
async fn mark_pods_not_ready(access: &Access, node: &str) -> Result<(), Error> {
    let on_node = |pod: &Pod| pod.spec.as_ref().and_then(|spec| spec.node_name.as_deref()) == Some(node);
    for pod in access.informers.pods.select(on_node) {
        if pod_condition(&pod, "Ready").is_none_or(|ready| ready.status != "True") {
            continue;
        }
        let mut changed = (*pod).clone();
        let list = changed.status.get_or_insert_default().conditions.get_or_insert_default();
        let known = pod_condition(&pod, "Ready").cloned().unwrap_or_default();
        conditions::set(
            list,
            PodCondition {
                type_: "Ready".to_owned(),
                status: "False".to_owned(),
                last_transition_time: Some(access.time()),
                ..known
            },
        );
        let pods = access.of::<Pod>(&pod.namespace().unwrap_or_default());
        match pods.replace_status(&pod.name_any(), &PostParams::default(), &changed).await {
            Ok(written) => access.seen(&access.informers.pods, &written).await,
            Err(error) if error.is_not_found() || error.is_conflict() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Taints as the conditions say; others stay.
async fn reconcile_taints(access: &Access, node: &Arc<Node>) -> Result<(), Error> {
    let spec = node.spec.clone().unwrap_or_default();
    let present = spec.taints.clone().unwrap_or_default();
    let mut wanted: Vec<(String, &str)> = Vec::new();
    for (kind, status, taint) in BY_CONDITION {
        if condition(node, kind).is_some_and(|condition| condition.status == status) {
            wanted.push((taint.to_owned(), "NoSchedule"));
            if EVICTING.contains(&taint) {
                wanted.push((taint.to_owned(), "NoExecute"));
            }
        }
    }
    if spec.unschedulable == Some(true) {
        wanted.push((UNSCHEDULABLE.to_owned(), "NoSchedule"));
    }
    let ours = |taint: &Taint| {
        taint.key == UNSCHEDULABLE || BY_CONDITION.iter().any(|(_, _, key)| *key == taint.key)
    };
    let is_wanted =
        |taint: &Taint| wanted.iter().any(|(key, effect)| *key == taint.key && *effect == taint.effect);
    let mut taints: Vec<Taint> =
        present.iter().filter(|taint| !ours(taint) || is_wanted(taint)).cloned().collect();
    for (key, effect) in &wanted {
        if !taints.iter().any(|taint| taint.key == *key && taint.effect == *effect) {
            let time_added = (*effect == "NoExecute").then(|| access.time());
            taints.push(Taint { key: key.clone(), effect: (*effect).to_owned(), value: None, time_added });
        }
    }
    if taints == present {
        return Ok(());
    }
    let mut changed = (**node).clone();
    changed.spec.get_or_insert_default().taints = (!taints.is_empty()).then_some(taints);
    let nodes: Api<Node> = Api::all(access.client.clone());
    match nodes.replace(&node.name_any(), &PostParams::default(), &changed).await {
        Ok(written) => access.seen(&access.informers.nodes, &written).await,
        Err(error) if error.is_not_found() => {}
        Err(error) => return Err(error),
    }
    Ok(())
}
