//! When something last happened that was more than a renewal.

use std::sync::{Arc, Mutex, PoisonError};

use winlab_clock::{Clock, VirtualInstant};
use winlab_control_plane::{Change, Observer, Write};
use winlab_document::Document;
use winlab_host::JournalEntry;

use crate::observer::{KubeChange, LabObserver};
use crate::standstill::Standstill;

/// The moment of the last thing that can matter to an expectation. Leases, heartbeats and queries are no such thing: a
/// world in which only they happen is at rest.
#[derive(Clone)]
pub(crate) struct Activity {
    clock: Clock,
    last: Arc<Mutex<VirtualInstant>>,
}

impl Activity {
    pub(crate) fn new(clock: Clock) -> Self {
        Self { clock, last: Arc::new(Mutex::new(clock.now())) }
    }

    pub(crate) fn touch(&self) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = self.clock.now();
    }

    pub(crate) fn last(&self) -> VirtualInstant {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of a boundary call that changed something.
    pub(crate) fn note_call(&self, entry: &JournalEntry) {
        if entry.outcome.is_ok() && changes_state(entry) {
            self.touch();
        }
    }
}

/// Whether a call changes what others can see. Files and reads do not count: logs and state files are written at rest.
fn changes_state(entry: &JournalEntry) -> bool {
    match entry.service {
        "hns" if entry.function == "HNSCall" => entry.arguments.text(&["method"]) != "GET",
        "hns" => ["HcnCreate", "HcnDelete", "HcnModify"].iter().any(|verb| entry.function.starts_with(verb)),
        "hcs" => ["HcsCreate", "HcsStart", "HcsTerminate", "HcsShutdown", "HcsModify"]
            .iter()
            .any(|verb| entry.function.starts_with(verb)),
        "system" => matches!(entry.function, "SetServiceStatus" | "StartService" | "ControlService"),
        "linux" => {
            let verbs = [
                "runc create",
                "runc start",
                "runc kill",
                "runc delete",
                "systemctl st",
                "sd_notify",
                "iptables-restore",
            ];
            verbs.iter().any(|verb| entry.function.starts_with(verb)) || is_network_change(entry.function)
        }
        _ => false,
    }
}

fn is_network_change(function: &str) -> bool {
    let network = function.starts_with("ip ") || function.starts_with("bridge ");
    network && [" add", " set", " delete", " replace"].iter().any(|verb| function.contains(verb))
}

/// Sees every write to the API server.
pub(crate) struct ApiObserver {
    pub(crate) activity: Activity,
    pub(crate) standstill: Standstill,
    pub(crate) observer: Arc<dyn LabObserver>,
}

impl Observer for ApiObserver {
    fn write(&self, write: &Write<'_>) {
        self.standstill.note();
        if write.changes.iter().any(|change| !is_renewal(change)) {
            self.activity.touch();
        }
        if self.observer.wants_everything() {
            self.observer.kube_change(&KubeChange {
                actor: write.actor,
                verb: write.verb,
                kind: write.kind,
                namespace: write.namespace,
                name: write.name,
                removed: write.changes.iter().any(|change| change.removed),
                code: write.code,
                message: write.message,
            });
        }
    }
}

/// Leases, repeated events, and node statuses that differ only in their heartbeats.
fn is_renewal(change: &Change<'_>) -> bool {
    let Some(before) = change.before else { return false };
    match change.kind {
        "Lease" | "Event" => !change.removed,
        "Node" => without_heartbeats(before) == without_heartbeats(change.after),
        _ => false,
    }
}

fn without_heartbeats(node: &Document) -> Document {
    let mut bare = node.clone();
    bare.remove_path(&["metadata", "resourceVersion"]);
    bare.remove_path(&["metadata", "managedFields"]);
    let conditions: Document = node
        .path(&["status", "conditions"])
        .map(Document::items)
        .unwrap_or_default()
        .iter()
        .map(|condition| {
            let mut condition = condition.clone();
            condition.remove("lastHeartbeatTime");
            condition
        })
        .collect();
    bare.set_path(&["status", "conditions"], conditions);
    bare
}
