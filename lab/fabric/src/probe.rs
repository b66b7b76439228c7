//! What is asked of the fabric.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// Where a flow begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A running container.
    Container {
        /// Its node.
        node: String,
        /// Its id as the runtime knows it.
        id: String,
    },
    /// A program of the node itself.
    Node(
        /// The node.
        String,
    ),
    /// A host of the underlay that is no node, by its name: `outside`.
    External(
        /// Its name.
        String,
    ),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Container { node, id } => write!(f, "container {id} on {node}"),
            Self::Node(node) => write!(f, "node {node}"),
            Self::External(name) => f.write_str(name),
        }
    }
}

/// What is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// A TCP connection is made.
    Tcp,
    /// A datagram is sent and answered.
    Udp,
    /// An echo request.
    Icmp,
    /// A request over TCP.
    Http,
    /// A name is looked up with the source's resolver, and no more.
    Dns,
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Icmp => "icmp",
            Self::Http => "http",
            Self::Dns => "dns",
        })
    }
}

/// Where a flow goes: a host (a name or an address), a port, and for HTTP a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// A name to be resolved, or an address.
    pub host: String,
    /// The port; 0 for ICMP and DNS.
    pub port: u16,
    /// The path of an HTTP request.
    pub path: String,
}

impl Target {
    /// An address and a port.
    #[must_use]
    pub fn address(address: IpAddr, port: u16) -> Self {
        Self { host: address.to_string(), port, path: "/".into() }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.port, self.host.contains(':')) {
            (0, _) => f.write_str(&self.host),
            (port, false) => write!(f, "{}:{port}", self.host),
            (port, true) => write!(f, "[{}]:{port}", self.host),
        }
    }
}

/// Text that is no target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeError(String);

impl fmt::Display for ProbeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ProbeError {}

/// One flow to be tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// Where it begins.
    pub from: Source,
    /// Where it goes.
    pub to: Target,
    /// What is spoken.
    pub protocol: Protocol,
    /// Bytes that the client sends; more than fits one packet is sent in packets of the path's own size.
    pub payload_bytes: u32,
}

impl Probe {
    /// A probe with 64 bytes of payload.
    #[must_use]
    pub fn new(from: Source, to: Target, protocol: Protocol) -> Self {
        Self { from, to, protocol, payload_bytes: 64 }
    }

    /// Reads a target as scenario files write it: `http://web.default.svc:80/cart`, `tcp://10.0.0.1:6443`,
    /// `udp://10.96.0.10:53`, `icmp://10.244.1.5`, `dns://web.default.svc.cluster.local`. Without a scheme it is TCP
    /// where a port is given and ICMP where not.
    ///
    /// # Errors
    /// [`ProbeError`] for an unknown scheme, a missing host or port, or a port that is none.
    pub fn to(from: Source, target: &str) -> Result<Self, ProbeError> {
        let (scheme, rest) = target.split_once("://").map_or(("", target), |(scheme, rest)| (scheme, rest));
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (host, port) = authority_of(authority)?;
        let protocol = match (scheme, port) {
            ("http", _) => Protocol::Http,
            ("tcp", _) | ("", Some(_)) => Protocol::Tcp,
            ("udp", _) => Protocol::Udp,
            ("icmp", _) | ("", None) => Protocol::Icmp,
            ("dns", _) => Protocol::Dns,
            _ => {
                let known = "http, tcp, udp, icmp and dns";
                return Err(ProbeError(format!("`{scheme}` is no scheme of a probe: these are {known}")));
            }
        };
        let port = match (protocol, port) {
            (Protocol::Http, None) => 80,
            (Protocol::Tcp | Protocol::Udp, None) => {
                return Err(ProbeError(format!("`{target}` needs a port, as in `{protocol}://{host}:8080`")));
            }
            (_, port) => port.unwrap_or(0),
        };
        let path = if path.is_empty() { "/" } else { path };
        Ok(Self::new(from, Target { host, port, path: path.to_owned() }, protocol))
    }
}

fn authority_of(text: &str) -> Result<(String, Option<u16>), ProbeError> {
    let bare = text.parse::<IpAddr>().is_ok();
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !bare => {
            let port: u16 = u16::from_str(port)
                .ok()
                .filter(|port| *port != 0)
                .ok_or_else(|| ProbeError(format!("`{port}` is no port")))?;
            (host, Some(port))
        }
        _ => (text, None),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    if host.is_empty() {
        return Err(ProbeError(format!("`{text}` names no host")));
    }
    Ok((host.to_owned(), port))
}

#[cfg(test)]
mod tests {
    use super::{Probe, Source};

    #[test]
    fn targets_as_scenarios_write_them() {
        let from = || Source::Node("n".into());
        for (text, expected) in [
            ("http://web.default.svc:8080/a/b", "http web.default.svc:8080 /a/b"),
            ("http://web", "http web:80 /"),
            ("10.0.0.1:22", "tcp 10.0.0.1:22 /"),
            ("10.0.0.1", "icmp 10.0.0.1 /"),
            ("udp://[fd00::1]:53", "udp [fd00::1]:53 /"),
            ("dns://web", "dns web /"),
        ] {
            let probe = Probe::to(from(), text).unwrap();
            assert_eq!(format!("{} {} {}", probe.protocol, probe.to, probe.to.path), expected);
        }
        for bad in ["ftp://x:1", "tcp://x", "tcp://:80", "tcp://x:0", "http://x:y", ""] {
            assert!(Probe::to(from(), bad).is_err(), "{bad}");
        }
    }
}
