//! Command lines: how Windows splits them, and the small language of `cmd`.

mod arguments;
mod script;

pub use arguments::split_arguments;
pub(crate) use arguments::{executable_name, join_arguments};
pub(crate) use script::{Condition, Output, Part, parse_script};
