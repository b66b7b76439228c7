//! Builds a lab from its description: control plane, nodes, and the fabric between them.
//!
//! [`Lab`] is one running cluster. Its control plane is embedded; each node is a fake host of its operating system,
//! reached through decorated boundaries (faults, then the journal), with a [`Supervisor`](winlab_component::Supervisor)
//! that runs the component models its service manager starts. What only a lab can do is a method of [`Lab`], never a
//! call at a boundary.

mod activity;
mod address_plan;
mod call_log;
mod component_containers;
mod control;
mod daemons;
mod error;
mod exec;
mod host;
mod images;
mod join;
mod kubeadm_cluster;
mod kubelets;
mod lab;
mod limitations;
mod log_book;
mod node;
mod observer;
mod pod_network;
mod pods;
mod prober;
mod programs;
mod real;
mod servers;
mod services;
mod spec;
mod standstill;
mod system_workloads;
mod views;

pub use call_log::Calls;
pub use error::LabError;
pub use exec::ExecOutcome;
pub use lab::Lab;
pub use limitations::limitations;
pub use observer::{KubeChange, LabObserver};
pub use real::absent;
pub use spec::{ClusterSetup, ImagePlatform, ImageSpec, JoinMethod, LabSpec, NodeOs, NodeSpec};
pub use winlab_control_plane::{
    ApiAccess, ApiFaultId, ApiFaults, BinariesSpec, ControlPlane, ControlPlaneSpec, Listen, PROGRAMS,
    ProgramFolders, Side,
};
pub use winlab_fake_windows::Rehydration;
pub use winlab_real::{Absent, Means, RealComponent};
pub use winlab_wine::Places;
