//! The node's lease (`k8s.io/component-helpers/apimachinery/lease`): renewed every quarter of its duration.

use std::sync::Arc;

use winlab_clock::VirtualSpan;
use winlab_kube_client::api::PostParams;
use winlab_kube_client::k8s::coordination::{Lease, LeaseSpec};
use winlab_kube_client::k8s::meta::{MicroTime, ObjectMeta, OwnerReference};
use winlab_kube_client::{Api, ErrorExt};

use crate::kubelet::core::Kubelet;

/// Where node leases live.
const NAMESPACE: &str = "kube-node-lease";
/// How often a renewal is tried at once.
const ATTEMPTS: u32 = 5;
/// Longest wait until a lease that could not be had is tried again.
const MOST_WAIT: VirtualSpan = VirtualSpan::from_secs(7);

/// Renews the lease for as long as the kubelet runs.
pub(crate) async fn renew(kubelet: Arc<Kubelet>) {
    let api: Api<Lease> = Api::namespaced(kubelet.client.clone(), NAMESPACE);
    let duration = u64::try_from(kubelet.config.node_lease_duration_seconds).unwrap_or(40);
    let interval = VirtualSpan::from_millis(duration * 1000 / 4);
    let mut rng = kubelet.seed.child("lease").rng();
    let mut latest: Option<Lease> = None;
    loop {
        latest = match latest.take() {
            Some(lease) => Box::pin(update(&kubelet, &api, lease)).await,
            None => None,
        };
        if latest.is_none() {
            latest = Some(Box::pin(ensure(&kubelet, &api)).await);
        }
        // wait.JitterUntil with a factor of 0.04.
        let jitter = VirtualSpan::from_nanos(rng.below(interval.as_nanos() / 25));
        kubelet.clock.sleep(interval + jitter).await;
    }
}

fn filled(kubelet: &Kubelet, mut lease: Lease) -> Lease {
    lease.metadata.name = Some(kubelet.node_name.clone());
    lease.metadata.namespace = Some(NAMESPACE.to_owned());
    lease.spec = Some(LeaseSpec {
        holder_identity: Some(kubelet.node_name.clone()),
        lease_duration_seconds: Some(kubelet.config.node_lease_duration_seconds),
        renew_time: Some(MicroTime(kubelet.clock.timestamp())),
        ..LeaseSpec::default()
    });
    if lease.metadata.owner_references.is_none() {
        let node = kubelet.node_object();
        let uid = node.as_ref().and_then(|node| node.metadata.uid.clone());
        lease.metadata.owner_references = uid.map(|uid| {
            vec![OwnerReference {
                api_version: "v1".to_owned(),
                kind: "Node".to_owned(),
                name: kubelet.node_name.clone(),
                uid,
                ..OwnerReference::default()
            }]
        });
    }
    lease
}

/// Gets or creates the lease, for as long as it takes.
async fn ensure(kubelet: &Kubelet, api: &Api<Lease>) -> Lease {
    let mut wait = VirtualSpan::from_millis(200);
    loop {
        let lease = match api.get(&kubelet.node_name).await {
            Ok(lease) => {
                api.replace(&kubelet.node_name, &PostParams::default(), &filled(kubelet, lease)).await
            }
            Err(error) if error.is_not_found() => {
                let new = Lease { metadata: ObjectMeta::default(), ..Lease::default() };
                api.create(&PostParams::default(), &filled(kubelet, new)).await
            }
            Err(error) => Err(error),
        };
        match lease {
            Ok(lease) => return lease,
            Err(error) => {
                kubelet.log.error(format_args!("Failed to ensure lease exists, will retry: {error}"))
            }
        }
        kubelet.clock.sleep(wait).await;
        wait = (wait * 2).min(MOST_WAIT);
    }
}

async fn update(kubelet: &Kubelet, api: &Api<Lease>, mut lease: Lease) -> Option<Lease> {
    for _ in 0..ATTEMPTS {
        match api.replace(&kubelet.node_name, &PostParams::default(), &filled(kubelet, lease.clone())).await {
            Ok(lease) => return Some(lease),
            Err(error) if error.is_conflict() => lease = api.get(&kubelet.node_name).await.ok()?,
            Err(error) => kubelet.log.error(format_args!("Failed to update lease: {error}")),
        }
    }
    None
}
