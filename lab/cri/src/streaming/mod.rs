//! The streaming server: where the URLs of `Exec`, `Attach` and `PortForward` lead.
//!
//! ```text
//! Exec ─▶ token ─▶ http://<address>/exec/<token>
//!                        │ once, within a minute
//!                        ▼
//!          WebSocket or SPDY/3.1 ─▶ Peer ─▶ winlab_node::cri::Session
//! ```
//!
//! kubelet hands the client's upgrade through as it is. A real API server speaks SPDY to it: `kubectl`'s WebSocket ends at
//! the API server, which translates exec and attach (k8s.io/apiserver `pkg/util/proxy/streamtranslator.go`, from 1.30 on)
//! and unpacks tunnelled port-forwards (`streamtunnel.go`, from 1.31 on).
//!
//! A kubelet that is a model serves the same streams without a URL in between (`kubelet`).

mod answers;
mod connection;
mod kubelet;
mod network;
mod peer;
mod port_forward;
mod remote_command;
mod request;
mod server;
mod spdy_channels;
mod status;
mod streams;
mod tokens;
mod upgrade;
mod websocket;
mod websocket_forward;

pub use kubelet::{KubeletPods, KubeletStreams};
pub use network::{HttpAnswer, HttpPods, HttpReplies, PodNetwork, PodPort, PodStream};
pub(crate) use request::StreamRequest;
pub(crate) use server::Streaming;
pub use server::StreamingConfig;
