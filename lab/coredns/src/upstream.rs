//! Where other names are asked for (`plugin/forward`).

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::name::normal;
use crate::record::{DnsAnswer, Rcode, Record, RecordType};

/// The servers of `/etc/resolv.conf`, as one.
pub trait Upstream: Send + Sync {
    /// Answers a full name in lower case, without the last dot.
    fn answer(&self, name: &str, record: RecordType) -> DnsAnswer;
}

/// Nobody is reached there: `SERVFAIL`.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoUpstream;

impl Upstream for NoUpstream {
    fn answer(&self, _name: &str, _record: RecordType) -> DnsAnswer {
        DnsAnswer::failed(Rcode::ServFail)
    }
}

/// The names that the world outside has; `NXDOMAIN` for all others.
#[derive(Debug, Clone, Default)]
pub struct UpstreamTable(BTreeMap<String, Vec<IpAddr>>);

impl UpstreamTable {
    /// No names yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// One more name and its addresses.
    #[must_use]
    pub fn with(mut self, name: &str, addresses: impl IntoIterator<Item = IpAddr>) -> Self {
        self.0.insert(normal(name), addresses.into_iter().collect());
        self
    }
}

impl Upstream for UpstreamTable {
    fn answer(&self, name: &str, record: RecordType) -> DnsAnswer {
        let Some(addresses) = self.0.get(name) else { return DnsAnswer::failed(Rcode::NxDomain) };
        let wanted = |address: &&IpAddr| match record {
            RecordType::A => address.is_ipv4(),
            RecordType::Aaaa => address.is_ipv6(),
            _ => false,
        };
        const TTL: u32 = 300;
        let records = addresses.iter().filter(wanted).map(|ip| Record::address(name, TTL, *ip));
        DnsAnswer::of(records.collect())
    }
}
