//! What a container is made with: command, environment, mounts, limits, security.

pub(crate) mod config;
pub(crate) mod dns;
pub(crate) mod environment;
pub(crate) mod expand;
pub(crate) mod hooks;
pub(crate) mod hosts_file;
pub(crate) mod images;
pub(crate) mod resources;
pub(crate) mod sandbox_config;
pub(crate) mod start;
