//! One node's server.
#![expect(clippy::disallowed_types, reason = "this crate is one of those that may have sockets")]

use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::{fmt, io};

use http::{Request, Response};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tonic::Status;
use tonic::body::Body;
use tower::{Service, ServiceExt};

use crate::backend::Backend;
use crate::image_service::Images;
use crate::listener::Listener;
use crate::proto::image_service_server::ImageServiceServer;
use crate::proto::runtime_service_server::RuntimeServiceServer;
use crate::runtime_service::Runtime;
use crate::streaming::{Streaming, StreamingConfig};

/// As large as kubelet's own limit (`maxMsgSize`, staging/src/k8s.io/cri-client/pkg/remote_runtime.go).
const MAX_MESSAGE: usize = 16 << 20;

/// The interface on a socket, and the streaming server beside it.
pub struct CriServer {
    listener: Listener,
    backend: Backend,
    streaming: Option<(Arc<Streaming>, Listener)>,
}

/// Both services of the interface.
#[derive(Clone)]
struct Services {
    runtime: RuntimeServiceServer<Runtime>,
    images: ImageServiceServer<Images>,
}

impl CriServer {
    /// A server on a bound socket for the runtime behind `backend`. Call it inside the lab's runtime.
    ///
    /// # Errors
    /// The operating system's.
    pub fn new(listener: TcpListener, backend: Backend) -> io::Result<Self> {
        Ok(Self { listener: Listener::new(listener)?, backend, streaming: None })
    }

    /// With a streaming server; without one exec, attach and port-forward are refused.
    ///
    /// # Errors
    /// The operating system's.
    pub fn streaming(mut self, config: StreamingConfig) -> io::Result<Self> {
        self.streaming = Some(Streaming::new(self.backend.clone(), config)?);
        Ok(self)
    }

    /// Where it listens: behind `tcp://`, what kubelet's `containerRuntimeEndpoint` is set to.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.listener.address()
    }

    /// Serves until it is dropped; the connections end with it.
    pub async fn serve(self) {
        let Self { listener, backend, streaming } = self;
        let urls = streaming.as_ref().map(|(streaming, _)| streaming.clone());
        let services = Services::new(&backend, urls);
        let streams = async {
            match streaming {
                Some((streaming, listener)) => streaming.serve(listener).await,
                None => std::future::pending().await,
            }
        };
        futures::future::join(calls(listener, services), streams).await;
    }
}

impl Services {
    fn new(backend: &Backend, streaming: Option<Arc<Streaming>>) -> Self {
        Self {
            runtime: RuntimeServiceServer::new(Runtime::new(backend.clone(), streaming))
                .max_decoding_message_size(MAX_MESSAGE)
                .max_encoding_message_size(MAX_MESSAGE),
            images: ImageServiceServer::new(Images::new(backend.clone()))
                .max_decoding_message_size(MAX_MESSAGE)
                .max_encoding_message_size(MAX_MESSAGE),
        }
    }
}

async fn calls(listener: Listener, services: Services) {
    let mut connections = JoinSet::new();
    loop {
        // A connection that could not be accepted is its client's loss.
        let Ok(socket) = listener.accept().await else {
            tokio::task::yield_now().await;
            continue;
        };
        while connections.try_join_next().is_some() {}
        connections.spawn(connection(socket, services.clone()));
    }
}

impl fmt::Debug for CriServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CriServer({})", self.address())
    }
}

async fn connection(socket: TcpStream, services: Services) {
    let service = hyper::service::service_fn(move |request| services.clone().answer(request));
    let served = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
        .serve_connection(TokioIo::new(socket), service)
        .await;
    // What is wrong with a connection shows at its client.
    drop(served);
}

impl Services {
    async fn answer(self, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
        let service = request.uri().path().split('/').nth(1).unwrap_or_default();
        match service {
            "runtime.v1.RuntimeService" => ready(self.runtime, request).await,
            "runtime.v1.ImageService" => ready(self.images, request).await,
            other => Ok(Status::unimplemented(format!("unknown service {other}")).into_http()),
        }
    }
}

async fn ready<S>(mut service: S, request: Request<Incoming>) -> Result<Response<Body>, Infallible>
where
    S: Service<Request<Incoming>, Response = Response<Body>, Error = Infallible>,
{
    service.ready().await?.call(request).await
}
