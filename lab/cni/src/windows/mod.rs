//! The plugins of Windows nodes: win-bridge and win-overlay over HNS.

pub(crate) mod bridge;
pub(crate) mod endpoint_name;
mod endpoint_v1;
mod endpoint_v2;
mod hns;
mod netconf;
pub(crate) mod overlay;
mod plugin;
