//! Unmodified Windows programs as components of a lab's nodes.
//!
//! A real component is a program like a model: the service control manager starts it with the command line that the join
//! installed, and it ends when the service is stopped. What differs is what runs: the `.exe` of the component's version
//! under Wine. Its calls of HNS and HCS come back over the wire to the node's own boundaries, so that faults, journal and
//! checks see them as they see a model's.
//!
//! ```text
//! SCM ──▶ Supervisor ──▶ run() ──▶ kube-proxy.exe ──shims──▶ wire server ──▶ journal ─▶ faults ─▶ fake host
//!                                      │ log lines
//!                                      ▼
//!                               the component's log
//! ```
//!
//! Models and programs of a node share its files where both look at them ([`SharedFiles`]); containers answer the probes of a
//! real kubelet ([`answer_for_pods`]).
//!
//! Reading order: [`RealComponent`], [`Means`], [`RealWorld`], [`RealNode`], then `run`.

mod causes;
mod component;
mod files;
mod klog;
mod means;
mod need;
mod node;
mod plugins;
mod pod_sockets;
mod run;
mod shared_files;
mod sockets;
mod world;

pub use component::RealComponent;
pub use means::{Means, NoProgram};
pub use need::{Absent, Wanted, absent};
pub use node::{RealNode, RealNodeConfig};
pub use plugins::RealPlugins;
pub use pod_sockets::{PodAnswer, PodNetwork, answer_for_pods};
pub use run::run;
pub use shared_files::SharedFiles;
pub use world::{RealWorld, RealWorldError};
