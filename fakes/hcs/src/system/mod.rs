//! Compute systems: process-isolated containers, virtual machines, and containers hosted in those.

mod compute_system;
mod configuration;
mod create;
mod end;
mod lifecycle;
mod modify;
mod query;
mod statistics;

pub(crate) use compute_system::ComputeSystem;
pub use compute_system::{ExitType, SystemState};
pub(crate) use configuration::read_container;
pub(crate) use create::find_program;
