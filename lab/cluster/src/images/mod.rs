//! The images of a lab: built in, and declared.

mod builtin;
mod catalog;

pub(crate) use catalog::Catalog;
