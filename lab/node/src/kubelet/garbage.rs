//! Dead containers and sandboxes (`pkg/kubelet/kuberuntime/kuberuntime_gc.go`).

use std::collections::BTreeMap;
use std::sync::Arc;

use winlab_clock::VirtualSpan;

use super::core::Kubelet;
use super::pod::facts::PodFacts;
use crate::cri::{
    CONTAINER_NAME_LABEL, ContainerFilter, ContainerState, POD_UID_LABEL, PodSandboxFilter, PodSandboxState,
};

/// How often is cleaned (`ContainerGCPeriod`).
const PERIOD: VirtualSpan = VirtualSpan::from_secs(60);
/// Dead containers kept of each name (`MaxPerPodContainerCount`).
const KEPT: usize = 1;

/// Cleans for as long as the kubelet runs.
pub(crate) async fn collect(kubelet: Arc<Kubelet>) {
    loop {
        kubelet.clock.sleep(PERIOD).await;
        sweep(&kubelet).await;
    }
}

async fn sweep(kubelet: &Kubelet) {
    let Ok(cri) = kubelet.cri() else { return };
    let known: Vec<String> = kubelet.pods.list().iter().map(|pod| pod.uid().to_owned()).collect();
    let filter = ContainerFilter { state: Some(ContainerState::Exited), ..ContainerFilter::default() };
    let mut dead: BTreeMap<(String, String), Vec<(i64, String)>> = BTreeMap::new();
    for container in cri.list_containers(filter).await.unwrap_or_default() {
        let label = |name: &str| container.labels.get(name).cloned().unwrap_or_default();
        let key = (label(POD_UID_LABEL), label(CONTAINER_NAME_LABEL));
        dead.entry(key).or_default().push((container.created_at, container.id));
    }
    for ((uid, _), mut containers) in dead {
        let kept = if known.contains(&uid) { KEPT } else { 0 };
        containers.sort();
        containers.reverse();
        for (_, id) in containers.into_iter().skip(kept) {
            if let Err(error) = cri.remove_container(&id).await {
                kubelet.log.error(format_args!("Failed to remove container {id}: {error}"));
            }
        }
    }
    let occupied: Vec<String> = cri
        .list_containers(ContainerFilter::default())
        .await
        .unwrap_or_default()
        .into_iter()
        .map(|container| container.pod_sandbox_id)
        .collect();
    let mut newest: BTreeMap<String, (i64, String)> = BTreeMap::new();
    let sandboxes = cri.list_pod_sandbox(PodSandboxFilter::default()).await.unwrap_or_default();
    for sandbox in &sandboxes {
        let latest = newest.entry(sandbox.metadata.uid.clone()).or_default();
        *latest = latest.clone().max((sandbox.created_at, sandbox.id.clone()));
    }
    for sandbox in sandboxes.iter().filter(|sandbox| sandbox.state == PodSandboxState::NotReady) {
        let last = newest.get(&sandbox.metadata.uid).is_some_and(|(_, id)| *id == sandbox.id);
        let needed = last && known.contains(&sandbox.metadata.uid);
        if needed || occupied.contains(&sandbox.id) {
            continue;
        }
        if let Err(error) = cri.remove_pod_sandbox(&sandbox.id).await {
            kubelet.log.error(format_args!("Failed to remove sandbox {}: {error}", sandbox.id));
        }
    }
}
