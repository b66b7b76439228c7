//! House rules of this repository, as a library that `cargo test` and `cargo xtask tidy` both call.
//!
//! Reading order: [`Tree`] is what is looked at, [`Lint`] is one rule, [`rules::all`] is the list of them, and
//! [`check`] and [`fix`] apply the list. A rule sees only the [`Tree`], so that its test can hand it a small one.
//!
//! What rustfmt, clippy or cargo-deny can hold is held there; here is the rest.

pub mod lint;
pub mod manifest;
pub mod rules;
pub mod tree;

pub use lint::{Finding, Lint, check, fix};
pub use tree::Tree;
