//! Telling the API server (`pkg/kubelet/status/status_manager.go`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use winlab_clock::{Clock, VirtualSpan};
use winlab_document::{Document, doc};
use winlab_kube_client::api::{DeleteParams, Patch, PatchParams, Preconditions};
use winlab_kube_client::k8s::core::{Pod, PodStatus};
use winlab_kube_client::k8s::meta::Time;
use winlab_kube_client::{Api, ErrorExt};

use crate::kubelet::core::Kubelet;
use crate::kubelet::patch;
use crate::kubelet::pod::facts::PodFacts;

/// How long until a status that could not be written is tried again (`syncPeriod`).
const RETRY: VirtualSpan = VirtualSpan::from_secs(10);

/// One pod's status as the kubelet has it.
#[derive(Clone)]
struct Entry {
    pod: Arc<Pod>,
    status: PodStatus,
    /// As the API server has it, as far as is known.
    sent: Document,
    finished: bool,
    deleted: bool,
}

/// The statuses of all pods, and which of them are to be sent.
pub(crate) struct Statuses {
    clock: Clock,
    /// Boxed: a map's leaf has room for eleven, and most nodes have a few.
    entries: Mutex<BTreeMap<String, Box<Entry>>>,
    dirty: Mutex<BTreeSet<String>>,
    wake: Notify,
}

impl Statuses {
    pub(crate) fn new(clock: Clock) -> Self {
        Self { clock, entries: Mutex::default(), dirty: Mutex::default(), wake: Notify::new() }
    }

    fn entries(&self) -> MutexGuard<'_, BTreeMap<String, Box<Entry>>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The status as the kubelet has it.
    pub(crate) fn get(&self, uid: &str) -> Option<PodStatus> {
        self.entries().get(uid).map(|entry| entry.status.clone())
    }

    /// The pod as it was last seen, and its status.
    pub(crate) fn pod_and_status(&self, uid: &str) -> Option<(Arc<Pod>, PodStatus)> {
        self.entries().get(uid).map(|entry| (entry.pod.clone(), entry.status.clone()))
    }

    /// The API server's copy of the pod has changed.
    pub(crate) fn observe(&self, pod: &Arc<Pod>) {
        if let Some(entry) = self.entries().get_mut(pod.uid()) {
            entry.pod = pod.clone();
            entry.sent = sent(pod);
        } else {
            return;
        }
        self.mark(pod.uid());
    }

    /// Sets a pod's status; equal ones are not sent again.
    pub(crate) fn set(&self, pod: &Arc<Pod>, mut status: PodStatus, finished: bool) {
        let uid = pod.uid();
        {
            let mut entries = self.entries();
            let old = entries.get(uid);
            let before =
                old.map_or_else(|| pod.status.clone().unwrap_or_default(), |entry| entry.status.clone());
            self.stamp(&mut status, &before);
            let finished = finished || old.is_some_and(|entry| entry.finished);
            let known = old.map_or_else(|| sent(pod), |entry| entry.sent.clone());
            if old.is_some_and(|entry| entry.status == status && entry.finished == finished) {
                return;
            }
            let entry = Entry { pod: pod.clone(), status, sent: known, finished, deleted: false };
            entries.insert(uid.to_owned(), Box::new(entry));
        }
        self.mark(uid);
    }

    /// Times that do not move while nothing changes.
    fn stamp(&self, status: &mut PodStatus, before: &PodStatus) {
        let now = Time(truncated(self.clock.timestamp()));
        for condition in status.conditions.iter_mut().flatten() {
            let old = before.conditions.iter().flatten().find(|old| old.type_ == condition.type_);
            condition.last_transition_time = match old {
                Some(old) if old.status == condition.status && old.last_transition_time.is_some() => {
                    old.last_transition_time.clone()
                }
                _ => Some(now.clone()),
            };
        }
        status.start_time = before.start_time.clone().or(Some(now));
    }

    fn mark(&self, uid: &str) {
        self.dirty.lock().unwrap_or_else(PoisonError::into_inner).insert(uid.to_owned());
        self.wake.notify_one();
    }

    fn take(&self) -> Vec<String> {
        let dirty = std::mem::take(&mut *self.dirty.lock().unwrap_or_else(PoisonError::into_inner));
        dirty.into_iter().collect()
    }

    /// Forgets a pod that is gone.
    pub(crate) fn forget(&self, uid: &str) {
        self.entries().remove(uid);
    }
}

/// The API knows whole seconds.
fn truncated(at: jiff::Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_second(at.as_second()).unwrap_or(at)
}

fn sent(pod: &Pod) -> Document {
    pod.status.as_ref().and_then(|status| Document::encode(status).ok()).unwrap_or_default()
}

/// Sends what is due, pod by pod, for as long as the kubelet runs.
pub(crate) async fn drive(kubelet: Arc<Kubelet>) {
    loop {
        let mut failed = false;
        for uid in kubelet.statuses.take() {
            if !Box::pin(sync(&kubelet, &uid)).await {
                kubelet.statuses.mark(&uid);
                failed = true;
            }
        }
        if failed {
            kubelet.clock.sleep(RETRY).await;
        } else {
            kubelet.statuses.wake.notified().await;
        }
    }
}

/// Sends one pod's status and deletes the pod once it is done; whether nothing is left to do.
async fn sync(kubelet: &Kubelet, uid: &str) -> bool {
    let Some(entry) = kubelet.statuses.entries().get(uid).cloned() else { return true };
    let api: Api<Pod> = Api::namespaced(kubelet.client.clone(), entry.pod.namespace());
    let new = Document::encode(&entry.status).unwrap_or_default();
    let mut phase = entry.pod.phase().to_owned();
    if let Some(patch) = difference(&entry.sent, &new) {
        let patch = doc!({"metadata": {"uid": uid}, "status": patch});
        let params = PatchParams::default();
        match api.patch_status(entry.pod.name(), &params, &Patch::Strategic(&patch)).await {
            Ok(pod) => {
                pod.phase().clone_into(&mut phase);
                if let Some(entry) = kubelet.statuses.entries().get_mut(uid) {
                    entry.sent = sent(&pod);
                }
            }
            // A pod of the same name but another UID is another pod: this one is gone.
            Err(error) if error.is_not_found() || error.is_conflict() => return true,
            Err(error) => {
                kubelet
                    .log
                    .warning(format_args!("Failed to update status for pod {}: {error}", entry.pod.text()));
                return false;
            }
        }
    }
    let terminal = matches!(phase.as_str(), "Succeeded" | "Failed");
    if entry.finished
        && entry.pod.is_deleted()
        && !entry.deleted
        && (terminal || !kubelet.config.gates.since(27))
    {
        return delete(kubelet, &api, &entry, uid).await;
    }
    true
}

async fn delete(kubelet: &Kubelet, api: &Api<Pod>, entry: &Entry, uid: &str) -> bool {
    let params = DeleteParams {
        grace_period_seconds: Some(0),
        preconditions: Some(Preconditions { uid: Some(uid.to_owned()), resource_version: None }),
        ..DeleteParams::default()
    };
    match api.delete(entry.pod.name(), &params).await {
        Err(error) if !error.is_not_found() && !error.is_conflict() => {
            kubelet
                .log
                .warning(format_args!("Failed to delete status for pod {}: {error}", entry.pod.text()));
            false
        }
        _ => {
            if let Some(entry) = kubelet.statuses.entries().get_mut(uid) {
                entry.deleted = true;
            }
            true
        }
    }
}

/// Lists that strategic merge would add to; they are to be replaced.
const MERGED_LISTS: [&str; 2] = ["podIPs", "hostIPs"];

/// A strategic merge patch from one status to another; none where they are equal.
fn difference(old: &Document, new: &Document) -> Option<Document> {
    let same = |name: &str, before: &Document, now: &Document| {
        name == "conditions" && by_type(before) == by_type(now)
    };
    let mut patch = patch::changed(old, new, same).build();
    for name in MERGED_LISTS {
        if let (Some(value), true) = (patch.get(name).cloned(), old.get(name).is_some()) {
            let items = [doc!({"$patch": "replace"})].into_iter().chain(value.items().iter().cloned());
            patch.set(name, items.collect::<Document>());
        }
    }
    // What the kubelet does not write belongs to somebody else, but for the reason of a phase that is over.
    for name in ["reason", "message"] {
        if old.get(name).is_some_and(|value| !value.is_null()) && new.get(name).is_none() {
            patch.set(name, Document::Null);
        }
    }
    (!patch.members().is_empty()).then_some(patch)
}

/// Conditions in an order of their own: the server keeps another one.
fn by_type(conditions: &Document) -> BTreeMap<&str, &Document> {
    conditions.items().iter().map(|condition| (condition.text(&["type"]), condition)).collect()
}

#[cfg(test)]
mod tests {
    use winlab_document::doc;

    use super::difference;

    #[test]
    fn only_what_changed_is_sent() {
        let old = doc!({"phase": "Pending", "podIPs": [{"ip": "1"}], "qosClass": "BestEffort", "reason": "x", "nominatedNodeName": "n"});
        let new = doc!({"phase": "Running", "podIPs": [{"ip": "2"}], "qosClass": "BestEffort"});
        assert_eq!(
            difference(&old, &new).unwrap().to_string(),
            r#"{"phase":"Running","podIPs":[{"$patch":"replace"},{"ip":"2"}],"reason":null}"#
        );
        assert_eq!(difference(&new, &new), None);
    }
}
