//! The plugins of Windows nodes: win-bridge and win-overlay over HNS.

pub(crate) mod bridge;
pub(crate) mod endpoint_name;
mod endpoint_v1;
mod endpoint_v2;
mod hot_attach;
mod netconf;
pub(crate) mod overlay;
mod plugin;
