//! Addresses with prefixes, routes, neighbours, forwarding entries.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use crate::MacAddress;

/// An address and the length of its prefix: `10.244.1.5/24`. The host part is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prefix {
    /// The address.
    pub address: IpAddr,
    /// How many leading bits are the network's.
    pub length: u8,
}

/// Text that is not an address with a prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an address with a prefix, as 10.244.1.0/24 is")]
pub struct PrefixError;

impl Prefix {
    /// The prefix that holds every address of a family.
    #[must_use]
    pub fn everything(of: IpAddr) -> Self {
        let address = match of {
            IpAddr::V4(_) => IpAddr::from([0; 4]),
            IpAddr::V6(_) => IpAddr::from([0; 16]),
        };
        Self { address, length: 0 }
    }

    /// The one address alone.
    #[must_use]
    pub fn host(address: IpAddr) -> Self {
        Self { address, length: if address.is_ipv4() { 32 } else { 128 } }
    }

    /// Whether an address is in it.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(a), IpAddr::V4(b)) => {
                let shift = 32 - u32::from(self.length.min(32));
                shift == 32 || (a.to_bits() >> shift) == (b.to_bits() >> shift)
            }
            (IpAddr::V6(a), IpAddr::V6(b)) => {
                let shift = 128 - u32::from(self.length.min(128));
                shift == 128 || (a.to_bits() >> shift) == (b.to_bits() >> shift)
            }
            _ => false,
        }
    }

    /// The same prefix with a host part of zero.
    #[must_use]
    pub fn network(&self) -> Self {
        let address = match self.address {
            IpAddr::V4(a) => {
                let shift = 32 - u32::from(self.length.min(32));
                IpAddr::V4(if shift == 32 { 0 } else { a.to_bits() >> shift << shift }.into())
            }
            IpAddr::V6(a) => {
                let shift = 128 - u32::from(self.length.min(128));
                IpAddr::V6(if shift == 128 { 0 } else { a.to_bits() >> shift << shift }.into())
            }
        };
        Self { address, length: self.length }
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.length)
    }
}

impl FromStr for Prefix {
    type Err = PrefixError;

    fn from_str(text: &str) -> Result<Self, PrefixError> {
        let (address, length) = text.split_once('/').ok_or(PrefixError)?;
        let address: IpAddr = address.parse().map_err(|_| PrefixError)?;
        let length: u8 = length.parse().map_err(|_| PrefixError)?;
        if length > if address.is_ipv4() { 32 } else { 128 } {
            Err(PrefixError)
        } else {
            Ok(Self { address, length })
        }
    }
}

text_field!(Prefix = "an address with a prefix");

document_struct! {
    /// A route.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Route {
        /// Where to.
        pub destination: Prefix,
        /// Through which neighbour; none: the destination is on the link.
        pub gateway: Option<IpAddr>,
        /// Through which link.
        pub device: String,
        /// Source address to prefer.
        pub source: Option<IpAddr>,
        /// Lower wins among equal prefixes.
        pub metric: u32,
        /// The gateway counts as on the link although no prefix says so (`onlink`, as flannel's VXLAN routes).
        pub onlink: bool,
    }
}

document_struct! {
    /// A neighbour entry: ARP or ND.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Neighbour {
        /// The link it is on.
        pub device: String,
        /// Its address.
        pub address: IpAddr,
        /// Its MAC.
        pub mac: MacAddress,
        /// Made by hand, not learned.
        pub permanent: bool,
    }
}

document_struct! {
    /// A forwarding entry of a bridge or of a VXLAN link.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct FdbEntry {
        /// The MAC it is for.
        pub mac: MacAddress,
        /// VXLAN: the remote tunnel end.
        pub destination: Option<IpAddr>,
        /// Bridge: the port.
        pub port: String,
    }
}

#[cfg(test)]
mod tests {
    use super::{Prefix, PrefixError};

    #[test]
    fn prefixes() {
        let prefix: Prefix = "10.244.1.5/24".parse().unwrap();
        assert!(prefix.contains("10.244.1.200".parse().unwrap()));
        assert!(!prefix.contains("10.244.2.1".parse().unwrap()));
        assert_eq!(prefix.network().to_string(), "10.244.1.0/24");
        assert!("0.0.0.0/0".parse::<Prefix>().unwrap().contains("1.2.3.4".parse().unwrap()));
        assert!(!"::/0".parse::<Prefix>().unwrap().contains("1.2.3.4".parse().unwrap()));
        for bad in ["10.0.0.1", "10.0.0.1/33", "x/8", "::1/129"] {
            assert_eq!(bad.parse::<Prefix>(), Err(PrefixError), "{bad}");
        }
    }
}
