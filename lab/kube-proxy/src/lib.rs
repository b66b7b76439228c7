//! kube-proxy as a model.
//!
//! On Windows it programs HNS as `pkg/proxy/winkernel` does, call for call and document for document; on Linux it
//! writes iptables rules as `pkg/proxy/iptables` does, chain names included. What a version of kube-proxy does
//! otherwise than the one before is in [`Quirks`], each with its issue.
//!
//! ```text
//! Services, EndpointSlices ──▶ change trackers ──▶ bounded frequency runner ──▶ sync ──▶ HNS, or iptables-restore
//! ```
//!
//! Reading order: `run` (start-up), `service` (what is to be proxied), `winkernel`, `iptables`.

mod config;
mod family;
mod health;
mod iptables;
mod node;
mod options;
mod quirks;
mod run;
mod runner;
mod service;
mod source;
mod winkernel;

pub use health::HealthServer;
pub use quirks::Quirks;
pub use run::{run, run_version};
