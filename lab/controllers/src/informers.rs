//! The stores that all controllers share, as the real controller manager's shared informers.

use futures::future::BoxFuture;
use winlab_clock::{Clock, Seed};
use winlab_kube_client::k8s::{apps, batch, certificates, coordination, core, discovery};
use winlab_kube_client::{Api, Client, Store, WatchConfig, reflect};

macro_rules! informers {
    ($( $(#[$meta:meta])* $field:ident : $kind:ty ),* $(,)?) => {
        /// Every store of the controllers. Clones share them.
        #[derive(Clone, Debug)]
        pub struct Informers { $( $(#[$meta])* pub $field: Store<$kind> ),* }

        impl Informers {
            /// The stores, and the work that keeps them up to date: spawn each.
            pub fn new(client: &Client, clock: Clock, seed: Seed) -> (Self, Vec<BoxFuture<'static, ()>>) {
                let mut drives: Vec<BoxFuture<'static, ()>> = Vec::new();
                $(
                    let api: Api<$kind> = Api::all(client.clone());
                    let ($field, drive) = reflect(api, WatchConfig::all(), clock, seed.child(stringify!($field)));
                    drives.push(Box::pin(drive));
                )*
                (Self { $($field),* }, drives)
            }

            /// Waits until every store has its first list.
            pub async fn synced(&self) {
                $( self.$field.synced().await; )*
            }
        }
    };
}

informers! {
    /// Pods
    pods: core::Pod,
    /// Nodes
    nodes: core::Node,
    /// Namespaces
    namespaces: core::Namespace,
    /// Services
    services: core::Service,
    /// Endpoints
    endpoints: core::Endpoints,
    /// Service accounts
    service_accounts: core::ServiceAccount,
    /// Leases: node heartbeats
    leases: coordination::Lease,
    /// Endpoint slices
    endpoint_slices: discovery::EndpointSlice,
    /// Replica sets
    replica_sets: apps::ReplicaSet,
    /// Deployments
    deployments: apps::Deployment,
    /// Daemon sets
    daemon_sets: apps::DaemonSet,
    /// Jobs
    jobs: batch::Job,
    /// Certificate signing requests
    signing_requests: certificates::CertificateSigningRequest,
}
