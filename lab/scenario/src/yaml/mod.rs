//! YAML as a tree in which everything has its place.
//!
//! The events come from the parser below serde-saphyr; this module only builds the tree. Keys given twice, keys that
//! are not scalars, tags and merge keys are refused: a scenario says what it means once, in plain sight.

mod locate;
mod node;
mod parse;
mod scalar;

pub(crate) use locate::locate;
pub use node::{Node, NodeKind, Style};
pub(crate) use parse::parse;
