//! Addresses and names that every lab uses: kubeadm's and flannel's defaults, and one segment between the nodes.

use std::net::{IpAddr, Ipv4Addr};

use winlab_host::MacAddress;
use winlab_host::linux::Prefix;

/// The router at the edge.
pub(crate) const GATEWAY: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 168, 0, 1));
/// The API server, beside the nodes.
pub(crate) const API_SERVER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 168, 0, 2));
/// Its port.
pub(crate) const API_SERVER_PORT: u16 = 6443;
/// Where a real kubelet finds the runtime, on loopback of its node.
pub(crate) const CRI_PORT: u16 = 10010;
/// A host beyond the edge (TEST-NET-3).
pub(crate) const OUTSIDE: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 10));
/// Its name in the fabric.
pub(crate) const OUTSIDE_NAME: &str = "outside";
/// The cluster's DNS service.
pub(crate) const CLUSTER_DNS: &str = "10.96.0.10";
/// Where pods get their addresses from.
pub(crate) const CLUSTER_CIDR: &str = "10.244.0.0/16";
/// Where services get theirs from.
pub(crate) const SERVICE_CIDR: &str = "10.96.0.0/12";
/// The segment's prefix: room for 65,000 nodes.
pub(crate) const SEGMENT: &str = "192.168.0.0/16";
/// The length of that prefix.
pub(crate) const SEGMENT_LENGTH: u8 = 16;

/// The address of the n-th node, from 0: 192.168.0.11, 192.168.0.12 and so on, leaving out .0 and .255.
pub(crate) fn node_address(n: usize) -> Prefix {
    let number = n + 10;
    let (third, fourth) = (number / 254, number % 254 + 1);
    let byte = |n: usize| u8::try_from(n).unwrap_or(u8::MAX);
    Prefix { address: IpAddr::V4(Ipv4Addr::new(192, 168, byte(third), byte(fourth))), length: SEGMENT_LENGTH }
}

/// The MAC of the n-th node's NIC.
pub(crate) fn node_mac(n: usize) -> MacAddress {
    MacAddress::from_bits(0x0200_5e00_0000 | u64::try_from(n + 10).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{node_address, node_mac};

    #[test]
    fn every_node_has_addresses_of_its_own() {
        let addresses: BTreeSet<_> = (0..6000).map(|n| node_address(n).address).collect();
        let macs: BTreeSet<_> = (0..6000).map(node_mac).collect();
        assert_eq!((addresses.len(), macs.len()), (6000, 6000));
        assert_eq!(node_address(0).to_string(), "192.168.0.11/16");
    }
}
