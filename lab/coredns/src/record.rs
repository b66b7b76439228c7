//! What a DNS server says.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RecordType {
    /// IPv4 addresses
    A,
    /// IPv6 addresses
    Aaaa,
    /// Another name of the same
    Cname,
    /// Ports of a service
    Srv,
    /// The name of an address
    Ptr,
    /// Text
    Txt,
}

/// Response codes (RFC 1035, 4.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rcode {
    /// `NOERROR`; without records: the name is there, but has no such record.
    NoError,
    /// `SERVFAIL`
    ServFail,
    /// `NXDOMAIN`
    NxDomain,
}

impl fmt::Display for Rcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoError => "NOERROR",
            Self::ServFail => "SERVFAIL",
            Self::NxDomain => "NXDOMAIN",
        })
    }
}

/// What a record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordData {
    /// An IPv4 address
    A(Ipv4Addr),
    /// An IPv6 address
    Aaaa(Ipv6Addr),
    /// A full name, without the last dot
    Cname(String),
    /// A port of a service
    Srv {
        /// Lower is tried first.
        priority: u16,
        /// More is chosen more often.
        weight: u16,
        /// The port.
        port: u16,
        /// Whose addresses are meant.
        target: String,
    },
    /// A full name
    Ptr(String),
    /// Text
    Txt(String),
}

/// A record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Full name, without the last dot.
    pub name: String,
    /// Seconds it may be kept.
    pub ttl: u32,
    /// What it says.
    pub data: RecordData,
}

impl Record {
    /// An address record of either family.
    #[must_use]
    pub fn address(name: &str, ttl: u32, address: IpAddr) -> Self {
        let data = match address {
            IpAddr::V4(address) => RecordData::A(address),
            IpAddr::V6(address) => RecordData::Aaaa(address),
        };
        Self { name: name.to_owned(), ttl, data }
    }
}

impl fmt::Display for Record {
    /// As `dig` prints it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}. {} IN ", self.name, self.ttl)?;
        match &self.data {
            RecordData::A(address) => write!(f, "A {address}"),
            RecordData::Aaaa(address) => write!(f, "AAAA {address}"),
            RecordData::Cname(name) => write!(f, "CNAME {name}."),
            RecordData::Srv { priority, weight, port, target } => {
                write!(f, "SRV {priority} {weight} {port} {target}.")
            }
            RecordData::Ptr(name) => write!(f, "PTR {name}."),
            RecordData::Txt(text) => write!(f, "TXT {text:?}"),
        }
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsAnswer {
    /// How it went.
    pub rcode: Rcode,
    /// The answer's records, aliases before what they lead to.
    pub records: Vec<Record>,
    /// Addresses of the names in the records.
    pub additional: Vec<Record>,
}

impl DnsAnswer {
    /// Records.
    #[must_use]
    pub fn of(records: Vec<Record>) -> Self {
        Self { rcode: Rcode::NoError, records, additional: Vec::new() }
    }

    /// The name is there, and has no such record.
    #[must_use]
    pub fn no_data() -> Self {
        Self::of(Vec::new())
    }

    /// No records but a code.
    #[must_use]
    pub fn failed(rcode: Rcode) -> Self {
        Self { rcode, ..Self::no_data() }
    }

    /// The addresses in it, in order.
    #[must_use]
    pub fn addresses(&self) -> Vec<IpAddr> {
        let address = |record: &Record| match record.data {
            RecordData::A(address) => Some(address.into()),
            RecordData::Aaaa(address) => Some(address.into()),
            _ => None,
        };
        self.records.iter().filter_map(address).collect()
    }

    /// The name that the answer ends in, where it is an alias without addresses.
    #[must_use]
    pub fn alias(&self) -> Option<&str> {
        match &self.records.last()?.data {
            RecordData::Cname(name) => Some(name),
            _ => None,
        }
    }
}
