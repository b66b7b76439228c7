//! Stopping containers and pods (`kuberuntime_container.go` killContainer, `kuberuntime_manager.go` KillPod).

use std::sync::Arc;

use futures::future::join_all;
use winlab_clock::VirtualSpan;
use winlab_kube_client::k8s::core::{Container, Pod};

use super::actions::{Kill, KillReason};
use super::facts::PodFacts;
use super::observed::{Observed, container_name};
use crate::kubelet::core::Kubelet;
use crate::kubelet::events::EventType;

/// Every container gets at least so many seconds (`minimumGracePeriodInSeconds`).
const LEAST_GRACE: i64 = 2;

/// A container's grace period: what the deletion says, else what the pod says; a failed probe may have its own.
fn grace_period(pod: &Pod, container: &Container, reason: KillReason) -> i64 {
    if let Some(seconds) = pod.metadata.deletion_grace_period_seconds {
        return seconds;
    }
    let probe = match reason {
        KillReason::StartupProbe => container.startup_probe.as_ref(),
        KillReason::LivenessProbe => container.liveness_probe.as_ref(),
        _ => None,
    };
    let own = probe.and_then(|probe| probe.termination_grace_period_seconds);
    own.or(pod.spec().termination_grace_period_seconds).unwrap_or(LEAST_GRACE)
}

impl Kubelet {
    /// Runs the preStop hook and stops the container.
    pub(crate) async fn kill_container(
        &self,
        pod: &Pod,
        kill: &Kill,
        ips: &[String],
        grace_override: Option<i64>,
    ) -> Result<(), String> {
        let container = pod.container(&kill.name).ok_or_else(|| {
            format!("failed to get containerSpec {:?} (id={:?}) in pod {:?}", kill.name, kill.id, pod.text())
        })?;
        let mut grace = grace_period(pod, container, kill.reason);
        let text = if kill.message.is_empty() {
            format!("Stopping container {}", kill.name)
        } else {
            kill.message.clone()
        };
        self.recorder.container(pod, container, EventType::Normal, "Killing", text);
        if let Some(seconds) = grace_override {
            grace = seconds;
        }
        if grace > 0 {
            grace -= self.pre_stop(pod, container, &kill.id, ips, grace).await;
        }
        let cri = self.cri().map_err(|error| error.to_string())?;
        match cri.stop_container(&kill.id, grace.max(LEAST_GRACE)).await {
            Err(error) if !error.is_not_found() => Err(error.to_string()),
            _ => Ok(()),
        }
    }

    /// Runs the preStop hook for at most the grace period; the seconds it took.
    async fn pre_stop(&self, pod: &Pod, container: &Container, id: &str, ips: &[String], grace: i64) -> i64 {
        let Some(hook) = container.lifecycle.as_ref().and_then(|lifecycle| lifecycle.pre_stop.as_ref())
        else {
            return 0;
        };
        let began = self.clock.now();
        let limit = VirtualSpan::from_secs(grace.unsigned_abs());
        match self.clock.within(limit, self.run_hook(pod, container, id, ips, hook)).await {
            Ok(Err(text)) => {
                self.log.error(format_args!("PreStop hook failed: {text}"));
                self.recorder.container(
                    pod,
                    container,
                    EventType::Warning,
                    "FailedPreStopHook",
                    "PreStopHook failed",
                );
            }
            Err(_) => {
                self.log.info(format_args!("PreStop hook not completed in grace period pod={}", pod.text()))
            }
            Ok(Ok(())) => {}
        }
        i64::try_from(self.clock.now().since(began).as_secs()).unwrap_or(grace)
    }

    /// Stops every container at once, then the sandboxes.
    pub(crate) async fn kill_pod(
        self: &Arc<Self>,
        pod: &Pod,
        observed: &Observed,
        grace_override: Option<i64>,
    ) -> Result<(), String> {
        let kills: Vec<Kill> = observed
            .running()
            .map(|status| Kill {
                id: status.id.clone(),
                name: container_name(status).to_owned(),
                message: String::new(),
                reason: KillReason::Unknown,
            })
            .collect();
        let killed = kills.iter().map(|kill| self.kill_container(pod, kill, &observed.ips, grace_override));
        let failures: Vec<String> = join_all(killed).await.into_iter().filter_map(Result::err).collect();
        if !failures.is_empty() {
            return Err(format!(
                "failed to \"KillContainer\" with KillContainerError: {}",
                failures.join(", ")
            ));
        }
        let cri = self.cri().map_err(|error| error.to_string())?;
        for sandbox in &observed.sandboxes {
            if let Err(error) = cri.stop_pod_sandbox(&sandbox.id).await
                && !error.is_not_found()
            {
                return Err(format!(
                    "failed to \"KillPodSandbox\" for {:?} with KillPodSandboxError: \"{error}\"",
                    pod.uid()
                ));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use winlab_document::doc;
    use winlab_kube_client::k8s::core::Pod;

    use super::{KillReason, grace_period};

    #[test]
    fn grace_periods() {
        let pod = |deletion: Option<i64>| -> Pod {
            doc!({
                "metadata": {"deletionGracePeriodSeconds": deletion},
                "spec": {"terminationGracePeriodSeconds": 30, "containers": [
                    {"name": "a", "livenessProbe": {"terminationGracePeriodSeconds": 5}},
                ]},
            })
            .decode()
            .unwrap()
        };
        let of = |pod: &Pod, reason| grace_period(pod, &pod.spec.as_ref().unwrap().containers[0], reason);
        assert_eq!(of(&pod(None), KillReason::Unknown), 30);
        assert_eq!(of(&pod(None), KillReason::LivenessProbe), 5);
        assert_eq!(of(&pod(Some(1)), KillReason::LivenessProbe), 1);
    }
}
