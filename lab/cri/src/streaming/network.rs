//! The way to a pod's ports.

use std::fmt;
use std::sync::Arc;

use futures::future::BoxFuture;
use http::{Response, StatusCode};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

/// A connection to a program in a pod.
pub trait PodStream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> PodStream for S {}

/// A port of a pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PodPort {
    /// The pod's sandbox.
    pub pod_sandbox_id: String,
    /// The pod's namespace.
    pub namespace: String,
    /// The pod's name.
    pub pod: String,
    /// The pod's address.
    pub ip: String,
    /// The port.
    pub port: u16,
}

/// Connects from a node to its pods, as containerd does for a forwarded port
/// (containerd `internal/cri/server/sandbox_portforward_windows.go`: it dials the pod's address from the host).
pub trait PodNetwork: Send + Sync {
    /// A connection, or the error of Go's `net.Dial`.
    fn connect<'a>(&'a self, to: &'a PodPort) -> BoxFuture<'a, Result<Box<dyn PodStream>, String>>;
}

/// An answer over HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpAnswer {
    /// Status code.
    pub status: u16,
    /// Body.
    pub body: String,
}

/// What programs in pods answer over HTTP: a lab's programs are no machine code, so that a request is all that can be
/// carried to one.
pub trait HttpReplies: Send + Sync + 'static {
    /// Whether the port takes a connection; the error of Go's `net.Dial` if not.
    fn connect<'a>(&'a self, to: &'a PodPort) -> BoxFuture<'a, Result<(), String>>;
    /// The answer to a request of a path.
    fn get<'a>(&'a self, to: &'a PodPort, path: &'a str) -> BoxFuture<'a, Result<HttpAnswer, String>>;
}

/// Pods behind their HTTP answers.
pub struct HttpPods<R>(Arc<R>);

impl<R: HttpReplies> HttpPods<R> {
    /// Pods that answer as `replies` says.
    #[must_use]
    pub fn new(replies: Arc<R>) -> Self {
        Self(replies)
    }
}

impl<R> fmt::Debug for HttpPods<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HttpPods")
    }
}

impl<R: HttpReplies> PodNetwork for HttpPods<R> {
    fn connect<'a>(&'a self, to: &'a PodPort) -> BoxFuture<'a, Result<Box<dyn PodStream>, String>> {
        Box::pin(async move {
            self.0.connect(to).await?;
            let (ours, theirs) = tokio::io::duplex(16 << 10);
            let (replies, to) = (self.0.clone(), to.clone());
            // Ends with the connection that `ours` is.
            tokio::spawn(async move {
                let service =
                    hyper::service::service_fn(move |request: http::Request<hyper::body::Incoming>| {
                        let (replies, to) = (replies.clone(), to.clone());
                        async move { answer(&*replies, &to, request.uri().path()).await }
                    });
                hyper::server::conn::http1::Builder::new()
                    // A client that has asked and closes its side still gets its answer.
                    .half_close(true)
                    .serve_connection(TokioIo::new(theirs), service)
                    .await
                    .ok();
            });
            Ok(Box::new(ours) as Box<dyn PodStream>)
        })
    }
}

/// A program that gives no answer closes the connection.
async fn answer(
    replies: &dyn HttpReplies,
    to: &PodPort,
    path: &str,
) -> Result<Response<Full<Bytes>>, NoAnswer> {
    let answer = replies.get(to, path).await.map_err(NoAnswer)?;
    let mut response = Response::new(Full::from(answer.body));
    *response.status_mut() =
        StatusCode::from_u16(answer.status).map_err(|error| NoAnswer(error.to_string()))?;
    Ok(response)
}

#[derive(Debug)]
struct NoAnswer(String);

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NoAnswer {}
