//! DaemonSet: one pod on every node that takes it (`pkg/controller/daemon`).
//!
//! Left out: surge during an update; `maxUnavailable` counts in pods or percent as upstream.

use std::collections::BTreeMap;
use std::sync::Arc;

use winlab_clock::VirtualSpan;
use winlab_kube_client::api::PostParams;
use winlab_kube_client::k8s::IntOrString;
use winlab_kube_client::k8s::apps::{DaemonSet, DaemonSetStatus};
use winlab_kube_client::k8s::core::{
    Affinity, Node, NodeAffinity, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, Pod, Toleration,
};
use winlab_kube_client::{Error, ErrorExt, ObjectKey, ResourceExt};

use crate::access::Access;
use crate::control::{create_pod, delete_pod, pod_from};
use crate::failed_daemons::FailedDaemons;
use crate::node_affinity::node_matches;
use crate::ownership::{claim_pods, controller_key};
use crate::pod_state::{available_in, is_ready, is_terminal, phase};
use crate::queue::{Outcome, Queue};
use crate::tolerations::untolerated;

const GENERATION: &str = "pod-template-generation";
const TEMPLATE_GENERATION: &str = "deprecated.daemonset.template.generation";

pub(crate) async fn run(access: Access) {
    let queue = Queue::new(access.clock, access.seed);
    let stores = access.informers.clone();
    let own = queue.clone().follow(stores.daemon_sets.changes(), |key, _, _| vec![key.clone()]);
    let pods = queue.clone().follow(stores.pods.changes(), |_, before, now| {
        before.into_iter().chain(now).filter_map(|pod| controller_key(pod, "DaemonSet")).collect()
    });
    let sets = stores.daemon_sets.clone();
    let nodes = queue.clone().follow(stores.nodes.changes(), move |_, before, now| {
        if same_for_daemons(before, now) {
            return Vec::new();
        }
        sets.list().iter().map(|set| ObjectKey::of(&**set)).collect()
    });
    let failed = FailedDaemons::default();
    let work = queue.work(|key| sync(&access, &failed, key));
    futures::join!(own, pods, nodes, work);
}

/// Whether a node's change cannot change where daemons run: only labels, taints and `unschedulable` can.
fn same_for_daemons(before: Option<&Node>, now: Option<&Node>) -> bool {
    let (Some(before), Some(now)) = (before, now) else { return false };
    before.metadata.labels == now.metadata.labels
        && before.spec.as_ref().and_then(|spec| spec.taints.clone())
            == now.spec.as_ref().and_then(|spec| spec.taints.clone())
}

async fn sync(access: &Access, failed: &FailedDaemons, key: ObjectKey) -> Outcome {
    let Some(set) = access.informers.daemon_sets.get(&key) else { return Ok(None) };
    if set.metadata.deletion_timestamp.is_some() {
        return Ok(None);
    }
    let spec = set.spec.clone();
    let pods = claim_pods(access, &*set, &spec.selector).await?;
    let placed = by_node(&pods);
    let Plan { missing, surplus, ended, again } = plan(access, failed, &set, &placed);
    for (pod, node) in &ended {
        tell_ended(access, &set, pod, node).await;
    }
    for pod in surplus.iter().chain(ended.iter().map(|(pod, _)| pod)) {
        delete_pod(access, &*set, pod).await?;
    }
    let mut last = None;
    for node in missing {
        match create_pod(access, &*set, &daemon_pod(&set, &node)).await {
            Ok(created) => last = Some(created),
            Err(error) if error.is_forbidden() => break,
            Err(error) => return Err(error),
        }
    }
    if let Some(last) = last {
        access.seen(&access.informers.pods, &last).await;
    }
    roll(access, &set).await?;
    let available = update_status(access, &set).await?;
    Ok(again.into_iter().chain(available).min())
}

/// What is to be done about a set's pods.
#[derive(Default)]
struct Plan {
    /// Nodes that lack a pod.
    missing: Vec<String>,
    /// Pods that are too many: on nodes that do not take them, or doubled.
    surplus: Vec<Arc<Pod>>,
    /// Pods that have ended, with their node: they go, and another look finds their node without one.
    ended: Vec<(Arc<Pod>, String)>,
    /// When a failed pod that stays for now may go.
    again: Option<VirtualSpan>,
}

/// Why a pod that has ended goes.
async fn tell_ended(access: &Access, set: &DaemonSet, pod: &Pod, node: &str) {
    let name = format!("{}/{}", pod.namespace().unwrap_or_default(), pod.name_any());
    if phase(pod) == "Failed" {
        let message = format!("Found failed daemon pod {name} on node {node}, will try to kill it");
        access.recorder.warning(set, "FailedDaemonPod", &message).await;
    } else {
        let message = format!("Found succeeded daemon pod {name} on node {node}, will try to delete it");
        access.recorder.normal(set, "SucceededDaemonPod", &message).await;
    }
}

/// Pods by the node they run on or are meant for.
fn by_node(pods: &[Arc<Pod>]) -> BTreeMap<String, Vec<Arc<Pod>>> {
    let mut placed: BTreeMap<String, Vec<Arc<Pod>>> = BTreeMap::new();
    for pod in pods {
        if let Some(node) = target_node(pod) {
            placed.entry(node).or_default().push(pod.clone());
        }
    }
    placed
}

/// The node a daemon's pod runs on, or the one its affinity names until the scheduler has bound it.
fn target_node(pod: &Pod) -> Option<String> {
    let spec = pod.spec.as_ref()?;
    if let Some(node) = spec.node_name.clone().filter(|node| !node.is_empty()) {
        return Some(node);
    }
    let required = spec.affinity.as_ref()?.node_affinity.as_ref()?;
    let terms = &required.required_during_scheduling_ignored_during_execution.as_ref()?.node_selector_terms;
    let fields = terms.iter().flat_map(|term| term.match_fields.iter().flatten());
    fields
        .filter(|field| field.key == "metadata.name")
        .find_map(|field| field.values.as_ref()?.first().cloned())
}

/// Looks at each node (`podsShouldBeOnNode`).
fn plan(
    access: &Access,
    failed: &FailedDaemons,
    set: &DaemonSet,
    placed: &BTreeMap<String, Vec<Arc<Pod>>>,
) -> Plan {
    let now = access.clock.now();
    let mut plan = Plan::default();
    for node in access.informers.nodes.list() {
        let name = node.name_any();
        let (should_run, should_continue) = takes(set, &node);
        let pods = placed.get(&name).map(Vec::as_slice).unwrap_or_default();
        let living: Vec<_> = pods.iter().filter(|pod| pod.metadata.deletion_timestamp.is_none()).collect();
        if !should_continue {
            plan.surplus.extend(living.into_iter().cloned());
            continue;
        }
        for pod in living.iter().filter(|pod| is_terminal(pod)) {
            let goes = if phase(pod) == "Failed" { failed.may_go(set, &name, now) } else { Ok(()) };
            match goes {
                Ok(()) => plan.ended.push(((*pod).clone(), name.clone())),
                Err(wait) => plan.again = Some(plan.again.map_or(wait, |known| known.min(wait))),
            }
        }
        let mut running: Vec<_> = living.into_iter().filter(|pod| !is_terminal(pod)).cloned().collect();
        running.sort_by_key(|pod| pod.metadata.creation_timestamp.clone());
        if should_run && pods.is_empty() {
            plan.missing.push(name);
        }
        plan.surplus.extend(running.into_iter().skip(1));
    }
    let known = |name: &String| access.informers.nodes.get_cluster(name).is_some();
    let stray = placed.iter().filter(|(name, _)| !known(name)).flat_map(|(_, pods)| pods.iter().cloned());
    plan.surplus.extend(stray.filter(|pod| pod.metadata.deletion_timestamp.is_none()));
    plan
}

/// Whether a node should get a pod of the set, and whether one that is there may stay (`NodeShouldRunDaemonPod`).
fn takes(set: &DaemonSet, node: &Node) -> (bool, bool) {
    let pod = daemon_pod(set, &node.name_any());
    let spec = pod.spec.clone().unwrap_or_default();
    let taints = node.spec.as_ref().and_then(|spec| spec.taints.as_deref()).unwrap_or_default();
    if !node_matches(&spec, node) {
        return (false, false);
    }
    let may_run = untolerated(&pod, taints, &["NoSchedule", "NoExecute"]).is_none();
    let may_stay = untolerated(&pod, taints, &["NoExecute"]).is_none();
    (may_run, may_stay)
}

/// The pod for one node: the template, bound to it by affinity, tolerating what daemons always tolerate
/// (`pkg/controller/daemon/util/daemonset_util.go`).
fn daemon_pod(set: &DaemonSet, node: &str) -> Pod {
    let template = set.spec.clone().template;
    let mut pod = pod_from(set, &template);
    pod.metadata.labels.get_or_insert_default().insert(GENERATION.to_owned(), generation(set).to_string());
    let spec = pod.spec.get_or_insert_default();
    let required = NodeSelectorRequirement {
        key: "metadata.name".to_owned(),
        operator: "In".to_owned(),
        values: Some(vec![node.to_owned()]),
    };
    let affinity = spec.affinity.get_or_insert_with(Affinity::default);
    let node_affinity = affinity.node_affinity.get_or_insert_with(NodeAffinity::default);
    let selector = node_affinity
        .required_during_scheduling_ignored_during_execution
        .get_or_insert_with(NodeSelector::default);
    if selector.node_selector_terms.is_empty() {
        selector.node_selector_terms.push(NodeSelectorTerm::default());
    }
    for term in &mut selector.node_selector_terms {
        term.match_fields = Some(vec![required.clone()]);
    }
    let tolerations = spec.tolerations.get_or_insert_default();
    let always: [(&str, &str); 6] = [
        ("node.kubernetes.io/not-ready", "NoExecute"),
        ("node.kubernetes.io/unreachable", "NoExecute"),
        ("node.kubernetes.io/disk-pressure", "NoSchedule"),
        ("node.kubernetes.io/memory-pressure", "NoSchedule"),
        ("node.kubernetes.io/pid-pressure", "NoSchedule"),
        ("node.kubernetes.io/unschedulable", "NoSchedule"),
    ];
    let host = spec.host_network == Some(true);
    let network = host.then_some(("node.kubernetes.io/network-unavailable", "NoSchedule"));
    for (key, effect) in always.into_iter().chain(network) {
        tolerations.push(Toleration {
            key: Some(key.to_owned()),
            operator: Some("Exists".to_owned()),
            effect: Some(effect.to_owned()),
            ..Toleration::default()
        });
    }
    pod
}

/// The template's generation: the annotation an old client may have set, else the object's own generation.
fn generation(set: &DaemonSet) -> i64 {
    let noted = set.annotations().get(TEMPLATE_GENERATION).and_then(|text| text.parse().ok());
    noted.or(set.metadata.generation).unwrap_or_default()
}

fn is_updated(set: &DaemonSet, pod: &Pod) -> bool {
    pod.labels().get(GENERATION).is_some_and(|text| *text == generation(set).to_string())
}

/// Replaces pods of an older template, as many at a time as may be unavailable.
async fn roll(access: &Access, set: &DaemonSet) -> Result<(), Error> {
    let spec = set.spec.clone();
    let strategy = spec.update_strategy.unwrap_or_default();
    if strategy.type_.as_deref() == Some("OnDelete") {
        return Ok(());
    }
    let pods = claim_pods(access, set, &spec.selector).await?;
    let nodes = access.informers.nodes.select(|node| takes(set, node).0).len();
    let allowed = match strategy.rolling_update.and_then(|rolling| rolling.max_unavailable) {
        None => 1,
        Some(IntOrString::Int(n)) => usize::try_from(n).unwrap_or_default().max(1),
        Some(IntOrString::String(text)) => {
            let percent: usize = text.trim_end_matches('%').parse().unwrap_or_default();
            (percent * nodes).div_ceil(100).max(1)
        }
    };
    let min_ready = spec.min_ready_seconds.unwrap_or_default();
    let available = |pod: &Arc<Pod>| {
        pod.metadata.deletion_timestamp.is_none()
            && available_in(access, pod, min_ready).is_some_and(|wait| wait.as_nanos() == 0)
    };
    let mut unavailable = nodes.saturating_sub(pods.iter().filter(|pod| available(pod)).count());
    let outdated = |pod: &&Arc<Pod>| !is_updated(set, pod) && pod.metadata.deletion_timestamp.is_none();
    let (broken, sound): (Vec<_>, Vec<_>) = pods.iter().filter(outdated).partition(|pod| !available(pod));
    for pod in broken {
        delete_pod(access, set, pod).await?;
    }
    for pod in sound {
        if unavailable >= allowed {
            break;
        }
        delete_pod(access, set, pod).await?;
        unavailable += 1;
    }
    Ok(())
}

async fn update_status(access: &Access, set: &DaemonSet) -> Outcome {
    let spec = set.spec.clone();
    let min_ready = spec.min_ready_seconds.unwrap_or_default();
    let pods = claim_pods(access, set, &spec.selector).await?;
    let placed = by_node(&pods);
    let mut status =
        DaemonSetStatus { observed_generation: set.metadata.generation, ..DaemonSetStatus::default() };
    let mut again: Option<VirtualSpan> = None;
    let (mut available, mut updated) = (0, 0);
    for node in access.informers.nodes.list() {
        let pods = placed.get(&node.name_any()).map(Vec::as_slice).unwrap_or_default();
        if !takes(set, &node).0 {
            status.number_misscheduled += i32::from(!pods.is_empty());
            continue;
        }
        status.desired_number_scheduled += 1;
        let Some(pod) = pods.iter().min_by_key(|pod| pod.metadata.creation_timestamp.clone()) else {
            continue;
        };
        status.current_number_scheduled += 1;
        status.number_ready += i32::from(is_ready(pod));
        updated += i32::from(is_updated(set, pod));
        match available_in(access, pod, min_ready) {
            Some(wait) if wait.as_nanos() == 0 => available += 1,
            Some(wait) => again = Some(again.map_or(wait, |known| known.min(wait))),
            None => {}
        }
    }
    let non_zero = |n: i32| (n != 0).then_some(n);
    status.number_available = non_zero(available);
    status.number_unavailable = non_zero(status.desired_number_scheduled - available);
    status.updated_number_scheduled = non_zero(updated);
    if set.status.as_ref() != Some(&status) {
        let mut changed = set.clone();
        changed.status = Some(status);
        let sets = access.of::<DaemonSet>(&set.namespace().unwrap_or_default());
        match sets.replace_status(&set.name_any(), &PostParams::default(), &changed).await {
            Ok(written) => access.seen(&access.informers.daemon_sets, &written).await,
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(again)
}
