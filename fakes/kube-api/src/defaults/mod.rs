//! What a writer may leave out: the `SetDefaults_…` functions (`pkg/apis/*/v1/defaults.go`) and what strategies set on
//! create and update (`pkg/registry/*/strategy.go`).

mod cluster;
mod container;
mod fill;
mod pod;
mod qos;
mod service;
mod status;
mod volume;
mod workload;

pub(crate) use cluster::{
    claim, endpoint_slice, endpoints, namespace, network_policy, node, prepare_namespace, priority_class,
    secret, volume as persistent_volume,
};
pub(crate) use pod::{pod, prepare_pod};
pub(crate) use service::{prepare_service, service};
pub(crate) use status::zero_status;
pub(crate) use workload::{
    cron_job, daemon_set, deployment, job, pod_template, prepare_daemon_set, prepare_job, replica_set,
    replication_controller, stateful_set,
};
