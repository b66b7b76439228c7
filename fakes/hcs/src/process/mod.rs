//! Processes: of compute systems, and of the host itself (job objects).

mod calls;
mod create;
mod end;
mod parameters;
mod record;
mod run;
mod streams;

pub(crate) use end::{ERROR_PROCESS_ABORTED, Signal};
pub use record::{ExternalCommand, RunningProgram};
pub(crate) use record::{Owner, Process};
