//! flanneld as a model (flannel v0.28).
//!
//! Nodes tell each other by annotations of their Node objects which pods they have and how they are reached; each
//! flanneld turns the others' annotations into routes of its own node:
//!
//! ```text
//!              Windows                                   Linux
//! host-gw      HNS network `cbr0`, routes                routes
//! vxlan        HNS network `flannel.4096`,               link `flannel.N`; per node a route,
//!              `RemoteSubnetRoute` policies              a neighbour and a forwarding entry
//! ```
//!
//! IPv4 only, iptables rather than nftables, and Kubernetes rather than etcd. What else is asked for ends the program
//! with a message that says so.
//!
//! Reading order: `run` (start-up), `subnet` (leases and Node objects), `windows`, `linux`.

mod config;
mod error;
mod iface;
mod linux;
mod options;
mod poll;
mod run;
mod subnet;
mod subnet_file;
mod windows;

pub use run::run;
