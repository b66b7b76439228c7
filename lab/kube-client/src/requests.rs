//! What a pod asks of its node (`k8s.io/component-helpers/resource/helpers.go`, PodRequests).

use std::collections::BTreeMap;

use crate::k8s::Quantity;
use crate::k8s::core::{Container, PodSpec};
use crate::quantity;

/// Amounts by the name of the resource, in thousandths of its unit.
pub type Amounts<'a> = BTreeMap<&'a str, i64>;

/// The sum of the containers and sidecars, or what the pod's start takes where that is more: each init container beside the
/// sidecars before it. The pod's own requests stand in for their sum, and its overhead comes on top.
#[must_use]
pub fn pod_requests(spec: &PodSpec) -> Amounts<'_> {
    let mut sum = Amounts::new();
    for container in &spec.containers {
        add(&mut sum, requests(container));
    }
    let (mut sidecars, mut most) = (Amounts::new(), Amounts::new());
    for container in spec.init_containers.as_deref().unwrap_or_default() {
        if is_sidecar(container) {
            add(&mut sum, requests(container));
            add(&mut sidecars, requests(container));
            raise(&mut most, sidecars.iter().map(|(name, amount)| (*name, *amount)));
        } else {
            let beside = |name: &str| sidecars.get(name).copied().unwrap_or(0);
            raise(&mut most, requests(container).map(|(name, amount)| (name, amount + beside(name))));
        }
    }
    raise(&mut sum, most.into_iter());
    let of_pod = spec.resources.as_ref().and_then(|resources| resources.requests.as_ref());
    sum.extend(amounts(of_pod).filter(|(name, _)| is_of_pods(name)));
    add(&mut sum, amounts(spec.overhead.as_ref()));
    sum
}

/// Whether an init container is a sidecar: it is restarted and does not hold up what follows it.
#[must_use]
pub fn is_sidecar(container: &Container) -> bool {
    container.restart_policy.as_deref() == Some("Always")
}

/// The resources that a pod may ask for as a whole (`supportedPodLevelResources`).
fn is_of_pods(name: &str) -> bool {
    matches!(name, "cpu" | "memory") || name.starts_with("hugepages-")
}

fn requests(container: &Container) -> impl Iterator<Item = (&str, i64)> {
    amounts(container.resources.as_ref().and_then(|resources| resources.requests.as_ref()))
}

fn amounts(list: Option<&BTreeMap<String, Quantity>>) -> impl Iterator<Item = (&str, i64)> {
    list.into_iter().flatten().map(|(name, amount)| (name.as_str(), quantity::milli(&amount.0)))
}

fn add<'a>(sum: &mut Amounts<'a>, more: impl Iterator<Item = (&'a str, i64)>) {
    for (name, amount) in more {
        let total = sum.entry(name).or_default();
        *total = total.saturating_add(amount);
    }
}

fn raise<'a>(most: &mut Amounts<'a>, to: impl Iterator<Item = (&'a str, i64)>) {
    for (name, amount) in to {
        let known = most.entry(name).or_default();
        *known = (*known).max(amount);
    }
}

#[cfg(test)]
mod tests {
    use super::{Amounts, pod_requests};
    use crate::k8s::core::PodSpec;

    fn spec(text: serde_json::Value) -> PodSpec {
        serde_json::from_value(text).unwrap()
    }

    #[test]
    fn sidecars_stay_and_init_containers_run_beside_those_before_them() {
        let of = |name: &str, restart: Option<&str>, requests: serde_json::Value| serde_json::json!({"name": name, "restartPolicy": restart, "resources": {"requests": requests}});
        let spec = spec(serde_json::json!({
            "containers": [of("a", None, serde_json::json!({"cpu": "100m", "example.com/gpu": "1"}))],
            "initContainers": [
                of("s", Some("Always"), serde_json::json!({"cpu": "50m", "memory": "1Ki"})),
                of("i", None, serde_json::json!({"cpu": "200m"})),
                of("t", Some("Always"), serde_json::json!({"cpu": "10m"})),
            ],
            "overhead": {"cpu": "1m"},
        }));
        let expected: Amounts<'_> = [("cpu", 251), ("example.com/gpu", 1000), ("memory", 1_024_000)].into();
        assert_eq!(pod_requests(&spec), expected);
    }

    #[test]
    fn what_the_pod_asks_for_as_a_whole_counts_in_place_of_its_containers() {
        let spec = spec(serde_json::json!({
            "containers": [{"name": "a", "resources": {"requests": {"cpu": "2", "ephemeral-storage": "1k"}}}],
            "resources": {"requests": {"cpu": "1"}},
        }));
        assert_eq!(pod_requests(&spec), [("cpu", 1000), ("ephemeral-storage", 1_000_000)].into());
    }
}
