//! An ordered copy of what a watch sees.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::Notify;

use crate::changes::{Changes, Pending};
use crate::objects::{Objects, place};
use crate::{Object, ObjectKey, WatchEvent};

/// All objects that a watch selects, by namespace and name. A clone is another handle to the same store.
pub struct Store<K> {
    shared: Arc<Shared<K>>,
}

struct Shared<K> {
    state: Mutex<State<K>>,
    changed: Notify,
}

struct State<K> {
    objects: Objects<K>,
    readers: Vec<Weak<Pending<K>>>,
    synced: bool,
}

impl<K> Clone for Store<K> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<K> fmt::Debug for Store<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("len", &self.len()).field("synced", &self.is_synced()).finish()
    }
}

impl<K> Default for Store<K> {
    fn default() -> Self {
        let state = State { objects: Objects::default(), readers: Vec::new(), synced: false };
        Self { shared: Arc::new(Shared { state: Mutex::new(state), changed: Notify::new() }) }
    }
}

impl<K> Store<K> {
    /// An empty store that is not synced.
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State<K>> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The object, if it is there.
    pub fn get(&self, key: &ObjectKey) -> Option<Arc<K>> {
        self.get_namespaced(&key.namespace, &key.name)
    }

    /// The object of a kind without namespaces.
    pub fn get_cluster(&self, name: &str) -> Option<Arc<K>> {
        self.get_namespaced("", name)
    }

    /// The object in a namespace.
    pub fn get_namespaced(&self, namespace: &str, name: &str) -> Option<Arc<K>> {
        self.state().objects.get(namespace, name).cloned()
    }

    /// All objects by namespace and name.
    pub fn list(&self) -> Vec<Arc<K>> {
        self.state().objects.values().cloned().collect()
    }

    /// The objects of one namespace by name.
    pub fn list_namespace(&self, namespace: &str) -> Vec<Arc<K>> {
        self.state().objects.in_namespace(namespace).cloned().collect()
    }

    /// The objects for which `keep` says so, by namespace and name.
    pub fn select(&self, mut keep: impl FnMut(&K) -> bool) -> Vec<Arc<K>> {
        self.state().objects.values().filter(|object| keep(object)).cloned().collect()
    }

    /// How many objects there are.
    pub fn len(&self) -> usize {
        self.state().objects.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the first list has been taken in.
    pub fn is_synced(&self) -> bool {
        self.state().synced
    }

    /// Waits for the first list.
    pub async fn synced(&self) {
        self.until(|store| store.is_synced().then_some(())).await;
    }

    /// Waits for the next change after this call. A loop that must not miss one uses [`Store::changes`] or
    /// [`Store::until`].
    pub async fn changed(&self) {
        self.shared.changed.notified().await;
    }

    /// Waits until `ready` has something to say about the store; looks at once and after every change.
    pub async fn until<T>(&self, mut ready: impl FnMut(&Self) -> Option<T>) -> T {
        loop {
            let mut changed = std::pin::pin!(self.shared.changed.notified());
            changed.as_mut().enable();
            if let Some(found) = ready(self) {
                return found;
            }
            changed.await;
        }
    }
}

impl<K: Object> Store<K> {
    /// A queue of everything that changes from now on; what is there already counts as new.
    pub fn changes(&self) -> Changes<K> {
        let pending = Arc::new(Pending::new());
        let mut state = self.state();
        for object in state.objects.values() {
            pending.record(&ObjectKey::of(&**object), None, Some(object));
        }
        state.readers.retain(|reader| reader.strong_count() > 0);
        state.readers.push(Arc::downgrade(&pending));
        Changes(pending)
    }

    /// Takes in one event of a watch.
    pub fn apply(&self, event: &WatchEvent<K>) {
        match event {
            WatchEvent::Listed(objects) => self.replace(objects),
            WatchEvent::Applied(object) => self.put(object),
            WatchEvent::Deleted(object) => self.take_out(object),
            WatchEvent::Interrupted { .. } => return,
        }
        self.shared.changed.notify_waiters();
    }

    fn replace(&self, objects: &[Arc<K>]) {
        let fresh: Objects<K> = objects.iter().cloned().collect();
        let mut state = self.state();
        state.synced = true;
        let old = std::mem::replace(&mut state.objects, fresh);
        let State { objects: new, readers, .. } = &*state;
        for reader in readers.iter().filter_map(Weak::upgrade) {
            for before in old.values() {
                let (namespace, name) = place(&**before);
                match new.get(namespace, name) {
                    None => reader.record(&ObjectKey::of(&**before), Some(before), None),
                    Some(now) if is_other(before, now) => {
                        reader.record(&ObjectKey::of(&**now), Some(before), Some(now));
                    }
                    Some(_) => {}
                }
            }
            for now in new.values() {
                let (namespace, name) = place(&**now);
                if old.get(namespace, name).is_none() {
                    reader.record(&ObjectKey::of(&**now), None, Some(now));
                }
            }
        }
    }

    fn put(&self, now: &Arc<K>) {
        let (namespace, name) = place(&**now);
        let mut state = self.state();
        let before = state.objects.insert(namespace, name, Arc::clone(now));
        state.tell(now, before.as_ref(), Some(now));
    }

    fn take_out(&self, last: &Arc<K>) {
        let (namespace, name) = place(&**last);
        let mut state = self.state();
        let before = state.objects.remove(namespace, name);
        state.tell(last, before.as_ref(), None);
    }
}

impl<K: Object> State<K> {
    /// Hands a change of an object on to those who read changes.
    fn tell(&self, object: &Arc<K>, before: Option<&Arc<K>>, now: Option<&Arc<K>>) {
        if self.readers.is_empty() {
            return;
        }
        let key = ObjectKey::of(&**object);
        for reader in self.readers.iter().filter_map(Weak::upgrade) {
            reader.record(&key, before, now);
        }
    }
}

/// Whether two copies of one object are different versions of it.
fn is_other<K: Object>(a: &Arc<K>, b: &Arc<K>) -> bool {
    !Arc::ptr_eq(a, b)
        && (a.meta().resource_version != b.meta().resource_version || a.meta().uid != b.meta().uid)
}
