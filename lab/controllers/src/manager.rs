//! Starts every controller, as kube-controller-manager does.

use std::sync::Arc;

use ipnet::IpNet;
use tokio::task::JoinSet;
use winlab_clock::{Clock, Seed, VirtualSpan};
use winlab_kube_client::{Client, Identity};
use winlab_pki::Authority;

use crate::access::Access;
use crate::events::Recorder;
use crate::informers::Informers;
use crate::node_ipam::Pool;
use crate::node_lifecycle::Grace;
use crate::{
    certificate, daemon_set, deployment, endpoint_slice, endpoints, garbage, job, namespace, node_ipam,
    node_lifecycle, replica_set, service_account, taint_eviction,
};

/// How the controllers are set up; the flags of kube-controller-manager.
#[derive(Clone, Debug)]
pub struct ControllerConfig {
    /// The version the manager names itself, `v1.36.1`.
    pub version: String,
    /// `--cluster-cidr`: where nodes get their pod CIDRs from; none: `--allocate-node-cidrs=false`.
    pub cluster_cidr: Option<IpNet>,
    /// `--node-cidr-mask-size`
    pub node_mask: u8,
    /// `--node-monitor-grace-period`
    pub node_grace: VirtualSpan,
    /// `--cluster-signing-cert-file` and its key: who signs certificates; none: nobody does.
    pub signer: Option<Arc<Authority>>,
}

impl ControllerConfig {
    /// What kubeadm sets up, for Kubernetes 1.`minor`: 10.244.0.0/16 in /24 parts; nodes may be silent for 40 s, for
    /// 50 s from 1.32 on.
    #[must_use]
    pub fn kubeadm(minor: u32, version: &str) -> Self {
        Self {
            version: version.to_owned(),
            cluster_cidr: "10.244.0.0/16".parse().ok(),
            node_mask: 24,
            node_grace: VirtualSpan::from_secs(if minor >= 32 { 50 } else { 40 }),
            signer: None,
        }
    }
}

/// The running controllers; they end when this is dropped.
#[derive(Debug)]
pub struct ControllerManager {
    informers: Informers,
    _tasks: JoinSet<()>,
}

impl ControllerManager {
    /// Starts the controllers. `client` makes a client for an identity; each controller has its own, so that faults
    /// and audit can tell them apart.
    pub async fn start(
        config: &ControllerConfig,
        client: impl Fn(Identity) -> Client,
        clock: Clock,
        seed: Seed,
    ) -> Self {
        let identity = |name: &str| {
            let user = format!("system:serviceaccount:kube-system:{name}");
            Identity::new("kube-controller-manager", config.version.as_str()).user(user)
        };
        let mut tasks = JoinSet::new();
        let (informers, drives) =
            Informers::new(&client(identity("shared-informers")), clock, seed.child("informers"));
        for drive in drives {
            tasks.spawn(drive);
        }
        informers.synced().await;
        let access = |name: &str| {
            let client = client(identity(name));
            let seed = seed.child(name);
            let recorder = Recorder::new(client.clone(), clock, seed, name, "");
            Access { client, informers: informers.clone(), clock, seed, recorder }
        };
        tasks.spawn(replica_set::run(access("replicaset-controller")));
        tasks.spawn(deployment::run(access("deployment-controller")));
        tasks.spawn(daemon_set::run(access("daemonset-controller")));
        tasks.spawn(job::run(access("job-controller")));
        tasks.spawn(endpoint_slice::run(access("endpointslice-controller")));
        tasks.spawn(endpoints::run(access("endpoint-controller")));
        tasks.spawn(namespace::run(access("namespace-controller")));
        tasks.spawn(service_account::run(access("serviceaccount-controller")));
        tasks.spawn(garbage::run(access("generic-garbage-collector")));
        tasks.spawn(taint_eviction::run(access("taint-eviction-controller")));
        tasks.spawn(node_lifecycle::run(access("node-controller"), Grace { heartbeat: config.node_grace }));
        tasks.spawn(certificate::approve(access("certificate-controller")));
        tasks.spawn(certificate::clean(access("certificate-controller")));
        if let Some(authority) = config.signer.clone() {
            tasks.spawn(certificate::sign(access("certificate-controller"), authority));
        }
        if let Some(cluster) = config.cluster_cidr {
            tasks.spawn(node_ipam::run(access("node-ipam-controller"), Pool::new(cluster, config.node_mask)));
        }
        Self { informers, _tasks: tasks }
    }

    /// The stores the controllers share.
    #[must_use]
    pub fn informers(&self) -> &Informers {
        &self.informers
    }
}
