//! Leases: which node has which pods, and how it is reached. They are annotations of Node objects (`pkg/subnet/kube`).

mod annotations;
mod lease;
mod manager;
mod vtep;
mod watch;

pub(crate) use lease::{Lease, LeaseEvent};
pub(crate) use manager::SubnetManager;
pub(crate) use vtep::Vtep;
pub(crate) use watch::LeaseWatch;
