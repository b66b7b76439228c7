//! A pod's phase (`pkg/kubelet/kubelet_pods.go`, getPhase).

use winlab_kube_client::is_sidecar;
use winlab_kube_client::k8s::core::{Container, ContainerStateTerminated, ContainerStatus, Pod};

use crate::kubelet::pod::facts::PodFacts;

fn find<'a>(statuses: &'a [ContainerStatus], name: &str) -> Option<&'a ContainerStatus> {
    statuses.iter().find(|status| status.name == name)
}

fn last_end(status: &ContainerStatus) -> Option<&ContainerStateTerminated> {
    status.last_state.as_ref().and_then(|state| state.terminated.as_ref())
}

/// Where a container stands.
enum Stand<'a> {
    Running,
    Ended(&'a ContainerStateTerminated),
    /// Waiting, with how it ended before.
    Waiting(Option<&'a ContainerStateTerminated>),
    Unknown,
}

fn stand(status: Option<&ContainerStatus>) -> Stand<'_> {
    let Some((status, state)) = status.and_then(|status| Some((status, status.state.as_ref()?))) else {
        return Stand::Unknown;
    };
    match (&state.running, &state.terminated, &state.waiting) {
        (Some(_), ..) => Stand::Running,
        (_, Some(ended), _) => Stand::Ended(ended),
        (_, _, Some(_)) => Stand::Waiting(last_end(status)),
        _ => Stand::Unknown,
    }
}

fn policy<'a>(container: &'a Container, pod: &'a Pod) -> &'a str {
    container.restart_policy.as_deref().unwrap_or_else(|| pod.restart_policy())
}

/// The phase; `terminal` says that nothing of the pod runs any more or will.
pub(super) fn phase(
    pod: &Pod,
    statuses: &[ContainerStatus],
    terminal: bool,
    initialized: bool,
) -> &'static str {
    let (mut pending_init, mut pending_sidecars, mut failed_init) = (0, 0, 0);
    let (mut unknown, mut running, mut waiting, mut stopped, mut succeeded, mut final_) = (0, 0, 0, 0, 0, 0);
    for container in pod.init_containers().iter().filter(|container| !is_sidecar(container)) {
        match stand(find(statuses, &container.name)) {
            Stand::Ended(ended) | Stand::Waiting(Some(ended)) => {
                let restarts = policy(container, pod) != "Never";
                failed_init += i32::from(ended.exit_code != 0 && !restarts);
            }
            _ => pending_init += 1,
        }
    }
    for container in pod.init_containers().iter().filter(|container| is_sidecar(container)) {
        let status = find(statuses, &container.name);
        match stand(status) {
            Stand::Running => {
                running += 1;
                pending_sidecars += i32::from(!status.and_then(|status| status.started).unwrap_or(false));
            }
            Stand::Ended(_) | Stand::Waiting(Some(_)) => {}
            Stand::Waiting(None) => {
                pending_sidecars += 1;
                waiting += 1;
            }
            Stand::Unknown => {
                pending_sidecars += 1;
                unknown += 1;
            }
        }
    }
    for container in pod.containers() {
        match stand(find(statuses, &container.name)) {
            Stand::Running => running += 1,
            Stand::Ended(ended) => {
                stopped += 1;
                succeeded += i32::from(ended.exit_code == 0);
                final_ += i32::from(is_final(container, pod, ended.exit_code));
            }
            Stand::Waiting(Some(ended)) => {
                stopped += 1;
                final_ += i32::from(is_final(container, pod, ended.exit_code));
            }
            Stand::Waiting(None) => waiting += 1,
            Stand::Unknown => unknown += 1,
        }
    }
    if failed_init > 0 {
        return "Failed";
    }
    if pending_init > 0 || (pending_sidecars > 0 && !initialized) || waiting > 0 {
        return "Pending";
    }
    if running > 0 && unknown == 0 {
        return "Running";
    }
    if running == 0 && stopped > 0 && unknown == 0 {
        let done = if stopped == succeeded { "Succeeded" } else { "Failed" };
        return if terminal || stopped == final_ { done } else { "Running" };
    }
    "Pending"
}

/// Whether a container that ended so is not started again.
fn is_final(container: &Container, pod: &Pod, exit_code: i32) -> bool {
    match policy(container, pod) {
        "Never" => true,
        "OnFailure" => exit_code == 0,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use winlab_document::{Document, doc};
    use winlab_kube_client::k8s::core::{ContainerStatus, Pod};

    use super::phase;

    fn of(policy: &str, states: Document, terminal: bool) -> &'static str {
        let pod: Pod =
            doc!({"spec": {"restartPolicy": policy, "containers": [{"name": "a"}, {"name": "b"}]}})
                .decode()
                .unwrap();
        let statuses: Vec<ContainerStatus> = ["a", "b"]
            .iter()
            .zip(states.items())
            .map(|(name, state)| {
                doc!({"name": *name, "state": state.clone(), "ready": false, "restartCount": 0, "image": "", "imageID": ""})
                    .decode()
                    .unwrap()
            })
            .collect();
        phase(&pod, &statuses, terminal, true)
    }

    #[test]
    fn phases() {
        let running = || doc!({"running": {}});
        let waiting = || doc!({"waiting": {"reason": "ContainerCreating"}});
        let ended = |code: i32| doc!({"terminated": {"exitCode": code}});
        assert_eq!(of("Always", doc!([waiting(), running()]), false), "Pending");
        assert_eq!(of("Always", doc!([running(), ended(1)]), false), "Running");
        assert_eq!(of("Always", doc!([ended(0), ended(1)]), false), "Running");
        assert_eq!(of("Always", doc!([ended(0), ended(1)]), true), "Failed");
        assert_eq!(of("Never", doc!([ended(0), ended(0)]), false), "Succeeded");
        assert_eq!(of("Never", doc!([ended(0), ended(1)]), false), "Failed");
        assert_eq!(of("OnFailure", doc!([ended(0), ended(1)]), false), "Running");
    }
}
