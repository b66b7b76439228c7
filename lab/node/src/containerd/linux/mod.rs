//! Containers on Linux: what containerd's overlayfs snapshotter, its shim and runc do.

mod bundle;
mod runtime;

pub(crate) use runtime::LinuxRuntime;
