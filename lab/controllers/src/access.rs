//! What every controller is given.

use winlab_clock::{Clock, Seed, VirtualSpan};
use winlab_kube_client::k8s::meta::Time;
use winlab_kube_client::k8s_openapi::NamespaceResourceScope;
use winlab_kube_client::{Api, Client, Object, ObjectKey, Resource, Store};

use crate::events::Recorder;
use crate::informers::Informers;

/// How long a controller waits to see its own write before it goes on; upstream's expectations time out likewise.
const EXPECTATIONS_TIMEOUT: VirtualSpan = VirtualSpan::from_secs(300);

/// One controller's means: a client of its own, the shared informers, clock, seed and event recorder.
#[derive(Clone)]
pub(crate) struct Access {
    pub(crate) client: Client,
    pub(crate) informers: Informers,
    pub(crate) clock: Clock,
    pub(crate) seed: Seed,
    pub(crate) recorder: Recorder,
}

impl Access {
    /// The objects of a kind in one namespace.
    pub(crate) fn of<K>(&self, namespace: &str) -> Api<K>
    where
        K: Resource<Scope = NamespaceResourceScope, DynamicType = ()>,
    {
        Api::namespaced(self.client.clone(), namespace)
    }

    /// The date, for objects.
    pub(crate) fn time(&self) -> Time {
        Time(self.clock.timestamp())
    }

    /// How long ago a date was.
    pub(crate) fn since(&self, time: &Time) -> VirtualSpan {
        let passed = self.clock.timestamp().duration_since(time.0);
        u64::try_from(passed.as_nanos()).map_or(VirtualSpan::ZERO, VirtualSpan::from_nanos)
    }

    /// Waits until `store` shows `object` at least as new as it is: a controller must not decide from a view that
    /// lacks what it has just written.
    pub(crate) async fn seen<K: Object>(&self, store: &Store<K>, object: &K) {
        let (key, written) = (ObjectKey::of(object), version_of(object));
        let uid = object.meta().uid.clone();
        let shown = store.until(|store| match store.get(&key) {
            Some(found) if found.meta().uid == uid => (version_of(&*found) >= written).then_some(()),
            Some(_) => Some(()),
            None => None,
        });
        // A timeout is not a failure: the object may be gone again already.
        let _ = self.clock.within(EXPECTATIONS_TIMEOUT, shown).await;
    }

    /// Waits until `store` shows that an object is going or gone.
    pub(crate) async fn seen_deleted<K: Object>(&self, store: &Store<K>, object: &K) {
        let (key, uid) = (ObjectKey::of(object), object.meta().uid.clone());
        let shown = store.until(|store| match store.get(&key) {
            Some(found) if found.meta().uid == uid => found.meta().deletion_timestamp.is_some().then_some(()),
            _ => Some(()),
        });
        let _ = self.clock.within(EXPECTATIONS_TIMEOUT, shown).await;
    }
}

/// Resource versions are opaque to users; servers count them, and since 1.35 the documents allow comparing them as
/// numbers (KEP-5504).
fn version_of<K: Object>(object: &K) -> u64 {
    object.meta().resource_version.as_deref().and_then(|version| version.parse().ok()).unwrap_or_default()
}
