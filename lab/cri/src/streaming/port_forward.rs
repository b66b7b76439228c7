//! Forwarded ports over SPDY (`portforward/httpstream.go`): a pair of streams, for data and for an error, per connection.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::channel::mpsc;
use futures::stream::FuturesUnordered;
use futures::{StreamExt, future};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use winlab_node::cri::{Cri, PodSandboxState};

use super::network::{PodNetwork, PodPort, PodStream};
use crate::spdy::{Stream, Writer};

/// The one subprotocol of forwarded ports.
pub(super) const PROTOCOLS: [&str; 1] = ["portforward.k8s.io"];

/// How many connections a client may have half opened: with one of two streams.
const MAX_HALF: usize = 256;

/// The pod whose ports are forwarded.
#[derive(Clone)]
pub(super) struct Pod {
    pub(super) cri: Arc<dyn Cri>,
    pub(super) network: Option<Arc<dyn PodNetwork>>,
    pub(super) sandbox: String,
}

impl Pod {
    /// Connects to a port; containerd's words where that fails.
    pub(super) async fn connect(&self, port: u16) -> Result<Box<dyn PodStream>, String> {
        let id = &self.sandbox;
        let status = self.cri.pod_sandbox_status(id).await;
        let status = status.map_err(|error| format!("failed to find sandbox {id:?} in store: {error}"))?;
        if status.state != PodSandboxState::Ready {
            return Err(format!("failed to execute portforward for podId {id}, err: sandbox is not ready"));
        }
        let ip = status.ips.first().cloned().unwrap_or_default();
        let to = PodPort {
            pod_sandbox_id: status.id,
            namespace: status.metadata.namespace,
            pod: status.metadata.name,
            ip: ip.clone(),
            port,
        };
        let connected = match &self.network {
            Some(network) => network.connect(&to).await,
            None => Err("winlab's runtime was given no network to its pods".to_owned()),
        };
        connected.map_err(|error| {
            let failed = format!("failed to connect to {ip}:{port} for pod {id:?}: {error}");
            format!("failed to execute portforward for podId {id}, podIp {ip}, err: {failed}")
        })
    }

    /// The library's words around an error.
    pub(super) fn failed(&self, port: u16, error: &str) -> String {
        format!("error forwarding port {port} to pod {}, uid : {error}", self.sandbox)
    }
}

/// A connection as far as its streams are there.
#[derive(Default)]
struct Pair {
    data: Option<Stream>,
    error: Option<Stream>,
}

/// Forwards what a client's streams ask for, until it leaves.
pub(super) async fn run(pod: Pod, mut streams: mpsc::Receiver<Stream>, mut writer: Writer) {
    let mut pairs: BTreeMap<String, Pair> = BTreeMap::new();
    let mut forwards = FuturesUnordered::new();
    loop {
        let next = if forwards.is_empty() {
            streams.next().await
        } else {
            match future::select(streams.next(), forwards.next()).await {
                future::Either::Left((next, _)) => next,
                future::Either::Right(_) => continue,
            }
        };
        let Some(stream) = next else { break };
        let Some((request, port, is_data)) = asked(&stream) else {
            writer.reset(stream.id).await;
            continue;
        };
        if pairs.len() >= MAX_HALF && !pairs.contains_key(&request) {
            writer.reset(stream.id).await;
            continue;
        }
        let pair = pairs.entry(request.clone()).or_default();
        let slot = if is_data { &mut pair.data } else { &mut pair.error };
        if slot.is_some() {
            let name = if is_data { "data" } else { "error" };
            let text =
                format!("error processing stream for request {request}: {name} stream already assigned");
            writer.data(stream.id, text.into_bytes()).await;
            writer.reset(stream.id).await;
            continue;
        }
        *slot = Some(stream);
        if pair.data.is_some() && pair.error.is_some() {
            let pair = pairs.remove(&request).unwrap_or_default();
            if let (Some(data), Some(error)) = (pair.data, pair.error) {
                forwards.push(forward(pod.clone(), port, data, error, writer.clone()));
            }
        }
    }
    while forwards.next().await.is_some() {}
}

/// Which connection a stream belongs to, to which port, and whether it is for data; none where its headers do not say.
/// Old clients number no connections: their two streams come one after the other, the one for errors first.
fn asked(stream: &Stream) -> Option<(String, u16, bool)> {
    let port = stream.header("port")?.parse().ok().filter(|port| *port > 0)?;
    let is_data = match stream.header("streamtype")? {
        "data" => true,
        "error" => false,
        _ => return None,
    };
    let request = match stream.header("requestid").filter(|id| !id.is_empty()) {
        Some(id) => id.to_owned(),
        None if is_data => stream.id.saturating_sub(2).to_string(),
        None => stream.id.to_string(),
    };
    Some((request, port, is_data))
}

/// Carries one connection's bytes in both directions.
async fn forward(pod: Pod, port: u16, data: Stream, error: Stream, mut writer: Writer) {
    let to = match pod.connect(port).await {
        Ok(to) => to,
        Err(text) => {
            writer.data(error.id, pod.failed(port, &text).into_bytes()).await;
            writer.end(error.id).await;
            writer.reset(data.id).await;
            writer.reset(error.id).await;
            return;
        }
    };
    let id = data.id;
    let mut outgoing = writer.clone();
    carry(to, data.bytes, |bytes| {
        let mut writer = outgoing.clone();
        async move { writer.data(id, bytes).await }
    })
    .await;
    outgoing.end(id).await;
    writer.end(error.id).await;
}

/// Carries bytes both ways until the program closes its side, or the client has closed its own and nothing more comes.
pub(super) async fn carry<F: Future<Output = ()>>(
    to: Box<dyn PodStream>,
    mut given: mpsc::Receiver<Vec<u8>>,
    mut send: impl FnMut(Vec<u8>) -> F,
) {
    let (mut from, mut into) = tokio::io::split(to);
    let write = async {
        while let Some(bytes) = given.next().await {
            if into.write_all(&bytes).await.is_err() {
                return;
            }
        }
        into.shutdown().await.ok();
    };
    let read = async {
        let mut buffer = vec![0; 16 << 10];
        while let Ok(read) = from.read(&mut buffer).await {
            if read == 0 {
                return;
            }
            send(buffer[..read].to_vec()).await;
        }
    };
    let (read, write) = (std::pin::pin!(read), std::pin::pin!(write));
    if let future::Either::Right(((), read)) = future::select(read, write).await {
        read.await;
    }
}
