//! A stored object, and the same object as part of an event.

use std::any::Any;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytes::Bytes;
use winlab_document::Document;
use winlab_kube_client::feed::{DecodeCell, FeedEvent, FeedObject};

/// One version of an object. Lives as long as it is the newest one or part of an event that is kept.
pub(crate) struct Stored {
    pub(crate) key: Arc<str>,
    pub(crate) document: Document,
    pub(crate) revision: u64,
    cell: DecodeCell,
}

impl Stored {
    pub(crate) fn new(key: Arc<str>, document: Document, revision: u64) -> Arc<Self> {
        Arc::new(Self { key, document, revision, cell: DecodeCell::new() })
    }
}

impl fmt::Debug for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.key, self.revision)
    }
}

impl FeedObject for Stored {
    fn document(&self) -> &Document {
        &self.document
    }

    fn cell(&self) -> &DecodeCell {
        &self.cell
    }

    fn keep(&self, _decoded: Arc<dyn Any + Send + Sync>) {}
}

/// An object as an event carries it: its text and its decoded form are made once and kept while the event is fresh.
pub(crate) struct EventObject {
    pub(crate) stored: Arc<Stored>,
    text: Mutex<Option<Bytes>>,
    decoded: Mutex<Vec<Arc<dyn Any + Send + Sync>>>,
}

impl EventObject {
    pub(crate) fn new(stored: Arc<Stored>) -> Arc<Self> {
        Arc::new(Self { stored, text: Mutex::new(None), decoded: Mutex::new(Vec::new()) })
    }

    /// The object as JSON text.
    pub(crate) fn text(&self) -> Bytes {
        let mut text = self.text.lock().unwrap_or_else(PoisonError::into_inner);
        text.get_or_insert_with(|| Bytes::from(self.stored.document.to_bytes())).clone()
    }

    /// Lets go of what was made for readers who by now have had their turn; a late one makes it again.
    pub(crate) fn cool(&self) {
        *self.text.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let forms = std::mem::take(&mut *self.decoded.lock().unwrap_or_else(PoisonError::into_inner));
        if !forms.is_empty() {
            drop(forms);
            self.stored.cell.sweep();
        }
    }
}

impl fmt::Debug for EventObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.stored.fmt(f)
    }
}

impl Drop for EventObject {
    fn drop(&mut self) {
        self.cool();
    }
}

impl FeedObject for EventObject {
    fn document(&self) -> &Document {
        &self.stored.document
    }

    fn cell(&self) -> &DecodeCell {
        &self.stored.cell
    }

    fn keep(&self, decoded: Arc<dyn Any + Send + Sync>) {
        self.decoded.lock().unwrap_or_else(PoisonError::into_inner).push(decoded);
    }
}

/// What happened, seen from no particular watch.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) revision: u64,
    pub(crate) at: winlab_clock::VirtualInstant,
    /// The object after the write; for a deletion how it last was.
    pub(crate) object: Arc<EventObject>,
    /// The object before the write; none for a creation.
    pub(crate) before: Option<Arc<Stored>>,
    pub(crate) deleted: bool,
    left: OnceLock<Arc<EventObject>>,
}

impl Event {
    pub(crate) fn new(
        at: winlab_clock::VirtualInstant,
        object: Arc<EventObject>,
        before: Option<Arc<Stored>>,
        deleted: bool,
    ) -> Arc<Self> {
        let revision = object.stored.revision;
        Arc::new(Self { revision, at, object, before, deleted, left: OnceLock::new() })
    }

    /// The object as a watch sees it go whose selector it no longer meets: as it was before, with the resource version
    /// of the change (`storage/cacher`, `convertToWatchEvent`).
    pub(crate) fn left(&self, before: &Arc<Stored>) -> Arc<EventObject> {
        let gone = self.left.get_or_init(|| {
            let mut document = before.document.clone();
            document.member_mut("metadata").set("resourceVersion", self.revision.to_string());
            EventObject::new(Stored::new(Arc::clone(&before.key), document, self.revision))
        });
        Arc::clone(gone)
    }
}

/// What one watch is told.
#[derive(Clone, Debug)]
pub(crate) enum Delivery {
    Added(Arc<EventObject>),
    Modified(Arc<EventObject>),
    Deleted(Arc<EventObject>),
    Bookmark { revision: u64, initial_end: bool },
    Failed(crate::failure::Failure),
}

impl Delivery {
    /// The form for clients in this process.
    pub(crate) fn to_feed(&self) -> FeedEvent {
        match self {
            Self::Added(object) => FeedEvent::Added(Arc::clone(object) as Arc<dyn FeedObject>),
            Self::Modified(object) => FeedEvent::Modified(Arc::clone(object) as Arc<dyn FeedObject>),
            Self::Deleted(object) => FeedEvent::Deleted(Arc::clone(object) as Arc<dyn FeedObject>),
            Self::Bookmark { revision, .. } => FeedEvent::Bookmark { resource_version: revision.to_string() },
            Self::Failed(failure) => {
                let status = failure.to_document().decode().unwrap_or_default();
                FeedEvent::Failed(Box::new(status))
            }
        }
    }
}
