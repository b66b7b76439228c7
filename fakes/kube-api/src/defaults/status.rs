//! The status of a new object: what Go writes of a struct that nobody has filled in.

use std::sync::LazyLock;

use winlab_document::{Document, doc};

use super::fill::Defaults;
use crate::kinds::Kind;

static REPLICAS: LazyLock<Document> = LazyLock::new(|| doc!({"replicas": 0}));
static STATEFUL_SET: LazyLock<Document> = LazyLock::new(|| doc!({"replicas": 0, "availableReplicas": 0}));
static DAEMON_SET: LazyLock<Document> = LazyLock::new(
    || doc!({"currentNumberScheduled": 0, "numberMisscheduled": 0, "desiredNumberScheduled": 0, "numberReady": 0}),
);
static BUDGET: LazyLock<Document> = LazyLock::new(
    || doc!({"disruptionsAllowed": 0, "currentHealthy": 0, "desiredHealthy": 0, "expectedPods": 0}),
);
static NODE: LazyLock<Defaults> = LazyLock::new(|| {
    Defaults::new(&doc!({
        "daemonEndpoints": {"kubeletEndpoint": {"Port": 0}},
        "nodeInfo": {
            "machineID": "", "systemUUID": "", "bootID": "", "kernelVersion": "", "osImage": "",
            "containerRuntimeVersion": "", "kubeletVersion": "", "kubeProxyVersion": "",
            "operatingSystem": "", "architecture": ""
        }
    }))
});

/// The status of a new object of the kind; none for a kind that sets its own, or has none.
pub(crate) fn zero_status(kind: &Kind) -> Option<Document> {
    Some(match (kind.group, kind.kind) {
        ("apps", "Deployment")
        | ("batch", "Job" | "CronJob")
        | ("certificates.k8s.io", "CertificateSigningRequest")
        | ("networking.k8s.io", "ServiceCIDR") => Document::empty_object(),
        ("apps", "ReplicaSet") | ("", "ReplicationController") => REPLICAS.clone(),
        ("apps", "StatefulSet") => STATEFUL_SET.clone(),
        ("apps", "DaemonSet") => DAEMON_SET.clone(),
        ("policy", "PodDisruptionBudget") => BUDGET.clone(),
        _ => return None,
    })
}

/// Members of a node's status that are written even if they are empty.
pub(super) fn node(status: &mut Document) {
    NODE.fill(status);
}
