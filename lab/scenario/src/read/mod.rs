//! From the tree to the scenario.

mod action;
mod case;
mod check;
mod effect;
mod fault;
pub(crate) mod fields;
mod flow;
mod image;
mod known;
mod lab;
mod manifests;
mod named;
mod node;
mod reader;
mod refs;
mod scenario;
mod spoken;
mod step;
mod target;
mod verb;

pub(crate) use effect::RULES;
pub(crate) use reader::Reader;
pub use reader::read;
pub(crate) use refs::singular;
pub use spoken::read_flow;
