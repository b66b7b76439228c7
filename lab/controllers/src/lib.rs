//! Model controllers and scheduler: what kube-controller-manager and kube-scheduler do, as clients of the API server
//! only. They run unchanged against any cluster.
//!
//! Each controller follows its upstream namesake under `pkg/controller` of kubernetes/kubernetes: a queue of keys, one
//! worker, a reconcile function that reads the shared [`informers`](Informers), writes what is missing, and waits
//! until it sees its own writes. Where a model leaves something out, the module says so.

mod access;
mod certificate;
mod conditions;
mod control;
mod daemon_set;
mod deployment;
mod endpoint_addresses;
mod endpoint_slice;
mod endpoints;
mod events;
mod failed_daemons;
mod garbage;
mod informers;
mod job;
mod manager;
mod namespace;
mod node_affinity;
mod node_ipam;
mod node_lifecycle;
mod ownership;
mod pace;
mod pod_state;
mod queue;
mod replica_set;
mod scheduler;
mod selector;
mod service_account;
mod taint_eviction;
mod tolerations;

pub use events::Recorder;
pub use informers::Informers;
pub use manager::{ControllerConfig, ControllerManager};
pub use node_affinity::node_matches;
pub use scheduler::Scheduler;
pub use selector::{matches_labels, selector_matches};
pub use tolerations::untolerated;
