//! Startup, readiness and liveness probes (`pkg/kubelet/prober`).

mod action;
mod manager;
mod prober;
mod results;
mod worker;

pub(crate) use action::http_request;
pub(crate) use manager::Probes;
pub use prober::{ProbeOutcome, ProbeRequest, ProbeTarget, Prober};
pub(crate) use results::{ProbeKind, ProbeResult, ProbeResults};
