//! Commands that can be run in a container.

mod commands;
mod ip;
mod shell;

pub(crate) use commands::{Finished, interpret};
