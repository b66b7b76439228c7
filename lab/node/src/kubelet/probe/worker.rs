//! One probe of one container (`pkg/kubelet/prober/worker.go`).

use std::sync::Arc;

use tokio::sync::Notify;
use winlab_clock::{Clock, VirtualSpan};
use winlab_kube_client::k8s::core::{Container, ContainerStatus, Pod, PodStatus, Probe};

use super::action::{http_request, resolve_port};
use super::manager::{KubeletRef, bare_id, probe_of};
use super::prober::{ProbeOutcome, ProbeRequest, ProbeTarget};
use super::results::{ProbeKind, ProbeResult};
use crate::cri::Code;
use crate::kubelet::container::expand;
use crate::kubelet::core::Kubelet;
use crate::kubelet::events::EventType;
use crate::kubelet::pod::facts::PodFacts;

/// How often a probe that could not be run at all is tried (`maxProbeRetries`).
const RETRIES: usize = 3;
/// As much of an exec probe's output is kept (`maxReadLength` of `pkg/probe/exec`).
const MOST_OUTPUT: usize = 10 * 1024;

pub(super) struct Worker {
    kubelet: KubeletRef,
    uid: String,
    container: Container,
    kind: ProbeKind,
    trigger: Arc<Notify>,
    container_id: String,
    on_hold: bool,
    last: Option<ProbeResult>,
    run: i32,
}

impl Worker {
    pub(super) fn new(
        kubelet: KubeletRef,
        uid: &str,
        container: &Container,
        kind: ProbeKind,
        trigger: Arc<Notify>,
    ) -> Self {
        Self {
            kubelet,
            uid: uid.to_owned(),
            container: container.clone(),
            kind,
            trigger,
            container_id: String::new(),
            on_hold: false,
            last: None,
            run: 0,
        }
    }

    fn spec(&self) -> Probe {
        probe_of(&self.container, self.kind).cloned().unwrap_or_default()
    }

    pub(super) async fn run(mut self) {
        let seconds = u64::try_from(self.spec().period_seconds.unwrap_or(10).max(1)).unwrap_or(10);
        let period = VirtualSpan::from_secs(seconds);
        let Some(clock) = self.first_wait(period).await else { return };
        while self.probe_once().await {
            // A result that is waited for is looked at early; otherwise by the period.
            let trigger = self.trigger.clone();
            clock.within(period, trigger.notified()).await.ok();
        }
        if let Some(kubelet) = self.kubelet.upgrade() {
            kubelet.probes.results.remove(self.kind, &self.container_id);
        }
    }

    /// Shortly after its start the kubelet spreads its probes over their period.
    async fn first_wait(&self, period: VirtualSpan) -> Option<Clock> {
        let (clock, wait) = {
            let kubelet = self.kubelet.upgrade()?;
            let young = kubelet.clock.now().since(kubelet.started) < period;
            let mut rng = kubelet.seed.child(&format!("probe {} {}", self.uid, self.container.name)).rng();
            (
                kubelet.clock,
                if young { VirtualSpan::from_nanos(rng.below(period.as_nanos())) } else { VirtualSpan::ZERO },
            )
        };
        clock.sleep(wait).await;
        Some(clock)
    }

    /// Probes once; whether to go on.
    async fn probe_once(&mut self) -> bool {
        let Some(kubelet) = self.kubelet.upgrade() else { return false };
        let Some((pod, status)) = kubelet.statuses.pod_and_status(&self.uid) else { return true };
        if matches!(status.phase.as_deref(), Some("Succeeded" | "Failed")) {
            return false;
        }
        let all =
            status.container_statuses.iter().flatten().chain(status.init_container_statuses.iter().flatten());
        let Some(container) =
            all.into_iter().find(|c| c.name == self.container.name && c.container_id.is_some())
        else {
            return true;
        };
        self.notice_new_container(&kubelet, container);
        if self.on_hold {
            return true;
        }
        let state = container.state.clone().unwrap_or_default();
        let Some(running) = state.running else {
            self.set(&kubelet, ProbeResult::Failure);
            return state.terminated.is_none() || pod.restart_policy() != "Never";
        };
        if pod.is_deleted() && self.kind != ProbeKind::Readiness {
            self.set(&kubelet, ProbeResult::Success);
            return false;
        }
        let since =
            running.started_at.map_or(0, |at| kubelet.clock.timestamp().as_second() - at.0.as_second());
        if since < i64::from(self.spec().initial_delay_seconds.unwrap_or(0)) {
            return true;
        }
        if container.started.unwrap_or(false) == (self.kind == ProbeKind::Startup) {
            return true;
        }
        if let Some(result) = self.probe(&kubelet, &pod, &status).await {
            self.judge(&kubelet, result);
        }
        true
    }

    fn notice_new_container(&mut self, kubelet: &Kubelet, container: &ContainerStatus) {
        let id = bare_id(container);
        if self.container_id == id {
            return;
        }
        kubelet.probes.results.remove(self.kind, &self.container_id);
        id.clone_into(&mut self.container_id);
        let first = match self.kind {
            ProbeKind::Readiness => ProbeResult::Failure,
            ProbeKind::Liveness => ProbeResult::Success,
            ProbeKind::Startup => ProbeResult::Unknown,
        };
        kubelet.probes.results.set(self.kind, id, first);
        (self.on_hold, self.last, self.run) = (false, None, 0);
    }

    /// Enough results of one kind in a row change the container's state.
    fn judge(&mut self, kubelet: &Kubelet, result: ProbeResult) {
        if self.last == Some(result) {
            self.run += 1;
        } else {
            (self.last, self.run) = (Some(result), 1);
        }
        let spec = self.spec();
        let needed = match result {
            ProbeResult::Failure => spec.failure_threshold.unwrap_or(3),
            _ => spec.success_threshold.unwrap_or(1),
        };
        if self.run < needed {
            return;
        }
        self.set(kubelet, result);
        if self.kind != ProbeKind::Readiness && result == ProbeResult::Failure {
            // The container is going to be restarted: nothing to probe until then.
            self.on_hold = true;
            self.run = 0;
        }
    }

    fn set(&self, kubelet: &Kubelet, result: ProbeResult) {
        if !self.container_id.is_empty() && kubelet.probes.results.set(self.kind, &self.container_id, result)
        {
            kubelet.wake(&self.uid);
        }
    }

    /// The result of one probe with its retries; none where it could not be run.
    async fn probe(&self, kubelet: &Kubelet, pod: &Pod, status: &PodStatus) -> Option<ProbeResult> {
        let mut outcome = Err("missing probe handler".to_owned());
        for _ in 0..RETRIES {
            outcome = self.send(kubelet, status).await;
            if outcome.is_ok() {
                break;
            }
        }
        let word = self.kind.word();
        let (result, reason, message) = match outcome {
            Ok(ProbeOutcome::Success) => return Some(ProbeResult::Success),
            Ok(ProbeOutcome::Warning(text)) => {
                (Some(ProbeResult::Success), "ProbeWarning", format!("{word} probe warning: {text}"))
            }
            Ok(ProbeOutcome::Failure(text)) => {
                (Some(ProbeResult::Failure), "Unhealthy", format!("{word} probe failed: {text}"))
            }
            Err(text) if kubelet.config.gates.since(33) => {
                (None, "Unhealthy", format!("{word} probe errored and resulted in unknown state: {text}"))
            }
            Err(text) => (None, "Unhealthy", format!("{word} probe errored: {text}")),
        };
        kubelet.recorder.container(pod, &self.container, EventType::Warning, reason, message);
        result
    }

    async fn send(&self, kubelet: &Kubelet, status: &PodStatus) -> Result<ProbeOutcome, String> {
        let spec = self.spec();
        let timeout =
            VirtualSpan::from_secs(u64::try_from(spec.timeout_seconds.unwrap_or(1).max(1)).unwrap_or(1));
        let pod_ip = status.pod_ip.clone().unwrap_or_default();
        let target = if let Some(exec) = &spec.exec {
            let command =
                expand::static_command(exec.command.as_deref().unwrap_or_default(), &self.container);
            return self.exec(kubelet, &command, timeout).await;
        } else if let Some(http) = &spec.http_get {
            http_request(http, &self.container, &pod_ip)?
        } else if let Some(tcp) = &spec.tcp_socket {
            let host = tcp.host.clone().filter(|host| !host.is_empty()).unwrap_or(pod_ip);
            ProbeTarget::Tcp { host, port: resolve_port(&tcp.port, &self.container)? }
        } else if let Some(grpc) = &spec.grpc {
            let port = u16::try_from(grpc.port).map_err(|_| format!("invalid port number: {}", grpc.port))?;
            ProbeTarget::Grpc { host: pod_ip, port, service: grpc.service.clone().unwrap_or_default() }
        } else {
            return Err(format!("missing probe handler for {}", self.container.name));
        };
        let request = ProbeRequest { node: kubelet.node_name.clone(), target, timeout };
        Ok(kubelet.options.prober.probe(request).await)
    }

    async fn exec(
        &self,
        kubelet: &Kubelet,
        command: &[String],
        timeout: VirtualSpan,
    ) -> Result<ProbeOutcome, String> {
        let cri = kubelet.cri().map_err(|error| error.to_string())?;
        match cri.exec_sync(&self.container_id, command, Some(timeout)).await {
            Ok(response) if response.exit_code == 0 => Ok(ProbeOutcome::Success),
            Ok(response) => {
                let mut output = [response.stdout, response.stderr].concat();
                output.truncate(MOST_OUTPUT);
                Ok(ProbeOutcome::Failure(String::from_utf8_lossy(&output).into_owned()))
            }
            Err(error) if error.code == Code::DeadlineExceeded => Ok(ProbeOutcome::Failure(format!(
                "command timed out: {:?} timed out after {timeout}",
                command.join(" ")
            ))),
            Err(error) => Err(error.to_string()),
        }
    }
}
