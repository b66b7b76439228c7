//! Hollow nodes: a kubelet over a runtime that only remembers, on a machine that only says what it is.
//!
//! They are for clusters of thousands of nodes, where what a kubelet asks of the API server matters and what its
//! containers do does not. Containers run until they are stopped; nothing answers exec, nothing is pulled.

mod machine;
mod runtime;

pub use machine::{HollowConfig, hollow_machine};
pub use runtime::HollowRuntime;
