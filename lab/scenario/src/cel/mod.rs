//! CEL, in one place: expressions over `it`.
//!
//! Numbers become `int` before an expression sees them, so that `it.Port + 1` is not an error of types. Unknown names
//! are refused when the file is read; what a document lacks is told when the expression runs, with the key it may have
//! meant.

mod error;
mod expression;
mod names;
#[cfg(test)]
mod tests;
mod value;

pub use error::CelError;
pub use expression::Cel;
