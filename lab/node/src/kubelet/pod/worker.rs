//! The worker of one pod: one thing after the other (`pkg/kubelet/pod_workers.go`).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use winlab_clock::{Rng, VirtualSpan};
use winlab_kube_client::k8s::core::Pod;

use super::facts::PodFacts;
use super::sync::Step;
use crate::kubelet::core::Kubelet;

/// Wait after a failure, before jitter of up to a half (`backOffPeriod`).
const AFTER_FAILURE: VirtualSpan = VirtualSpan::from_secs(10);
/// Wait while the network is not ready (`backOffOnTransientErrorPeriod`).
const AFTER_TRANSIENT: VirtualSpan = VirtualSpan::from_secs(1);

/// What a worker is told.
pub(crate) struct Inbox {
    state: Mutex<Told>,
    wake: Notify,
}

struct Told {
    pod: Arc<Pod>,
    /// The pod is to end, with this grace period if one is given.
    kill: Option<Option<i64>>,
    /// The API server no longer has it.
    gone: bool,
}

impl Inbox {
    pub(crate) fn new(pod: Arc<Pod>) -> Self {
        Self { state: Mutex::new(Told { pod, kill: None, gone: false }), wake: Notify::new() }
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The pod is another one now.
    pub(crate) fn update(&self, pod: Arc<Pod>) {
        self.told().pod = pod;
        self.wake.notify_one();
    }

    /// Something happened that the worker wants to know.
    pub(crate) fn wake(&self) {
        self.wake.notify_one();
    }

    /// The pod is to end.
    pub(crate) fn kill(&self, grace: Option<i64>) {
        self.told().kill.get_or_insert(grace);
        self.wake.notify_one();
    }

    /// The API server no longer has the pod.
    pub(crate) fn gone(&self) {
        self.told().gone = true;
        self.wake.notify_one();
    }

    fn pod(&self) -> Arc<Pod> {
        self.told().pod.clone()
    }

    fn is_gone(&self) -> bool {
        self.told().gone
    }

    /// Whether the pod has to end, and with which grace period.
    fn ending(&self) -> Option<Option<i64>> {
        let told = self.told();
        let ends = told.pod.is_deleted() || told.pod.is_terminal() || told.gone;
        told.kill.or(ends.then_some(None))
    }

    /// Seconds of grace that the deletion leaves.
    fn deletion_grace(&self) -> Option<i64> {
        self.told().pod.metadata.deletion_grace_period_seconds
    }
}

/// Runs until nothing is left of the pod.
pub(super) async fn run(kubelet: Arc<Kubelet>, inbox: Arc<Inbox>) {
    let mut rng = kubelet.seed.child(&format!("worker {}", inbox.pod().uid())).rng();
    live(&kubelet, &inbox, &mut rng).await;
    Box::pin(terminate(&kubelet, &inbox, &mut rng)).await;
    // The pod stays as it ended until the API server forgets it.
    while !inbox.is_gone() {
        inbox.wake.notified().await;
    }
    let pod = inbox.pod();
    Box::pin(kubelet.forget_pod(&pod)).await;
    kubelet.workers.finished(pod.uid());
}

/// Syncs again and again until the pod has to end.
async fn live(kubelet: &Arc<Kubelet>, inbox: &Inbox, rng: &mut Rng) {
    loop {
        if inbox.ending().is_some() {
            return;
        }
        let pod = inbox.pod();
        // Only waiting for volumes is given up for an end that comes meanwhile; what was begun in the runtime is
        // finished.
        let step = Box::pin(kubelet.sync_pod(&pod)).await;
        let wait = match &step {
            Step::Terminal => return,
            Step::Done => kubelet.config.sync_frequency,
            Step::NetworkNotReady => AFTER_TRANSIENT,
            Step::Failed(text) => {
                kubelet.log.error(format_args!("Error syncing pod, skipping: {text} pod={}", pod.text()));
                AFTER_FAILURE
            }
            Step::RuntimeDown(error) => {
                kubelet.log.error(format_args!("Error syncing pod, skipping: {error} pod={}", pod.text()));
                AFTER_FAILURE
            }
        };
        pause(kubelet, inbox, wait, &step, rng).await;
    }
}

/// Waits for news, at most for the wait with its jitter. A failure's wait is not cut short by the events that the
/// failure itself caused; an end or a new specification is.
async fn pause(kubelet: &Arc<Kubelet>, inbox: &Inbox, wait: VirtualSpan, step: &Step, rng: &mut Rng) {
    let jitter = VirtualSpan::from_nanos(rng.below(wait.as_nanos() / 2));
    let end = kubelet.clock.now() + wait + jitter;
    let before = inbox.pod();
    loop {
        let now = kubelet.clock.now();
        if now >= end || kubelet.clock.within(end.since(now), inbox.wake.notified()).await.is_err() {
            return;
        }
        let spec_changed = inbox.pod().metadata.generation != before.metadata.generation;
        if matches!(step, Step::Done) || inbox.ending().is_some() || spec_changed {
            return;
        }
        if Box::pin(kubelet.has_news(&before, step)).await {
            return;
        }
    }
}

/// Stops the pod, however long it takes; a shorter grace period counts from when it comes.
async fn terminate(kubelet: &Arc<Kubelet>, inbox: &Inbox, rng: &mut Rng) {
    loop {
        let pod = inbox.pod();
        let grace = inbox.ending().flatten();
        let before = inbox.deletion_grace();
        let stopping = std::pin::pin!(kubelet.sync_terminating(&pod, grace));
        let shortened = std::pin::pin!(async {
            loop {
                inbox.wake.notified().await;
                let now = inbox.deletion_grace();
                if now.is_some() && now < before.or(Some(i64::MAX)) {
                    return;
                }
            }
        });
        match futures::future::select(stopping, shortened).await {
            futures::future::Either::Left((Ok(()), _)) => break,
            futures::future::Either::Left((Err(text), _)) => {
                kubelet.log.error(format_args!("Error syncing pod, skipping: {text} pod={}", pod.text()));
                kubelet
                    .clock
                    .sleep(AFTER_FAILURE + VirtualSpan::from_nanos(rng.below(AFTER_FAILURE.as_nanos() / 2)))
                    .await;
            }
            futures::future::Either::Right(_) => {}
        }
    }
    while let Err(text) = kubelet.sync_terminated(&inbox.pod()).await {
        kubelet.log.error(format_args!("Error syncing terminated pod, skipping: {text}"));
        kubelet.clock.sleep(AFTER_FAILURE).await;
    }
}
