//! kubeadm as a model, and what its guides bring to a cluster.
//!
//! - [`join`]: `kubeadm join` of a worker, phase by phase: preflight, discovery, kubelet-start, kubelet-wait-bootstrap;
//! - [`manifests`]: what `kubeadm init` leaves for those who join, kube-proxy, and flannel for both systems;
//! - [`start_script`]: what the images of the HostProcess DaemonSets do before their program starts;
//! - [`with_kubeadm_flags`]: how a service manager puts the flags that kubeadm wrote into the kubelet's command line.
//!
//! Sources: kubernetes `cmd/kubeadm`, kubernetes-sigs/sig-windows-tools `hostprocess/`, flannel-io/flannel
//! `Documentation/kube-flannel.yml`.
//!
//! Not modelled: control-plane nodes, pins of the authority's key (`--discovery-token-ca-cert-hash`: discovery believes the
//! token's signature), `kubeadm upgrade` and `reset`.

mod discovery;
mod error;
mod jws;
mod kubelet_flags;
mod kubelet_start;
pub mod manifests;
mod phases;
mod preflight;
mod service;
pub mod start_script;

pub use error::JoinError;
pub use kubelet_flags::with_kubeadm_flags;
pub use phases::{JoinOptions, join};
