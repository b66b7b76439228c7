//! kube-proxy on Linux: iptables rules (`pkg/proxy/iptables`), IPv4 only.
//!
//! Chain names, comments and the order of rules within a chain are upstream's; services are walked by name, where
//! upstream walks a Go map. Counters of netfilter (`nfacct`) are not there, as on a kernel without that module.

mod affinity;
mod base;
mod capture;
mod detector;
mod jumps;
mod lines;
mod names;
mod proxier;
mod start;
mod traffic;

pub(crate) use start::start;
