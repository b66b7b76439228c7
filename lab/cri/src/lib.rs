//! The containerd model served as the Container Runtime Interface.
//!
//! ```text
//! kubelet.exe ──gRPC──▶ RuntimeService, ImageService ──▶ winlab_node::cri::Cri ──▶ containerd's model
//!      │                   Exec, Attach, PortForward ─▶ URL                              ▲
//!      └─SPDY, WebSocket──▶ streaming server ────────────────────────────────────────────┘
//! ```
//!
//! A server finds the runtime anew for every call, as a client of a socket does: a runtime that was restarted is found
//! again, and one that is not there is `Unavailable`.

mod backend;
mod convert;
mod error;
mod event;
mod image_service;
mod listener;
mod mounts;
pub mod proto;
mod release;
mod runtime_service;
mod server;
pub mod spdy;
mod streaming;

pub use backend::Backend;
pub use mounts::SharedMounts;
pub use server::CriServer;
pub use streaming::{
    HttpAnswer, HttpPods, HttpReplies, KubeletPods, KubeletStreams, PodNetwork, PodPort, PodStream,
    StreamingConfig,
};
