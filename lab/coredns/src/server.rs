//! Asking a DNS server.

use std::net::IpAddr;

use crate::record::{DnsAnswer, RecordType};

/// A DNS server, as a query meets it.
pub trait DnsServer: Send + Sync {
    /// Answers a query for a full name (with or without the last dot, whatever its case) from a client.
    fn answer(&self, name: &str, record: RecordType, from: IpAddr) -> DnsAnswer;

    /// Whether it knows what it should know: the plugin `ready`, at `:8181/ready`.
    fn is_ready(&self) -> bool;
}
