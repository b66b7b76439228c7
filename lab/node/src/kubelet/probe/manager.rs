//! The probe workers of all pods, and what their results mean for a pod's status.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::Notify;
use tokio::task::AbortHandle;
use winlab_kube_client::is_sidecar;
use winlab_kube_client::k8s::core::{Container, ContainerStatus, Pod, PodStatus, Probe};

use super::results::{ProbeKind, ProbeResult, ProbeResults};
use super::worker::Worker;
use crate::kubelet::core::Kubelet;
use crate::kubelet::pod::facts::PodFacts;

type Key = (String, String, ProbeKind);

struct Running {
    trigger: Arc<Notify>,
    task: AbortHandle,
}

/// Every probe worker.
#[derive(Default)]
pub(crate) struct Probes {
    pub(crate) results: ProbeResults,
    workers: Mutex<BTreeMap<Key, Running>>,
}

/// The probes of a container.
pub(super) fn probe_of(container: &Container, kind: ProbeKind) -> Option<&Probe> {
    match kind {
        ProbeKind::Startup => container.startup_probe.as_ref(),
        ProbeKind::Readiness => container.readiness_probe.as_ref(),
        ProbeKind::Liveness => container.liveness_probe.as_ref(),
    }
}

const KINDS: [ProbeKind; 3] = [ProbeKind::Startup, ProbeKind::Readiness, ProbeKind::Liveness];

impl Probes {
    /// Starts a worker for every probe of a pod that has none yet.
    pub(crate) fn add_pod(&self, kubelet: &Arc<Kubelet>, pod: &Pod) {
        let sidecars = pod.init_containers().iter().filter(|container| is_sidecar(container));
        for container in sidecars.chain(pod.containers()) {
            for kind in KINDS {
                if probe_of(container, kind).is_none() {
                    continue;
                }
                let key = (pod.uid().to_owned(), container.name.clone(), kind);
                let mut workers = self.workers.lock().unwrap_or_else(PoisonError::into_inner);
                if workers.get(&key).is_some_and(|worker| !worker.task.is_finished()) {
                    continue;
                }
                let trigger = Arc::new(Notify::new());
                let worker =
                    Worker::new(Arc::downgrade(kubelet), pod.uid(), container, kind, trigger.clone());
                let task = tokio::spawn(worker.run()).abort_handle();
                workers.insert(key, Running { trigger, task });
            }
        }
    }

    /// Ends liveness and startup probes: a pod that is being stopped is not killed for being slow.
    pub(crate) fn stop_liveness_and_startup(&self, uid: &str) {
        self.stop(|(pod, _, kind)| pod == uid && *kind != ProbeKind::Readiness);
    }

    /// Ends all probes of a pod.
    pub(crate) fn remove_pod(&self, uid: &str) {
        self.stop(|(pod, _, _)| pod == uid);
    }

    /// Ends every probe.
    pub(crate) fn stop_all(&self) {
        self.stop(|_| true);
    }

    fn stop(&self, which: impl Fn(&Key) -> bool) {
        let mut workers = self.workers.lock().unwrap_or_else(PoisonError::into_inner);
        workers.retain(|key, worker| {
            if which(key) {
                worker.task.abort();
            }
            !which(key)
        });
    }

    fn has_worker(&self, uid: &str, container: &str, kind: ProbeKind) -> Option<Arc<Notify>> {
        let workers = self.workers.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (uid.to_owned(), container.to_owned(), kind);
        workers.get(&key).filter(|worker| !worker.task.is_finished()).map(|worker| worker.trigger.clone())
    }

    /// Fills `started` and `ready` in (`prober_manager.go`, UpdatePodStatus).
    pub(crate) fn update_status(&self, pod: &Pod, status: &mut PodStatus) {
        for container in status.container_statuses.iter_mut().flatten() {
            self.update_container(pod, container);
        }
        for container in status.init_container_statuses.iter_mut().flatten() {
            let spec = pod.container(&container.name);
            if spec.is_some_and(is_sidecar) {
                self.update_container(pod, container);
                continue;
            }
            container.started = Some(is_running(container));
            let ended = container.state.as_ref().and_then(|state| state.terminated.as_ref());
            if ended.is_some_and(|ended| ended.exit_code == 0) {
                container.ready = true;
            }
        }
    }

    fn update_container(&self, pod: &Pod, status: &mut ContainerStatus) {
        let id = bare_id(status);
        let started = is_running(status)
            && match self.results.get(ProbeKind::Startup, id) {
                Some(result) => result == ProbeResult::Success,
                None => self.has_worker(pod.uid(), &status.name, ProbeKind::Startup).is_none(),
            };
        let ready = started
            && match self.results.get(ProbeKind::Readiness, id) {
                Some(ProbeResult::Success) => true,
                _ => match self.has_worker(pod.uid(), &status.name, ProbeKind::Readiness) {
                    None => true,
                    Some(trigger) => {
                        trigger.notify_one();
                        false
                    }
                },
            };
        status.started = Some(started);
        status.ready = ready;
    }
}

fn is_running(status: &ContainerStatus) -> bool {
    status.state.as_ref().is_some_and(|state| state.running.is_some())
}

/// The runtime's id of a container: without `containerd://`.
pub(super) fn bare_id(status: &ContainerStatus) -> &str {
    let id = status.container_id.as_deref().unwrap_or_default();
    id.split_once("://").map_or(id, |(_, id)| id)
}

/// A kubelet that is gone stops its workers when they next look.
pub(super) type KubeletRef = Weak<Kubelet>;
