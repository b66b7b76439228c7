//! What the shim DLLs share. A Windows program calls an export; the call goes to the lab's server as `docs/wire.md` says,
//! and what comes back is handed to the program by the rules of the real DLL.
//!
//! Handles, operations, callbacks and pipes live here, in the program's own process; the server knows objects by their
//! ids only.
//!
//! Reading order: [`wire`], [`hcn`], [`callback`], [`hcs`]. Everything but the pipes and the pinned DLL builds on any
//! system, so that it is tested where it is written.
#![warn(missing_docs, unreachable_pub)]
#![deny(unsafe_op_in_unsafe_fn)]

pub mod callback;
pub mod event;
pub mod fault;
pub mod guard;
pub mod guid;
pub mod handle;
pub mod hcn;
pub mod hcs;
pub mod json;
pub mod memory;
pub mod text;
pub mod wire;

mod http;
mod library;
mod server;
mod session;
