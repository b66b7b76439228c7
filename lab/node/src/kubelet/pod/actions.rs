//! What a pod needs next (`pkg/kubelet/kuberuntime/kuberuntime_manager.go`, computePodActions).

use winlab_kube_client::is_sidecar;
use winlab_kube_client::k8s::core::{Container, Pod};

use super::facts::{PodFacts, container_hash};
use super::observed::{HASH, Observed, container_name};
use crate::cri::{ContainerState, ContainerStatus};
use crate::kubelet::probe::{ProbeKind, ProbeResult, ProbeResults};

/// A running container that has to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kill {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) message: String,
    pub(crate) reason: KillReason,
}

/// Why a container is killed; a probe may bring its own grace period.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum KillReason {
    StartupProbe,
    LivenessProbe,
    FailedPostStartHook,
    #[default]
    Unknown,
}

/// The next steps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Actions {
    pub(crate) kill_pod: bool,
    pub(crate) create_sandbox: bool,
    pub(crate) sandbox_id: String,
    pub(crate) attempt: u32,
    /// Indices into the init containers.
    pub(crate) init_to_start: Vec<usize>,
    /// Indices into the containers.
    pub(crate) to_start: Vec<usize>,
    pub(crate) to_kill: Vec<Kill>,
}

/// Whether a container that does not run has to be started (`ShouldContainerBeRestarted`).
pub(crate) fn should_restart(container: &Container, pod: &Pod, observed: &Observed) -> bool {
    if pod.is_deleted() {
        return false;
    }
    let Some(status) = observed.newest(&container.name) else { return true };
    match status.state {
        ContainerState::Running => false,
        ContainerState::Unknown | ContainerState::Created => true,
        ContainerState::Exited => match restart_policy(container, pod) {
            "Never" => false,
            "OnFailure" => status.exit_code != 0,
            _ => true,
        },
    }
}

/// The container's own restart policy (1.34 and later), else the pod's.
fn restart_policy<'a>(container: &'a Container, pod: &'a Pod) -> &'a str {
    container.restart_policy.as_deref().unwrap_or_else(|| pod.restart_policy())
}

pub(crate) fn compute(pod: &Pod, observed: &Observed, probes: &ProbeResults) -> Actions {
    let (changed, attempt, sandbox_id) = observed.sandbox_changed(pod.host_network());
    let mut actions =
        Actions { kill_pod: changed, create_sandbox: changed, sandbox_id, attempt, ..Actions::default() };
    if changed {
        start_over(pod, observed, attempt, &mut actions);
        return actions;
    }
    let initialized = init_actions(pod, observed, probes, &mut actions);
    if actions.kill_pod || !initialized {
        return actions;
    }
    let mut kept = 0;
    for (index, container) in pod.containers().iter().enumerate() {
        match observed.newest(&container.name) {
            Some(status) if status.state == ContainerState::Running => {
                if keep_or_kill(pod, container, index, status, probes, &mut actions) {
                    kept += 1;
                }
            }
            status => restart_if_wanted(pod, container, index, status, observed, &mut actions),
        }
    }
    let sidecars_only =
        pod.init_containers().iter().filter(|container| is_sidecar(container)).any(|container| {
            observed.newest(&container.name).is_some_and(|status| status.state == ContainerState::Running)
        });
    if kept == 0 && actions.to_start.is_empty() {
        actions.kill_pod = true;
        if sidecars_only {
            // A pod whose regular containers are done does not restart its sidecars.
            actions.init_to_start.clear();
        }
    }
    actions
}

/// A new sandbox: everything starts over, unless the pod is done.
fn start_over(pod: &Pod, observed: &Observed, attempt: u32, actions: &mut Actions) {
    if pod.restart_policy() == "Never" && attempt != 0 && !observed.containers.is_empty() {
        actions.create_sandbox = false;
        return;
    }
    let succeeded = |container: &Container| {
        let status = observed.newest(&container.name);
        status.is_some_and(|status| status.state == ContainerState::Exited && status.exit_code == 0)
    };
    let wanted = |(_, container): &(usize, &Container)| {
        !(restart_policy(container, pod) == "OnFailure" && succeeded(container))
    };
    let to_start: Vec<usize> =
        pod.containers().iter().enumerate().filter(wanted).map(|(index, _)| index).collect();
    let was_initialized = pod.containers().iter().any(|container| observed.newest(&container.name).is_some());
    if to_start.is_empty() && was_initialized {
        actions.create_sandbox = false;
    } else if pod.init_containers().is_empty() {
        actions.to_start = to_start;
    } else {
        actions.init_to_start = vec![0];
    }
}

fn restart_if_wanted(
    pod: &Pod,
    container: &Container,
    index: usize,
    status: Option<&ContainerStatus>,
    observed: &Observed,
    actions: &mut Actions,
) {
    if !should_restart(container, pod, observed) {
        return;
    }
    actions.to_start.push(index);
    if let Some(status) = status.filter(|status| status.state == ContainerState::Unknown) {
        actions.to_kill.push(Kill {
            id: status.id.clone(),
            name: container.name.clone(),
            message: "Container is in \"unknown\" state, try killing it before restart".to_owned(),
            reason: KillReason::Unknown,
        });
    }
}

/// Whether a running container stays as it is.
fn keep_or_kill(
    pod: &Pod,
    container: &Container,
    index: usize,
    status: &ContainerStatus,
    probes: &ProbeResults,
    actions: &mut Actions,
) -> bool {
    let mut restart = restart_policy(container, pod) != "Never";
    let (mut message, mut reason) = (String::new(), KillReason::Unknown);
    if is_changed(container, status) {
        message = format!("Container {} definition changed", container.name);
        restart = true;
    } else if probes.get(ProbeKind::Liveness, &status.id) == Some(ProbeResult::Failure) {
        message = format!("Container {} failed liveness probe", container.name);
        reason = KillReason::LivenessProbe;
    } else if probes.get(ProbeKind::Startup, &status.id) == Some(ProbeResult::Failure) {
        message = format!("Container {} failed startup probe", container.name);
        reason = KillReason::StartupProbe;
    }
    if message.is_empty() {
        return true;
    }
    if restart {
        message += ", will be restarted";
        actions.to_start.push(index);
    }
    actions.to_kill.push(Kill {
        id: status.id.clone(),
        name: container_name(status).to_owned(),
        message,
        reason,
    });
    false
}

fn is_changed(container: &Container, status: &ContainerStatus) -> bool {
    status.annotations.get(HASH).is_some_and(|hash| *hash != container_hash(container))
}

/// Whether the pod is initialized; adds what its init containers need (`computeInitContainerActions`).
fn init_actions(pod: &Pod, observed: &Observed, probes: &ProbeResults, actions: &mut Actions) -> bool {
    let containers = pod.init_containers();
    if containers.is_empty() {
        return true;
    }
    let active = |container: &Container| {
        let state = observed.newest(&container.name).map(|status| status.state);
        matches!(state, Some(ContainerState::Created | ContainerState::Running))
    };
    let mut initialized = pod.containers().iter().any(active);
    let mut past = initialized;
    let last = containers.len() - 1;
    for (index, container) in containers.iter().enumerate().rev() {
        let sidecar = is_sidecar(container);
        let Some(status) = observed.newest(&container.name) else {
            if past && sidecar {
                actions.init_to_start.push(index);
            }
            continue;
        };
        if past && !sidecar {
            continue;
        }
        match status.state {
            ContainerState::Created => actions.init_to_start.push(index),
            ContainerState::Running if sidecar => {
                if let Some(started) = sidecar_running(container, status, probes, index, actions) {
                    if started && index == last {
                        initialized = true;
                    } else if started && !past {
                        actions.init_to_start.push(index + 1);
                    }
                }
            }
            ContainerState::Running => {}
            ContainerState::Exited if sidecar => actions.init_to_start.push(index),
            ContainerState::Exited if status.exit_code == 0 => {
                if index == last {
                    initialized = true;
                } else {
                    actions.init_to_start.push(index + 1);
                }
            }
            ContainerState::Exited | ContainerState::Unknown => {
                if !sidecar && pod.restart_policy() == "Never" {
                    actions.kill_pod = true;
                    actions.init_to_start.clear();
                    return false;
                }
                if status.state == ContainerState::Unknown {
                    actions.to_kill.push(Kill {
                        id: status.id.clone(),
                        name: container.name.clone(),
                        message: "Init container is in \"unknown\" state, try killing it before restart"
                            .to_owned(),
                        reason: KillReason::Unknown,
                    });
                }
                actions.init_to_start.push(index);
            }
        }
        past = true;
    }
    if !past {
        actions.init_to_start.push(0);
    }
    actions.init_to_start.sort_unstable();
    actions.init_to_start.dedup();
    initialized
}

/// Whether a running sidecar has started; none while its startup probe has not said so. Kills one whose probes failed.
fn sidecar_running(
    container: &Container,
    status: &ContainerStatus,
    probes: &ProbeResults,
    index: usize,
    actions: &mut Actions,
) -> Option<bool> {
    let mut kill = |text: &str, reason| {
        actions.to_kill.push(Kill {
            id: status.id.clone(),
            name: container.name.clone(),
            message: format!("Init container {} {text}", container.name),
            reason,
        });
        actions.init_to_start.push(index);
    };
    if container.startup_probe.is_some() {
        match probes.get(ProbeKind::Startup, &status.id) {
            Some(ProbeResult::Success) => {}
            Some(ProbeResult::Failure) => {
                kill("failed startup probe", KillReason::StartupProbe);
                return None;
            }
            _ => return None,
        }
    }
    if is_changed(container, status) {
        kill("definition changed", KillReason::Unknown);
    } else if probes.get(ProbeKind::Liveness, &status.id) == Some(ProbeResult::Failure) {
        kill("failed liveness probe", KillReason::LivenessProbe);
    }
    Some(true)
}

#[cfg(test)]
mod tests {
    use winlab_document::{Document, doc};
    use winlab_kube_client::k8s::core::Pod;

    use super::{Actions, Observed, compute};
    use crate::cri::{ContainerState, ContainerStatus, PodSandboxState, PodSandboxStatus};
    use crate::kubelet::probe::ProbeResults;

    fn pod(policy: &str, init: &[&str], names: &[&str]) -> Pod {
        let list = |names: &[&str]| names.iter().map(|name| doc!({"name": *name})).collect::<Document>();
        doc!({"metadata": {"name": "p"}, "spec": {
            "restartPolicy": policy, "initContainers": list(init), "containers": list(names),
        }})
        .decode()
        .unwrap()
    }

    fn observed(ready: bool, containers: &[(&str, ContainerState, i32)]) -> Observed {
        let state = if ready { PodSandboxState::Ready } else { PodSandboxState::NotReady };
        let sandbox = PodSandboxStatus {
            id: "sb".into(),
            state,
            ips: vec!["10.0.0.2".into()],
            ..PodSandboxStatus::default()
        };
        let status = |(at, (name, state, code)): (usize, &(&str, ContainerState, i32))| {
            let mut status = ContainerStatus {
                id: format!("c{at}"),
                state: *state,
                exit_code: *code,
                ..ContainerStatus::default()
            };
            status.metadata.name = (*name).to_owned();
            status
        };
        let containers = containers.iter().enumerate().map(status).collect();
        Observed { sandboxes: vec![sandbox], containers, ips: vec!["10.0.0.2".into()] }
    }

    fn actions(pod: &Pod, observed: &Observed) -> Actions {
        compute(pod, observed, &ProbeResults::default())
    }

    #[test]
    fn a_new_pod_gets_a_sandbox_and_its_first_container() {
        let new = actions(&pod("Always", &["i"], &["a"]), &Observed::default());
        assert!(new.create_sandbox && new.init_to_start == [0] && new.to_start.is_empty());
        let new = actions(&pod("Always", &[], &["a", "b"]), &Observed::default());
        assert_eq!(new.to_start, [0, 1]);
    }

    #[test]
    fn init_containers_run_one_after_the_other() {
        use ContainerState::{Exited, Running};
        let pod = pod("Always", &["i", "j"], &["a"]);
        let step = |containers: &[(&str, ContainerState, i32)]| {
            let actions = actions(&pod, &observed(true, containers));
            (actions.init_to_start, actions.to_start)
        };
        assert_eq!(step(&[]), (vec![0], vec![]));
        assert_eq!(step(&[("i", Running, 0)]), (vec![], vec![]));
        assert_eq!(step(&[("i", Exited, 0)]), (vec![1], vec![]));
        assert_eq!(step(&[("j", Exited, 1), ("i", Exited, 0)]), (vec![1], vec![]));
        assert_eq!(step(&[("j", Exited, 0), ("i", Exited, 0)]), (vec![], vec![0]));
    }

    #[test]
    fn restart_policies() {
        let exited = |code| observed(true, &[("a", ContainerState::Exited, code)]);
        assert_eq!(actions(&pod("Always", &[], &["a"]), &exited(0)).to_start, [0]);
        assert_eq!(actions(&pod("OnFailure", &[], &["a"]), &exited(3)).to_start, [0]);
        assert!(actions(&pod("OnFailure", &[], &["a"]), &exited(0)).kill_pod);
        assert!(actions(&pod("Never", &[], &["a"]), &exited(3)).kill_pod);
        let failed_init = observed(true, &[("i", ContainerState::Exited, 1)]);
        assert!(actions(&pod("Never", &["i"], &["a"]), &failed_init).kill_pod);
    }

    #[test]
    fn a_dead_sandbox_is_replaced() {
        let dead = observed(false, &[("a", ContainerState::Exited, 255)]);
        let again = actions(&pod("Always", &[], &["a"]), &dead);
        assert!(again.kill_pod && again.create_sandbox && again.attempt == 1 && again.to_start == [0]);
        assert!(!actions(&pod("Never", &[], &["a"]), &dead).create_sandbox);
    }
}
