//! What changed in a store since somebody last looked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use crate::ObjectKey;

/// An object that is not as it was when the reader last looked.
#[derive(Debug)]
pub struct Change<K> {
    /// Which object.
    pub key: ObjectKey,
    /// As the reader last saw it; `None` if it is new to the reader.
    pub before: Option<Arc<K>>,
    /// As it is now; `None` if it is gone.
    pub now: Option<Arc<K>>,
}

impl<K> Clone for Change<K> {
    fn clone(&self) -> Self {
        Self { key: self.key.clone(), before: self.before.clone(), now: self.now.clone() }
    }
}

/// Changes not yet read: several of one object become one.
#[derive(Debug)]
pub(crate) struct Pending<K> {
    changes: Mutex<BTreeMap<ObjectKey, Change<K>>>,
    wake: Notify,
}

impl<K> Pending<K> {
    pub(crate) fn new() -> Self {
        Self { changes: Mutex::new(BTreeMap::new()), wake: Notify::new() }
    }

    pub(crate) fn record(&self, key: &ObjectKey, before: Option<&Arc<K>>, now: Option<&Arc<K>>) {
        let mut changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        match changes.get_mut(key) {
            Some(change) => {
                change.now = now.cloned();
                if change.before.is_none() && change.now.is_none() {
                    changes.remove(key);
                }
            }
            None => {
                let change = Change { key: key.clone(), before: before.cloned(), now: now.cloned() };
                changes.insert(key.clone(), change);
            }
        }
        drop(changes);
        self.wake.notify_one();
    }

    fn take(&self) -> Vec<Change<K>> {
        std::mem::take(&mut *self.changes.lock().unwrap_or_else(PoisonError::into_inner))
            .into_values()
            .collect()
    }
}

/// A reader's own queue of changes, from [`crate::Store::changes`]. What was in the store at its making counts as new.
#[derive(Debug)]
pub struct Changes<K>(pub(crate) Arc<Pending<K>>);

impl<K> Changes<K> {
    /// Waits until something changed and gives every object that did, once, in key order.
    pub async fn next(&mut self) -> Vec<Change<K>> {
        loop {
            let changes = self.0.take();
            if !changes.is_empty() {
                return changes;
            }
            self.0.wake.notified().await;
        }
    }

    /// What changed since the last look, without waiting.
    pub fn take(&mut self) -> Vec<Change<K>> {
        self.0.take()
    }
}
