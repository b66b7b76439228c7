//! A fake service control manager, registry and file system, as pure state machines.
//!
//! [`System`] answers the calls of [`winlab_host::system`] for one host. It has no clock and no randomness: time,
//! process ids and load come in through a [`Context`]; what others have to hear or carry out is taken out as events and
//! [`Effect`]s. Reading order: [`System`], then `scm`, `registry`, `files`.

mod adapters;
mod config;
mod context;
mod counters;
mod effect;
mod files;
mod information;
mod registry;
mod routes;
mod scm;
mod system;
mod unmodelled;

pub use config::SystemConfig;
pub use context::{Context, Load};
pub use effect::Effect;
pub use files::{ContainerView, FilePath, FileSystem, MappedDirectory};
pub use registry::{ContainerNetwork, NetworkInterface, Registry, container_registry};
pub use scm::ServiceManager;
pub use system::System;
pub use unmodelled::UNMODELLED;
