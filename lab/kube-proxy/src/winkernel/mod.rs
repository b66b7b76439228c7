//! kube-proxy on Windows: load balancers and remote endpoints in HNS (`pkg/proxy/winkernel`).
//!
//! Upstream walks services in the order of a Go map, which is none; here it is by name. Everything else is in
//! upstream's order.

mod backend;
mod balance;
mod changes;
mod endpoints;
mod flags;
mod load_balancer;
mod mac;
mod network;
mod programming;
mod proxier;
mod references;
mod service;
mod start;
mod sync;

pub(crate) use start::{StartError, start};
