//! Cluster IPs out of one range.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

use crate::config::Family;

/// The addresses of a range that are in use. Free ones are given from the upper part of the range first, so that the
/// lower part stays for addresses that people choose (`pkg/registry/core/service/ipallocator`); in there the lowest
/// free one is next, where a real server draws at random.
#[derive(Debug)]
pub(crate) struct ClusterIps {
    range: IpNet,
    used: BTreeSet<IpAddr>,
    next: u128,
}

/// Why an address cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    NotInRange,
    Taken,
    Full,
}

/// No more than this many addresses of an IPv6 range are ever used.
const MOST: u128 = 1 << 20;

impl ClusterIps {
    pub(crate) fn new(range: IpNet) -> Self {
        let mut ips = Self { range: range.trunc(), used: BTreeSet::new(), next: 0 };
        ips.next = ips.reserved();
        ips
    }

    pub(crate) fn family(&self) -> Family {
        Family::of(self.range.addr())
    }

    pub(crate) fn range(&self) -> IpNet {
        self.range
    }

    fn first(&self) -> u128 {
        match self.range.addr() {
            IpAddr::V4(ip) => u128::from(u32::from(ip)),
            IpAddr::V6(ip) => u128::from(ip),
        }
    }

    /// How many addresses can be given; network and, for IPv4, broadcast address cannot.
    fn size(&self) -> u128 {
        let bits = u32::from(self.range.max_prefix_len() - self.range.prefix_len());
        let all = 1_u128.checked_shl(bits).unwrap_or(u128::MAX).min(MOST);
        let broadcast = u128::from(self.family() == Family::V4);
        all.saturating_sub(1 + broadcast)
    }

    /// Size of the lower part: between 16 and 256 addresses, a sixteenth of the range.
    fn reserved(&self) -> u128 {
        let size = self.size();
        let reserved = (size / 16).clamp(16, 256);
        if size < 16 || reserved > size { 0 } else { reserved }
    }

    fn at(&self, offset: u128) -> IpAddr {
        let number = self.first() + 1 + offset;
        match self.family() {
            Family::V4 => IpAddr::V4(Ipv4Addr::from(u32::try_from(number).unwrap_or(u32::MAX))),
            Family::V6 => IpAddr::V6(Ipv6Addr::from(number)),
        }
    }

    /// Whether the address could be given.
    fn can_be_given(&self, ip: IpAddr) -> bool {
        self.range.contains(&ip)
            && ip != self.range.network()
            && (ip.is_ipv6() || ip != self.range.broadcast())
    }

    /// Looks whether an address may be taken.
    pub(crate) fn check(&self, ip: IpAddr) -> Result<(), Refusal> {
        if !self.can_be_given(ip) {
            Err(Refusal::NotInRange)
        } else if self.used.contains(&ip) {
            Err(Refusal::Taken)
        } else {
            Ok(())
        }
    }

    pub(crate) fn take(&mut self, ip: IpAddr) {
        self.used.insert(ip);
    }

    /// The next free address; it is not taken yet.
    pub(crate) fn next_free(&mut self) -> Result<IpAddr, Refusal> {
        let size = self.size();
        let reserved = self.reserved();
        let upper =
            (self.next.max(reserved)..size).chain(reserved..self.next.max(reserved)).chain(0..reserved);
        for offset in upper {
            let ip = self.at(offset);
            if !self.used.contains(&ip) {
                self.next = if offset >= reserved { offset + 1 } else { self.next };
                return Ok(ip);
            }
        }
        Err(Refusal::Full)
    }

    pub(crate) fn release(&mut self, ip: IpAddr) {
        self.used.remove(&ip);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{ClusterIps, Refusal};

    fn ips(range: &str) -> ClusterIps {
        ClusterIps::new(range.parse().unwrap())
    }

    #[test]
    fn the_lower_part_comes_last_and_nothing_comes_twice() {
        let mut ips = ips("10.0.0.0/26");
        assert_eq!(ips.next_free().unwrap().to_string(), "10.0.0.17");
        let mut seen = BTreeSet::new();
        while let Ok(ip) = ips.next_free() {
            ips.take(ip);
            assert!(seen.insert(ip));
        }
        assert_eq!(seen.len(), 62);
        assert_eq!(ips.next_free(), Err(Refusal::Full));
        ips.release("10.0.0.5".parse().unwrap());
        assert_eq!(ips.next_free().unwrap().to_string(), "10.0.0.5");
    }

    #[test]
    fn only_addresses_of_the_range_can_be_had_and_only_once() {
        let mut ips = ips("10.96.0.0/12");
        let ip = |text: &str| text.parse().unwrap();
        assert_eq!(ips.check(ip("10.95.0.1")), Err(Refusal::NotInRange));
        assert_eq!(ips.check(ip("10.96.0.0")), Err(Refusal::NotInRange));
        assert_eq!(ips.check(ip("10.96.0.10")), Ok(()));
        ips.take(ip("10.96.0.10"));
        assert_eq!(ips.check(ip("10.96.0.10")), Err(Refusal::Taken));
        assert_eq!(
            ClusterIps::new("fd00::/108".parse().unwrap()).next_free().unwrap().to_string(),
            "fd00::101"
        );
    }
}
