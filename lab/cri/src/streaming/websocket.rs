//! A command's streams over one WebSocket (`remotecommand/websocket.go`): the first byte of a message is the stream's
//! number.

use std::sync::Arc;

use futures::channel::mpsc;
use futures::stream::SplitSink;
use futures::{SinkExt, StreamExt, future};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Bytes, Message};
use winlab_node::cri::{Cri, SessionInput};

use super::peer::{Peer, ToClient};
use super::remote_command::{self, Command};
use super::request::Wanted;
use super::spdy_channels::size;

/// The subprotocols of commands. containerd's library speaks the fourth version; the fifth, which an API server of ours
/// hands through, adds a message that ends a stream (client-go `tools/remotecommand/websocket.go`).
pub(super) const PROTOCOLS: [&str; 3] = ["v5.channel.k8s.io", "v4.channel.k8s.io", "channel.k8s.io"];

const STDIN: u8 = 0;
const STDOUT: u8 = 1;
const STDERR: u8 = 2;
const ERROR: u8 = 3;
const RESIZE: u8 = 4;
const CLOSE: u8 = 255;

/// Longer messages than clients send.
const MAX_MESSAGE: usize = 4 << 20;

/// A server's side of a WebSocket whose handshake is done.
pub(super) async fn accept<S: AsyncRead + AsyncWrite + Unpin>(socket: S) -> WebSocketStream<S> {
    let config =
        WebSocketConfig::default().max_message_size(Some(MAX_MESSAGE)).max_frame_size(Some(MAX_MESSAGE));
    WebSocketStream::from_raw_socket(socket, Role::Server, Some(config)).await
}

/// The end of a connection that went well: client-go takes any other for an error.
pub(super) fn goodbye() -> Message {
    Message::Close(Some(CloseFrame { code: CloseCode::Normal, reason: Default::default() }))
}

/// Runs a command for a client.
pub(super) async fn run<S>(cri: Arc<dyn Cri>, command: Command, protocol: Option<&'static str>, socket: S)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let wanted = command.wanted();
    let (mut sink, mut messages) = accept(socket).await.split();
    // Tells the client that the connection stands.
    let first = if wanted.stdout {
        STDOUT
    } else if wanted.stderr {
        STDERR
    } else {
        ERROR
    };
    if sink.send(message(first, &[])).await.is_err() {
        return;
    }
    let (mut given, input) = mpsc::channel(1);
    let (peer, outgoing) = Peer::new(input.boxed());
    let read = async {
        while let Some(Ok(message)) = messages.next().await {
            let bytes = match message {
                Message::Binary(bytes) => bytes,
                Message::Text(text) => Bytes::from(text),
                Message::Close(_) => return,
                Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => continue,
            };
            if let Some(part) = part(wanted, &bytes) {
                // A command that is over takes nothing; the client is still to close.
                given.send(part).await.ok();
            }
        }
    };
    let has_json = protocol.is_some_and(|protocol| protocol != "channel.k8s.io");
    let work = async {
        future::join(remote_command::run(cri, command, peer), carry(&mut sink, outgoing, has_json)).await;
        sink.send(goodbye()).await.ok();
        sink.close().await.ok();
    };
    let _first = future::select(std::pin::pin!(work), std::pin::pin!(read)).await;
}

/// What a message gives the command.
fn part(wanted: Wanted, message: &[u8]) -> Option<SessionInput> {
    let (channel, bytes) = message.split_first()?;
    match *channel {
        STDIN if wanted.stdin && !bytes.is_empty() => Some(SessionInput::Bytes(bytes.to_vec())),
        RESIZE => size(bytes).map(SessionInput::Resize),
        CLOSE if bytes == [STDIN] => Some(SessionInput::End),
        _ => None,
    }
}

fn message(channel: u8, bytes: &[u8]) -> Message {
    let mut all = Vec::with_capacity(1 + bytes.len());
    all.push(channel);
    all.extend_from_slice(bytes);
    Message::Binary(all.into())
}

/// Carries output until the command's end.
async fn carry<S: AsyncRead + AsyncWrite + Unpin>(
    sink: &mut SplitSink<WebSocketStream<S>, Message>,
    mut outgoing: mpsc::Receiver<ToClient>,
    has_json: bool,
) {
    while let Some(part) = outgoing.next().await {
        let message = match part {
            ToClient::Stdout(bytes) => message(STDOUT, &bytes),
            ToClient::Stderr(bytes) => message(STDERR, &bytes),
            ToClient::Ended(ending) => {
                message(ERROR, &if has_json { ending.as_json() } else { ending.as_text() })
            }
        };
        // A client that is gone reads no more; its command goes on.
        sink.send(message).await.ok();
    }
}

#[cfg(test)]
mod tests {
    use super::{SessionInput, Wanted, part};

    #[test]
    fn messages_go_to_the_stream_they_name() {
        let wanted = Wanted { stdin: true, stdout: true, stderr: false, tty: false };
        assert_eq!(part(wanted, &[0, b'a']), Some(SessionInput::Bytes(vec![b'a'])));
        assert_eq!(part(wanted, &[255, 0]), Some(SessionInput::End));
        for nothing in [&[][..], &[0], &[255], &[255, 9], &[1, 2], &[4, b'{'], &[77, 1]] {
            assert_eq!(part(wanted, nothing), None);
        }
        assert_eq!(part(Wanted { stdin: false, ..wanted }, &[0, b'a']), None);
    }
}
