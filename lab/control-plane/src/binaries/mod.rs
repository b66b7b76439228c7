//! etcd, kube-apiserver, kube-controller-manager and kube-scheduler as processes of this machine.
//!
//! ```text
//! find the programs ─▶ folder, certificates, kubeconfigs ─▶ etcd ─▶ kube-apiserver ─▶ /readyz
//!                                                            controllers, scheduler ─▶ service accounts are there
//! ```
//!
//! All of it lives in a folder that is removed at the end, and no process outlives this one: each is ended by the kernel
//! with the thread that started it, and what is left all the same is found at the next start.

mod addons;
mod command_lines;
mod credentials;
mod folder;
mod look;
mod plane;
mod process;
mod programs;
mod relay;
mod signal;
mod start;
mod versions;
mod witness;

pub use plane::Binaries;
pub use programs::{MissingPrograms, PROGRAMS, PlanePrograms, ProgramFolders};
pub use start::{BinariesSpec, Listen, StartBinariesError};
