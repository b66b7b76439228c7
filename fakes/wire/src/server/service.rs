//! One request.

use std::convert::Infallible;
use std::sync::{Arc, PoisonError};

use http::{Request, Response};
use hyper::body::Incoming;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use winlab_document::{Document, doc};
use winlab_host::compute::Compute;
use winlab_host::linux::Linux;
use winlab_host::network::Network;
use winlab_host::system::System;

use super::host::HostEntry;
use super::respond::{self, Body};
use super::route::{self, Route};
use super::{Shared, body, calls, events, input, output, session, token};
use crate::refusal::{Refusal, Refused};
use crate::session_header::SESSION;
use crate::{VERSION, media};

/// Answers a request, always.
pub(super) async fn answer(
    shared: Arc<Shared>,
    request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    Ok(route(shared, request).await.unwrap_or_else(|refused| respond::refused(&refused)))
}

/// Does the same with each service a host may have, under the type that stands for it.
macro_rules! with_service {
    ($entry:expr, $service:expr, $boundary:ident: $kind:ident => $work:expr) => {{
        let host = &$entry.host;
        match $service {
            "hns" => with_service!(@one $entry, $service, host.network, Network, $boundary, $kind, $work),
            "hcs" => with_service!(@one $entry, $service, host.compute, Compute, $boundary, $kind, $work),
            "system" => with_service!(@one $entry, $service, host.system, System, $boundary, $kind, $work),
            "linux" => with_service!(@one $entry, $service, host.linux, Linux, $boundary, $kind, $work),
            _ => Err(no_service($entry, $service)),
        }
    }};
    (@one $entry:expr, $service:expr, $field:expr, $of:ident, $boundary:ident, $kind:ident, $work:expr) => {
        match $field.clone() {
            Some($boundary) => {
                type $kind = $of;
                $work
            }
            None => Err(no_service($entry, $service)),
        }
    };
}

async fn route(shared: Arc<Shared>, request: Request<Incoming>) -> Result<Response<Body>, Refused> {
    token::check(request.headers(), shared.token.as_deref())?;
    match route::read(request.method(), request.uri().path())? {
        Route::Server => Ok(respond::document(&describe(&shared))),
        Route::Hosts => Ok(respond::document(&hosts(&shared))),
        Route::Session { name } => session::open(shared, &name),
        Route::Call { host, service } => {
            body::require(request.headers(), media::JSON)?;
            let (entry, session) = (entry(&shared, &host)?, session_of(&shared, &request)?);
            let permit = shared.call_permit()?;
            let body = body::read(&shared, request.into_body()).await?;
            with_service!(&entry, service.as_str(), boundary: S => {
                let from = calls::From { shared, entry, session, _permit: permit };
                calls::answer::<S>(from, boundary, &body).await
            })
        }
        Route::Events { host, service } => {
            let entry = entry(&shared, &host)?;
            let permit = shared.stream_permit()?;
            with_service!(&entry, service.as_str(), boundary: S => {
                Ok(events::stream::<S>(&*boundary, permit))
            })
        }
        Route::Output { process, stream } => {
            let entry = entry(&shared, &process.host)?;
            let permit = shared.stream_permit()?;
            let compute = entry.host.compute.clone().ok_or_else(|| no_service(&entry, "hcs"))?;
            Ok(output::stream(compute, process, stream, permit).await)
        }
        Route::Input { process } => {
            body::require(request.headers(), media::BYTES)?;
            let entry = entry(&shared, &process.host)?;
            let _permit = shared.stream_permit()?;
            let compute = entry.host.compute.clone().ok_or_else(|| no_service(&entry, "hcs"))?;
            input::write(compute, process, request.into_body()).await
        }
    }
}

fn entry(shared: &Shared, host: &str) -> Result<Arc<HostEntry>, Refused> {
    shared.find(host).ok_or_else(|| Refused::new(Refusal::UnknownHost, format!("no host `{host}`")))
}

fn no_service(entry: &HostEntry, service: &str) -> Refused {
    Refused::new(Refusal::UnknownService, format!("host `{}` has no service `{service}`", entry.name))
}

/// The session that a call names, which must be open.
fn session_of(shared: &Shared, request: &Request<Incoming>) -> Result<Option<String>, Refused> {
    let Some(name) = request.headers().get(SESSION) else { return Ok(None) };
    match name.to_str() {
        Ok(name) if shared.sessions.is_open(name) => Ok(Some(name.to_owned())),
        _ => Err(Refused::new(Refusal::UnknownSession, "the session is not open")),
    }
}

/// `GET /v1`
fn describe(shared: &Shared) -> Document {
    let limits = &shared.limits;
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    doc!({
        "server": "winlab",
        "release": env!("CARGO_PKG_VERSION"),
        "versions": [VERSION],
        "limits": {
            "body_bytes": count(limits.body_bytes),
            "calls": count(limits.calls),
            "streams": count(limits.streams),
        },
    })
}

/// `GET /v1/hosts`
fn hosts(shared: &Shared) -> Document {
    let hosts = shared.hosts.lock().unwrap_or_else(PoisonError::into_inner);
    let hosts: Vec<Document> = hosts
        .values()
        .map(|entry| {
            let services: Vec<Document> = entry.host.services().map(Document::from).collect();
            doc!({"name": entry.name.as_str(), "services": services})
        })
        .collect();
    doc!({"hosts": hosts})
}

impl Shared {
    fn call_permit(&self) -> Result<OwnedSemaphorePermit, Refused> {
        permit(&self.calls, "calls")
    }

    pub(super) fn stream_permit(&self) -> Result<OwnedSemaphorePermit, Refused> {
        permit(&self.streams, "streams")
    }
}

fn permit(of: &Arc<Semaphore>, what: &str) -> Result<OwnedSemaphorePermit, Refused> {
    let busy =
        |_| Refused::new(Refusal::TooBusy, format!("as many {what} as this server takes are under way"));
    of.clone().try_acquire_owned().map_err(busy)
}
