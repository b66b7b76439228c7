//! What the tests of this crate share: a fake host behind the wire, a Wine prefix with the shims in it, the programs of
//! others that `cargo xtask peers` builds, and what happens where one of these is missing.

pub mod harness;
pub mod lab;
pub mod outcome;
pub mod peers;
pub mod prefix;
pub mod suite;
