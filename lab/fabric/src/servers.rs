//! What server programs say: the hook by which running models answer for their containers.

use std::fmt;
use std::net::IpAddr;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordType {
    /// IPv4 addresses.
    A,
    /// IPv6 addresses.
    Aaaa,
}

impl fmt::Display for RecordType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::A => "A",
            Self::Aaaa => "AAAA",
        })
    }
}

/// A query as it reaches a DNS server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsQuery {
    /// The full name, lower case, without the last dot.
    pub name: String,
    /// What is asked for.
    pub record: RecordType,
    /// Who asks, as the server sees it.
    pub client: IpAddr,
}

/// What a DNS server says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DnsAnswer {
    /// Addresses, in the order of the answer.
    Addresses(
        /// At least one.
        Vec<IpAddr>,
    ),
    /// The name is another one's (`CNAME`), which is to be asked for.
    Alias(
        /// The full name.
        String,
    ),
    /// The name is there and has no such record.
    NoData,
    /// `NXDOMAIN`
    NoSuchName,
    /// `SERVFAIL`
    Failed(
        /// Why, for the walk.
        String,
    ),
}

/// Answers for the server programs that run in containers. Called in the middle of a walk: an answer comes from what the
/// program knows already, and never from a walk of the same fabric.
pub trait ServerPrograms: Send + Sync {
    /// What the program in a container answers to a query; none if it is no DNS server. For an external host the
    /// container is empty and the node its name.
    fn dns(&self, node: &str, container: &str, query: &DnsQuery) -> Option<DnsAnswer>;
}

/// A lab without server programs.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoServers;

impl ServerPrograms for NoServers {
    fn dns(&self, _node: &str, _container: &str, _query: &DnsQuery) -> Option<DnsAnswer> {
        None
    }
}
