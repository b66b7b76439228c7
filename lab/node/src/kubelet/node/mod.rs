//! The Node object: registration, status, lease.

mod info;
mod lease;
mod register;
mod runtime_loop;
mod status;
mod status_loop;
mod watch;

pub(crate) use info::{MachineInfo, spare};
pub(crate) use lease::renew;
pub(crate) use register::register;
pub(crate) use runtime_loop::watch_runtime;
pub(crate) use status::threshold;
pub(crate) use status_loop::report;
pub(crate) use watch::follow;
