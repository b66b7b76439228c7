//! Messages of the interface into the model's own and back.

mod container;
mod image;
mod resources;
mod sandbox;
mod stats;
mod status;

use winlab_node::cri;

use crate::proto;

pub(crate) use container::{container_config, container_filter, container_status, listed_container};
pub(crate) use image::{auth, image, image_fs_info, image_spec};
pub(crate) use resources::container_resources;
pub(crate) use sandbox::{listed_sandbox, sandbox_config, sandbox_filter, sandbox_status};
pub(crate) use stats::{container_stats, sandbox_stats, sandbox_stats_filter, selects_container};
pub(crate) use status::{container_event, runtime_status};

/// A number that may be missing.
fn optional(value: Option<i64>) -> Option<proto::Int64Value> {
    value.map(|value| proto::Int64Value { value })
}

/// A count that is there.
fn count(value: u64) -> Option<proto::UInt64Value> {
    Some(proto::UInt64Value { value })
}

/// A namespace mode; one that is unknown is the pod's own.
fn namespace_mode(mode: i32) -> cri::NamespaceMode {
    match proto::NamespaceMode::try_from(mode) {
        Ok(proto::NamespaceMode::Container) => cri::NamespaceMode::Container,
        Ok(proto::NamespaceMode::Node) => cri::NamespaceMode::Node,
        Ok(proto::NamespaceMode::Pod | proto::NamespaceMode::Target) | Err(_) => cri::NamespaceMode::Pod,
    }
}
