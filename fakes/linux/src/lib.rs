//! A fake Linux host, as far as the components of a Kubernetes node see one: network namespaces with links, addresses,
//! routes, neighbours and netfilter tables; units of the service manager; files; containers of an OCI runtime.
//!
//! [`Linux`] is the state machine: a call, a [`Context`] with the time and the chance it may use, and out come the
//! answer and the events. It knows no clock and waits for nothing. [`LinuxHost`] is the thin shell around it that has
//! a clock, runs its timers, and stands at the boundary; what only a lab can do (power off, kill, fill the disk) are
//! methods of the shell and no part of the boundary.
//!
//! What is not modelled is listed in [`UNMODELLED`] and counted when it is met.

mod config;
mod containers;
mod context;
mod control;
mod files;
mod host;
mod machine;
mod network;
mod process;
mod timers;
mod units;
mod unmodelled;
mod view;

#[cfg(test)]
mod tests;

pub use config::{LinuxConfig, NicConfig};
pub use context::{Context, Reaction};
pub use host::LinuxHost;
pub use machine::Linux;
pub use unmodelled::{UNMODELLED, Unmodelled};
