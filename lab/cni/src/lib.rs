//! The CNI plugins of a node as models, and what a runtime does to call them.
//!
//! - [`NetworkConfigList`]: a network configuration, run plugin by plugin as libcni runs it;
//! - [`CniRunner`]: who runs a plugin; [`CniPlugins`] has the models, a runner of real executables may stand in;
//! - the plugins: win-bridge and win-overlay over HNS, bridge, portmap and loopback over Linux, host-local for
//!   addresses, flannel, which delegates to one of them.
//!
//! Sources: containernetworking/plugins v1.9.1, flannel-io/cni-plugin v1.8, containernetworking/cni `libcni`.

mod conflist;
mod error;
mod flannel;
mod host_local;
mod linux;
mod result;
mod runner;
mod skel;
mod windows;

pub use conflist::NetworkConfigList;
pub use error::CniError;
pub use result::{CniResult, Dns, Interface, IpConfig, RouteEntry};
pub use runner::{CniArgs, CniPlugins, CniRunner, Command};
