//! The workers of all pods, and what keeps them informed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::StreamExt;
use tokio::task::AbortHandle;
use winlab_clock::VirtualSpan;
use winlab_kube_client::k8s::core::{Pod, PodStatus};

use super::admission;
use super::facts::{PodFacts, qos_class};
use super::sync::Step;
use super::worker::{self, Inbox};
use crate::cri::{ContainerEventType, POD_UID_LABEL, PodSandboxFilter};
use crate::kubelet::core::Kubelet;
use crate::kubelet::events::EventType;

/// How long until a runtime that was lost is dialled again.
const REDIAL: VirtualSpan = VirtualSpan::from_secs(1);

struct Running {
    inbox: Arc<Inbox>,
    task: AbortHandle,
}

/// Every pod's worker.
#[derive(Default)]
pub(crate) struct Workers {
    running: Mutex<BTreeMap<String, Running>>,
    /// Pods that the node turned away.
    rejected: Mutex<BTreeSet<String>>,
}

impl Workers {
    fn running(&self) -> MutexGuard<'_, BTreeMap<String, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a pod's worker look again.
    pub(crate) fn wake(&self, uid: &str) {
        if let Some(worker) = self.running().get(uid) {
            worker.inbox.wake();
        }
    }

    /// Lets every worker look again.
    pub(crate) fn wake_all(&self) {
        for worker in self.running().values() {
            worker.inbox.wake();
        }
    }

    /// Ends a pod, with a grace period if one is given.
    pub(crate) fn kill(&self, uid: &str, grace: Option<i64>) {
        if let Some(worker) = self.running().get(uid) {
            worker.inbox.kill(grace);
        }
    }

    /// Whether a pod has a worker.
    pub(crate) fn has(&self, uid: &str) -> bool {
        self.running().contains_key(uid)
    }

    pub(super) fn finished(&self, uid: &str) {
        self.running().remove(uid);
    }

    /// Ends every worker where it stands.
    pub(crate) fn abort(&self) {
        for worker in self.running().values() {
            worker.task.abort();
        }
    }
}

impl Kubelet {
    /// Takes in what the API server says of the node's pods, for as long as the kubelet runs.
    pub(crate) async fn follow_pods(self: Arc<Self>) {
        self.pods.synced().await;
        self.remove_orphans().await;
        let mut changes = self.pods.changes();
        loop {
            for change in changes.next().await {
                if let Some(before) = &change.before {
                    let replaced = change.now.as_ref().is_none_or(|now| now.uid() != before.uid());
                    if replaced {
                        self.pod_gone(before).await;
                    }
                }
                if let Some(pod) = change.now {
                    self.pod_changed(&pod);
                }
            }
        }
    }

    /// The pod as this kubelet's minor reads it: fields that came later are not there for it.
    fn as_known(&self, pod: &Arc<Pod>) -> Arc<Pod> {
        let gates = &self.config.gates;
        let sidecars = gates.sidecars();
        let rules = gates.is_on("ContainerRestartRules", 35);
        let init = pod.init_containers().iter().any(|container| container.restart_policy.is_some());
        let regular = pod.containers().iter().any(|container| container.restart_policy.is_some());
        if (sidecars || !init) && (rules || !regular) {
            return pod.clone();
        }
        let mut pod = Pod::clone(pod);
        if let Some(spec) = &mut pod.spec {
            if !sidecars {
                spec.init_containers
                    .iter_mut()
                    .flatten()
                    .for_each(|container| container.restart_policy = None);
            }
            if !rules {
                spec.containers.iter_mut().for_each(|container| container.restart_policy = None);
            }
        }
        Arc::new(pod)
    }

    fn pod_changed(self: &Arc<Self>, pod: &Arc<Pod>) {
        let pod = &self.as_known(pod);
        self.statuses.observe(pod);
        let worker = self.workers.running().get(pod.uid()).map(|worker| worker.inbox.clone());
        if let Some(inbox) = worker {
            inbox.update(pod.clone());
            return;
        }
        let rejected =
            self.workers.rejected.lock().unwrap_or_else(PoisonError::into_inner).contains(pod.uid());
        if rejected || (!pod.is_deleted() && !pod.is_terminal() && self.reject(pod)) {
            return;
        }
        let inbox = Arc::new(Inbox::new(pod.clone()));
        // The worker is in the table before it runs: spawned tasks start only when this one waits.
        let task = tokio::spawn(worker::run(self.clone(), inbox.clone())).abort_handle();
        self.workers.running().insert(pod.uid().to_owned(), Running { inbox, task });
    }

    async fn pod_gone(&self, pod: &Arc<Pod>) {
        self.workers.rejected.lock().unwrap_or_else(PoisonError::into_inner).remove(pod.uid());
        let worker = self.workers.running().get(pod.uid()).map(|worker| worker.inbox.clone());
        match worker {
            Some(inbox) => inbox.gone(),
            None => self.statuses.forget(pod.uid()),
        }
    }

    /// Turns a pod away where the node cannot have it; whether it did. A pod that runs already stays.
    fn reject(&self, pod: &Arc<Pod>) -> bool {
        let all = self.pods.list();
        let active = |other: &&Arc<Pod>| {
            other.uid() != pod.uid() && !other.is_terminal() && self.workers.has(other.uid())
        };
        let others: Vec<&Pod> = all.iter().filter(active).map(|pod| &**pod).collect();
        let node = self.node_object();
        let gates = &self.config.gates;
        let refused = admission::check(pod, node.as_deref(), &others, self.machine.os(), gates)
            .or_else(|| self.evictions.refuses(pod));
        let Some(rejection) = refused else { return false };
        if pod.status.as_ref().is_some_and(|status| status.container_statuses.is_some()) {
            return false;
        }
        self.recorder.pod(pod, EventType::Warning, &rejection.reason, rejection.message.clone());
        let prefix = if gates.since(26) { "Pod was rejected: " } else { "Pod " };
        let status = PodStatus {
            phase: Some("Failed".to_owned()),
            reason: Some(rejection.reason),
            message: Some(format!("{prefix}{}", rejection.message)),
            qos_class: Some(qos_class(pod.spec()).to_owned()),
            conditions: pod.status.as_ref().and_then(|status| status.conditions.clone()),
            ..PodStatus::default()
        };
        self.workers.rejected.lock().unwrap_or_else(PoisonError::into_inner).insert(pod.uid().to_owned());
        self.statuses.set(pod, status, true);
        true
    }

    /// What runs here and belongs to no pod of the API server is ended (HandlePodCleanups).
    async fn remove_orphans(&self) {
        let Ok(cri) = self.cri() else { return };
        let Ok(sandboxes) = cri.list_pod_sandbox(PodSandboxFilter::default()).await else { return };
        let known: BTreeSet<String> = self.pods.list().iter().map(|pod| pod.uid().to_owned()).collect();
        let orphans: BTreeSet<String> = sandboxes
            .iter()
            .filter_map(|sandbox| sandbox.labels.get(POD_UID_LABEL))
            .filter(|uid| !known.contains(*uid))
            .cloned()
            .collect();
        for uid in orphans {
            self.log.info(format_args!("Clean up containers for orphaned pod podUID={uid}"));
            self.remove_from_runtime(&uid).await;
            self.files.remove_all(&self.pod_dir(&uid)).await.ok();
        }
    }

    /// Lets workers know what the runtime tells, for as long as the kubelet runs.
    pub(crate) async fn follow_runtime(self: Arc<Self>) {
        loop {
            let Ok(cri) = self.cri() else {
                self.clock.sleep(REDIAL).await;
                continue;
            };
            let mut events = cri.get_container_events();
            self.workers.wake_all();
            while let Some(event) = events.next().await {
                if event.container_event_type == ContainerEventType::Created {
                    continue;
                }
                self.workers.wake(&event.pod_sandbox_status.metadata.uid);
            }
            self.clock.sleep(REDIAL).await;
        }
    }

    /// Whether something else than a failed step itself changed what a pod needs: another container ended, a probe
    /// failed. Upstream's PLEG wakes the worker for those whatever the wait.
    pub(super) async fn has_news(&self, pod: &Pod, step: &Step) -> bool {
        if !matches!(step, Step::Failed(_)) {
            return true;
        }
        let Ok(cri) = self.cri() else { return false };
        let Ok(observed) = super::observed::Observed::of(&*cri, pod.uid()).await else { return false };
        let known = self.statuses.get(pod.uid()).unwrap_or_default();
        let shown = |id: &str| {
            let all = known
                .container_statuses
                .iter()
                .flatten()
                .chain(known.init_container_statuses.iter().flatten());
            all.into_iter()
                .find(|status| status.container_id.as_deref().is_some_and(|known| known.ends_with(id)))
                .map(|status| {
                    let state = status.state.as_ref();
                    let running = state.is_some_and(|state| state.running.is_some());
                    let ended =
                        state.is_some_and(|state| state.terminated.is_some() || state.waiting.is_some());
                    (running, ended)
                })
        };
        observed.containers.iter().any(|status| {
            let now = status.state;
            match shown(&status.id) {
                Some((running, _)) if running => now != crate::cri::ContainerState::Running,
                Some((_, ended)) if ended => now == crate::cri::ContainerState::Running,
                Some(_) => true,
                None => false,
            }
        })
    }
}
