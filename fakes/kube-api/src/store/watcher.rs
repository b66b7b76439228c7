//! One open watch.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use futures::task::AtomicWaker;
use winlab_document::Document;

use super::object::{Delivery, Event};
use crate::select::{FieldSelector, LabelSelector};

/// Which objects are wanted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    /// `namespace/`, or nothing for all namespaces.
    pub(crate) prefix: String,
    pub(crate) labels: LabelSelector,
    pub(crate) fields: FieldSelector,
}

impl Wanted {
    pub(crate) fn matches(&self, key: &str, object: &Document) -> bool {
        key.starts_with(&self.prefix) && self.fields.matches(object) && self.labels.matches(object)
    }
}

/// A watch's selection and what it has not read yet.
#[derive(Debug)]
pub(crate) struct Watcher {
    pub(crate) wanted: Wanted,
    queue: Mutex<Queue>,
    waker: AtomicWaker,
}

#[derive(Debug, Default)]
struct Queue {
    deliveries: VecDeque<Delivery>,
    closed: bool,
}

impl Watcher {
    pub(crate) fn new(wanted: Wanted) -> Arc<Self> {
        Arc::new(Self { wanted, queue: Mutex::default(), waker: AtomicWaker::new() })
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn push(&self, delivery: Delivery) {
        self.queue().deliveries.push_back(delivery);
        self.waker.wake();
    }

    /// Tells the watch of an event if it is about something it wants, or wanted until now.
    pub(crate) fn offer(&self, event: &Event) {
        if let Some(delivery) = self.view(event) {
            self.push(delivery);
        }
    }

    fn view(&self, event: &Event) -> Option<Delivery> {
        let stored = &event.object.stored;
        let before = event.before.as_ref().filter(|old| self.wanted.matches(&old.key, &old.document));
        let passes = !event.deleted && self.wanted.matches(&stored.key, &stored.document);
        match (before, passes) {
            (None, true) => Some(Delivery::Added(Arc::clone(&event.object))),
            (Some(_), true) => Some(Delivery::Modified(Arc::clone(&event.object))),
            (Some(_), false) if event.deleted => Some(Delivery::Deleted(Arc::clone(&event.object))),
            (Some(before), false) => Some(Delivery::Deleted(event.left(before))),
            (None, false) => None,
        }
    }

    /// Ends the watch after what is queued.
    pub(crate) fn close(&self) {
        self.queue().closed = true;
        self.waker.wake();
    }

    /// The next delivery; `Ready(None)` once the watch is closed and everything read.
    pub(crate) fn poll_next(&self, cx: &Context<'_>) -> Poll<Option<Delivery>> {
        self.waker.register(cx.waker());
        let mut queue = self.queue();
        match queue.deliveries.pop_front() {
            Some(delivery) => Poll::Ready(Some(delivery)),
            None if queue.closed => Poll::Ready(None),
            None => Poll::Pending,
        }
    }
}
