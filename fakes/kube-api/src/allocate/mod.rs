//! What services are given out of a common pool: cluster IPs and node ports.

mod address;
mod ip;
mod port;
mod service;

use ipnet::IpNet;

pub(crate) use address::follow as follow_addresses;
pub(crate) use ip::ClusterIps;
pub(crate) use port::NodePorts;

/// The pools.
#[derive(Debug)]
pub(crate) struct Allocators {
    ips: Vec<ClusterIps>,
    ports: NodePorts,
}

impl Allocators {
    pub(crate) fn new(ranges: &[IpNet], ports: (u16, u16)) -> Self {
        Self {
            ips: ranges.iter().map(|range| ClusterIps::new(*range)).collect(),
            ports: NodePorts::new(ports),
        }
    }
}
