//! A pod's status: from what the runtime says to what the API server is told.

mod conditions;
mod containers;
mod generate;
mod manager;
mod phase;

pub(crate) use containers::Reasons;
pub(crate) use manager::{Statuses, drive};
