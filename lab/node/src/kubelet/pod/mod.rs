//! One pod's life on the node.
//!
//! ```text
//! update ─▶ worker ─▶ sync: status ─▶ volumes ─▶ sandbox ─▶ init containers ─▶ containers ─▶ again
//!                └──▶ terminating: hooks ─▶ stop ─▶ stop sandbox ─▶ terminated: clean up ─▶ deleted
//! ```

pub(crate) mod actions;
pub(crate) mod admission;
pub(crate) mod facts;
pub(crate) mod kill;
pub(crate) mod observed;
pub(crate) mod sync;
pub(crate) mod terminate;
pub(crate) mod worker;
pub(crate) mod workers;
