//! A node's container runtime and kubelet as models.
//!
//! - [`cri`]: the interface between them, named as in CRI's proto;
//! - [`containerd`]: CRI over HCN, HCS and job objects on Windows, over netlink and runc on Linux;
//! - [`kubelet`]: pods from the API server, run through CRI;
//! - [`hollow`]: a machine and a runtime that only remember, for thousands of nodes;
//! - [`programs()`]: both as programs that a node's service manager starts.
//!
//! The node's other components (kube-proxy, flannel, CoreDNS) are crates of their own.

pub mod containerd;
pub mod cri;
pub mod hollow;
pub mod kubelet;
mod programs;

pub use programs::programs;
