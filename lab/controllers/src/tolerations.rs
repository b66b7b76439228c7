//! Taints and tolerations (`k8s.io/component-helpers/scheduling/corev1`).

use winlab_kube_client::k8s::core::{Pod, Taint};
use winlab_kube_client::tolerates;

/// The first of `taints` with one of `effects` that the pod does not tolerate.
#[must_use]
pub fn untolerated<'a>(pod: &Pod, taints: &'a [Taint], effects: &[&str]) -> Option<&'a Taint> {
    let tolerations = pod.spec.as_ref().and_then(|spec| spec.tolerations.as_deref()).unwrap_or_default();
    taints
        .iter()
        .filter(|taint| effects.contains(&taint.effect.as_str()))
        .find(|taint| !tolerations.iter().any(|toleration| tolerates(toleration, taint)))
}
