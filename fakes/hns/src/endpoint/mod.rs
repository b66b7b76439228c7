//! Endpoints, local and remote.

mod attach;
mod create;
mod delete;
mod interface;
mod modify;
mod object;
mod ports;
mod query;
mod stats;
mod view;

pub(crate) use object::{Endpoint, EndpointState, Port};
