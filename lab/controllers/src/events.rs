//! Event objects, one per happening, counted when it repeats.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use winlab_clock::{Clock, Rng, Seed};
use winlab_kube_client::api::{Patch, PatchParams, PostParams};
use winlab_kube_client::k8s::core::{Event, EventSource, ObjectReference};
use winlab_kube_client::k8s::meta::{ObjectMeta, Time};
use winlab_kube_client::{Api, Client, Resource, ResourceExt};

/// Writes the events of one component, as client-go's legacy recorder does: the same message about the same object
/// raises `count` instead of making another event.
#[derive(Clone)]
pub struct Recorder(Arc<Shared>);

struct Shared {
    client: Client,
    clock: Clock,
    component: String,
    host: String,
    state: Mutex<State>,
}

struct State {
    rng: Rng,
    seen: BTreeMap<(String, String, String), (String, i32)>,
}

/// How many distinct messages are remembered for counting (client-go `tools/record/events_cache.go`).
const REMEMBERED: usize = 4096;

impl Recorder {
    /// A recorder for `component`; `host` is its node, or empty.
    #[must_use]
    pub fn new(client: Client, clock: Clock, seed: Seed, component: &str, host: &str) -> Self {
        let state = State { rng: seed.child("events").rng(), seen: BTreeMap::new() };
        Self(Arc::new(Shared {
            client,
            clock,
            component: component.to_owned(),
            host: host.to_owned(),
            state: Mutex::new(state),
        }))
    }

    /// Records that something ordinary happened. Failing to write it is no failure of the caller.
    pub async fn normal<K: Resource<DynamicType = ()>>(&self, about: &K, reason: &str, message: &str) {
        self.record(about, "Normal", reason, message).await;
    }

    /// Records that something is wrong.
    pub async fn warning<K: Resource<DynamicType = ()>>(&self, about: &K, reason: &str, message: &str) {
        self.record(about, "Warning", reason, message).await;
    }

    async fn record<K: Resource<DynamicType = ()>>(
        &self,
        about: &K,
        kind: &str,
        reason: &str,
        message: &str,
    ) {
        let namespace = about.namespace().unwrap_or_else(|| "default".to_owned());
        let events: Api<Event> = Api::namespaced(self.0.client.clone(), &namespace);
        let uid = about.uid().unwrap_or_default();
        let now = Time(self.0.clock.timestamp());
        match self.count(&about.name_any(), &uid, reason, message) {
            (name, 1) => {
                let event = self.event(about, kind, reason, message, name, namespace, now);
                // Events are told on a best-effort basis upstream too.
                let _ = events.create(&PostParams::default(), &event).await;
            }
            (name, count) => {
                let patch = serde_json::json!({"count": count, "lastTimestamp": now});
                let _ = events.patch(&name, &PatchParams::default(), &Patch::Merge(patch)).await;
            }
        }
    }

    /// The event's name and how often it has happened, this time included.
    fn count(&self, object: &str, uid: &str, reason: &str, message: &str) -> (String, i32) {
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (uid.to_owned(), reason.to_owned(), message.to_owned());
        if let Some((name, count)) = state.seen.get_mut(&key) {
            *count += 1;
            return (name.clone(), *count);
        }
        if state.seen.len() >= REMEMBERED {
            state.seen.pop_first();
        }
        let name = format!("{object}.{:016x}", state.rng.next_u64());
        state.seen.insert(key, (name.clone(), 1));
        (name, 1)
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one event, used once")]
    fn event<K: Resource<DynamicType = ()>>(
        &self,
        about: &K,
        kind: &str,
        reason: &str,
        message: &str,
        name: String,
        namespace: String,
        now: Time,
    ) -> Event {
        Event {
            metadata: ObjectMeta { name: Some(name), namespace: Some(namespace), ..ObjectMeta::default() },
            involved_object: ObjectReference {
                api_version: Some(K::api_version(&()).into_owned()),
                kind: Some(K::kind(&()).into_owned()),
                name: Some(about.name_any()),
                namespace: about.namespace(),
                uid: about.uid(),
                resource_version: about.resource_version(),
                ..ObjectReference::default()
            },
            type_: Some(kind.to_owned()),
            reason: Some(reason.to_owned()),
            message: Some(message.to_owned()),
            count: Some(1),
            first_timestamp: Some(now.clone()),
            last_timestamp: Some(now),
            source: Some(EventSource {
                component: Some(self.0.component.clone()),
                host: (!self.0.host.is_empty()).then(|| self.0.host.clone()),
            }),
            reporting_component: Some(self.0.component.clone()),
            reporting_instance: Some(self.0.host.clone()),
            ..Event::default()
        }
    }
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Recorder({})", self.0.component)
    }
}
