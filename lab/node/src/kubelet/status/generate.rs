//! A pod's whole status (`pkg/kubelet/kubelet_pods.go`, generateAPIPodStatus).

use winlab_kube_client::k8s::core::{HostIP, Pod, PodIP, PodStatus};

use super::conditions::{self, OWNED, condition};
use super::containers::Conversion;
use super::phase::phase;
use crate::cri::ContainerState;
use crate::kubelet::core::Kubelet;
use crate::kubelet::pod::facts::{PodFacts, qos_class};
use crate::kubelet::pod::observed::Observed;

impl Kubelet {
    /// The status that follows from what the runtime says; `terminal` says that nothing runs any more or will.
    pub(crate) fn generate_status(&self, pod: &Pod, observed: &Observed, terminal: bool) -> PodStatus {
        let api = pod.status.clone().unwrap_or_default();
        let old = self.statuses.get(pod.uid()).unwrap_or_else(|| api.clone());
        let mut status = self.convert(pod, observed, &old);
        let all: Vec<_> = status
            .container_statuses
            .iter()
            .flatten()
            .chain(status.init_container_statuses.iter().flatten())
            .cloned()
            .collect();
        let active = |state| matches!(state, ContainerState::Running | ContainerState::Created);
        let started =
            pod.containers().iter().any(|c| observed.newest(&c.name).is_some_and(|s| active(s.state)));
        let mut now = phase(pod, &all, terminal, started);
        let is_terminal = |phase: &str| matches!(phase, "Succeeded" | "Failed");
        let old_phase = old.phase.clone().unwrap_or_default();
        if !is_terminal(now) && is_terminal(&old_phase) {
            now = if old_phase == "Succeeded" { "Succeeded" } else { "Failed" };
        }
        if pod.is_terminal() {
            now = if pod.phase() == "Succeeded" { "Succeeded" } else { "Failed" };
        }
        if now == old_phase {
            status.reason = old.reason.clone().or_else(|| api.reason.clone());
            status.message = old.message.clone().or_else(|| api.message.clone());
        }
        if let Some(evicted) = self.evictions.of(pod.uid()) {
            now = "Failed";
            status.reason = Some(evicted.reason);
            status.message = Some(evicted.message);
        }
        status.phase = Some(now.to_owned());
        self.probes.update_status(pod, &mut status);
        self.add_conditions(pod, observed, &api, &mut status, now);
        self.add_addresses(pod, &mut status);
        status
    }

    fn convert(&self, pod: &Pod, observed: &Observed, old: &PodStatus) -> PodStatus {
        let conversion = Conversion { pod, observed, reasons: &self.reasons, runtime: &self.runtime_name };
        let previous = old.container_statuses.as_deref().unwrap_or_default();
        let containers = conversion.convert(pod.containers(), previous, false);
        let init = (!pod.init_containers().is_empty()).then(|| {
            let previous = old.init_container_statuses.as_deref().unwrap_or_default();
            conversion.convert(pod.init_containers(), previous, true)
        });
        let ips: Vec<PodIP> = observed.ips.iter().map(|ip| PodIP { ip: ip.clone() }).collect();
        // A stopped sandbox has no address any more; the pod's status keeps the one it had.
        let (pod_ip, pod_ips) = if ips.is_empty() {
            (old.pod_ip.clone(), old.pod_ips.clone())
        } else {
            (Some(ips[0].ip.clone()), Some(ips))
        };
        PodStatus {
            container_statuses: Some(containers),
            init_container_statuses: init,
            pod_ip,
            pod_ips,
            qos_class: old.qos_class.clone().or_else(|| Some(qos_class(pod.spec()).to_owned())),
            start_time: old.start_time.clone(),
            ..PodStatus::default()
        }
    }

    fn add_conditions(
        &self,
        pod: &Pod,
        observed: &Observed,
        api: &PodStatus,
        status: &mut PodStatus,
        phase: &str,
    ) {
        let others = api.conditions.iter().flatten().filter(|c| !OWNED.contains(&c.type_.as_str()));
        let mut all: Vec<_> = others.cloned().collect();
        let statuses: Vec<_> = status
            .init_container_statuses
            .iter()
            .flatten()
            .chain(status.container_statuses.iter().flatten())
            .cloned()
            .collect();
        if self.config.gates.ready_to_start_condition() {
            let (changed, ..) = observed.sandbox_changed(pod.host_network());
            let kind =
                if self.config.gates.since(28) { "PodReadyToStartContainers" } else { "PodHasNetwork" };
            all.push(condition(kind, !changed, "", ""));
        }
        all.push(conditions::initialized(pod, &statuses, phase));
        all.push(conditions::ready(pod, &all, &statuses, phase));
        all.push(conditions::containers_ready(pod, &statuses, phase));
        all.push(condition("PodScheduled", true, "", ""));
        status.conditions = Some(all);
    }

    fn add_addresses(&self, pod: &Pod, status: &mut PodStatus) {
        let host = self.host_ip();
        if host.is_empty() {
            return;
        }
        if self.config.gates.is_on("PodHostIPs", 29) {
            status.host_ips = Some(vec![HostIP { ip: host.clone() }]);
        }
        if pod.host_network() && self.shares_host_network(pod) && status.pod_ip.is_none() {
            status.pod_ip = Some(host.clone());
            status.pod_ips = Some(vec![PodIP { ip: host.clone() }]);
        }
        status.host_ip = Some(host);
    }

    /// Whether a pod that asks for the node's network has it: on Windows only HostProcess pods do.
    pub(crate) fn shares_host_network(&self, pod: &Pod) -> bool {
        !self.config.windows || (self.config.gates.host_process() && pod.has_host_process())
    }
}
