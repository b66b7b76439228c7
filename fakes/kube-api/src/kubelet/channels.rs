//! Channels over a WebSocket (`k8s.io/apimachinery/pkg/util/httpstream/wsstream`): the first byte of a binary message
//! says which channel the rest belongs to.

use std::future::Future;

use futures::{SinkExt, StreamExt};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role};
use winlab_document::Document;

use crate::body::ApiBody;
use crate::failure::Failure;

/// Protocols spoken, best first: version 5 can close one channel, which only input needs.
const PROTOCOLS: [&str; 2] = ["v5.channel.k8s.io", "v4.channel.k8s.io"];

/// A channel from the server to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Channel {
    Stdout = 1,
    Stderr = 2,
    /// How it ended: a `Status`.
    Error = 3,
}

/// The server's end of a connection.
pub(super) struct Channels(WebSocketStream<TokioIo<Upgraded>>);

impl Channels {
    /// Sends bytes; that the client is gone shows at the end.
    pub(super) async fn send(&mut self, channel: Channel, bytes: &[u8]) {
        // A message is small enough for every reader's buffer.
        for part in bytes.chunks(32 * 1024) {
            let mut message = Vec::with_capacity(part.len() + 1);
            message.push(channel as u8);
            message.extend_from_slice(part);
            if self.0.send(Message::Binary(message.into())).await.is_err() {
                return;
            }
        }
    }

    /// Says how it ended, and hangs up.
    pub(super) async fn finish(mut self, status: &Document) {
        self.send(Channel::Error, &status.to_bytes()).await;
        // Without a code kubectl takes the end for a failure.
        let goodbye = CloseFrame { code: CloseCode::Normal, reason: "".into() };
        if self.0.close(Some(goodbye)).await.is_ok() {
            // The client's own goodbye ends the stream; what it still sends nobody reads.
            while self.0.next().await.is_some_and(|message| message.is_ok()) {}
        }
    }
}

/// Answers with the switch to WebSocket, and lets `serve` have the connection.
pub(super) fn upgrade<F: Future<Output = ()> + Send + 'static>(
    mut parts: Parts,
    serve: impl FnOnce(Channels) -> F + Send + 'static,
) -> Result<Response<ApiBody>, Failure> {
    let (key, protocol) = handshake(&parts.headers)?;
    let Some(connection) = parts.extensions.remove::<OnUpgrade>() else {
        return Err(Failure::bad_request("this connection cannot be upgraded"));
    };
    tokio::spawn(async move {
        let Ok(connection) = connection.await else { return };
        let socket = WebSocketStream::from_raw_socket(TokioIo::new(connection), Role::Server, None).await;
        serve(Channels(socket)).await;
    });
    let mut response = Response::new(ApiBody::whole(""));
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(protocol));
    if let Ok(accept) = HeaderValue::from_str(&derive_accept_key(key.as_bytes())) {
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    }
    Ok(response)
}

/// The client's key, and the protocol that both speak.
fn handshake(headers: &HeaderMap) -> Result<(&str, &'static str), Failure> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let upgrade = text(header::UPGRADE).unwrap_or_default();
    if !upgrade.eq_ignore_ascii_case("websocket") {
        let message = match upgrade {
            "" => "Upgrade request required",
            _ => "only WebSocket upgrades are served: SPDY is not",
        };
        return Err(Failure::bad_request(message));
    }
    let key = text(header::SEC_WEBSOCKET_KEY)
        .ok_or_else(|| Failure::bad_request("the WebSocket key is missing"))?;
    let offered = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL);
    let offered: Vec<&str> = offered
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    let protocol = PROTOCOLS.into_iter().find(|known| offered.contains(known));
    let protocol = protocol.ok_or_else(|| {
        Failure::bad_request(format!(
            "unable to negotiate protocol: offered {offered:?}, served {PROTOCOLS:?}"
        ))
    })?;
    Ok((key, protocol))
}
