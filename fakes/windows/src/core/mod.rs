//! The host without a clock.

mod context;
mod data_plane;
mod effects;
mod join;
mod machine;
mod power;

pub use context::Moment;
pub(crate) use join::Joined;
pub use machine::{Core, Events};
pub use power::Power;
