//! `POST /v1/hosts/{name}/{service}`: one call.

use std::sync::Arc;

use http::{Response, StatusCode};
use tokio::sync::OwnedSemaphorePermit;
use winlab_document::Document;
use winlab_host::Boundary;

use super::Shared;
use super::host::HostEntry;
use super::respond::{self, Body};
use crate::arguments::{NoCall, read_call};
use crate::held::{Held, Hold};
use crate::outcome;
use crate::refusal::{Refusal, Refused};
use crate::wired::Wired;

/// Whose call it is, and to which host.
pub(super) struct From {
    pub(super) shared: Arc<Shared>,
    pub(super) entry: Arc<HostEntry>,
    pub(super) session: Option<String>,
    pub(super) _permit: OwnedSemaphorePermit,
}

/// Reads the call and carries it out in a task of its own, which goes on when the connection does not.
pub(super) async fn answer<S: Wired>(
    from: From,
    boundary: Arc<dyn Boundary<S>>,
    body: &[u8],
) -> Result<Response<Body>, Refused> {
    let outcome = match read_call::<S>(body) {
        Ok(call) => {
            let task = tokio::spawn(async move { carry_out::<S>(&from, &*boundary, call).await });
            task.await.map_err(|_| {
                Refused::new(Refusal::Internal, "what answers for the host broke down; see its output")
            })?
        }
        Err(NoCall::Fault(fault)) => Err(fault),
        Err(NoCall::Refused(refused)) => return Err(refused),
    };
    Ok(respond::json(StatusCode::OK, outcome::write::<S>(&outcome)))
}

async fn carry_out<S: Wired>(
    from: &From,
    boundary: &dyn Boundary<S>,
    call: S::Call,
) -> Result<Document, S::Fault> {
    let From { shared, entry, session, _permit } = from;
    let answer = match (S::hold(&call), session) {
        (Hold::Nothing, _) | (Hold::Takes, None) => boundary.call(call).await?,
        (Hold::Takes, Some(session)) => {
            let gate = entry.gate.read().await;
            let answer = boundary.call(call.clone()).await?;
            let kept = S::held(&call, &answer)
                .filter(|held| !shared.sessions.hold(session, &entry.name, held.clone()));
            drop(gate);
            if let Some(held) = kept {
                give_back(shared, entry, held).await;
            }
            answer
        }
        (Hold::Gives(held), session) => {
            let _gate = entry.gate.write().await;
            let session = session.as_deref();
            if session.is_some_and(|session| !shared.sessions.give(session, &entry.name, &held)) {
                // Another client has it open still; this one's handle is closed.
                return Ok(Document::Null);
            }
            boundary.call(call).await?
        }
    };
    Ok(S::answer_document(&answer))
}

/// The session ended while its call was under way: nobody is left to give it back.
async fn give_back(shared: &Shared, entry: &HostEntry, held: Held) {
    let _gate = entry.gate.write().await;
    if !shared.sessions.is_held(&entry.name, &held) {
        entry.release(held).await;
    }
}
