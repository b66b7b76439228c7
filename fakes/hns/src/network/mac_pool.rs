//! MAC pools.

use std::collections::BTreeSet;

use winlab_document::{Document, doc};
use winlab_host::{Guid, HResult, MacAddress};

use crate::members::{Members, Outcome, refuse, require};

/// A network's MAC addresses, given out in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct MacPool {
    ranges: Vec<(u64, u64)>,
    next: u64,
    used: BTreeSet<u64>,
}

impl MacPool {
    /// Reads `MacPool.Ranges`; without any, the pool that HNS makes: 4096 addresses of Microsoft's prefix 00-15-5D,
    /// chosen by the network's id.
    ///
    /// # Errors
    /// `HCN_E_INVALID_NETWORK` for ranges that are none.
    pub(crate) fn read(ranges: &[Document], network: Guid) -> Outcome<Self> {
        let mut pool = Self::default();
        for range in ranges {
            let bad = HResult::HCN_E_INVALID_NETWORK;
            let (start, end) = (range.mac("StartMacAddress", bad)?, range.mac("EndMacAddress", bad)?);
            let (Some(start), Some(end)) = (start, end) else { return refuse(bad) };
            require(start <= end, bad)?;
            pool.ranges.push((start.bits(), end.bits()));
        }
        if pool.ranges.is_empty() {
            let [.., third, fourth] = network.bits().to_be_bytes();
            let start = 0x0015_5d00_0000_u64 | u64::from(third) << 16 | u64::from(fourth & 0xf0) << 8;
            pool.ranges.push((start, start | 0xfff));
        }
        pool.next = pool.ranges[0].0;
        Ok(pool)
    }

    /// The next address, without keeping others from having it too: remote endpoints.
    pub(crate) fn peek(&mut self) -> MacAddress {
        let mac = self.next;
        self.next = self.after(mac);
        MacAddress::from_bits(mac)
    }

    /// The next free address; none if all are used.
    pub(crate) fn take(&mut self) -> Option<MacAddress> {
        let first = self.next;
        loop {
            let mac = self.next;
            self.next = self.after(mac);
            if self.used.insert(mac) {
                return Some(MacAddress::from_bits(mac));
            }
            if self.next == first {
                return None;
            }
        }
    }

    /// Marks an address that a client chose; it may have been used already.
    pub(crate) fn mark(&mut self, mac: MacAddress) {
        self.used.insert(mac.bits());
    }

    pub(crate) fn give(&mut self, mac: MacAddress) {
        self.used.remove(&mac.bits());
    }

    fn after(&self, mac: u64) -> u64 {
        let at =
            self.ranges.iter().position(|(start, end)| (*start..=*end).contains(&mac)).unwrap_or_default();
        if mac < self.ranges[at].1 { mac + 1 } else { self.ranges[(at + 1) % self.ranges.len()].0 }
    }

    /// `Ranges` of the V2 form; V1's `MacPools` has the same items.
    pub(crate) fn view(&self) -> Document {
        let text = |bits: u64| MacAddress::from_bits(bits).dashed();
        self.ranges
            .iter()
            .map(|(start, end)| doc!({"StartMacAddress": text(*start), "EndMacAddress": text(*end)}))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use winlab_document::doc;
    use winlab_host::Guid;

    use super::MacPool;

    #[test]
    fn the_default_pool_has_4096_addresses_of_microsoft() {
        let pool = MacPool::read(&[], Guid::from_bits(0x1234_abcd)).unwrap();
        let expected = doc!([{"StartMacAddress": "00-15-5D-AB-C0-00", "EndMacAddress": "00-15-5D-AB-CF-FF"}]);
        assert_eq!(pool.view(), expected);
    }

    #[test]
    fn addresses_come_in_order_over_all_ranges_and_come_back() {
        let ranges = doc!([
            {"StartMacAddress": "00-15-5D-00-00-01", "EndMacAddress": "00-15-5D-00-00-02"},
            {"StartMacAddress": "00-15-5D-00-00-09", "EndMacAddress": "00-15-5D-00-00-09"},
        ]);
        let mut pool = MacPool::read(ranges.items(), Guid::NIL).unwrap();
        let taken: Vec<_> = std::iter::from_fn(|| pool.take()).map(|mac| mac.0[5]).collect();
        assert_eq!(taken, [1, 2, 9]);
        pool.give("00-15-5D-00-00-02".parse().unwrap());
        assert_eq!(pool.take().unwrap().0[5], 2);
    }
}
