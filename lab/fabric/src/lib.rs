//! The network between and inside nodes: a packet walk over what was programmed.
//!
//! A [`Fabric`] knows the nodes by their [`DataPlaneView`](winlab_host::DataPlaneView)s and the [`Underlay`] between
//! them. [`Fabric::walk`] sends one [`Probe`] through what those views show (never through what somebody wanted) and
//! gives back a [`Verdict`]: how it ended, every decision on the way there and back, and the object that decided.
//!
//! ```text
//! name ─▶ resolver of the pod ─▶ the DNS server's program       (a walk of its own)
//! flow ─▶ load balancer or nat rules ─▶ NAT, ACL ─▶ route, encapsulation ─▶ underlay
//!      ─▶ decapsulation, ACL, endpoint ─▶ program ─▶ and the reply all the way back
//! ```
//!
//! Reading order: [`Probe`], [`Verdict`], `walk`, then `windows` and `linux`, which say what each system does.

mod fabric;
mod linux;
mod packet;
mod probe;
mod servers;
mod tracking;
mod underlay;
mod unmodelled;
mod verdict;
mod walk;
mod windows;

#[cfg(test)]
mod tests;

pub use fabric::{Fabric, FabricNode};
pub use probe::{Probe, ProbeError, Protocol, Source, Target};
pub use servers::{DnsAnswer, DnsQuery, NoServers, RecordType, ServerPrograms};
pub use underlay::{ExternalHost, Trouble, Underlay};
pub use unmodelled::{UNMODELLED, Unmodelled};
pub use verdict::{Backend, Decision, Hop, HttpAnswer, Leg, ObjectKind, Outcome, Resolved, Verdict};
