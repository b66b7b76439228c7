//! A fake Host Compute Service as a pure state machine.
//!
//! [`Hcs`] answers the calls of [`winlab_host::compute`] for one host. It has no clock, no files and no network of its
//! own: a [`Host`] gives it time, ids, storage, namespaces and the behaviour of commands, and every effect on those is a
//! call on it, in a fixed order. What becomes due is told with [`Hcs::tick`].
//!
//! ```text
//! Created ──Start──▶ Running ⇄ Paused
//!    │                  │  Shutdown: processes are asked to end, the last one takes the system with it
//!    └──────────────────┴─────────────▶ Stopped: no longer found, its exit status readable until it is closed
//! ```
//!
//! Reading order: [`Hcs`], `system`, `process`, then `layers` and `job`.

mod command;
mod config;
mod hcs;
mod host;
mod job;
mod layers;
mod process;
mod service;
mod system;
mod timers;
mod unmodelled;

#[cfg(test)]
mod model_tests;
#[cfg(test)]
mod test_host;
#[cfg(test)]
mod tests;

pub use command::split_arguments;
pub use config::HcsConfig;
pub use hcs::Hcs;
pub use host::{
    Behaviour, CommandOutput, ContainerSetup, Host, Invocation, Launch, Load, Mapping, RegistryChange,
};
pub use job::JobEvent;
pub use process::{ExternalCommand, RunningProgram};
pub use system::{ExitType, SystemState};
pub use unmodelled::UNMODELLED;
