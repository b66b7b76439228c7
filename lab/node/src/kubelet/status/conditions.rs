//! A pod's conditions that the kubelet owns (`pkg/kubelet/status/generate.go`).

use winlab_kube_client::is_sidecar;
use winlab_kube_client::k8s::core::{Container, ContainerStatus, Pod, PodCondition};

use crate::kubelet::pod::facts::PodFacts;

/// A condition without its time, which the status manager fills in.
pub(super) fn condition(kind: &str, status: bool, reason: &str, message: &str) -> PodCondition {
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    PodCondition {
        type_: kind.to_owned(),
        status: if status { "True" } else { "False" }.to_owned(),
        reason: text(reason),
        message: text(message),
        ..PodCondition::default()
    }
}

/// The conditions that the kubelet owns; others are left to whoever set them.
pub(super) const OWNED: [&str; 6] =
    ["PodScheduled", "Ready", "Initialized", "ContainersReady", "PodReadyToStartContainers", "PodHasNetwork"];

fn find<'a>(statuses: &'a [ContainerStatus], name: &str) -> Option<&'a ContainerStatus> {
    statuses.iter().find(|status| status.name == name)
}

/// Go's way to print a list of strings.
fn listed(names: &[&str]) -> String {
    format!("[{}]", names.join(" "))
}

/// Reason and message of what is amiss with containers, or none.
fn problem(unknown: &[&str], amiss: &[&str], word: &str) -> Option<String> {
    let mut parts = Vec::new();
    if !unknown.is_empty() {
        parts.push(format!("containers with unknown status: {}", listed(unknown)));
    }
    if !amiss.is_empty() {
        parts.push(format!("containers with {word} status: {}", listed(amiss)));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

pub(super) fn containers_ready(pod: &Pod, statuses: &[ContainerStatus], phase: &str) -> PodCondition {
    let kind = "ContainersReady";
    let (mut unknown, mut unready) = (Vec::new(), Vec::new());
    let sidecars = pod.init_containers().iter().filter(|container| is_sidecar(container));
    for container in sidecars.chain(pod.containers()) {
        match find(statuses, &container.name) {
            Some(status) if !status.ready => unready.push(container.name.as_str()),
            Some(_) => {}
            None => unknown.push(container.name.as_str()),
        }
    }
    if phase == "Succeeded" && unknown.is_empty() {
        return condition(kind, false, "PodCompleted", "");
    }
    if phase == "Failed" {
        return condition(kind, false, "PodFailed", "");
    }
    match problem(&unknown, &unready, "unready") {
        Some(text) => condition(kind, false, "ContainersNotReady", &text),
        None => condition(kind, true, "", ""),
    }
}

pub(super) fn ready(
    pod: &Pod,
    others: &[PodCondition],
    statuses: &[ContainerStatus],
    phase: &str,
) -> PodCondition {
    let containers = containers_ready(pod, statuses, phase);
    if containers.status != "True" {
        return PodCondition { type_: "Ready".to_owned(), ..containers };
    }
    let mut problems = Vec::new();
    for gate in pod.spec().readiness_gates.iter().flatten() {
        let wanted = &gate.condition_type;
        match others.iter().find(|condition| condition.type_ == *wanted) {
            None => problems
                .push(format!("corresponding condition of pod readiness gate {wanted:?} does not exist.")),
            Some(other) if other.status != "True" => problems.push(format!(
                "the status of pod readiness gate {wanted:?} is not \"True\", but {}",
                other.status
            )),
            Some(_) => {}
        }
    }
    if problems.is_empty() {
        condition("Ready", true, "", "")
    } else {
        condition("Ready", false, "ReadinessGatesNotReady", &problems.join(", "))
    }
}

pub(super) fn initialized(pod: &Pod, statuses: &[ContainerStatus], phase: &str) -> PodCondition {
    let kind = "Initialized";
    let (mut unknown, mut incomplete) = (Vec::new(), Vec::new());
    for container in pod.init_containers() {
        match find(statuses, &container.name) {
            None => unknown.push(container.name.as_str()),
            Some(status) if !is_done(container, status) => incomplete.push(container.name.as_str()),
            Some(_) => {}
        }
    }
    if phase == "Succeeded" && unknown.is_empty() {
        return condition(kind, true, "PodCompleted", "");
    }
    let started = |container: &Container| find(statuses, &container.name).is_some_and(has_started);
    if pod.containers().iter().any(started) {
        return condition(kind, true, "", "");
    }
    match problem(&unknown, &incomplete, "incomplete") {
        Some(text) => condition(kind, false, "ContainersNotInitialized", &text),
        None => condition(kind, true, "", ""),
    }
}

fn is_done(container: &Container, status: &ContainerStatus) -> bool {
    if is_sidecar(container) { status.started.unwrap_or(false) } else { status.ready }
}

/// Whether a regular container has ever run.
fn has_started(status: &ContainerStatus) -> bool {
    let ran = |state: &winlab_kube_client::k8s::core::ContainerState| {
        state.running.is_some() || state.terminated.is_some()
    };
    status.state.as_ref().is_some_and(ran) || status.last_state.as_ref().is_some_and(ran)
}

#[cfg(test)]
mod tests {
    use winlab_document::doc;
    use winlab_kube_client::k8s::core::{ContainerStatus, Pod};

    use super::{initialized, ready};

    #[test]
    fn conditions_name_what_is_missing() {
        let pod: Pod =
            doc!({"spec": {"containers": [{"name": "a"}, {"name": "b"}], "initContainers": [{"name": "i"}]}})
                .decode()
                .unwrap();
        let status: ContainerStatus =
            doc!({"name": "a", "ready": false, "restartCount": 0, "image": "", "imageID": ""})
                .decode()
                .unwrap();
        let condition = ready(&pod, &[], &[status], "Pending");
        assert_eq!(condition.reason.as_deref(), Some("ContainersNotReady"));
        assert_eq!(
            condition.message.as_deref(),
            Some("containers with unknown status: [b], containers with unready status: [a]")
        );
        assert_eq!(initialized(&pod, &[], "Pending").reason.as_deref(), Some("ContainersNotInitialized"));
        assert_eq!(initialized(&pod, &[], "Running").status, "False");
    }
}
