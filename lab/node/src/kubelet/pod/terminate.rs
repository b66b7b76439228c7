//! The end of a pod (`pkg/kubelet/kubelet.go`, SyncTerminatingPod and SyncTerminatedPod).

use std::sync::Arc;

use winlab_kube_client::k8s::core::{ContainerState, ContainerStateTerminated, Pod, PodStatus};

use super::facts::PodFacts;
use super::observed::Observed;
use crate::kubelet::core::Kubelet;
use crate::kubelet::events::EventType;

impl Kubelet {
    /// Stops everything of a pod; the addresses it had are kept in its status.
    ///
    /// # Errors
    /// What could not be stopped; to be tried again.
    pub(crate) async fn sync_terminating(
        self: &Arc<Self>,
        pod: &Arc<Pod>,
        grace_override: Option<i64>,
    ) -> Result<(), String> {
        let cri = self.cri().map_err(|error| error.to_string())?;
        let observed = Observed::of(&*cri, pod.uid()).await.map_err(|error| error.to_string())?;
        let status = self.generate_status(pod, &observed, false);
        self.statuses.set(pod, status, false);
        self.probes.stop_liveness_and_startup(pod.uid());
        if let Err(text) = self.kill_pod(pod, &observed, grace_override).await {
            self.recorder.pod(pod, EventType::Warning, "FailedKillPod", format!("error killing pod: {text}"));
            return Err(text);
        }
        self.probes.remove_pod(pod.uid());
        let mut stopped = Observed::of(&*cri, pod.uid()).await.map_err(|error| error.to_string())?;
        stopped.ips = observed.ips;
        let running: Vec<&str> = stopped.running().map(|status| status.id.as_str()).collect();
        if !running.is_empty() {
            return Err(format!(
                "detected running containers after a successful KillPod, CRI violation: {running:?}"
            ));
        }
        let status = self.generate_status(pod, &stopped, true);
        self.statuses.set(pod, status, false);
        Ok(())
    }

    /// The pod's last status; its volumes are gone.
    ///
    /// # Errors
    /// The runtime's or the file system's text; to be tried again.
    pub(crate) async fn sync_terminated(self: &Arc<Self>, pod: &Arc<Pod>) -> Result<(), String> {
        let cri = self.cri().map_err(|error| error.to_string())?;
        let observed = Observed::of(&*cri, pod.uid()).await.map_err(|error| error.to_string())?;
        let mut status = self.generate_status(pod, &observed, true);
        if !self.options.hollow {
            let volumes = format!("{}/volumes", self.pod_dir(pod.uid()));
            self.files.remove_all(&volumes).await.map_err(|error| error.to_string())?;
        }
        finish(&mut status, pod);
        self.statuses.set(pod, status, true);
        Ok(())
    }

    /// Removes everything that is left of a pod which the API server has forgotten.
    pub(crate) async fn forget_pod(self: &Arc<Self>, pod: &Pod) {
        let uid = pod.uid();
        self.probes.remove_pod(uid);
        self.statuses.forget(uid);
        self.reasons.forget(uid);
        self.images.forget(uid);
        self.crashes.forget(&format!("{uid}_"));
        self.evictions.forget(uid);
        self.recorder.forget(pod);
        self.remove_from_runtime(uid).await;
        if self.options.hollow {
            return;
        }
        self.files.remove_all(&self.pod_dir(uid)).await.ok();
        self.files.remove_all(&self.pod_logs(pod)).await.ok();
    }

    /// Removes a pod's sandboxes with their containers.
    pub(crate) async fn remove_from_runtime(&self, uid: &str) {
        let Ok(cri) = self.cri() else { return };
        let Ok(observed) = Observed::of(&*cri, uid).await else { return };
        for container in &observed.containers {
            if let Err(error) = cri.remove_container(&container.id).await {
                self.log.error(format_args!("Failed to remove container {}: {error}", container.id));
            }
        }
        for sandbox in &observed.sandboxes {
            if let Err(error) = cri.remove_pod_sandbox(&sandbox.id).await {
                self.log.error(format_args!("Failed to remove sandbox {}: {error}", sandbox.id));
            }
        }
    }
}

/// No container of a finished pod may look as if it ran, and no finished pod as if it went on
/// (`status_manager.go`, TerminatePod).
fn finish(status: &mut PodStatus, pod: &Pod) {
    let lost = || ContainerState {
        terminated: Some(ContainerStateTerminated {
            reason: Some("ContainerStatusUnknown".to_owned()),
            message: Some("The container could not be located when the pod was terminated".to_owned()),
            exit_code: 137,
            ..ContainerStateTerminated::default()
        }),
        ..ContainerState::default()
    };
    let ended =
        |state: &Option<ContainerState>| state.as_ref().is_some_and(|state| state.terminated.is_some());
    let began = status.container_statuses.iter().flatten().any(|status| {
        status.state.as_ref().is_some_and(|state| state.waiting.is_none()) || status.last_state.is_some()
    });
    if pod.init_containers().is_empty() || began {
        for container in status.container_statuses.iter_mut().flatten().filter(|c| !ended(&c.state)) {
            container.state = Some(lost());
        }
    }
    let terminal = matches!(status.phase.as_deref(), Some("Succeeded" | "Failed"));
    if !terminal {
        status.phase = Some("Failed".to_owned());
    }
}
