//! The objects of one kind.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

use winlab_clock::VirtualInstant;
use winlab_document::Document;

use super::history::History;
use super::object::{Event, EventObject, Stored};
use super::watcher::{Wanted, Watcher};
use crate::config::HistoryLimits;
use crate::kinds::Kind;
use crate::select::FieldSelector;

/// A watch's number, in the order of opening.
pub(crate) type WatchId = u64;

#[derive(Debug)]
pub(crate) struct Collection {
    kind: &'static Kind,
    /// By `namespace/name`: the order of etcd's keys, and so of a real server's lists.
    objects: BTreeMap<Arc<str>, Arc<Stored>>,
    /// By the value of the kind's index field, unless that is the name.
    index: BTreeMap<Box<str>, BTreeSet<Arc<str>>>,
    history: History,
    watchers: BTreeMap<WatchId, Arc<Watcher>>,
    /// Watches that ask for one value of the index field; the others are in `broad`.
    narrow: BTreeMap<Box<str>, BTreeSet<WatchId>>,
    broad: BTreeSet<WatchId>,
    next_watch: WatchId,
}

/// What a list is about.
#[derive(Clone, Debug)]
pub(crate) struct Query<'a> {
    pub(crate) wanted: &'a Wanted,
    /// Start after this key.
    pub(crate) after: Option<&'a str>,
    /// Stop after so many.
    pub(crate) limit: Option<usize>,
}

impl Collection {
    pub(crate) fn new(kind: &'static Kind, limits: HistoryLimits) -> Self {
        Self {
            kind,
            objects: BTreeMap::new(),
            index: BTreeMap::new(),
            history: History::new(limits),
            watchers: BTreeMap::new(),
            narrow: BTreeMap::new(),
            broad: BTreeSet::new(),
            next_watch: 0,
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Arc<Stored>> {
        self.objects.get(key)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Stored>> {
        self.objects.values()
    }

    /// The objects of one namespace.
    pub(crate) fn in_namespace<'a>(
        &'a self,
        namespace: &str,
    ) -> impl Iterator<Item = &'a Arc<Stored>> + use<'a> {
        let prefix = format!("{namespace}/");
        self.objects
            .range::<str, _>((Bound::Included(prefix.as_str()), Bound::Unbounded))
            .take_while(move |(key, _)| key.starts_with(&prefix))
            .map(|(_, stored)| stored)
            .collect::<Vec<_>>()
            .into_iter()
    }

    /// Matching objects in key order, and how many more there are behind the limit.
    pub(crate) fn list(&self, query: &Query<'_>) -> (Vec<Arc<Stored>>, usize) {
        self.page(query, self.candidates(query))
    }

    /// The same as of an earlier revision; `None` if that is no longer kept.
    pub(crate) fn list_at(&self, query: &Query<'_>, revision: u64) -> Option<(Vec<Arc<Stored>>, usize)> {
        let later: Vec<_> = self.history.since(revision).ok()?.cloned().collect();
        if later.is_empty() {
            return Some(self.list(query));
        }
        let mut then = self.objects.clone();
        for event in later.iter().rev() {
            match &event.before {
                Some(before) => then.insert(Arc::clone(&before.key), Arc::clone(before)),
                None => then.remove(&event.object.stored.key),
            };
        }
        let lower = query.after.unwrap_or(&query.wanted.prefix);
        let first = then.range::<str, _>((Bound::Included(lower), Bound::Unbounded));
        Some(self.page(query, Box::new(first.map(|(_, stored)| stored))))
    }

    /// Objects that may match, in key order: through the index where the selector allows it.
    fn candidates<'a>(&'a self, query: &Query<'a>) -> Box<dyn Iterator<Item = &'a Arc<Stored>> + 'a> {
        if let Some(name) = query.wanted.fields.required("metadata.name")
            && (!self.kind.namespaced || !query.wanted.prefix.is_empty())
        {
            let key = format!("{}{name}", query.wanted.prefix);
            return Box::new(self.objects.get(key.as_str()).into_iter());
        }
        if self.has_index()
            && let Some(value) = query.wanted.fields.required(self.kind.index)
        {
            let keys = self.index.get(value).into_iter().flatten();
            return Box::new(keys.filter_map(|key| self.objects.get(key)));
        }
        let lower = query.after.unwrap_or(&query.wanted.prefix);
        Box::new(
            self.objects
                .range::<str, _>((Bound::Included(lower), Bound::Unbounded))
                .map(|(_, stored)| stored)
                .take_while(|stored| stored.key.starts_with(&query.wanted.prefix)),
        )
    }

    #[expect(clippy::unused_self, reason = "reads as the collection's page")]
    fn page<'a>(
        &self,
        query: &Query<'_>,
        candidates: Box<dyn Iterator<Item = &'a Arc<Stored>> + 'a>,
    ) -> (Vec<Arc<Stored>>, usize) {
        let mut matching = candidates
            .filter(|stored| query.after.is_none_or(|after| &*stored.key > after))
            .filter(|stored| query.wanted.matches(&stored.key, &stored.document));
        let limit = query.limit.unwrap_or(usize::MAX);
        let page: Vec<_> = matching.by_ref().take(limit).cloned().collect();
        (page, matching.count())
    }

    fn has_index(&self) -> bool {
        self.kind.index != "metadata.name"
    }

    fn index_value<'a>(&self, object: &'a Document) -> &'a str {
        crate::select::index_value(object, self.kind.index)
    }

    pub(super) fn put(
        &mut self,
        key: &str,
        document: Document,
        revision: u64,
        now: VirtualInstant,
    ) -> Arc<EventObject> {
        let before = self.objects.get(key).cloned();
        let key = before.as_ref().map_or_else(|| Arc::from(key), |old| Arc::clone(&old.key));
        if self.has_index() {
            self.reindex(&key, before.as_ref().map(|old| &old.document), Some(&document));
        }
        let stored = Stored::new(Arc::clone(&key), document, revision);
        self.objects.insert(key, Arc::clone(&stored));
        self.publish(Event::new(now, EventObject::new(stored), before, false))
    }

    pub(super) fn remove(
        &mut self,
        key: &str,
        last: Document,
        revision: u64,
        now: VirtualInstant,
    ) -> Arc<EventObject> {
        let before = self.objects.remove(key);
        if let Some(before) = before.as_ref().filter(|_| self.has_index()) {
            let key = Arc::clone(&before.key);
            self.reindex(&key, Some(&before.document), None);
        }
        let stored = Stored::new(Arc::from(key), last, revision);
        self.publish(Event::new(now, EventObject::new(stored), before, true))
    }

    fn reindex(&mut self, key: &Arc<str>, before: Option<&Document>, after: Option<&Document>) {
        let field = self.kind.index;
        let old = before.map(|object| crate::select::index_value(object, field));
        let new = after.map(|object| crate::select::index_value(object, field));
        if old == new {
            return;
        }
        if let Some(old) = old
            && let Some(keys) = self.index.get_mut(old)
        {
            keys.remove(key);
            if keys.is_empty() {
                self.index.remove(old);
            }
        }
        if let Some(new) = new {
            self.index.entry(new.into()).or_default().insert(Arc::clone(key));
        }
    }

    fn publish(&mut self, event: Arc<Event>) -> Arc<EventObject> {
        for id in &self.broad {
            self.watchers[id].offer(&event);
        }
        let now = self.index_value(&event.object.stored.document);
        let before = event.before.as_ref().map(|old| self.index_value(&old.document));
        for value in [Some(now), before.filter(|before| *before != now)].into_iter().flatten() {
            for id in self.narrow.get(value).into_iter().flatten() {
                self.watchers[id].offer(&event);
            }
        }
        let object = Arc::clone(&event.object);
        self.history.push(event);
        object
    }

    /// Opens a watch that is told everything after `revision`.
    ///
    /// # Errors
    /// The oldest revision that could be asked for, if that one is older.
    pub(crate) fn watch(&mut self, wanted: Wanted, revision: u64) -> Result<(WatchId, Arc<Watcher>), u64> {
        let watcher = Watcher::new(wanted);
        for event in self.history.since(revision)? {
            watcher.offer(event);
        }
        let id = self.next_watch;
        self.next_watch += 1;
        match narrow_value(self.kind, &watcher.wanted.fields) {
            Some(value) => self.narrow.entry(value.into()).or_default().insert(id),
            None => self.broad.insert(id),
        };
        self.watchers.insert(id, Arc::clone(&watcher));
        Ok((id, watcher))
    }

    /// Forgets a watch that nobody reads any more.
    pub(crate) fn unwatch(&mut self, id: WatchId) {
        let Some(watcher) = self.watchers.remove(&id) else { return };
        self.broad.remove(&id);
        if let Some(value) = narrow_value(self.kind, &watcher.wanted.fields)
            && let Some(ids) = self.narrow.get_mut(value)
        {
            ids.remove(&id);
            if ids.is_empty() {
                self.narrow.remove(value);
            }
        }
    }

    /// Ends all watches, as a server does that restarts.
    pub(crate) fn drop_watches(&self) -> usize {
        for watcher in self.watchers.values() {
            watcher.close();
        }
        self.watchers.len()
    }

    /// Forgets the history, so that watches from before `revision` get 410.
    pub(crate) fn compact(&mut self, revision: u64) {
        self.history.forget(revision);
    }
}

/// The value of the index field that a watch asks for, if it asks for one.
fn narrow_value<'a>(kind: &Kind, fields: &'a FieldSelector) -> Option<&'a str> {
    fields.required(kind.index)
}
