//! The scenario format: parse, check, lint, schema, diagnostics with places.
//!
//! A scenario file is read in one pass: [`yaml`](Node) gives a tree in which every value knows its [`Span`]; the axes of
//! the matrix are put in; the readers turn the tree into a [`Scenario`] with a [`Case`] per cell and collect every
//! problem as a [`Diagnostic`]. Nothing is run, and other files come only through the [`Loader`] it is given.
//!
//! What an object may hold is one table per object ([`shape`]); the readers refuse what is not in it, and the JSON
//! Schema and the reference page are printed from the same tables.

mod cel;
mod diagnostic;
mod feature;
mod lint;
mod loader;
mod manifest;
mod matching;
mod matrix;
mod model;
mod reach;
mod read;
mod reference;
mod schema;
pub mod shape;
mod source;
mod span;
mod substitute;
mod suggest;
mod yaml;

pub use cel::{Cel, CelError};
pub use diagnostic::{Diagnostic, Severity};
pub use feature::{Feature, features};
pub use lint::{LINTS, Lint, lint};
pub use loader::{LoadError, Loader};
pub use manifest::{Manifest, ManifestFile};
pub use matching::{Difference, difference};
pub use model::*;
pub use reach::{Expected, ReachCell, ReachTable, rewrite};
pub use read::{read, read_flow, service_names};
pub use reference::format_reference;
pub use schema::json_schema;
pub use source::{FileId, Place, Sources};
pub use span::{Span, Spanned};
pub use suggest::did_you_mean;
pub use yaml::{Node, NodeKind, Style};
