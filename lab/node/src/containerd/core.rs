//! What the parts of one containerd share.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tokio::task::JoinSet;
use winlab_clock::{Clock, Rng};
use winlab_component::{Context, HostFiles, Log, Machine};
use winlab_host::Feed;

use super::config::Config;
use super::host::Runtime;
use super::images::ImageStore;
use super::options::ContainerdOptions;
use super::records::{ContainerRecord, SandboxRecord};
use super::session::Attached;
use crate::cri::{ContainerEventResponse, ContainerEventType, ContainerStatus, CriError};

/// Records and images.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) sandboxes: BTreeMap<String, SandboxRecord>,
    pub(crate) containers: BTreeMap<String, ContainerRecord>,
    pub(crate) images: ImageStore,
    pub(crate) next_layer: u64,
    /// Tasks whose end is being dealt with.
    pub(crate) ending: BTreeSet<String>,
    /// Clients that are attached, by container.
    pub(crate) attached: BTreeMap<String, Vec<Attached>>,
    /// When the processor time of a container or a sandbox was last asked for, and what it was.
    pub(crate) usage: BTreeMap<String, (i64, u64)>,
    /// Output without a line's end yet, by container and stream.
    pub(crate) partial: BTreeMap<(String, &'static str), Vec<u8>>,
}

pub(crate) struct Core {
    pub(crate) machine: Machine,
    pub(crate) clock: Clock,
    pub(crate) log: Log,
    pub(crate) config: Config,
    pub(crate) options: ContainerdOptions,
    pub(crate) runtime: Runtime,
    pub(crate) files: HostFiles,
    pub(crate) boot: String,
    pub(crate) events: Feed<ContainerEventResponse>,
    /// Held while layers are unpacked: no two pulls write the same one.
    pub(crate) unpacking: tokio::sync::Mutex<()>,
    ids: Mutex<Rng>,
    state: Mutex<State>,
    changed: watch::Sender<u64>,
    tasks: Mutex<JoinSet<()>>,
}

impl Core {
    pub(crate) async fn new(
        context: &Context,
        config: Config,
        options: ContainerdOptions,
        runtime: Runtime,
    ) -> Arc<Self> {
        let boot = runtime.boot().await;
        Arc::new(Self {
            machine: context.machine.clone(),
            clock: context.clock,
            log: context.log.clone(),
            files: HostFiles::of(&context.machine),
            boot,
            config,
            options,
            runtime,
            events: Feed::default(),
            unpacking: tokio::sync::Mutex::new(()),
            ids: Mutex::new(context.seed.child("ids").rng()),
            state: Mutex::new(State::default()),
            changed: watch::Sender::new(0),
            tasks: Mutex::new(JoinSet::new()),
        })
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new id: 64 hexadecimal digits.
    pub(crate) fn new_id(&self) -> String {
        let bytes: [u8; 32] = self.ids.lock().unwrap_or_else(PoisonError::into_inner).bytes();
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Nanoseconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        i64::try_from(self.clock.timestamp().as_nanosecond()).unwrap_or(i64::MAX)
    }

    /// Runs work beside the calls, for as long as containerd runs.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(work);
    }

    /// Ends all work beside the calls.
    pub(crate) fn abort(&self) {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).abort_all();
    }

    /// Wakes whoever waits for a change.
    pub(crate) fn changed(&self) {
        self.changed.send_modify(|count| *count += 1);
    }

    /// Waits until `ready` has something to say; looks at once and after every change.
    pub(crate) async fn until<T>(&self, mut ready: impl FnMut(&State) -> Option<T>) -> T {
        let mut changes = self.changed.subscribe();
        loop {
            changes.mark_unchanged();
            if let Some(found) = ready(&self.state()) {
                return found;
            }
            // The sender lives in `self`: waiting cannot fail.
            drop(changes.changed().await);
        }
    }

    /// The changes themselves, for waits that ask the host in between.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Tells listeners about a container, or about the sandbox itself.
    pub(crate) fn publish(&self, id: &str, kind: ContainerEventType, sandbox: &SandboxRecord) {
        self.events.publish(&ContainerEventResponse {
            container_id: id.to_owned(),
            container_event_type: kind,
            created_at: self.now(),
            pod_sandbox_status: sandbox.to_status(),
        });
        self.changed();
    }

    /// Tells listeners about a container by its id.
    pub(crate) fn publish_container(&self, id: &str, kind: ContainerEventType) {
        let sandbox = {
            let state = self.state();
            let container = state.containers.get(id);
            container.and_then(|container| state.sandboxes.get(&container.sandbox_id)).cloned()
        };
        match sandbox {
            Some(sandbox) => self.publish(id, kind, &sandbox),
            None => self.changed(),
        }
    }

    /// The sandbox of an id or the beginning of one.
    pub(crate) fn sandbox(&self, id: &str) -> Result<SandboxRecord, CriError> {
        let state = self.state();
        let exact = state.sandboxes.get(id);
        let found = exact.or_else(|| {
            let mut hits = state.sandboxes.values().filter(|sandbox| sandbox.id.starts_with(id));
            hits.next().filter(|_| !id.is_empty())
        });
        found.cloned().ok_or_else(|| {
            CriError::not_found(format!("an error occurred when try to find sandbox {id:?}: not found"))
        })
    }

    /// A container's status; its image is shown by its tag where it has one.
    pub(crate) fn container_status(&self, record: &ContainerRecord) -> ContainerStatus {
        let mut status = record.to_status();
        if let Some(tag) = self.image(&record.image_id).and_then(|image| image.tags.first().cloned()) {
            status.image = tag;
        }
        status
    }

    /// The container of an id or the beginning of one.
    pub(crate) fn container(&self, id: &str) -> Result<ContainerRecord, CriError> {
        let state = self.state();
        let exact = state.containers.get(id);
        let found = exact.or_else(|| {
            let mut hits = state.containers.values().filter(|container| container.id.starts_with(id));
            hits.next().filter(|_| !id.is_empty())
        });
        found.cloned().ok_or_else(|| {
            CriError::not_found(format!("an error occurred when try to find container {id:?}: not found"))
        })
    }
}
