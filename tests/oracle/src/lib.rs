//! What the oracle's tests share.
//!
//! A model is held against the program that it models: both get the same inputs, each on a fake host of its own, and must
//! do the same with it. The hosts are [`Twin`]s, made with one seed; what is left of a difference once ids are numbered in
//! the order in which they appear ([`Ids`]) is a bug of the model.

mod calls;
mod canonical;
pub mod container;
mod difference;
mod ids;
mod state;
mod twin;

pub use calls::Calls;
pub use canonical::canonical;
pub use difference::difference;
pub use ids::Ids;
pub use state::{meaning, state};
pub use twin::{NetworkKind, Twin};
