//! Reach tables: a row per source, a column per destination, a result per cell.
//!
//! ```text
//! from            service/web:80  pod/web@win1:80  outside
//! pod/client@lin1 ok x4           ok               -
//! ```
//!
//! Words are told apart by blanks; only `ok x4` is two words and one cell. Lines that begin with `#` are comments.

mod rewrite;
mod table;

pub use rewrite::rewrite;
pub(crate) use table::EXAMPLE;
pub use table::{Expected, ReachCell, ReachTable};
