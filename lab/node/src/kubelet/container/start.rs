//! Starting one container: pull, create, start, hook (`kuberuntime_container.go`, startContainer).

use std::sync::Arc;

use winlab_kube_client::k8s::core::{Container, Pod};

use super::images::StartError;
use crate::cri::{CreateContainerRequest, PodSandboxConfig};
use crate::kubelet::core::Kubelet;
use crate::kubelet::events::EventType;
use crate::kubelet::pod::actions::{Kill, KillReason};
use crate::kubelet::pod::facts::{PodFacts, instant};
use crate::kubelet::pod::observed::{Observed, restart_count};
use crate::kubelet::setup::Gates;

/// What is said of a container that was created, and of one that was started. The colon came with 1.32, and in the last
/// patches of 1.29 to 1.31.
fn life_words(gates: &Gates, name: &str) -> (String, String) {
    if gates.since(35) {
        return ("Container created".to_owned(), "Container started".to_owned());
    }
    let colon = if gates.since(32) { ":" } else { "" };
    (format!("Created container{colon} {name}"), format!("Started container {name}"))
}

impl Kubelet {
    /// Starts a container, unless it has crashed too recently.
    ///
    /// # Errors
    /// The reason and message of its waiting state.
    pub(crate) async fn start_container(
        self: &Arc<Self>,
        pod: &Pod,
        container: &Container,
        sandbox: (&str, &PodSandboxConfig),
        observed: &Observed,
        ips: &[String],
    ) -> Result<(), StartError> {
        self.back_off(pod, container, observed)?;
        let warn = |text: String| self.recorder.container(pod, container, EventType::Warning, "Failed", text);
        let image = self.ensure_image(pod, container).await.inspect_err(|error| {
            warn(format!("Error: {}", error.reason));
        })?;
        let restarts = observed.newest(&container.name).map_or(0, |status| restart_count(status) + 1);
        let restarts = if restarts == 0 { self.restarts_by_logs(pod, container).await } else { restarts };
        let config = self.container_config(pod, container, restarts, &image, ips).await.map_err(|text| {
            warn(format!("Error: {text}"));
            StartError::new("CreateContainerConfigError", text)
        })?;
        let cri = self.cri().map_err(|error| StartError::new("CreateContainerError", error.message))?;
        let request = CreateContainerRequest {
            pod_sandbox_id: sandbox.0.to_owned(),
            config,
            sandbox_config: sandbox.1.clone(),
        };
        let id = cri.create_container(request).await.map_err(|error| {
            warn(format!("Error: {}", error.message));
            StartError::new("CreateContainerError", error.message)
        })?;
        let note = |reason: &str, text: String| {
            self.recorder.container(pod, container, EventType::Normal, reason, text);
        };
        let (created, started) = life_words(&self.config.gates, &container.name);
        note("Created", created);
        cri.start_container(&id).await.map_err(|error| {
            warn(format!("Error: {}", error.message));
            StartError::new("RunContainerError", error.message)
        })?;
        note("Started", started);
        self.post_start(pod, container, &id, ips).await
    }

    async fn post_start(
        self: &Arc<Self>,
        pod: &Pod,
        container: &Container,
        id: &str,
        ips: &[String],
    ) -> Result<(), StartError> {
        let Some(hook) = container.lifecycle.as_ref().and_then(|lifecycle| lifecycle.post_start.as_ref())
        else {
            return Ok(());
        };
        let Err(text) = self.run_hook(pod, container, id, ips, hook).await else { return Ok(()) };
        self.log.error(format_args!("Failed to execute PostStartHook: {text}"));
        self.recorder.container(
            pod,
            container,
            EventType::Warning,
            "FailedPostStartHook",
            "PostStartHook failed",
        );
        let kill = Kill {
            id: id.to_owned(),
            name: container.name.clone(),
            message: "FailedPostStartHook".to_owned(),
            reason: KillReason::FailedPostStartHook,
        };
        if let Err(error) = self.kill_container(pod, &kill, ips, None).await {
            self.log.error(format_args!("Failed to kill container {}: {error}", container.name));
        }
        Err(StartError::new("PostStartHookError", "PostStartHook failed"))
    }

    /// A container that crashed waits; the wait counts from its end.
    fn back_off(&self, pod: &Pod, container: &Container, observed: &Observed) -> Result<(), StartError> {
        use crate::cri::ContainerState::Exited;
        use crate::kubelet::pod::observed::container_name;
        let dead = observed
            .containers
            .iter()
            .find(|status| container_name(status) == container.name && status.state == Exited);
        let Some(dead) = dead else { return Ok(()) };
        let at = instant(&self.clock, dead.finished_at);
        let key =
            format!("{}_{}_{}", pod.uid(), container.name, container.image.as_deref().unwrap_or_default());
        if self.crashes.left_since(&key, at).is_none() {
            self.crashes.next(&key, at);
            return Ok(());
        }
        let text = if self.config.gates.since(26) {
            format!("Back-off restarting failed container {} in pod {}", container.name, pod.text())
        } else {
            "Back-off restarting failed container".to_owned()
        };
        self.recorder.container(pod, container, EventType::Warning, "BackOff", text);
        let wait = super::images::go_duration(self.crashes.get(&key));
        Err(StartError::new(
            "CrashLoopBackOff",
            format!("back-off {wait} restarting failed container={} pod={}", container.name, pod.text()),
        ))
    }

    /// After a reboot the runtime may have forgotten what ran; the logs have not (`calcRestartCountByLogDir`).
    async fn restarts_by_logs(&self, pod: &Pod, container: &Container) -> i32 {
        if self.options.hollow {
            return 0;
        }
        let folder = format!("{}/{}", self.pod_logs(pod), container.name);
        let names = self.files.list(&folder).await.unwrap_or_default();
        let numbers = names.iter().filter_map(|name| name.split('.').next()?.parse::<i32>().ok());
        numbers.max().map_or(0, |number| number + 1)
    }
}
