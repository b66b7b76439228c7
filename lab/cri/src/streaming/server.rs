//! The server itself.
#![expect(clippy::disallowed_types, reason = "this crate is one of those that may have sockets")]

use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::{fmt, io};

use http::request::Parts;
use http::{Method, StatusCode};
use tokio::task::JoinSet;
use tonic::Status;
use winlab_clock::{Clock, Seed};

use super::network::PodNetwork;
use super::request::StreamRequest;
use super::streams::{AfterUpgrade, Change, Streams};
use super::tokens::Tokens;
use super::{answers, connection};
use crate::backend::Backend;
use crate::listener::Listener;

/// What a streaming server is made of.
pub struct StreamingConfig {
    /// Where it listens: at an address that kubelet reaches.
    pub listener: TcpListener,
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

/// The server's parts that its connections share.
pub(crate) struct Streaming {
    streams: Streams,
    address: SocketAddr,
    tokens: Mutex<Tokens>,
}

impl Streaming {
    pub(crate) fn new(backend: Backend, config: StreamingConfig) -> io::Result<(Arc<Self>, Listener)> {
        let StreamingConfig { listener, clock, seed, network } = config;
        let listener = Listener::new(listener)?;
        let tokens = Mutex::new(Tokens::new(seed));
        let streams = Streams { backend, clock, network };
        Ok((Arc::new(Self { streams, address: listener.address(), tokens }), listener))
    }

    /// The URL of a request.
    pub(crate) fn url(&self, request: StreamRequest) -> Result<String, Status> {
        request.check()?;
        let verb = request.verb();
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let token = tokens.insert(request, self.streams.clock.now());
        let token =
            token.map_err(|_| Status::resource_exhausted("maximum number of in-flight requests exceeded"))?;
        Ok(format!("http://{}/{verb}/{token}", self.address))
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
            let server = self.clone();
            let answer = move |request: Parts| std::future::ready(server.answer(&request));
            connections.spawn(connection::serve(socket, answer));
        }
    }

    /// The change of protocol that a request asks for, with what follows it; or an ordinary answer.
    fn answer(&self, request: &Parts) -> Change<AfterUpgrade> {
        let mut parts = request.uri.path().trim_matches('/').split('/');
        let (verb, token) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        if !matches!(verb, "exec" | "attach" | "portforward") || parts.next().is_some() {
            return Err(Box::new(answers::not_found()));
        }
        if !matches!(request.method, Method::GET | Method::POST) {
            return Err(Box::new(answers::error(StatusCode::METHOD_NOT_ALLOWED, "405: Method Not Allowed")));
        }
        let now = self.streams.clock.now();
        let found = self.tokens.lock().unwrap_or_else(PoisonError::into_inner).take(token, now);
        let found = found.filter(|found| found.verb() == verb);
        let found = found.ok_or_else(|| Box::new(answers::not_found()))?;
        self.streams.begin(found, &request.headers)
    }
}
