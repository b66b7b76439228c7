//! The plugins of Linux nodes: bridge, portmap and loopback over links, routes and netfilter.

pub(crate) mod bridge;
mod iptables;
pub(crate) mod loopback;
mod masquerade;
pub(crate) mod portmap;
