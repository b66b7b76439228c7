//! Ports of the host: who has which.
//!
//! Port mappings, load balancers without DSR (a block of 64 of the dynamic range each), guest reservations and the
//! host's own programs share one space (Microsoft, "Troubleshoot Kubernetes networking on Windows": ephemeral ports).

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use winlab_host::network::{PortAccess, PortProtocol, PortReservation};
use winlab_host::{Guid, HResult};

use crate::control::BoundPort;
use crate::members::{Outcome, refuse, require};

/// The first port of the dynamic range.
const DYNAMIC_START: u16 = 49152;
/// Ports of one load balancer's block.
const BLOCK: u16 = 64;
/// Blocks of the dynamic range.
const BLOCKS: u16 = (u16::MAX - DYNAMIC_START) / BLOCK + 1;

/// Protocol, external port and virtual address of a port mapping.
pub(crate) type Mapping = (u8, u16, Option<IpAddr>);

/// A block of 64 ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Block(u16);

/// The host's port space.
#[derive(Debug, Clone, Default)]
pub(crate) struct HostPorts {
    mappings: BTreeSet<Mapping>,
    blocks: BTreeSet<Block>,
    bound: BTreeSet<BoundPort>,
    guests: BTreeMap<u64, PortReservation>,
    next_reservation: u64,
}

impl HostPorts {
    /// Takes all of an endpoint's port mappings or none.
    ///
    /// # Errors
    /// `HCN_E_PORT_ALREADY_EXISTS`.
    pub(crate) fn map(&mut self, mappings: &[Mapping]) -> Outcome<()> {
        let mut taken = Vec::new();
        for mapping in mappings {
            if !self.mappings.insert(*mapping) {
                self.unmap(&taken);
                return refuse(HResult::HCN_E_PORT_ALREADY_EXISTS);
            }
            taken.push(*mapping);
        }
        Ok(())
    }

    pub(crate) fn unmap(&mut self, mappings: &[Mapping]) {
        for mapping in mappings {
            self.mappings.remove(mapping);
        }
    }

    /// A free port for a mapping that names none.
    ///
    /// # Errors
    /// `HCN_E_PORT_ALREADY_EXISTS` where the dynamic range is used up.
    pub(crate) fn dynamic(&self, protocol: u8, besides: &[Mapping]) -> Outcome<u16> {
        let is_free = |port: &u16| {
            let mapped = |m: &Mapping| m.0 == protocol && m.1 == *port;
            !self.blocks.contains(&Block((port - DYNAMIC_START) / BLOCK))
                && !self.mappings.range((protocol, *port, None)..).take_while(|m| mapped(m)).any(mapped)
                && !besides.iter().any(mapped)
                && !self.guests.values().any(|r| (r.start..=r.end).contains(port))
        };
        (DYNAMIC_START..=u16::MAX).find(is_free).ok_or_else(|| HResult::HCN_E_PORT_ALREADY_EXISTS.into())
    }

    /// Takes a block for a load balancer.
    ///
    /// # Errors
    /// `HCN_E_PORT_ALREADY_EXISTS` where none is free.
    pub(crate) fn take_block(&mut self) -> Outcome<Block> {
        let is_free = |block: &Block| {
            let (first, last) = block.range();
            !self.blocks.contains(block)
                && !self.guests.values().any(|r| r.start <= last && r.end >= first)
                && !self.mappings.iter().any(|m| (first..=last).contains(&m.1))
        };
        let block = (0..BLOCKS).map(Block).find(is_free);
        let block = block.ok_or_else(|| winlab_host::Fault::new(HResult::HCN_E_PORT_ALREADY_EXISTS))?;
        self.blocks.insert(block);
        Ok(block)
    }

    pub(crate) fn blocks_left(&self) -> usize {
        usize::from(BLOCKS) - self.blocks.len()
    }

    pub(crate) fn give_block(&mut self, block: Block) {
        self.blocks.remove(&block);
    }

    /// What programs of the host listen on, on any address.
    pub(crate) fn set_bound(&mut self, bound: BTreeSet<BoundPort>) {
        self.bound = bound;
    }

    pub(crate) fn forget_bound(&mut self) {
        self.bound.clear();
    }

    pub(crate) fn is_bound(&self, protocol: u8, port: u16) -> bool {
        self.bound.contains(&BoundPort { protocol, port })
    }

    /// Reserves ports for a guest: the one named, or so many in a row of the dynamic range.
    ///
    /// # Errors
    /// `HCN_E_PORT_ALREADY_EXISTS` where they are taken.
    pub(crate) fn reserve(
        &mut self,
        mut entry: PortReservation,
        any: bool,
    ) -> Outcome<(u64, PortReservation)> {
        if any {
            let count = entry.end;
            let starts = (DYNAMIC_START..=u16::MAX).take_while(|s| s.checked_add(count - 1).is_some());
            let mut free = starts.filter(|s| self.is_free(*s, s + (count - 1), &entry));
            let start = free.next();
            drop(free);
            let Some(start) = start else { return refuse(HResult::HCN_E_PORT_ALREADY_EXISTS) };
            (entry.start, entry.end) = (start, start + (count - 1));
        } else {
            require(self.is_free(entry.start, entry.end, &entry), HResult::HCN_E_PORT_ALREADY_EXISTS)?;
        }
        self.next_reservation += 1;
        self.guests.insert(self.next_reservation, entry.clone());
        Ok((self.next_reservation, entry))
    }

    fn is_free(&self, start: u16, end: u16, wanted: &PortReservation) -> bool {
        let ports = start..=end;
        let clashes = |r: &PortReservation| {
            let shared = r.access == PortAccess::Shared && wanted.access == PortAccess::Shared;
            let overlap = r.start <= end && r.end >= start;
            let same = r.protocol == wanted.protocol
                || r.protocol == PortProtocol::Both
                || wanted.protocol == PortProtocol::Both;
            overlap && same && !shared
        };
        !self.guests.values().any(clashes)
            && !self.blocks.iter().any(|block| block.range().0 <= end && block.range().1 >= start)
            && !self.mappings.iter().any(|mapping| ports.contains(&mapping.1))
            && !self.bound.iter().any(|bound| ports.contains(&bound.port))
    }

    /// Gives a reservation back.
    pub(crate) fn release(&mut self, reservation: u64) -> bool {
        self.guests.remove(&reservation).is_some()
    }

    pub(crate) fn release_all(&mut self, owner: Guid) {
        self.guests.retain(|_, entry| entry.owner != owner);
    }

    pub(crate) fn reservations(&self) -> Vec<PortReservation> {
        self.guests.values().cloned().collect()
    }
}

impl Block {
    fn range(self) -> (u16, u16) {
        let first = DYNAMIC_START + self.0 * BLOCK;
        (first, first + (BLOCK - 1))
    }
}

#[cfg(test)]
mod tests {
    use winlab_host::HResult;

    use super::HostPorts;

    #[test]
    fn the_dynamic_range_has_256_blocks() {
        let mut ports = HostPorts::default();
        let first = ports.take_block().unwrap();
        for _ in 1..256 {
            ports.take_block().unwrap();
        }
        assert_eq!(ports.take_block().unwrap_err().code, HResult::HCN_E_PORT_ALREADY_EXISTS);
        ports.give_block(first);
        assert_eq!(ports.take_block().unwrap(), first);
    }

    #[test]
    fn mappings_are_taken_all_or_none() {
        let mut ports = HostPorts::default();
        ports.map(&[(6, 80, None)]).unwrap();
        assert!(ports.map(&[(6, 81, None), (6, 80, None)]).is_err());
        ports.map(&[(6, 81, None), (17, 80, None)]).unwrap();
        assert_eq!(ports.dynamic(6, &[(6, 49152, None)]).unwrap(), 49153);
    }
}
