//! A node's container runtime and kubelet as models.
//!
//! - [`cri`]: the interface between them, named as in CRI's proto;
//! - [`containerd`]: CRI over HCN, HCS and job objects on Windows, over netlink and runc on Linux.
//!
//! The node's other components (kube-proxy, flannel, CoreDNS) are crates of their own.

pub mod containerd;
pub mod cri;
