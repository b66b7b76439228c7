//! `POST /v1/sessions/{name}`: a session is open as long as this request's connection. Its end gives back what the
//! session held and nobody else holds.

use std::sync::Arc;

use bytes::Bytes;
use futures::StreamExt as _;
use http::Response;
use tokio::runtime::Handle;
use winlab_document::doc;

use super::Shared;
use super::respond::{Body, lines};
use crate::refusal::{Refusal, Refused};

/// Opens the session; the answer's body ends only with the connection.
pub(super) fn open(shared: Arc<Shared>, name: &str) -> Result<Response<Body>, Refused> {
    let permit = shared.stream_permit()?;
    if !shared.sessions.open(name) {
        return Err(Refused::new(Refusal::SessionInUse, format!("session `{name}` is open already")));
    }
    let first = Bytes::from(format!("{}\n", doc!({"session": name})));
    let open = Open { shared, name: name.to_owned(), runtime: Handle::current() };
    let body = futures::stream::iter([first]).chain(futures::stream::pending()).map(move |line| {
        let _as_long_as_the_body = (&open, &permit);
        Ok(line)
    });
    Ok(lines(body))
}

/// An open session; dropped with the connection.
struct Open {
    shared: Arc<Shared>,
    name: String,
    runtime: Handle,
}

impl Drop for Open {
    fn drop(&mut self) {
        let held = self.shared.sessions.end(&self.name);
        if held.is_empty() {
            return;
        }
        let shared = self.shared.clone();
        self.runtime.spawn(async move {
            for (host, held) in held {
                let Some(host) = shared.find(&host) else { continue };
                let _gate = host.gate.write().await;
                if !shared.sessions.is_held(&host.name, &held) {
                    host.release(held).await;
                }
            }
        });
    }
}
