//! Who has which address.

use crate::cluster::{Cluster, Family, Place};

/// The number of the node under test.
pub(crate) const THIS: u8 = 1;
/// The last number of its address.
pub(crate) const THIS_ADDRESS: u8 = 11;

/// A pod of a node.
pub(crate) fn pod(family: Family, node: u8, last: u8) -> String {
    match family {
        Family::V4 => format!("10.244.{node}.{last}"),
        Family::V6 => format!("fd00:10:244:{node}::{last}"),
    }
}

/// A node.
pub(crate) fn node(family: Family, last: u8) -> String {
    match family {
        Family::V4 => format!("192.168.0.{last}"),
        Family::V6 => format!("fd00:192:168::{last}"),
    }
}

/// A service inside the cluster.
pub(crate) fn cluster_ip(family: Family, service: u16) -> String {
    match family {
        Family::V4 => format!("10.96.1.{service}"),
        Family::V6 => format!("fd00:10:96::a{service}"),
    }
}

/// One of a service's `externalIPs`.
pub(crate) fn external(family: Family, service: u16) -> String {
    match family {
        Family::V4 => format!("198.51.100.{service}"),
        Family::V6 => format!("2001:db8:51::{service}"),
    }
}

/// An address that a cloud gave a service.
pub(crate) fn ingress(family: Family, service: u16) -> String {
    match family {
        Family::V4 => format!("203.0.113.{service}"),
        Family::V6 => format!("2001:db8:113::{service}"),
    }
}

/// An endpoint, and the name of its node.
pub(crate) fn endpoint(cluster: &Cluster, family: Family, place: Place) -> (String, Option<String>) {
    match place {
        Place::Here(last) => (pod(family, THIS, last), Some(name(THIS))),
        Place::There { node, last } => (pod(family, node, last), Some(name(node))),
        Place::Host(THIS) => (node(family, THIS_ADDRESS), Some(name(THIS))),
        Place::Host(number) => {
            let address = cluster.peers.get(&number).map_or(10 + number, |peer| peer.address);
            (node(family, address), Some(name(number)))
        }
        Place::Beyond(last) => {
            let address = match family {
                Family::V4 => format!("172.16.0.{last}"),
                Family::V6 => format!("fd00:172:16::{last}"),
            };
            (address, None)
        }
    }
}

/// A node's name.
pub(crate) fn name(node: u8) -> String {
    format!("win{node}")
}
