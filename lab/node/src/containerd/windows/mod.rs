//! Containers on Windows: what containerd's snapshotter and containerd-shim-runhcs-v1 do with HCN, HCS and job objects.

mod command_line;
mod document;
mod hypervisor;
mod job;
mod layers;
mod namespace;
mod runtime;
mod statistics;

pub(crate) use runtime::WindowsRuntime;
