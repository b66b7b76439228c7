//! Sockets of pods, as programs on their node meet them.
//!
//! A real kubelet probes containers over the network. Their programs are the fake host's, so the lab answers for them in
//! the node's network: it listens at a pod's address exactly where a packet from the node would be answered by the pod,
//! and says what the pod would say.
#![expect(
    clippy::disallowed_types,
    reason = "the lab has no network that a real program could use, but this"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use futures::future::BoxFuture;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::{AbortHandle, JoinSet};
use winlab_clock::{Clock, VirtualSpan};

use crate::node::RealNode;

/// How often the lab looks which sockets there are.
const LOOK: VirtualSpan = VirtualSpan::from_millis(500);

/// What a pod says to a request from its node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PodAnswer {
    /// This, over HTTP.
    Http {
        /// Status code.
        status: u16,
        /// Body.
        body: String,
    },
    /// Nothing, ever.
    Silence,
    /// The connection ends.
    Closed,
}

/// The pods of one node, as packets from the node meet them.
pub trait PodNetwork: Send + Sync {
    /// The sockets that somebody on the node may ask and that a pod answers on now.
    fn listening(&self) -> BoxFuture<'_, BTreeSet<SocketAddr>>;

    /// What a pod says to `GET path`.
    fn get(&self, at: SocketAddr, path: &str) -> PodAnswer;
}

/// Answers for a node's pods, for as long as it is not dropped.
pub async fn answer_for_pods(node: Arc<RealNode>, pods: Arc<dyn PodNetwork>, clock: Clock) {
    let mut open: BTreeMap<SocketAddr, Ends> = BTreeMap::new();
    loop {
        let listening = pods.listening().await;
        open.retain(|at, _| listening.contains(at));
        for at in listening {
            if open.contains_key(&at) {
                continue;
            }
            // An address that cannot be taken now may be free at the next look.
            if let Ok(listener) = node.pod_socket(at).and_then(TcpListener::from_std) {
                let serving = tokio::spawn(serve(listener, at, pods.clone()));
                open.insert(at, Ends(serving.abort_handle()));
            }
        }
        clock.sleep(LOOK).await;
    }
}

/// Ends a task with itself.
struct Ends(AbortHandle);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn serve(listener: TcpListener, at: SocketAddr, pods: Arc<dyn PodNetwork>) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((socket, _)) = listener.accept().await else {
            tokio::task::yield_now().await;
            continue;
        };
        while connections.try_join_next().is_some() {}
        let pods = pods.clone();
        let service = service_fn(move |request| answer(pods.clone(), at, request));
        connections.spawn(async move {
            // A connection's errors are its client's.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(socket), service).await;
        });
    }
}

async fn answer(
    pods: Arc<dyn PodNetwork>,
    at: SocketAddr,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Gone> {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    match pods.get(at, path) {
        PodAnswer::Http { status, body } => {
            let response = Response::builder().status(status).body(Full::new(Bytes::from(body)));
            response.map_err(|_| Gone)
        }
        PodAnswer::Silence => match std::future::pending::<Infallible>().await {},
        PodAnswer::Closed => Err(Gone),
    }
}

/// The pod ends the connection.
#[derive(Debug, thiserror::Error)]
#[error("the pod is gone")]
struct Gone;
