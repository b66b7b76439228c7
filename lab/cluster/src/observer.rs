//! Who is told what happens in a lab.

use winlab_component::Level;
use winlab_host::JournalEntry;

/// Hears what happens in a lab. Called in the order of events; it must not call back into the lab.
pub trait LabObserver: Send + Sync {
    /// Whether anybody reads calls, log lines and changes. While nobody does, none of the methods below is called.
    fn wants_everything(&self) -> bool;

    /// A call crossed a node's boundary.
    fn boundary_call(&self, node: &str, entry: &JournalEntry);

    /// A component wrote to its log.
    fn log(&self, node: &str, component: &str, level: Level, text: &str);

    /// Somebody wrote to the API server.
    fn kube_change(&self, change: &KubeChange<'_>);
}

/// A write to the API server, done or refused.
#[derive(Clone, Copy, Debug)]
pub struct KubeChange<'a> {
    /// The component that asked.
    pub actor: &'a str,
    /// `create`, `update`, `patch`, `delete`.
    pub verb: &'static str,
    /// Kind of the object.
    pub kind: &'a str,
    /// Its namespace; empty of kinds without.
    pub namespace: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Whether it is gone now.
    pub removed: bool,
    /// HTTP status of the answer.
    pub code: u16,
    /// The refusal's message.
    pub message: &'a str,
}
