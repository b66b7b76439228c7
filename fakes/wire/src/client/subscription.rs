//! Events from a server: a task reads the stream's lines and hands them on.

use std::sync::Arc;

use bytes::BytesMut;
use futures::channel::{mpsc, oneshot};
use futures::{FutureExt as _, StreamExt as _};
use http::Method;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use winlab_document::Document;
use winlab_host::EventStream;

use super::exchange::Exchange;
use crate::wired::Wired;

/// Resolves once the server listens for the subscriber, or cannot.
pub(super) type Standing = futures::future::Shared<futures::future::BoxFuture<'static, ()>>;

/// Subscribes at `path`. Where the service has an event for it, the end of the connection is told as the end of the
/// service: to a listener it is the same.
pub(super) fn subscribe<S: Wired>(
    runtime: &Handle,
    exchange: Arc<Exchange>,
    path: String,
) -> (EventStream<S::Event>, Standing) {
    let (sender, receiver) = mpsc::unbounded();
    let (stands, standing) = oneshot::channel::<()>();
    let task = runtime.spawn(async move {
        let opened = exchange.open_lines(Method::GET, &path).await;
        drop(stands);
        let told = match opened {
            Ok(body) => forward::<S>(body, &sender, exchange.longest_line()).await,
            Err(_) => None,
        };
        if let (Some(end), false) = (S::disconnect(), told.is_some_and(|last| is_disconnect::<S>(&last))) {
            let _ = sender.unbounded_send(end);
        }
    });
    let reader = Reading(task);
    let events = receiver.map(move |event| {
        let _as_long_as_the_stream = &reader;
        event
    });
    (events.boxed(), standing.map(|_| ()).boxed().shared())
}

/// The reading task, which ends with the stream it feeds.
struct Reading(JoinHandle<()>);

impl Drop for Reading {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Hands on every line until the stream ends or nobody listens; the last event's document. A line that is no event of
/// this release's is a newer server's: it is left out.
async fn forward<S: Wired>(
    mut body: Incoming,
    sender: &mpsc::UnboundedSender<S::Event>,
    longest: usize,
) -> Option<Document> {
    let mut last = None;
    let mut rest = BytesMut::new();
    while let Some(Ok(frame)) = body.frame().await {
        let Ok(data) = frame.into_data() else { continue };
        rest.extend_from_slice(&data);
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let line = rest.split_to(end + 1);
            let Ok(document) = Document::from_slice(&line) else { continue };
            if let Ok(event) = S::event(&document) {
                sender.unbounded_send(event).ok()?;
                last = Some(document);
            }
        }
        if rest.len() > longest {
            break;
        }
    }
    last
}

fn is_disconnect<S: Wired>(document: &Document) -> bool {
    S::disconnect().is_some_and(|end| S::event_document(&end).get("kind") == document.get("kind"))
}
