//! Namespaces: network compartments, their endpoints and containers.

mod members;
mod object;

pub(crate) use object::Namespace;
