//! What a Windows host does with a packet, by what HNS holds.
//!
//! A container's packet leaves its endpoint's switch port through the layers that HNS programs into VFP: load
//! balancers, outbound NAT, ACLs, routes and encapsulation; a packet for it comes in through decapsulation, reverse
//! translation and ACLs. Objects that are stored but not plumbed are skipped. The host's own stack is a compartment of
//! its own, with adapters and IP routes, and meets no load balancers (Kubernetes' `windows-networking.md`).
//!
//! Modelled are networks of the types L2Bridge, L2Tunnel, Overlay and NAT.

mod acl;
mod balance;
mod bridge;
mod host;
mod inbound;
mod nat;
mod outbound;
mod overlay;
mod policy;
pub(crate) mod resolver;
mod view;

pub(crate) use view::{
    address_of, bridges, has_inside, host_programs, host_source, mtu_of, place_of, programs_of,
};
