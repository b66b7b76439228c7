//! Networks: their types, subnets, address and MAC pools.

mod create;
mod delete;
mod kind;
mod mac_pool;
mod modify;
mod object;
mod query;
mod subnet;
mod view;

pub(crate) use kind::NetworkKind;
pub(crate) use object::Network;
pub(crate) use subnet::{Ipam, Subnet, default_route};
