//! Watch.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::future::BoxFuture;
use futures::{FutureExt, Stream};
use http::{HeaderValue, Response, header};
use winlab_clock::{Clock, VirtualInstant, VirtualSpan};
use winlab_document::doc;
use winlab_kube_client::feed::{FeedEvent, WatchFeed};

use super::read::{Tabular, check_not_future, forbidden_match, metadata_only, wanted};
use crate::body::ApiBody;
use crate::failure::Failure;
use crate::kinds::{Kind, KindId};
use crate::request::{Answer, Target};
use crate::server::ApiServer;
use crate::service::{Call, View};
use crate::store::{Delivery, EventObject, Query, Stored, Watcher};

/// Bookmarks come this often, and this long before the watch ends (`storage/cacher`).
const BOOKMARK_EVERY: VirtualSpan = VirtualSpan::from_secs(60);
const BOOKMARK_BEFORE_END: VirtualSpan = VirtualSpan::from_secs(2);
/// A watch that does not say how long it may last gets half an hour to an hour (`--min-request-timeout`); this takes
/// the lower bound.
const DEFAULT_TIMEOUT: u64 = 1800;

/// Opens a watch.
pub(super) fn open(
    server: &Arc<ApiServer>,
    target: &Target,
    call: &Call,
    answer: Answer,
) -> Result<Response<ApiBody>, Failure> {
    let wanted = wanted(target, call)?;
    let timeout = call.params.number("timeoutSeconds")?.filter(|s| *s > 0).unwrap_or(DEFAULT_TIMEOUT);
    let bookmarks = call.params.flag("allowWatchBookmarks");
    let initial = call.params.flag("sendInitialEvents");
    if initial && call.params.text("resourceVersionMatch") != "NotOlderThan" {
        return Err(forbidden_match(
            "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
        ));
    }
    let asked =
        call.params.version("resourceVersion").map_err(Failure::unnamed)?.filter(|version| *version > 0);
    let mut state = server.state();
    check_not_future(&state.store, asked)?;
    let revision = state.store.revision();
    let from = asked.filter(|_| !initial).unwrap_or(revision);
    let existing = if asked.is_none() || initial {
        state.store.kind(target.kind).list(&Query { wanted: &wanted, after: None, limit: None }).0
    } else {
        Vec::new()
    };
    let collection = state.store.kind_mut(target.kind);
    // A version that is too old is an event of the watch, not a refusal of it: that is how client-go expects it.
    let opened = collection.watch(wanted, from);
    drop(state);
    let (id, watcher) = match opened {
        Ok((id, watcher)) => (Some(id), watcher),
        Err(oldest) => {
            let watcher = Watcher::new(crate::store::Wanted::default());
            watcher.push(Delivery::Failed(Failure::too_old(from, oldest)));
            watcher.close();
            (None, watcher)
        }
    };
    let clock = server.config.clock;
    let watch = Deliveries {
        server: Arc::clone(server),
        kind: target.kind,
        id,
        watcher,
        existing: existing.into(),
        initial_end: initial.then_some(revision),
        clock,
        ends: clock.now() + VirtualSpan::from_secs(timeout),
        next_bookmark: bookmarks.then(|| clock.now() + BOOKMARK_EVERY),
        told: from,
        answer,
        tabular: Tabular::of(server, target, call),
        view: call.view,
        timer: None,
    };
    Ok(response(watch, target.kind()))
}

fn response(watch: Deliveries, kind: &'static Kind) -> Response<ApiBody> {
    let api_version = watch.view.map_or_else(|| kind.api_version(), |view| view.api_version.to_owned());
    let source = Source(Arc::new(Mutex::new(Some(watch))));
    let feed = WatchFeed::new(LazyFeed { source: source.clone(), taken: None });
    let body = WatchBody { kind, api_version, source, taken: None };
    let mut response = Response::new(ApiBody::Watch(Box::pin(body)));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.extensions_mut().insert(feed);
    response
}

/// A watch's deliveries until somebody takes them: the body's reader or a client in this process.
#[derive(Clone)]
struct Source(Arc<Mutex<Option<Deliveries>>>);

impl Source {
    fn take(&self) -> Option<Deliveries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Takes the deliveries when it is first read.
struct LazyFeed {
    source: Source,
    taken: Option<Deliveries>,
}

impl Stream for LazyFeed {
    type Item = FeedEvent;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<FeedEvent>> {
        let this = &mut *self;
        if this.taken.is_none() {
            this.taken = this.source.take();
        }
        match &mut this.taken {
            Some(deliveries) => {
                deliveries.poll(cx).map(|delivery| delivery.map(|delivery| delivery.to_feed()))
            }
            None => Poll::Ready(None),
        }
    }
}

/// The body of a watch: one line an event.
pub struct WatchBody {
    kind: &'static Kind,
    api_version: String,
    source: Source,
    taken: Option<Deliveries>,
}

impl fmt::Debug for WatchBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchBody").field("kind", &self.kind.kind).finish_non_exhaustive()
    }
}

impl Stream for WatchBody {
    type Item = Bytes;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let this = &mut *self;
        if this.taken.is_none() {
            this.taken = this.source.take();
        }
        let (kind, api_version) = (this.kind, this.api_version.as_str());
        match &mut this.taken {
            Some(deliveries) => deliveries
                .poll(cx)
                .map(|delivery| delivery.map(|delivery| line(kind, api_version, &delivery))),
            None => Poll::Ready(None),
        }
    }
}

/// One event as a line of text.
fn line(kind: &Kind, api_version: &str, delivery: &Delivery) -> Bytes {
    let (name, object) = match delivery {
        Delivery::Added(object) => ("ADDED", object.text()),
        Delivery::Modified(object) => ("MODIFIED", object.text()),
        Delivery::Deleted(object) => ("DELETED", object.text()),
        Delivery::Bookmark { revision, initial_end } => {
            let mut metadata = doc!({"resourceVersion": revision.to_string()});
            if *initial_end {
                metadata.set("annotations", doc!({"k8s.io/initial-events-end": "true"}));
            }
            let mark = doc!({"kind": kind.kind, "apiVersion": api_version, "metadata": metadata});
            ("BOOKMARK", Bytes::from(mark.to_bytes()))
        }
        Delivery::Failed(failure) => ("ERROR", Bytes::from(failure.to_document().to_bytes())),
    };
    let mut line = Vec::with_capacity(object.len() + 32);
    line.extend_from_slice(br#"{"type":""#);
    line.extend_from_slice(name.as_bytes());
    line.extend_from_slice(br#"","object":"#);
    line.extend_from_slice(&object);
    line.extend_from_slice(b"}\n");
    line.into()
}

impl Delivery {
    fn map_object(self, change: impl Fn(&winlab_document::Document) -> winlab_document::Document) -> Self {
        let map = |object: Arc<EventObject>| {
            let old = &object.stored;
            EventObject::new(Stored::new(Arc::clone(&old.key), change(&old.document), old.revision))
        };
        match self {
            Self::Added(object) => Self::Added(map(object)),
            Self::Modified(object) => Self::Modified(map(object)),
            Self::Deleted(object) => Self::Deleted(map(object)),
            other => other,
        }
    }
}

/// The events of one watch with bookmarks between them, until its time is over.
struct Deliveries {
    server: Arc<ApiServer>,
    kind: KindId,
    id: Option<u64>,
    watcher: Arc<Watcher>,
    /// What is there already and comes first, as if it were new.
    existing: std::collections::VecDeque<Arc<Stored>>,
    initial_end: Option<u64>,
    clock: Clock,
    ends: VirtualInstant,
    next_bookmark: Option<VirtualInstant>,
    /// The newest revision that the watch knows of.
    told: u64,
    answer: Answer,
    tabular: Tabular,
    view: Option<View>,
    timer: Option<BoxFuture<'static, ()>>,
}

impl Deliveries {
    /// When something has to be done if nothing happens.
    fn due(&self) -> VirtualInstant {
        self.next_bookmark.map_or(self.ends, |next| next.min(self.ends))
    }

    /// The moment of the next bookmark after one: a minute later, or just before the end.
    fn schedule_bookmark(&mut self, now: VirtualInstant) {
        let last =
            VirtualInstant::from_nanos(self.ends.as_nanos().saturating_sub(BOOKMARK_BEFORE_END.as_nanos()));
        let next = if now < last { (now + BOOKMARK_EVERY).min(last) } else { self.ends };
        self.next_bookmark = Some(next);
    }

    fn bookmark(&mut self) -> Option<Delivery> {
        let revision = self.server.state().store.revision();
        // Nothing is queued, so the watch has been told of everything up to here.
        let news = revision > self.told;
        self.told = revision;
        news.then_some(Delivery::Bookmark { revision, initial_end: false })
    }
}

impl Deliveries {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Delivery>> {
        let next = self.poll_whole(cx);
        match self.answer {
            Answer::Whole => match self.view {
                None => next,
                Some(view) => next.map(|delivery| delivery.map(|delivery| delivery.map_object(view.show))),
            },
            Answer::Metadata => {
                next.map(|delivery| delivery.map(|delivery| delivery.map_object(metadata_only)))
            }
            Answer::Table => {
                let tabular = self.tabular;
                next.map(|delivery| delivery.map(|delivery| delivery.map_object(|one| tabular.one(one))))
            }
        }
    }

    fn poll_whole(&mut self, cx: &mut Context<'_>) -> Poll<Option<Delivery>> {
        if let Some(stored) = self.existing.pop_front() {
            return Poll::Ready(Some(Delivery::Added(EventObject::new(stored))));
        }
        if let Some(revision) = self.initial_end.take() {
            return Poll::Ready(Some(Delivery::Bookmark { revision, initial_end: true }));
        }
        if let Poll::Ready(next) = self.watcher.poll_next(cx) {
            if let Some(Delivery::Added(object) | Delivery::Modified(object) | Delivery::Deleted(object)) =
                &next
            {
                self.told = object.stored.revision;
            }
            return Poll::Ready(next);
        }
        self.poll_timer(cx)
    }

    /// Looks at the clock only when the timer says that it is time for something.
    fn poll_timer(&mut self, cx: &mut Context<'_>) -> Poll<Option<Delivery>> {
        loop {
            let (due, clock) = (self.due(), self.clock);
            let timer = self.timer.get_or_insert_with(|| async move { clock.sleep_until(due).await }.boxed());
            std::task::ready!(timer.poll_unpin(cx));
            self.timer = None;
            let now = clock.now();
            if now >= self.ends {
                return Poll::Ready(None);
            }
            if self.next_bookmark.is_some_and(|at| now >= at) {
                self.schedule_bookmark(now);
                if let Some(bookmark) = self.bookmark() {
                    return Poll::Ready(Some(bookmark));
                }
            }
        }
    }
}

impl Drop for Deliveries {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            self.server.state().store.kind_mut(self.kind).unwatch(id);
        }
    }
}
