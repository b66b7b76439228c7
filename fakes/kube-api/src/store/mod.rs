//! Objects with one global revision, and for each kind a bounded history that watches read from.
//!
//! - `collection`: the objects of one kind, their index, their history and their watchers;
//! - `object`: a stored object and its life as part of an event;
//! - `history`: the watch cache;
//! - `watcher`: one open watch.
//!
//! Nothing in here waits or reads a clock: a write happens at a moment it is given.

mod collection;
mod history;
mod object;
mod watcher;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use winlab_clock::VirtualInstant;
use winlab_document::Document;

pub(crate) use collection::{Collection, Query};
pub(crate) use object::{Delivery, EventObject, Stored};
pub(crate) use watcher::{Wanted, Watcher};

use crate::config::HistoryLimits;
use crate::kinds::{KINDS, KindId};

/// All objects of a server.
#[derive(Debug)]
pub(crate) struct Store {
    revision: u64,
    collections: Vec<Collection>,
}

impl Store {
    pub(crate) fn new(limits: HistoryLimits) -> Self {
        let collections = KINDS.iter().map(|kind| Collection::new(kind, limits)).collect();
        // A new etcd's first write gets revision 2.
        Self { revision: 1, collections }
    }

    /// The revision of the newest write.
    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }

    pub(crate) fn kind(&self, kind: KindId) -> &Collection {
        &self.collections[kind]
    }

    pub(crate) fn kind_mut(&mut self, kind: KindId) -> &mut Collection {
        &mut self.collections[kind]
    }

    /// Adds or replaces an object, and gives it its resource version.
    pub(crate) fn put(
        &mut self,
        kind: KindId,
        key: &str,
        mut object: Document,
        now: VirtualInstant,
    ) -> Arc<EventObject> {
        self.revision += 1;
        object.member_mut("metadata").set("resourceVersion", self.revision.to_string());
        self.collections[kind].put(key, object, self.revision, now)
    }

    /// Removes an object; `last` is how it is told to watchers, its resource version aside.
    pub(crate) fn remove(
        &mut self,
        kind: KindId,
        key: &str,
        mut last: Document,
        now: VirtualInstant,
    ) -> Arc<EventObject> {
        self.revision += 1;
        last.member_mut("metadata").set("resourceVersion", self.revision.to_string());
        self.collections[kind].remove(key, last, self.revision, now)
    }
}
