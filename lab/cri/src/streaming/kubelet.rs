//! What a kubelet serves of containers' streams (`pkg/kubelet/server/server.go`: `/exec`, `/attach`, `/portForward`), for a
//! kubelet that is a model. Where a real one passes the client's streams on to a URL of the runtime, this one carries them
//! itself.

use std::fmt;
use std::sync::Arc;

use futures::future::BoxFuture;
use http::StatusCode;
use http::request::Parts;
use percent_encoding::percent_decode_str;
use tokio::io::{AsyncRead, AsyncWrite};
use winlab_clock::Clock;
use winlab_node::cri::{AttachRequest, ExecRequest};

use super::network::PodNetwork;
use super::request::StreamRequest;
use super::streams::{AfterUpgrade, Change, Streams};
use super::{answers, connection};
use crate::backend::Backend;

/// The pods of a kubelet. An error is the text of its answer.
pub trait KubeletPods: Send + Sync {
    /// The id of a pod's container.
    fn container(&self, namespace: &str, pod: &str, container: &str) -> Result<String, String>;

    /// The id of a pod's sandbox.
    fn sandbox<'a>(&'a self, namespace: &'a str, pod: &'a str) -> BoxFuture<'a, Result<String, String>>;
}

/// The part of a model kubelet's server that has streams.
#[derive(Clone)]
pub struct KubeletStreams {
    streams: Streams,
    pods: Arc<dyn KubeletPods>,
}

impl KubeletStreams {
    /// Streams of `pods`, which run in the runtime behind `backend`; `network` is the way to their ports.
    #[must_use]
    pub fn new(
        pods: Arc<dyn KubeletPods>,
        backend: Backend,
        clock: Clock,
        network: Arc<dyn PodNetwork>,
    ) -> Self {
        Self { streams: Streams { backend, clock, network: Some(network) }, pods }
    }

    /// Serves one connection of HTTP/1.1 to its end.
    pub async fn serve<S: AsyncRead + AsyncWrite + Send + Unpin + 'static>(self, socket: S) {
        connection::serve(socket, |request| self.answer(request)).await;
    }

    async fn answer(&self, request: Parts) -> Change<AfterUpgrade> {
        let path: Vec<String> = request.uri.path().split('/').skip(1).map(decoded).collect();
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let query = Query::parse(request.uri.query().unwrap_or_default());
        let found = match path.as_slice() {
            ["exec", namespace, pod, container] => {
                self.pods.container(namespace, pod, container).map(|id| query.exec(id))
            }
            ["attach", namespace, pod, container] => {
                self.pods.container(namespace, pod, container).map(|id| query.attach(id))
            }
            ["portForward", namespace, pod] => {
                self.pods.sandbox(namespace, pod).await.map(|id| query.forward(id))
            }
            _ => return Err(Box::new(answers::not_found())),
        };
        let found =
            found.map_err(|text| Box::new(answers::error(StatusCode::INTERNAL_SERVER_ERROR, &text)))?;
        // `remotecommand.NewOptions`
        found.check().map_err(|_| {
            let text = "you must specify at least 1 of stdin, stdout, stderr";
            Box::new(answers::error(StatusCode::BAD_REQUEST, text))
        })?;
        self.streams.begin(found, &request.headers)
    }
}

impl fmt::Debug for KubeletStreams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KubeletStreams")
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// A query's parameters (`k8s.io/api/core/v1`, `ExecStdinParam` and its neighbours).
struct Query(Vec<(String, String)>);

impl Query {
    fn parse(text: &str) -> Self {
        let pairs = text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            // In a query a plus is a space.
            (decoded(name), decoded(&value.replace('+', " ")))
        });
        Self(pairs.collect())
    }

    fn is(&self, name: &str) -> bool {
        self.0.iter().any(|(known, value)| known == name && value == "1")
    }

    fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(known, _)| known == name).map(|(_, value)| value.clone()).collect()
    }

    /// A terminal has no errors of its own: they are dropped without a word.
    fn exec(&self, container_id: String) -> StreamRequest {
        let tty = self.is("tty");
        StreamRequest::Exec(ExecRequest {
            container_id,
            cmd: self.all("command"),
            tty,
            stdin: self.is("input"),
            stdout: self.is("output"),
            stderr: self.is("error") && !tty,
        })
    }

    fn attach(&self, container_id: String) -> StreamRequest {
        let tty = self.is("tty");
        StreamRequest::Attach(AttachRequest {
            container_id,
            tty,
            stdin: self.is("input"),
            stdout: self.is("output"),
            stderr: self.is("error") && !tty,
        })
    }

    /// Ports that a WebSocket names; over SPDY each stream names its own.
    fn forward(&self, pod_sandbox_id: String) -> StreamRequest {
        let lists = self.all("port");
        let ports = lists.iter().flat_map(|list| list.split(',')).filter_map(|port| port.parse().ok());
        StreamRequest::PortForward { pod_sandbox_id, ports: ports.collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::{ExecRequest, Query, StreamRequest};

    #[test]
    fn a_query_says_which_streams_and_which_command() {
        let query =
            Query::parse("input=1&output=1&error=1&tty=1&command=cmd&command=%2Fc&command=echo+a%26b");
        let wanted = ExecRequest {
            container_id: "c1".to_owned(),
            cmd: ["cmd", "/c", "echo a&b"].map(str::to_owned).to_vec(),
            tty: true,
            stdin: true,
            stdout: true,
            stderr: false,
        };
        assert_eq!(query.exec("c1".to_owned()), StreamRequest::Exec(wanted));
        let ports = Query::parse("port=80,443&port=8080").forward("s1".to_owned());
        assert_eq!(
            ports,
            StreamRequest::PortForward { pod_sandbox_id: "s1".to_owned(), ports: vec![80, 443, 8080] }
        );
    }
}
