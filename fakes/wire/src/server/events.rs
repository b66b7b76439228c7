//! `GET /v1/hosts/{name}/{service}/events`: one event a line, from the moment the answer's head is written.

use bytes::Bytes;
use futures::StreamExt as _;
use http::Response;
use tokio::sync::OwnedSemaphorePermit;
use winlab_host::Boundary;

use super::respond::{Body, lines};
use crate::wired::Wired;

/// Ends when the service ends it: after a `ServiceDisconnect`, say.
pub(super) fn stream<S: Wired>(boundary: &dyn Boundary<S>, permit: OwnedSemaphorePermit) -> Response<Body> {
    let events = boundary.events().map(move |event| {
        let _as_long_as_the_body = &permit;
        let mut line = S::event_document(&event).to_bytes();
        line.push(b'\n');
        Ok(Bytes::from(line))
    });
    lines(events)
}
