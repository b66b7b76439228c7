//! Reporting the node's status: every 10 s where something changed, every 5 min where nothing did, and at once when the
//! node becomes ready for the first time (`pkg/kubelet/kubelet_node_status.go`, syncNodeStatus, fastStatusUpdateOnce).

use std::sync::Arc;

use winlab_clock::{VirtualInstant, VirtualSpan};
use winlab_document::{Document, doc};
use winlab_kube_client::Api;
use winlab_kube_client::api::{Patch, PatchParams};
use winlab_kube_client::k8s::core::{Node, NodeStatus};

use crate::kubelet::core::Kubelet;
use crate::kubelet::events::EventType;
use crate::kubelet::patch;

/// How often a report is tried at once (`nodeStatusUpdateRetry`).
const ATTEMPTS: u32 = 5;

/// Reports for as long as the kubelet runs; call it once the node is registered.
pub(crate) async fn report(kubelet: Arc<Kubelet>) {
    let mut last: Option<VirtualInstant> = None;
    let mut state = kubelet.state.subscribe();
    let mut ready_once = false;
    let mut rng = kubelet.seed.child("node-status").rng();
    loop {
        Box::pin(sync(&kubelet, &mut last)).await;
        ready_once |= kubelet.not_ready().is_none();
        let jitter =
            VirtualSpan::from_nanos(rng.below(kubelet.config.node_status_update_frequency.as_nanos() / 25));
        let wait = kubelet.config.node_status_update_frequency + jitter;
        if ready_once {
            kubelet.clock.sleep(wait).await;
        } else {
            // The first readiness does not wait for its turn.
            kubelet.clock.within(wait, state.changed()).await.ok();
        }
    }
}

async fn sync(kubelet: &Kubelet, last: &mut Option<VirtualInstant>) {
    for _ in 0..ATTEMPTS {
        match attempt(kubelet, last).await {
            Ok(()) => return,
            Err(error) => kubelet.log.error(format_args!("Error updating node status, will retry: {error}")),
        }
    }
    kubelet.log.error("Unable to update node status: update node status exceeds retry count");
}

async fn attempt(
    kubelet: &Kubelet,
    last: &mut Option<VirtualInstant>,
) -> Result<(), winlab_kube_client::Error> {
    let api: Api<Node> = Api::all(kubelet.client.clone());
    let known = kubelet.node_object();
    let images = match kubelet.cri() {
        Ok(cri) => cri.list_images().await.unwrap_or_default(),
        Err(_) => Vec::new(),
    };
    let stale = known.as_deref().and_then(|node| node.status.clone());
    let due = last
        .is_none_or(|last| kubelet.clock.now().since(last) >= kubelet.config.node_status_report_frequency);
    let new = kubelet.node_status(stale.as_ref(), &images);
    if !due && stale.as_ref().is_some_and(|old| is_same(old, &new)) {
        return Ok(());
    }
    // What others wrote since is kept: the object is read before it is written.
    let node = api.get(&kubelet.node_name).await?;
    let old = node.status.clone().unwrap_or_default();
    let new = kubelet.node_status(Some(&old), &images);
    let Some(patch) = difference(&old, &new) else {
        kubelet.set_node_object(node);
        *last = Some(kubelet.clock.now());
        return Ok(());
    };
    let patch = doc!({"metadata": {"uid": node.metadata.uid.clone()}, "status": patch});
    let patched =
        api.patch_status(&kubelet.node_name, &PatchParams::default(), &Patch::Strategic(&patch)).await?;
    tell(kubelet, &node, &old, &new);
    kubelet.set_node_object(patched);
    *last = Some(kubelet.clock.now());
    Ok(())
}

/// Equal but for heartbeats.
fn is_same(old: &NodeStatus, new: &NodeStatus) -> bool {
    let quiet = |status: &NodeStatus| {
        let mut status = status.clone();
        for condition in status.conditions.iter_mut().flatten() {
            condition.last_heartbeat_time = None;
        }
        status.conditions.iter_mut().for_each(|conditions| conditions.sort_by(|a, b| a.type_.cmp(&b.type_)));
        let own = ["MemoryPressure", "DiskPressure", "PIDPressure", "Ready"];
        status.conditions.iter_mut().for_each(|list| list.retain(|c| own.contains(&c.type_.as_str())));
        (
            status.conditions,
            status.capacity,
            status.allocatable,
            status.addresses,
            status.node_info,
            status.images,
        )
    };
    quiet(old) == quiet(new)
}

/// A strategic merge patch; lists that merge are sent whole, those that do not replace.
fn difference(old: &NodeStatus, new: &NodeStatus) -> Option<Document> {
    let (old, new) = (Document::encode(old).ok()?, Document::encode(new).ok()?);
    let patch = patch::changed(&old, &new, |_, _, _| false).build();
    (!patch.members().is_empty()).then_some(patch)
}

/// Events about readiness, pressure and a boot since (`MachineInfo`, `pkg/kubelet/nodestatus/setters.go`).
fn tell(kubelet: &Kubelet, node: &Node, old: &NodeStatus, new: &NodeStatus) {
    let status = |status: &NodeStatus, kind: &str| {
        let conditions = status.conditions.iter().flatten();
        conditions.into_iter().find(|c| c.type_ == kind).map(|c| c.status.clone()).unwrap_or_default()
    };
    let boot =
        |status: &NodeStatus| status.node_info.as_ref().map(|info| info.boot_id.clone()).unwrap_or_default();
    let (before, now) = (boot(old), boot(new));
    if !before.is_empty() && before != now {
        let text = format!("Node {} has been rebooted, boot id: {now}", kubelet.node_name);
        kubelet.recorder.node(Some(node), EventType::Warning, "Rebooted", text);
    }
    for (kind, yes, no) in [
        ("Ready", "NodeReady", "NodeNotReady"),
        ("MemoryPressure", "NodeHasInsufficientMemory", "NodeHasSufficientMemory"),
        ("DiskPressure", "NodeHasDiskPressure", "NodeHasNoDiskPressure"),
    ] {
        let (before, now) = (status(old, kind), status(new, kind));
        if before == now || (before.is_empty() && kind != "Ready") {
            continue;
        }
        let reason = if now == "True" { yes } else { no };
        let text = format!("Node {} status is now: {reason}", kubelet.node_name);
        kubelet.recorder.node(Some(node), EventType::Normal, reason, text);
    }
}
