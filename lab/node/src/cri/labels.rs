//! The labels that every sandbox and container of a pod carries (`pkg/kubelet/types/labels.go`).

use std::collections::BTreeMap;

/// The pod's name.
pub const POD_NAME_LABEL: &str = "io.kubernetes.pod.name";
/// The pod's namespace.
pub const POD_NAMESPACE_LABEL: &str = "io.kubernetes.pod.namespace";
/// The pod's UID.
pub const POD_UID_LABEL: &str = "io.kubernetes.pod.uid";
/// The container's name.
pub const CONTAINER_NAME_LABEL: &str = "io.kubernetes.container.name";

/// The labels of a pod's parts.
#[must_use]
pub fn pod_labels(namespace: &str, name: &str, uid: &str) -> BTreeMap<String, String> {
    [(POD_NAMESPACE_LABEL, namespace), (POD_NAME_LABEL, name), (POD_UID_LABEL, uid)]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into()
}
