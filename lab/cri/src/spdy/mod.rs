//! SPDY/3.1 as far as Kubernetes' streaming uses it (k8s.io/streaming `pkg/httpstream/spdy` over moby/spdystream):
//! streams that the client opens, their data, resets, pings and the end. There is no flow control, and settings and
//! window updates mean nothing.
//!
//! Reading order: `frame` (what there is), `headers` (blocks of names and values), `codec` (bytes ⇄ frames),
//! `connection` (streams of a server).

mod codec;
mod connection;
mod dictionary;
mod frame;
mod headers;

pub use codec::{Decoder, Encoder, ProtocolError};
pub(crate) use connection::{Stream, Writer, serve};
pub use frame::{Frame, Headers};
