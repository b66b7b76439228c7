//! A fake Host Networking Service as a pure state machine.
//!
//! [`Hns`] takes the calls of the boundary one by one and answers them as computenetwork.dll and vmcompute.dll do;
//! time and ids come in with each call through a [`Context`]. What it tells its listeners and what the host around it
//! has to carry out ([`Effect`]) is collected and taken after the call. One store stands behind the V2 API and the V1
//! paths of `HNSCall`; each is a view of it.
//!
//! Beside the boundary: control (mark an object as not plumbed, remove it out of band, stop and restart the service),
//! the data plane, and the list of what is not modelled ([`UNMODELLED`]). [`FakeHns`] is the same behind the boundary's
//! trait, and [`conformance`] holds the cases that any implementation of the boundary should pass.
//!
//! Reading order: `hns`, `handle`, then one folder per kind of object.

mod base;
mod config;
mod context;
mod control;
mod data_plane;
mod effect;
mod endpoint;
mod fake;
mod flags;
mod guest;
mod handle;
mod hns;
mod load_balancer;
mod members;
mod modify;
mod namespace;
mod network;
mod policy;
mod ports;
mod query;
mod route;
mod service;
mod store;
mod switch;
mod unmodelled;
mod v1;
mod version;

pub mod conformance;

pub use config::HnsConfig;
pub use context::{Context, SeededContext};
pub use control::{BoundPort, Traffic};
pub use effect::{Attachment, ContainerNetwork, Effect, Interface};
pub use fake::FakeHns;
pub use hns::Hns;
pub use service::Rehydration;
pub use unmodelled::{DEFECTS, UNMODELLED, Unmodelled};
