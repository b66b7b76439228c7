//! The kubelet model.
//!
//! ```text
//! API server ─▶ follow_pods ─▶ worker per pod ─▶ CRI
//!      ▲                            │
//!      └── statuses, events ◀───────┴── probes, runtime events
//! ```
//!
//! Messages, waits and decisions are upstream's (`pkg/kubelet` of Kubernetes 1.34, older minors by gate); its
//! one-second ticks are events here, so a change is seen at once.

mod backoff;
mod bootstrap;
mod container;
mod core;
mod device_plugins;
mod events;
mod eviction;
mod garbage;
mod node;
mod patch;
mod pod;
mod probe;
mod program;
mod server;
mod setup;
mod status;
mod volumes;

pub use probe::{ProbeOutcome, ProbeRequest, ProbeTarget, Prober};
pub use program::kubelet;
pub use server::{KubeletApi, LogOptions, kubelet_endpoint};
pub use setup::KubeletOptions;
