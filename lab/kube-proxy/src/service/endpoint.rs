//! One endpoint of a service port (`pkg/proxy/endpoint.go`).

use std::collections::BTreeSet;
use std::fmt;
use std::net::{IpAddr, SocketAddr};

/// `BaseEndpointInfo`
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) ip: IpAddr,
    pub(crate) port: u16,
    /// On this node.
    pub(crate) local: bool,
    /// Ready and not terminating, or published regardless.
    pub(crate) ready: bool,
    /// Ready, even if terminating.
    pub(crate) serving: bool,
    pub(crate) terminating: bool,
    pub(crate) zone_hints: BTreeSet<String>,
    pub(crate) node_hints: BTreeSet<String>,
}

impl fmt::Display for Endpoint {
    /// `10.244.1.5:8080`, `[fd00::5]:8080`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        SocketAddr::new(self.ip, self.port).fmt(f)
    }
}
