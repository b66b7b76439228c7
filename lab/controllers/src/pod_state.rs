//! What a pod's status says (`pkg/api/v1/pod/util.go`, `pkg/controller/controller_utils.go`).

use std::cmp::Ordering;

use winlab_clock::VirtualSpan;
use winlab_kube_client::ResourceExt;
use winlab_kube_client::k8s::core::{Pod, PodCondition};

/// The pod's phase; empty before the API server has given it one.
pub(crate) fn phase(pod: &Pod) -> &str {
    pod.status.as_ref().and_then(|status| status.phase.as_deref()).unwrap_or_default()
}

/// Whether all its containers have ended for good.
pub(crate) fn is_terminal(pod: &Pod) -> bool {
    matches!(phase(pod), "Succeeded" | "Failed")
}

/// Whether it counts: not ended, not going.
pub(crate) fn is_active(pod: &Pod) -> bool {
    !is_terminal(pod) && pod.metadata.deletion_timestamp.is_none()
}

/// A condition of the pod.
pub(crate) fn condition<'a>(pod: &'a Pod, kind: &str) -> Option<&'a PodCondition> {
    pod.status.as_ref()?.conditions.as_ref()?.iter().find(|condition| condition.type_ == kind)
}

/// Whether it is Ready.
pub(crate) fn is_ready(pod: &Pod) -> bool {
    condition(pod, "Ready").is_some_and(|ready| ready.status == "True")
}

/// How long it still has to stay Ready to be available; zero: it is; none: it is not Ready.
pub(crate) fn available_in(
    access: &crate::access::Access,
    pod: &Pod,
    min_ready_seconds: i32,
) -> Option<VirtualSpan> {
    let ready = condition(pod, "Ready").filter(|ready| ready.status == "True")?;
    let wanted = VirtualSpan::from_secs(u64::try_from(min_ready_seconds).unwrap_or_default());
    let since = ready.last_transition_time.as_ref().map_or(VirtualSpan::ZERO, |time| access.since(time));
    Some(VirtualSpan::from_nanos(wanted.as_nanos().saturating_sub(since.as_nanos())))
}

/// How often its containers were started again, the most of any.
fn restarts(pod: &Pod) -> i32 {
    let statuses = pod.status.as_ref().and_then(|status| status.container_statuses.as_deref());
    statuses.unwrap_or_default().iter().map(|status| status.restart_count).max().unwrap_or_default()
}

/// Which pod goes first when there are too many: those without a node, then Pending ones, then those not Ready, then
/// the ones with more neighbours of their kind on the node, then the younger, by upstream's `ActivePodsWithRanks`.
pub(crate) fn deletion_order(a: &Pod, b: &Pod, same_node: &dyn Fn(&Pod) -> usize) -> Ordering {
    let node =
        |pod: &Pod| pod.spec.as_ref().and_then(|spec| spec.node_name.clone()).is_some_and(|n| !n.is_empty());
    let rank = |pod: &Pod| match phase(pod) {
        "" | "Pending" => 0,
        "Unknown" => 1,
        _ => 2,
    };
    let ready_since =
        |pod: &Pod| condition(pod, "Ready").and_then(|ready| ready.last_transition_time.clone());
    node(a)
        .cmp(&node(b))
        .then_with(|| rank(a).cmp(&rank(b)))
        .then_with(|| is_ready(a).cmp(&is_ready(b)))
        .then_with(|| same_node(b).cmp(&same_node(a)))
        .then_with(|| ready_since(b).cmp(&ready_since(a)))
        .then_with(|| restarts(b).cmp(&restarts(a)))
        .then_with(|| b.metadata.creation_timestamp.cmp(&a.metadata.creation_timestamp))
        .then_with(|| a.name_any().cmp(&b.name_any()))
}
