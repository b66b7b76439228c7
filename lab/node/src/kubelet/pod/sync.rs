//! One step towards what a pod wants (`pkg/kubelet/kubelet.go` SyncPod, `kuberuntime_manager.go` SyncPod).

use std::sync::Arc;

use winlab_kube_client::is_sidecar;
use winlab_kube_client::k8s::core::{Container, Pod};

use super::actions::{self, Actions};
use super::facts::PodFacts;
use super::observed::Observed;
use crate::cri::{CriError, PodSandboxConfig, RunPodSandboxRequest};
use crate::kubelet::container::images::StartError;
use crate::kubelet::core::Kubelet;
use crate::kubelet::events::EventType;

/// What a step led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// Everything is as it should be, or will be once something happens.
    Done,
    /// The pod has come to its end by itself.
    Terminal,
    /// Try again after a while.
    Failed(String),
    /// The node has no network yet: try again soon.
    NetworkNotReady,
    /// The runtime does not answer.
    RuntimeDown(CriError),
}

impl Kubelet {
    pub(crate) async fn sync_pod(self: &Arc<Self>, pod: &Arc<Pod>) -> Step {
        let cri = match self.cri() {
            Ok(cri) => cri,
            Err(error) => return Step::RuntimeDown(error),
        };
        let mut observed = match Observed::of(&*cri, pod.uid()).await {
            Ok(observed) => observed,
            Err(error) => {
                let text = format!("error determining status: {error}");
                self.recorder.pod(pod, EventType::Warning, "FailedSync", text);
                return Step::RuntimeDown(error);
            }
        };
        let status = self.generate_status(pod, &observed, false);
        if observed.ips.is_empty() {
            observed.ips = status.pod_ips.iter().flatten().map(|ip| ip.ip.clone()).collect();
        }
        let terminal = matches!(status.phase.as_deref(), Some("Succeeded" | "Failed"));
        self.statuses.set(pod, status, false);
        if terminal {
            return Step::Terminal;
        }
        let network = self.state.borrow().network.clone();
        if let Some(text) = network.filter(|_| !(pod.host_network() && self.shares_host_network(pod))) {
            self.recorder.pod(
                pod,
                EventType::Warning,
                "NetworkNotReady",
                format!("network is not ready: {text}"),
            );
            return Step::NetworkNotReady;
        }
        if let Err(error) = self.mount_volumes(pod).await {
            let text = format!("Unable to attach or mount volumes: {}", error.0);
            self.recorder.pod(pod, EventType::Warning, "FailedMount", text.clone());
            return Step::Failed(text);
        }
        self.probes.add_pod(self, pod);
        self.sync_runtime(pod, observed).await
    }

    async fn sync_runtime(self: &Arc<Self>, pod: &Arc<Pod>, observed: Observed) -> Step {
        let actions = actions::compute(pod, &observed, &self.probes.results);
        let mut ips = observed.ips.clone();
        if actions.create_sandbox && !actions.sandbox_id.is_empty() {
            let text = "Pod sandbox changed, it will be killed and re-created.";
            self.recorder.pod(pod, EventType::Normal, "SandboxChanged", text);
        }
        if actions.kill_pod {
            if let Err(text) = self.kill_pod(pod, &observed, None).await {
                return Step::Failed(text);
            }
            if actions.create_sandbox {
                self.remove_init_containers(pod, &observed, 0).await;
            }
        } else {
            for kill in &actions.to_kill {
                if let Err(text) = self.kill_container(pod, kill, &ips, None).await {
                    return Step::Failed(text);
                }
            }
        }
        self.remove_init_containers(pod, &observed, 1).await;
        let mut sandbox = actions.sandbox_id.clone();
        if actions.create_sandbox {
            match self.create_sandbox(pod, actions.attempt).await {
                Ok((id, new_ips)) => {
                    sandbox = id;
                    if !new_ips.is_empty() {
                        ips = new_ips;
                    }
                }
                Err(text) => return self.sandbox_failed(pod, &text),
            }
        }
        let nothing = actions.init_to_start.is_empty() && actions.to_start.is_empty();
        if nothing || sandbox.is_empty() || (actions.kill_pod && !actions.create_sandbox) {
            return Step::Done;
        }
        // What ran in an old sandbox is gone; its history still decides about back-off and restart counts.
        let config = match self.sandbox_config(pod, actions.attempt).await {
            Ok(config) => config,
            Err(text) => return Step::Failed(text),
        };
        self.start_all(pod, &actions, (&sandbox, &config), &observed, &ips).await
    }

    fn sandbox_failed(&self, pod: &Arc<Pod>, text: &str) -> Step {
        let deleted =
            self.pods.get_namespaced(pod.namespace(), pod.name()).is_none_or(|pod| pod.is_deleted());
        if deleted {
            // The pod went while its sandbox was being made: not worth a word.
            return Step::Done;
        }
        let message = format!("Failed to create pod sandbox: {text}");
        self.recorder.pod(pod, EventType::Warning, "FailedCreatePodSandBox", message.clone());
        Step::Failed(message)
    }

    async fn create_sandbox(&self, pod: &Pod, attempt: u32) -> Result<(String, Vec<String>), String> {
        let config = self.sandbox_config(pod, attempt).await?;
        let runtime_handler = self.runtime_handler(pod).await?;
        if !self.options.hollow {
            self.files.create_directory(&config.log_directory).await.map_err(|error| error.to_string())?;
        }
        let cri = self.cri().map_err(|error| error.to_string())?;
        let request = RunPodSandboxRequest { config, runtime_handler };
        let id = cri.run_pod_sandbox(request).await.map_err(|error| error.to_string())?;
        let status = cri.pod_sandbox_status(&id).await.map_err(|error| error.to_string())?;
        Ok((id, status.ips))
    }

    async fn start_all(
        self: &Arc<Self>,
        pod: &Arc<Pod>,
        actions: &Actions,
        sandbox: (&str, &PodSandboxConfig),
        observed: &Observed,
        ips: &[String],
    ) -> Step {
        let mut failures = Vec::new();
        for index in &actions.init_to_start {
            let Some(container) = pod.init_containers().get(*index) else { continue };
            let started = self.start_one(pod, container, sandbox, observed, ips).await;
            if let Err(error) = started {
                failures.push(failure(container, &error));
                if !is_sidecar(container) {
                    return Step::Failed(failures.join(", "));
                }
            }
        }
        for index in &actions.to_start {
            let Some(container) = pod.containers().get(*index) else { continue };
            if let Err(error) = self.start_one(pod, container, sandbox, observed, ips).await {
                failures.push(failure(container, &error));
            }
        }
        if failures.is_empty() { Step::Done } else { Step::Failed(failures.join(", ")) }
    }

    /// Starts a container and remembers why where it could not be.
    async fn start_one(
        self: &Arc<Self>,
        pod: &Arc<Pod>,
        container: &Container,
        sandbox: (&str, &PodSandboxConfig),
        observed: &Observed,
        ips: &[String],
    ) -> Result<(), StartError> {
        let started = self.start_container(pod, container, sandbox, observed, ips).await;
        self.reasons.set(pod.uid(), &container.name, started.clone().err());
        started
    }

    /// Removes ended init containers but for the `keep` newest of each name.
    async fn remove_init_containers(&self, pod: &Pod, observed: &Observed, keep: usize) {
        let Ok(cri) = self.cri() else { return };
        for container in pod.init_containers() {
            let ended = observed.containers.iter().filter(|status| {
                super::observed::container_name(status) == container.name
                    && status.state != crate::cri::ContainerState::Running
            });
            for status in ended.skip(keep) {
                if let Err(error) = cri.remove_container(&status.id).await {
                    self.log.error(format_args!(
                        "failed to remove pod init container {:?}: {error}",
                        container.name
                    ));
                }
            }
        }
    }
}

fn failure(container: &Container, error: &StartError) -> String {
    format!(
        "failed to \"StartContainer\" for {:?} with {}: {:?}",
        container.name, error.reason, error.message
    )
}
