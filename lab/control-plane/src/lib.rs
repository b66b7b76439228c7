//! Where the Kubernetes API of a lab comes from.
//!
//! [`ControlPlane`] is what a lab needs of one: clients under any identity, an endpoint and kubeconfigs for real
//! programs, a look at what is stored. [`Embedded`] is the provider that needs nothing: the API server in this process
//! with the model controllers and scheduler. Only it has [`ApiFaults`]. [`Binaries`] is etcd and the programs of
//! Kubernetes as processes of this machine. [`ControlPlaneSpec`] says which one a lab is to
//! have, and starts it.

mod access;
mod authority;
mod binaries;
mod control_plane;
mod embedded;
mod faults;
mod kubeadm;
mod observe;
mod served;
mod spec;

pub use access::{ApiAccess, ListenError, Listeners, Side};
pub use binaries::{
    Binaries, BinariesSpec, Listen, MissingPrograms, PROGRAMS, PlanePrograms, ProgramFolders,
    StartBinariesError,
};
pub use control_plane::{ControlPlane, Endpoint, KubeconfigError};
pub use embedded::{Embedded, EmbeddedConfig, Switches};
pub use faults::{ApiFaultId, ApiFaults};
pub use observe::{Change, Observer, Write};
pub use served::ServeError;
pub use spec::{ControlPlaneSpec, PlaneSetting, StartError};
pub use winlab_kube_api::kubelet::{Connection, ContainerRef, Kubelet, Kubelets, LogOptions};
