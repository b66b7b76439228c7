//! The server itself.

use std::convert::Infallible;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tonic::Status;
use winlab_clock::{Clock, Seed};

use super::answers::{self, Text};
use super::network::PodNetwork;
use super::port_forward::{self, Pod};
use super::remote_command::Command;
use super::request::StreamRequest;
use super::tokens::Tokens;
use super::upgrade::{Kind, NoUpgrade, PROTOCOL_VERSION, kind, negotiate};
use super::{spdy_channels, websocket, websocket_forward};
use crate::backend::Backend;
use crate::listener::{Address, Listener, Socket};
use crate::spdy;

/// What a streaming server is made of.
pub struct StreamingConfig {
    /// Where it listens: TCP, at an address that kubelet reaches.
    pub listener: Listener,
    /// The lab's time, by which URLs grow old.
    pub clock: Clock,
    /// Where URLs come from.
    pub seed: Seed,
    /// The way to pods' ports; without it they are refused.
    pub network: Option<Arc<dyn PodNetwork>>,
}

impl fmt::Debug for StreamingConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamingConfig").field("listener", &self.listener).finish_non_exhaustive()
    }
}

/// What goes on after a connection has changed its protocol.
type AfterUpgrade = Box<dyn FnOnce(TokioIo<Upgraded>) -> BoxFuture<'static, ()> + Send>;

/// An answer that changes the protocol, with what belongs to it; or an ordinary one.
type Change<T> = Result<(Response<Text>, T), Box<Response<Text>>>;

/// The server's parts that its connections share.
pub(crate) struct Streaming {
    backend: Backend,
    address: Address,
    clock: Clock,
    network: Option<Arc<dyn PodNetwork>>,
    tokens: Mutex<Tokens>,
}

impl Streaming {
    pub(crate) fn new(backend: Backend, config: StreamingConfig) -> (Arc<Self>, Listener) {
        let StreamingConfig { listener, clock, seed, network } = config;
        let tokens = Mutex::new(Tokens::new(seed));
        let streaming = Self { backend, address: listener.address(), clock, network, tokens };
        (Arc::new(streaming), listener)
    }

    /// The URL of a request.
    pub(crate) fn url(&self, request: StreamRequest) -> Result<String, Status> {
        request.check()?;
        let Address::Tcp(address) = &self.address else {
            return Err(Status::unimplemented("the streaming server listens on no TCP port"));
        };
        let verb = request.verb();
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let token = tokens.insert(request, self.clock.now());
        let token =
            token.map_err(|_| Status::resource_exhausted("maximum number of in-flight requests exceeded"))?;
        Ok(format!("http://{address}/{verb}/{token}"))
    }

    /// Serves until it is dropped.
    pub(crate) async fn serve(self: Arc<Self>, listener: Listener) {
        let mut connections = JoinSet::new();
        loop {
            let Ok(socket) = listener.accept().await else {
                tokio::task::yield_now().await;
                continue;
            };
            while connections.try_join_next().is_some() {}
            connections.spawn(self.clone().connection(socket));
        }
    }

    async fn connection(self: Arc<Self>, socket: Box<dyn Socket>) {
        let upgraded = Arc::new(Mutex::new(None::<(OnUpgrade, AfterUpgrade)>));
        let slot = upgraded.clone();
        let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
            let on_upgrade = hyper::upgrade::on(&mut request);
            let answer = self.answer(request.method(), request.uri().path(), request.headers());
            let response = match answer {
                Ok((response, after)) => {
                    *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some((on_upgrade, after));
                    response
                }
                Err(response) => *response,
            };
            std::future::ready(Ok::<_, Infallible>(response))
        });
        let served = hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(socket), service)
            .with_upgrades()
            .await;
        if served.is_err() {
            return;
        }
        let taken = upgraded.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((on_upgrade, after)) = taken
            && let Ok(io) = on_upgrade.await
        {
            after(TokioIo::new(io)).await;
        }
    }

    /// The change of protocol that a request asks for, with what follows it; or an ordinary answer.
    fn answer(&self, method: &Method, path: &str, headers: &HeaderMap) -> Change<AfterUpgrade> {
        let mut parts = path.trim_matches('/').split('/');
        let (verb, token) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        if !matches!(verb, "exec" | "attach" | "portforward") || parts.next().is_some() {
            return Err(Box::new(answers::not_found()));
        }
        if !matches!(*method, Method::GET | Method::POST) {
            return Err(Box::new(answers::error(StatusCode::METHOD_NOT_ALLOWED, "405: Method Not Allowed")));
        }
        let now = self.clock.now();
        let request = self.tokens.lock().unwrap_or_else(PoisonError::into_inner).take(token, now);
        let request = request.filter(|request| request.verb() == verb);
        let request = request.ok_or_else(|| Box::new(answers::not_found()))?;
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
        cri: Arc<dyn winlab_node::cri::Cri>,
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
