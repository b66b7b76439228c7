//! From a request to its streams: the change of protocol that a client asks for, and what follows it.

use std::sync::Arc;

use futures::future::BoxFuture;
use http::{HeaderMap, Response, StatusCode};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use winlab_clock::Clock;
use winlab_node::cri::Cri;

use super::answers::{self, Text};
use super::network::PodNetwork;
use super::port_forward::{self, Pod};
use super::remote_command::Command;
use super::request::StreamRequest;
use super::upgrade::{Kind, NoUpgrade, PROTOCOL_VERSION, kind, negotiate};
use super::{spdy_channels, websocket, websocket_forward};
use crate::backend::Backend;
use crate::spdy;

/// What goes on after a connection has changed its protocol.
pub(super) type AfterUpgrade = Box<dyn FnOnce(TokioIo<Upgraded>) -> BoxFuture<'static, ()> + Send>;

/// An answer that changes the protocol, with what belongs to it; or an ordinary one.
pub(super) type Change<T> = Result<(Response<Text>, T), Box<Response<Text>>>;

/// What streams are made of: the runtime, and the way to its pods.
#[derive(Clone)]
pub(super) struct Streams {
    pub(super) backend: Backend,
    pub(super) clock: Clock,
    pub(super) network: Option<Arc<dyn PodNetwork>>,
}

impl Streams {
    /// Begins what a request asks for, over the protocol that the client's headers ask for.
    pub(super) fn begin(&self, request: StreamRequest, headers: &HeaderMap) -> Change<AfterUpgrade> {
        let cri = self.backend.dial().map_err(|status| {
            Box::new(answers::error(StatusCode::INTERNAL_SERVER_ERROR, status.message()))
        })?;
        let kind = kind(headers).map_err(|problem| Box::new(answers::no_upgrade(&problem, &[])))?;
        match request {
            StreamRequest::Exec(exec) => self.command(kind, headers, cri, Command::Exec(exec)),
            StreamRequest::Attach(attach) => self.command(kind, headers, cri, Command::Attach(attach)),
            StreamRequest::PortForward { pod_sandbox_id, ports } => {
                let pod = Pod { cri, network: self.network.clone(), sandbox: pod_sandbox_id };
                forward(kind, headers, pod, ports)
            }
        }
    }

    fn command(
        &self,
        kind: Kind,
        headers: &HeaderMap,
        cri: Arc<dyn Cri>,
        command: Command,
    ) -> Change<AfterUpgrade> {
        let clock = self.clock;
        Ok(match kind {
            Kind::WebSocket => {
                let (response, protocol) = to_websocket(headers, &websocket::PROTOCOLS)?;
                (response, Box::new(move |io| Box::pin(websocket::run(cri, command, protocol, io))))
            }
            Kind::Spdy => {
                let (response, protocol) = to_spdy(headers, &spdy_channels::PROTOCOLS)?;
                let after: AfterUpgrade = Box::new(move |io| {
                    Box::pin(spdy::serve(io, move |streams, writer| {
                        spdy_channels::run(clock, cri, command, protocol, streams, writer)
                    }))
                });
                (response, after)
            }
        })
    }
}

fn forward(kind: Kind, headers: &HeaderMap, pod: Pod, ports: Vec<i32>) -> Change<AfterUpgrade> {
    Ok(match kind {
        Kind::WebSocket => {
            let (response, _) = to_websocket(headers, &websocket_forward::PROTOCOLS)?;
            (response, Box::new(move |io| Box::pin(websocket_forward::run(pod, ports, io))))
        }
        Kind::Spdy => {
            let (response, _) = to_spdy(headers, &port_forward::PROTOCOLS)?;
            let after: AfterUpgrade = Box::new(move |io| {
                Box::pin(spdy::serve(io, move |streams, writer| port_forward::run(pod, streams, writer)))
            });
            (response, after)
        }
    })
}

/// A client that names no subprotocol is refused, as upstream's handshake does.
fn to_spdy<'a>(headers: &HeaderMap, known: &'a [&'static str]) -> Change<&'a str> {
    let missing = || NoUpgrade {
        status: StatusCode::BAD_REQUEST,
        text: format!(
            "unable to upgrade: header X-Stream-Protocol-Version does not exist in request with {} headers",
            headers.len()
        ),
    };
    let chosen = negotiate(headers, PROTOCOL_VERSION, known)
        .and_then(|chosen| chosen.ok_or_else(missing))
        .map_err(|problem| Box::new(answers::no_upgrade(&problem, known)))?;
    Ok((answers::to_spdy(chosen), chosen))
}

fn to_websocket<'a>(headers: &HeaderMap, known: &'a [&'static str]) -> Change<Option<&'a str>> {
    let refused = |problem: &NoUpgrade| Box::new(answers::no_upgrade(problem, known));
    let key = headers.get("sec-websocket-key").ok_or_else(|| {
        refused(&NoUpgrade {
            status: StatusCode::BAD_REQUEST,
            text: "unable to upgrade: Sec-WebSocket-Key is missing".to_owned(),
        })
    })?;
    let chosen = negotiate(headers, "sec-websocket-protocol", known).map_err(|problem| refused(&problem))?;
    Ok((answers::to_websocket(&derive_accept_key(key.as_bytes()), chosen), chosen))
}
