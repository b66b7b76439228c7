//! The client's transport against a peer over TLS that misbehaves: every trouble is told, bounded, and gone over.

mod client;
mod peer;
