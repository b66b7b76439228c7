//! What a Linux host does with a packet: network namespaces with links, routes and netfilter's tables.
//!
//! A packet passes PREROUTING, then a routing decision, then INPUT or FORWARD and POSTROUTING, with connection tracking
//! around all of it, as netfilter does. Between namespaces it goes through pairs and bridges, between hosts over a NIC
//! or a VXLAN link.

mod hooks;
mod links;
mod matching;
pub(crate) mod resolver;
mod rules;
mod stack;
mod view;

pub(crate) use view::{has_inside, mtu_of, place_of, source};
