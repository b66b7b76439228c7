//! Container statuses (`pkg/kubelet/kubelet_pods.go`, convertToAPIContainerStatuses).

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use winlab_kube_client::k8s::core::{
    Container, ContainerState, ContainerStateRunning, ContainerStateTerminated, ContainerStateWaiting,
    ContainerStatus, Pod,
};
use winlab_kube_client::k8s::meta::Time;

use crate::cri;
use crate::kubelet::container::images::StartError;
use crate::kubelet::pod::actions::should_restart;
use crate::kubelet::pod::facts::PodFacts;
use crate::kubelet::pod::observed::{Observed, container_name, restart_count};

/// Why a container could not be started at the latest attempt.
pub(crate) type Reason = StartError;

/// The latest reasons by pod and container (`pkg/kubelet/reason_cache.go`).
#[derive(Debug, Default)]
pub(crate) struct Reasons(Mutex<BTreeMap<(String, String), Reason>>);

impl Reasons {
    /// Remembers how starting a container went.
    pub(crate) fn set(&self, uid: &str, container: &str, reason: Option<Reason>) {
        let mut reasons = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (uid.to_owned(), container.to_owned());
        match reason {
            Some(reason) => reasons.insert(key, reason),
            None => reasons.remove(&key),
        };
    }

    fn get(&self, uid: &str, container: &str) -> Option<Reason> {
        let reasons = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        reasons.get(&(uid.to_owned(), container.to_owned())).cloned()
    }

    /// Forgets a pod.
    pub(crate) fn forget(&self, uid: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|(pod, _), _| pod != uid);
    }
}

/// A CRI time as the API has it; none where it is not set.
fn time(nanos: i64) -> Option<Time> {
    // The API knows whole seconds.
    let seconds = nanos.div_euclid(1_000_000_000);
    (nanos > 0).then(|| Timestamp::from_second(seconds).ok()).flatten().map(Time)
}

fn state_of(status: &cri::ContainerStatus, id: &str) -> ContainerState {
    let mut state = ContainerState::default();
    match status.state {
        cri::ContainerState::Running => {
            state.running = Some(ContainerStateRunning { started_at: time(status.started_at) });
        }
        cri::ContainerState::Exited => {
            state.terminated = Some(ContainerStateTerminated {
                exit_code: status.exit_code,
                reason: Some(status.reason.clone()).filter(|text| !text.is_empty()),
                message: Some(status.message.clone()).filter(|text| !text.is_empty()),
                started_at: time(status.started_at),
                finished_at: time(status.finished_at),
                container_id: Some(id.to_owned()),
                ..ContainerStateTerminated::default()
            });
        }
        _ => state.waiting = Some(ContainerStateWaiting::default()),
    }
    state
}

fn unknown_end(message: &str) -> ContainerStateTerminated {
    ContainerStateTerminated {
        reason: Some("ContainerStatusUnknown".to_owned()),
        message: Some(message.to_owned()),
        exit_code: 137,
        ..ContainerStateTerminated::default()
    }
}

/// The statuses of one list of containers.
pub(super) struct Conversion<'a> {
    pub(super) pod: &'a Pod,
    pub(super) observed: &'a Observed,
    pub(super) reasons: &'a Reasons,
    /// `containerd`
    pub(super) runtime: &'a str,
}

impl Conversion<'_> {
    /// Statuses of `containers` in the order the API shows them.
    pub(super) fn convert(
        &self,
        containers: &[Container],
        previous: &[ContainerStatus],
        init: bool,
    ) -> Vec<ContainerStatus> {
        let reason =
            if self.pod.init_containers().is_empty() { "ContainerCreating" } else { "PodInitializing" };
        let mut statuses: Vec<ContainerStatus> =
            containers.iter().map(|container| self.initial(container, previous, reason)).collect();
        for status in &mut statuses {
            self.infer_lost(status, previous, reason);
            self.take_observed(status, previous);
        }
        for (status, container) in statuses.iter_mut().zip(containers) {
            self.show_reason(status, container, init);
        }
        if !init {
            statuses.sort_by(|a, b| a.name.cmp(&b.name));
        }
        statuses
    }

    fn initial(&self, container: &Container, previous: &[ContainerStatus], reason: &str) -> ContainerStatus {
        let mut status = ContainerStatus {
            name: container.name.clone(),
            image: container.image.clone().unwrap_or_default(),
            state: Some(ContainerState {
                waiting: Some(ContainerStateWaiting { reason: Some(reason.to_owned()), message: None }),
                ..ContainerState::default()
            }),
            ..ContainerStatus::default()
        };
        if let Some(old) = previous.iter().find(|old| old.name == container.name) {
            if old.state.as_ref().is_some_and(|state| state.terminated.is_some()) {
                return old.clone();
            }
            status.restart_count = old.restart_count;
            status.last_state.clone_from(&old.last_state);
        }
        status
    }

    /// A container that ran and of which the runtime knows nothing any more has ended somehow.
    fn infer_lost(&self, status: &mut ContainerStatus, previous: &[ContainerStatus], reason: &str) {
        if self.observed.newest(&status.name).is_some() {
            return;
        }
        let Some(old) = previous.iter().find(|old| old.name == status.name) else { return };
        let ran = old.state.as_ref().is_some_and(|state| state.running.is_some());
        let waiting = status.state.as_ref().and_then(|state| state.waiting.as_ref());
        let default = waiting.is_some_and(|waiting| waiting.reason.as_deref() == Some(reason));
        let ended = status.last_state.as_ref().is_some_and(|state| state.terminated.is_some());
        if !ran || !default || ended {
            return;
        }
        let text =
            "The container could not be located when the pod was deleted.  The container used to be Running";
        status.last_state =
            Some(ContainerState { terminated: Some(unknown_end(text)), ..ContainerState::default() });
        if !self.pod.is_deleted() {
            status.restart_count += 1;
        }
    }

    /// The newest container is the state, the one before it the last state.
    fn take_observed(&self, status: &mut ContainerStatus, previous: &[ContainerStatus]) {
        let mut seen = self.observed.containers.iter().filter(|found| container_name(found) == status.name);
        let Some(newest) = seen.next() else { return };
        let id = format!("{}://{}", self.runtime, newest.id);
        let mut state = state_of(newest, &id);
        let mut restarts = restart_count(newest);
        let old = previous.iter().find(|old| old.name == status.name);
        let ran = old.and_then(|old| old.state.as_ref()).is_some_and(|state| state.running.is_some());
        if newest.state == cri::ContainerState::Unknown && ran {
            let text = "The container could not be located when the pod was terminated";
            state = ContainerState { terminated: Some(unknown_end(text)), ..ContainerState::default() };
            restarts = old.map_or(0, |old| old.restart_count) + 1;
        }
        let before = seen.next().map(|older| state_of(older, &format!("{}://{}", self.runtime, older.id)));
        *status = ContainerStatus {
            name: status.name.clone(),
            image: self.shown_image(newest, &status.image),
            image_id: newest.image_ref.clone(),
            container_id: Some(id),
            restart_count: restarts,
            state: Some(state),
            last_state: before,
            ..ContainerStatus::default()
        };
    }

    /// The runtime shows an image by one of its names; a container made from an id shows what the pod says.
    fn shown_image(&self, status: &cri::ContainerStatus, wanted: &str) -> String {
        if status.image.starts_with("sha256:") || status.image.contains('@') {
            crate::containerd::images::normalize(wanted)
        } else {
            status.image.clone()
        }
    }

    /// A container that is to be started again waits, and why it does not run yet.
    fn show_reason(&self, status: &mut ContainerStatus, container: &Container, init: bool) {
        if init {
            let newest = self.observed.newest(&container.name);
            let done = newest.is_some_and(|s| s.state == cri::ContainerState::Exited && s.exit_code == 0);
            if done {
                return;
            }
        }
        if !should_restart(container, self.pod, self.observed) {
            return;
        }
        let Some(reason) = self.reasons.get(self.pod.uid(), &container.name) else { return };
        if status.state.as_ref().is_some_and(|state| state.terminated.is_some()) {
            status.last_state = status.state.take();
        }
        status.state = Some(ContainerState {
            waiting: Some(ContainerStateWaiting {
                reason: Some(reason.reason.to_owned()),
                message: Some(reason.message).filter(|text| !text.is_empty()),
            }),
            ..ContainerState::default()
        });
    }
}
