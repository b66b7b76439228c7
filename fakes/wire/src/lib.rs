//! The boundary over HTTP/1.1 and JSON: how a program outside this process reaches a fake, and how this process
//! reaches a host elsewhere.
//!
//! [`Server`] answers for any implementations of the boundary, many hosts at once, over loopback TCP or a Unix socket.
//! [`Client`] and its [`RemoteHost`]s are such implementations themselves. The contract between them, and for clients
//! in other languages, is `docs/wire.md`; its examples are run by this crate's tests.
//!
//! Handles, operations and callbacks are not on the wire: they belong to whoever imitates the DLLs. What a client holds
//! of a host (an open compute system, a job object, a port reservation) is kept with its session and given back when
//! the session's connection ends, so that a client which vanishes leaves nothing behind.
//!
//! Sockets need wall time: use a clock of pace `real` or `scaled` here, never a virtual one.
//!
//! Reading order: `outcome` and `wired` (forms), `server`, `client`.

mod address;
mod arguments;
mod client;
mod held;
mod media;
mod outcome;
mod refusal;
mod server;
mod session_header;
mod socket;
mod wired;
mod wired_path;

pub use address::{Address, AddressError};
pub use client::{Client, HostEntry, RemoteHost, ServerEntry, Timeouts, Trouble};
pub use server::{Host, Limits, Listener, Server};

/// The version of the protocol, the first segment of every path.
pub const VERSION: &str = "v1";
