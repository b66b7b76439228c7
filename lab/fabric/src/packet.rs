//! Packets.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

/// A protocol above IP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum IpProtocol {
    Icmp = 1,
    Tcp = 6,
    Udp = 17,
}

impl fmt::Display for IpProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Icmp => "icmp",
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        })
    }
}

/// Who speaks to whom. ICMP keeps its identifier in the source port, and 0 in the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Tuple {
    pub(crate) protocol: IpProtocol,
    pub(crate) source: SocketAddr,
    pub(crate) destination: SocketAddr,
}

impl Tuple {
    /// The same flow, seen from the other end.
    pub(crate) fn reverse(self) -> Self {
        let Self { protocol, source, destination } = self;
        Self { protocol, source: destination, destination: source }
    }

    /// A number that depends on all five parts, the same on every machine.
    pub(crate) fn hash(&self) -> u64 {
        let mut hash = Hash::default();
        hash.number(self.protocol as u64);
        hash.address(self.source.ip());
        hash.number(u64::from(self.source.port()));
        hash.address(self.destination.ip());
        hash.number(u64::from(self.destination.port()));
        hash.end()
    }
}

impl fmt::Display for Tuple {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.protocol {
            IpProtocol::Icmp => write!(f, "icmp {} → {}", self.source.ip(), self.destination.ip()),
            protocol => write!(f, "{protocol} {} → {}", self.source, self.destination),
        }
    }
}

/// A packet on its way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Packet {
    pub(crate) tuple: Tuple,
    /// Whether it answers another.
    pub(crate) reply: bool,
    /// Bytes, IP header included.
    pub(crate) size: u32,
    /// Hosts it may still pass.
    pub(crate) ttl: u8,
}

/// FNV-1a with a final mix: small, and not the machine's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hash(u64);

impl Default for Hash {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hash {
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    pub(crate) fn number(&mut self, number: u64) {
        self.bytes(&number.to_le_bytes());
    }

    pub(crate) fn address(&mut self, address: IpAddr) {
        match address {
            IpAddr::V4(v4) => self.bytes(&v4.octets()),
            IpAddr::V6(v6) => self.bytes(&v6.octets()),
        }
    }

    pub(crate) fn end(self) -> u64 {
        let mut n = self.0;
        n = (n ^ (n >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        n = (n ^ (n >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
        n ^ (n >> 33)
    }
}

/// One of `count` by a hash; 0 where there is none.
pub(crate) fn pick(hash: u64, count: usize) -> usize {
    usize::try_from(hash % (count.max(1) as u64)).unwrap_or_default()
}
