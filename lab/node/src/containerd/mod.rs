//! The containerd model: CRI on one side, HCN, HCS and job objects or netlink and runc on the other.
//!
//! ```text
//! RunPodSandbox ─▶ network namespace ─▶ CNI ADD ─▶ pause container ─▶ Ready
//! CreateContainer ─▶ scratch over the image's layers
//! StartContainer ─▶ container in the sandbox's namespace ─▶ process ─▶ logs
//! ```
//!
//! Records lie on the node's disk, so that a restarted containerd finds what still runs.

mod config;
mod containers;
mod core;
mod exec;
mod exits;
mod host;
pub mod images;
mod linux;
mod logs;
mod network;
mod options;
mod persist;
mod program;
mod pull;
mod records;
mod sandboxes;
mod service;
mod session;
mod stats;
mod task;
mod windows;

pub use options::ContainerdOptions;
pub use program::{containerd, endpoint};
