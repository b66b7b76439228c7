//! The boundary: everything a node component wants from its operating system.
//!
//! A service is one call over an enumeration made from one table ([`network`], [`compute`], [`system`], [`linux`]); a
//! typed `ask` sits on top. Fakes, the wire's client and an agent on a real host implement [`Boundary`]; whoever uses
//! one cannot tell which. Decorators ([`Journal`], [`Faulty`], [`Latency`]) wrap any of them and are written once for
//! all services.
//!
//! Reading order: [`Boundary`], then [`network`], then [`DataPlaneView`], which is beside the boundary: what a packet
//! would meet, read-only.

#[macro_use]
mod table;
#[macro_use]
mod field;

mod boundary;
mod data_plane;
mod fault;
mod faults;
mod feed;
mod guid;
mod hresult;
mod journal;
mod latency;
mod mac;
mod matching;
mod program;
mod unmodelled;

pub mod compute;
pub mod linux;
pub mod network;
pub mod system;

pub use boundary::{Ask, Boundary, Call, Request, Service};
pub use data_plane::{
    Adapter, AdapterKind, Compartment, DataPlaneView, HostDataPlane, HostProgram, LinuxDataPlane, Listener,
    NetObject, Transport, WindowsDataPlane,
};
pub use fault::Fault;
pub use faults::{FaultEffect, FaultRule, FaultSwitch, Faulty};
pub use feed::{EventStream, Feed};
pub use field::{Field, FieldError};
pub use guid::{Guid, GuidError};
pub use hresult::HResult;
pub use journal::{Journal, JournalEntry, JournalSink};
pub use latency::Latency;
pub use mac::{MacAddress, MacError};
pub use matching::CallMatch;
pub use program::{Exit, HttpReply, Program};
pub use unmodelled::{Unmodelled, UnmodelledCounts};

use compute::Compute;
use linux::Linux;
use network::Network;
use system::System;

/// The Host Networking Service: every `Hcn…` function and V1's `HNSCall`.
pub type HostNetwork = dyn Boundary<Network>;
/// The Host Compute Service: compute systems, processes, layers.
pub type HostCompute = dyn Boundary<Compute>;
/// The rest of Windows that node components use: service control manager, registry, files, adapters, counters.
pub type HostSystem = dyn Boundary<System>;
/// What the components of a Linux node use: links, routes, netfilter, units, files, containers.
pub type HostLinux = dyn Boundary<Linux>;
