//! `GET /v1/hosts/{name}/hcs/systems/{id}/processes/{pid}/stdout` and `…/stderr`: what a process writes, as it writes
//! it. What was read is gone, as from a pipe.

use std::sync::Arc;

use bytes::Bytes;
use futures::StreamExt as _;
use http::{Response, StatusCode};
use tokio::sync::OwnedSemaphorePermit;
use winlab_host::compute::{Compute, ComputeEvent, OutputStream, ReadProcessOutput, StreamChunk};
use winlab_host::{Ask as _, EventStream, Fault, HostCompute};

use super::respond::{self, Body, BrokenOff};
use super::route::ProcessPath;
use crate::outcome;

/// The stream, or the fault of the first read.
pub(super) async fn stream(
    compute: Arc<HostCompute>,
    process: ProcessPath,
    stream: OutputStream,
    permit: OwnedSemaphorePermit,
) -> Response<Body> {
    // Listening comes before reading: what is written in between is told of.
    let events = compute.events();
    match read(&*compute, &process, stream).await {
        Ok(first) => {
            let reader = Reader { compute, process, stream, events, _permit: permit };
            respond::bytes(futures::stream::unfold(Some((reader, Some(first))), |state| async move {
                let (reader, chunk) = state?;
                reader.next(chunk).await
            }))
        }
        Err(fault) => respond::json(StatusCode::OK, outcome::write::<Compute>(&Err(fault))),
    }
}

struct Reader {
    compute: Arc<HostCompute>,
    process: ProcessPath,
    stream: OutputStream,
    events: EventStream<ComputeEvent>,
    _permit: OwnedSemaphorePermit,
}

/// What the body's stream goes on with: the reader, and a chunk that it has read already.
type Rest = Option<(Reader, Option<StreamChunk>)>;

impl Reader {
    /// The next bytes that are not none; `None` at the end.
    async fn next(mut self, mut first: Option<StreamChunk>) -> Option<(Result<Bytes, BrokenOff>, Rest)> {
        loop {
            let chunk = match first.take() {
                Some(chunk) => chunk,
                None => match read(&*self.compute, &self.process, self.stream).await {
                    Ok(chunk) => chunk,
                    Err(_) => return Some((Err(BrokenOff), None)),
                },
            };
            if !chunk.bytes.is_empty() {
                let bytes = Bytes::copy_from_slice(&chunk.bytes);
                return Some((Ok(bytes), if chunk.end { None } else { Some((self, None)) }));
            }
            if chunk.end {
                return None;
            }
            if !self.wait().await {
                return Some((Err(BrokenOff), None));
            }
        }
    }

    /// Waits for something to happen to the process or its system; false where the service is gone.
    async fn wait(&mut self) -> bool {
        while let Some(event) = self.events.next().await {
            if event.system == self.process.system && (event.pid == 0 || event.pid == self.process.pid) {
                return true;
            }
        }
        false
    }
}

async fn read(
    compute: &HostCompute,
    process: &ProcessPath,
    stream: OutputStream,
) -> Result<StreamChunk, Fault> {
    compute.ask(ReadProcessOutput { id: process.system.clone(), pid: process.pid, stream }).await
}
