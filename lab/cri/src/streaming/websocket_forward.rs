//! Forwarded ports over one WebSocket (`portforward/websocket.go`): each port has a channel for data and one for errors.

use futures::channel::mpsc;
use futures::{SinkExt, StreamExt, future};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::tungstenite::{Bytes, Message};

use super::port_forward::{Pod, carry};
use super::websocket::{accept, goodbye};

/// The subprotocols of forwarded ports.
pub(super) const PROTOCOLS: [&str; 1] = ["v4.channel.k8s.io"];

/// How many messages may wait in either direction.
const WAITING: usize = 32;

/// Forwards ports until the client leaves or all of them are closed.
pub(super) async fn run<S: AsyncRead + AsyncWrite + Unpin>(pod: Pod, ports: Vec<i32>, socket: S) {
    let ports: Vec<u16> = ports.into_iter().filter_map(|port| u16::try_from(port).ok()).collect();
    let (mut sink, mut messages) = accept(socket).await.split();
    let (outgoing, mut queued) = mpsc::channel(WAITING);
    let (mut inputs, mut forwards) = (Vec::new(), Vec::new());
    // A channel's number is one byte.
    for (at, port) in ports.into_iter().take(127).enumerate() {
        let (input, given) = mpsc::channel(WAITING);
        inputs.push(Some(input));
        let data = u8::try_from(2 * at).unwrap_or(u8::MAX);
        forwards.push(forward(pod.clone(), port, data, given, outgoing.clone()));
    }
    drop(outgoing);
    let write = async {
        while let Some(message) = queued.next().await {
            sink.send(message).await.ok();
        }
        sink.send(goodbye()).await.ok();
        sink.close().await.ok();
    };
    let read = async {
        while let Some(Ok(message)) = messages.next().await {
            let bytes = match message {
                Message::Binary(bytes) => bytes,
                Message::Text(text) => Bytes::from(text),
                Message::Close(_) => return,
                Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => continue,
            };
            let Some((channel, bytes)) = bytes.split_first() else { continue };
            let slot = inputs.get_mut(usize::from(*channel) / 2).filter(|_| *channel % 2 == 0);
            if let Some(slot) = slot
                && let Some(input) = slot
                && input.send(bytes.to_vec()).await.is_err()
            {
                *slot = None;
            }
        }
    };
    let work = future::join(future::join_all(forwards), write);
    let (read, work) = (std::pin::pin!(read), std::pin::pin!(work));
    drop(future::select(work, read).await);
}

fn message(channel: u8, bytes: &[u8]) -> Message {
    let mut all = Vec::with_capacity(1 + bytes.len());
    all.push(channel);
    all.extend_from_slice(bytes);
    Message::Binary(all.into())
}

/// One port. Both its channels begin with the port's number, low byte first.
async fn forward(
    pod: Pod,
    port: u16,
    data: u8,
    given: mpsc::Receiver<Vec<u8>>,
    mut outgoing: mpsc::Sender<Message>,
) {
    for channel in [data, data + 1] {
        outgoing.send(message(channel, &port.to_le_bytes())).await.ok();
    }
    match pod.connect(port).await {
        Ok(to) => {
            carry(to, given, |bytes| {
                let mut outgoing = outgoing.clone();
                async move { drop(outgoing.send(message(data, &bytes)).await) }
            })
            .await;
        }
        Err(text) => {
            outgoing.send(message(data + 1, pod.failed(port, &text).as_bytes())).await.ok();
        }
    }
}
