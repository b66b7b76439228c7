//! Kinds that are nearly built-in ones.

use super::Applied;
use crate::diagnostic::Diagnostic;
use crate::suggest::did_you_mean;

/// Kinds as manifests spell them (k8s.io/api).
const KINDS: [&str; 40] = [
    "ClusterRole",
    "ClusterRoleBinding",
    "ConfigMap",
    "ControllerRevision",
    "CronJob",
    "CustomResourceDefinition",
    "DaemonSet",
    "Deployment",
    "EndpointSlice",
    "Endpoints",
    "Event",
    "HorizontalPodAutoscaler",
    "Ingress",
    "IngressClass",
    "Job",
    "Lease",
    "LimitRange",
    "List",
    "MutatingWebhookConfiguration",
    "Namespace",
    "NetworkPolicy",
    "Node",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Pod",
    "PodDisruptionBudget",
    "PodTemplate",
    "PriorityClass",
    "ReplicaSet",
    "ReplicationController",
    "ResourceQuota",
    "Role",
    "RoleBinding",
    "RuntimeClass",
    "Secret",
    "Service",
    "ServiceAccount",
    "StatefulSet",
    "StorageClass",
    "ValidatingWebhookConfiguration",
];

pub(super) fn check(applied: &Applied<'_>, warnings: &mut Vec<Diagnostic>) {
    for object in applied.objects().filter(|object| !KINDS.contains(&object.kind.as_str())) {
        if let Some(near) = did_you_mean(&object.kind, KINDS) {
            let span = object.node.get("kind").map_or(object.span, |kind| kind.span);
            let message = format!("`{}` is no built-in kind", object.kind);
            let warning = Diagnostic::warning("unknown-kind", span, message);
            warnings.push(warning.hint(format!("did you mean `{near}`?")));
        }
    }
}
