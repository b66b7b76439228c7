//! From the tree to the scenario.

mod action;
mod case;
mod check;
mod effect;
mod fault;
pub(crate) mod fields;
mod flow;
mod image;
mod joins;
mod known;
mod lab;
mod label;
mod manifests;
mod named;
mod node;
mod port;
mod reader;
mod refs;
mod scenario;
mod services;
mod spoken;
mod step;
mod target;
mod verb;

pub(crate) use effect::RULES;
pub(crate) use reader::Reader;
pub use reader::read;
pub(crate) use refs::singular;
pub use services::service_names;
pub use spoken::read_flow;
