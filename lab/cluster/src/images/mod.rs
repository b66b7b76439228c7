//! The images of a lab: built in, and declared.

mod builtin;
mod catalog;
mod components;

pub(crate) use catalog::Catalog;
