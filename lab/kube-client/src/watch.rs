//! The watch loop: list, then watch from there, for ever.
//!
//! ```text
//!            ┌──────────── 410 Gone, list failed ─────────────┐
//!            ▼                                                │
//!   wait ─▶ list ──▶ open watch ──▶ events ──▶ server closed ─┤
//!                        ▲                                    │
//!                        └────── resume from last version ────┘
//! ```
//!
//! The rules are those of client-go's reflector (`tools/cache/reflector.go`): the first list asks for any version
//! (`resourceVersion=0`), a list after 410 for the newest; a watch is asked to end after five to ten minutes and is
//! resumed from the last version seen, bookmarks included; every failure is followed by a wait that grows, and is at
//! least as long as the server asked for.
//!
//! A server behind a socket may also fall silent, or never come to an end. Its lists have to be there within
//! [`LIST_WITHIN`], and its watches have to end when they were asked to.

use std::fmt;
use std::sync::Arc;

use futures::stream::{self, Stream, StreamExt};
use http::Request;
use http_body_util::BodyExt;
use kube::api::{ListParams, ObjectList, VersionMatch, WatchParams};
use kube::client::Body;
use kube::core::Status;
use kube::core::response::StatusDetails;
use kube::{Api, Client};
use winlab_clock::{Clock, Rng, Seed, VirtualInstant, VirtualSpan};

use crate::feed::{self, FeedEvent, FeedStream, ListFeed, WatchFeed};
use crate::wire::{LineReader, WireEvent};
use crate::{Backoff, BackoffPolicy, Object, WatchError};

/// How long a list may take to come in: an API server gives up on a request itself after a minute
/// (`--request-timeout`).
const LIST_WITHIN: VirtualSpan = VirtualSpan::from_secs(75);
/// How much longer than it was asked to a watch may last.
const WATCH_GRACE: VirtualSpan = VirtualSpan::from_secs(30);

/// What to watch, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WatchConfig {
    /// A label selector, `app=web,tier!=db`; empty for all.
    pub labels: String,
    /// A field selector, `spec.nodeName=win1`; empty for all.
    pub fields: String,
    /// Objects per page of a list; `None` for all in one.
    pub page_size: Option<u32>,
}

impl WatchConfig {
    /// Everything.
    pub fn all() -> Self {
        Self::default()
    }

    /// What a label selector selects.
    #[must_use]
    pub fn labels(mut self, selector: impl Into<String>) -> Self {
        self.labels = selector.into();
        self
    }

    /// What a field selector selects.
    #[must_use]
    pub fn fields(mut self, selector: impl Into<String>) -> Self {
        self.fields = selector.into();
        self
    }
}

/// What a watch tells.
pub enum WatchEvent<K> {
    /// A complete list. It replaces everything seen before.
    Listed(Vec<Arc<K>>),
    /// An object is new or changed.
    Applied(Arc<K>),
    /// An object is gone, or is no longer selected.
    Deleted(Arc<K>),
    /// Something failed; the watch goes on by itself after a wait.
    Interrupted {
        /// What failed.
        error: WatchError,
        /// How long until the next attempt.
        retry_in: VirtualSpan,
    },
}

impl<K> fmt::Debug for WatchEvent<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listed(objects) => write!(f, "Listed({})", objects.len()),
            Self::Applied(_) => f.write_str("Applied"),
            Self::Deleted(_) => f.write_str("Deleted"),
            Self::Interrupted { error, retry_in } => write!(f, "Interrupted({error}, {retry_in})"),
        }
    }
}

/// Watches for ever. Nothing is asked of the server until the stream is polled.
pub fn watch<K: Object>(
    api: Api<K>,
    config: WatchConfig,
    clock: Clock,
    seed: Seed,
) -> impl Stream<Item = WatchEvent<K>> + Send + 'static {
    let watcher = Watcher {
        url: api.resource_url().to_owned(),
        client: api.into_client(),
        config,
        clock,
        rng: seed.child("watch-timeout").rng(),
        backoff: Backoff::new(BackoffPolicy::REFLECTOR, seed.child("watch-backoff")),
        state: State::List { version: Some("0".to_owned()) },
        _kind: std::marker::PhantomData,
    };
    // Boxed, since `unfold` moves its state at every event.
    stream::unfold(Box::new(watcher), |mut watcher| async move {
        loop {
            if let Some(event) = watcher.step().await {
                return Some((event, watcher));
            }
        }
    })
}

/// Where a watch stands.
enum State {
    /// To be listed: at least as new as the version, or the newest.
    List { version: Option<String> },
    /// To be watched from this version on.
    Open { version: String },
    /// Events come in.
    Events { version: String, source: Source, opened: VirtualInstant, seen: u64 },
    /// A failure; go on with `next` after a while.
    Wait { span: VirtualSpan, next: Box<State> },
}

/// Where events come from.
enum Source {
    Shared(FeedStream),
    Body {
        lines: LineReader,
        /// When the server has to have ended it.
        ends: VirtualInstant,
    },
}

/// One event, whatever its source.
enum Incoming<K> {
    Applied(Arc<K>),
    Deleted(Arc<K>),
    Bookmark(String),
}

struct Watcher<K> {
    url: String,
    client: Client,
    config: WatchConfig,
    clock: Clock,
    rng: Rng,
    backoff: Backoff,
    state: State,
    _kind: std::marker::PhantomData<fn() -> K>,
}

impl<K: Object> Watcher<K> {
    /// Goes one step; `None` if there is nothing to tell yet.
    async fn step(&mut self) -> Option<WatchEvent<K>> {
        match std::mem::replace(&mut self.state, State::List { version: None }) {
            State::List { version } => self.list(version).await,
            State::Open { version } => self.open(version).await,
            State::Events { version, source, opened, seen } => {
                self.event(version, source, opened, seen).await
            }
            State::Wait { span, next } => {
                self.clock.sleep(span).await;
                self.state = *next;
                None
            }
        }
    }

    async fn list(&mut self, version: Option<String>) -> Option<WatchEvent<K>> {
        match self.list_pages(version.as_deref()).await {
            Ok((objects, version)) => {
                self.state = State::Open { version };
                Some(WatchEvent::Listed(objects))
            }
            Err(error) => {
                let retry = if error.is_gone() { None } else { version };
                Some(self.interrupt(error, State::List { version: retry }))
            }
        }
    }

    async fn list_pages(&mut self, version: Option<&str>) -> Result<(Vec<Arc<K>>, String), WatchError> {
        let mut objects = Vec::new();
        let mut token = None;
        loop {
            let params = self.list_params(version, token.take());
            let request = kube::core::Request::new(&self.url).list(&params);
            let request = request.map_err(|error| WatchError::List(kube::Error::BuildRequest(error)))?;
            let page = self.list_page(request).await?;
            objects.extend(page.items);
            match page.continue_token {
                Some(next) if !next.is_empty() => token = Some(next),
                _ => return Ok((objects, page.version)),
            }
        }
    }

    fn list_params(&self, version: Option<&str>, token: Option<String>) -> ListParams {
        let any = version.filter(|_| self.config.page_size.is_none());
        ListParams {
            label_selector: non_empty(&self.config.labels),
            field_selector: non_empty(&self.config.fields),
            limit: self.config.page_size,
            continue_token: token,
            version_match: any.map(|_| VersionMatch::NotOlderThan),
            resource_version: any.map(str::to_owned),
            ..ListParams::default()
        }
    }

    async fn list_page(&mut self, request: Request<Vec<u8>>) -> Result<Page<K>, WatchError> {
        let response = send(&self.client, request).await.map_err(WatchError::List)?;
        if let Some(list) = response.extensions().get::<ListFeed>() {
            let items = list.items.iter().map(|item| feed::decode(&**item)).collect::<Result<_, _>>();
            return Ok(Page {
                items: items.map_err(|error| WatchError::Decode(error.to_string()))?,
                version: list.resource_version.clone(),
                continue_token: list.continue_token.clone(),
            });
        }
        let media = media_type(&response);
        let body = self.clock.within(LIST_WITHIN, response.into_body().collect_bytes()).await;
        let bytes = body.map_err(|elapsed| WatchError::Broken(format!("the list did not end: {elapsed}")))?;
        let bytes = bytes.map_err(WatchError::List)?;
        let list: ObjectList<K> =
            serde_json::from_slice(&bytes).map_err(|error| WatchError::Decode(format!("{error}{media}")))?;
        Ok(Page {
            items: list.items.into_iter().map(Arc::new).collect(),
            version: list.metadata.resource_version.unwrap_or_default(),
            continue_token: list.metadata.continue_,
        })
    }

    async fn open(&mut self, version: String) -> Option<WatchEvent<K>> {
        let timeout = 300 + u32::try_from(self.rng.below(300)).unwrap_or_default();
        let params = WatchParams {
            label_selector: non_empty(&self.config.labels),
            field_selector: non_empty(&self.config.fields),
            timeout: Some(timeout),
            bookmarks: true,
            send_initial_events: false,
        };
        let opened = match kube::core::Request::new(&self.url).watch(&params, &version) {
            Ok(request) => send(&self.client, request).await,
            Err(error) => Err(kube::Error::BuildRequest(error)),
        };
        match opened {
            Ok(response) => {
                let shared = response.extensions().get::<WatchFeed>().and_then(WatchFeed::take);
                let source = match shared {
                    Some(events) => Source::Shared(events),
                    None => {
                        let ends = self.clock.now() + VirtualSpan::from_secs(timeout.into()) + WATCH_GRACE;
                        Source::Body { lines: LineReader::new(response.into_body()), ends }
                    }
                };
                self.state = State::Events { version, source, opened: self.clock.now(), seen: 0 };
                None
            }
            Err(error) => {
                let error = WatchError::Watch(error);
                let next = resume(&error, version);
                Some(self.interrupt(error, next))
            }
        }
    }

    async fn event(
        &mut self,
        version: String,
        mut source: Source,
        opened: VirtualInstant,
        seen: u64,
    ) -> Option<WatchEvent<K>> {
        let (version, told) = match next_event::<K>(&mut source, self.clock).await {
            None if seen == 0 && self.clock.now().since(opened) < VirtualSpan::from_secs(1) => {
                return Some(self.interrupt(WatchError::VeryShort, State::Open { version }));
            }
            None => {
                self.state = State::Open { version };
                return None;
            }
            Some(Err(error)) => {
                let next = resume(&error, version);
                return Some(self.interrupt(error, next));
            }
            Some(Ok(Incoming::Bookmark(newer))) => (newer, None),
            Some(Ok(Incoming::Applied(object))) => {
                (newer_version(&*object, version), Some(WatchEvent::Applied(object)))
            }
            Some(Ok(Incoming::Deleted(object))) => {
                (newer_version(&*object, version), Some(WatchEvent::Deleted(object)))
            }
        };
        self.state = State::Events { version, source, opened, seen: seen + 1 };
        told
    }

    fn interrupt(&mut self, error: WatchError, next: State) -> WatchEvent<K> {
        let asked = error.status().and_then(|status| status.details.as_ref());
        let asked = asked.map_or(0, |details| details.retry_after_seconds);
        let retry_in = self.backoff.next_wait(self.clock.now()).max(VirtualSpan::from_secs(asked.into()));
        self.state = State::Wait { span: retry_in, next: Box::new(next) };
        WatchEvent::Interrupted { error, retry_in }
    }
}

/// One page of a list.
struct Page<K> {
    items: Vec<Arc<K>>,
    version: String,
    continue_token: Option<String>,
}

/// How to go on after a failed watch: from where it was, unless that is no longer kept or cannot be read.
fn resume(error: &WatchError, version: String) -> State {
    if error.is_gone() || matches!(error, WatchError::Decode(_)) {
        State::List { version: None }
    } else {
        State::Open { version }
    }
}

/// The object's version in the buffer of the one before.
fn newer_version<K: Object>(object: &K, mut old: String) -> String {
    if let Some(version) = &object.meta().resource_version {
        old.clone_from(version);
    }
    old
}

async fn next_event<K: Object>(source: &mut Source, clock: Clock) -> Option<Result<Incoming<K>, WatchError>> {
    match source {
        Source::Shared(events) => Some(match events.next().await? {
            FeedEvent::Added(object) | FeedEvent::Modified(object) => shared(&*object).map(Incoming::Applied),
            FeedEvent::Deleted(object) => shared(&*object).map(Incoming::Deleted),
            FeedEvent::Bookmark { resource_version } => Ok(Incoming::Bookmark(resource_version)),
            FeedEvent::Failed(status) => Err(WatchError::Ended(status)),
        }),
        Source::Body { lines, ends } => Some(match body_event::<K>(lines, *ends, clock).await? {
            Ok(WireEvent::Applied(object)) => Ok(Incoming::Applied(Arc::new(object))),
            Ok(WireEvent::Deleted(object)) => Ok(Incoming::Deleted(Arc::new(object))),
            Ok(WireEvent::Bookmark(version)) => Ok(Incoming::Bookmark(version)),
            Err(error) => Err(error),
        }),
    }
}

/// The next line of a body that has to end in time.
async fn body_event<K: Object>(
    lines: &mut LineReader,
    ends: VirtualInstant,
    clock: Clock,
) -> Option<Result<WireEvent<K>, WatchError>> {
    let left = ends.since(clock.now());
    match clock.within(left, lines.next::<K>()).await {
        Ok(event) => event,
        Err(_) => Some(Err(WatchError::Broken("the server did not end the watch in time".to_owned()))),
    }
}

fn shared<K: Object>(object: &dyn feed::FeedObject) -> Result<Arc<K>, WatchError> {
    feed::decode(object).map_err(|error| WatchError::Decode(error.to_string()))
}

/// Sends a request and turns a refusal into an error, as kube's own calls do.
async fn send(client: &Client, request: Request<Vec<u8>>) -> Result<http::Response<Body>, kube::Error> {
    let response = client.send(request.map(Body::from)).await?;
    let code = response.status();
    if code.is_success() {
        return Ok(response);
    }
    let header = response.headers().get(http::header::RETRY_AFTER);
    let retry_after = header.and_then(|value| value.to_str().ok()?.parse::<u32>().ok());
    let bytes = response.into_body().collect().await?.to_bytes();
    let mut status = serde_json::from_slice::<Status>(&bytes).unwrap_or_else(|_| {
        let text = String::from_utf8_lossy(&bytes);
        Status::failure(&text, "Failed to parse error data").with_code(code.as_u16())
    });
    // A proxy in between says only in the header when to come back.
    if let Some(seconds) = retry_after {
        let details = status.details.get_or_insert_with(|| StatusDetails {
            name: String::new(),
            group: String::new(),
            kind: String::new(),
            uid: String::new(),
            causes: Vec::new(),
            retry_after_seconds: 0,
        });
        details.retry_after_seconds = details.retry_after_seconds.max(seconds);
    }
    Err(kube::Error::Api(Box::new(status)))
}

/// What the answer says it is, for an error, if that is not what was asked for.
fn media_type(response: &http::Response<Body>) -> String {
    let media = response.headers().get(http::header::CONTENT_TYPE);
    match media.and_then(|media| media.to_str().ok()) {
        Some(media) if !media.starts_with("application/json") => format!(" (the answer is {media})"),
        _ => String::new(),
    }
}

fn non_empty(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}
