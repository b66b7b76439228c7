//! etcd, kube-apiserver, kube-controller-manager and kube-scheduler as processes of this machine.

mod programs;

pub use programs::{MissingPrograms, PROGRAMS, PlanePrograms, ProgramFolders};
