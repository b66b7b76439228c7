//! Scaling the sets of a deployment (`rolling.go`, `recreate.go`).

use std::sync::Arc;

use winlab_kube_client::api::{Patch, PatchParams};
use winlab_kube_client::k8s::IntOrString;
use winlab_kube_client::k8s::apps::{Deployment, ReplicaSet};
use winlab_kube_client::{Error, ResourceExt};

use super::replica_sets::Rollout;
use crate::access::Access;
use crate::ownership::is_controlled_by;
use crate::pod_state::is_terminal;

/// `maxSurge` and `maxUnavailable` in pods. Percentages of surge round up, of unavailability down; never both zero.
pub(super) fn bounds(deployment: &Deployment) -> (i32, i32) {
    let spec = deployment.spec.clone();
    let replicas = spec.replicas.unwrap_or(1);
    let rolling = spec.strategy.and_then(|strategy| strategy.rolling_update).unwrap_or_default();
    let quarter = || IntOrString::String("25%".to_owned());
    let surge = resolve(&rolling.max_surge.unwrap_or_else(quarter), replicas, true);
    let unavailable = resolve(&rolling.max_unavailable.unwrap_or_else(quarter), replicas, false);
    if surge == 0 && unavailable == 0 { (0, 1) } else { (surge, unavailable) }
}

fn resolve(value: &IntOrString, of: i32, up: bool) -> i32 {
    match value {
        IntOrString::Int(n) => *n,
        IntOrString::String(text) => {
            let percent: i32 = text.trim_end_matches('%').parse().unwrap_or_default();
            let hundredths = percent.saturating_mul(of);
            if up { hundredths.saturating_add(99) / 100 } else { hundredths / 100 }
        }
    }
}

fn wanted(set: &ReplicaSet) -> i32 {
    set.spec.replicas.unwrap_or(1)
}

fn available(set: &ReplicaSet) -> i32 {
    set.status.as_ref().and_then(|status| status.available_replicas).unwrap_or_default()
}

/// One step of a rolling update: the new set up as far as the surge allows, or the old ones down.
pub(super) async fn rolling(
    access: &Access,
    deployment: &Deployment,
    rollout: &Rollout,
) -> Result<(), Error> {
    let Some(new) = &rollout.new else { return Ok(()) };
    let replicas = deployment.spec.replicas.unwrap_or(1);
    let (surge, unavailable) = bounds(deployment);
    if wanted(new) > replicas {
        return scale(access, deployment, new, replicas).await;
    }
    if wanted(new) < replicas {
        let total: i32 = rollout.all().map(|set| wanted(set)).sum();
        let room = (replicas + surge - total).min(replicas - wanted(new));
        if room > 0 {
            return scale(access, deployment, new, wanted(new) + room).await;
        }
    }
    let old_total: i32 = rollout.old.iter().map(|set| wanted(set)).sum();
    if old_total == 0 {
        return Ok(());
    }
    let total: i32 = rollout.all().map(|set| wanted(set)).sum();
    let new_unavailable = (wanted(new) - available(new)).max(0);
    let mut spare = total - (replicas - unavailable) - new_unavailable;
    if spare <= 0 {
        return Ok(());
    }
    // Pods that are not available anyway go first: a rollout must not get stuck on them.
    for set in &rollout.old {
        let broken = (wanted(set) - available(set)).min(spare).max(0);
        if broken > 0 {
            scale(access, deployment, set, wanted(set) - broken).await?;
            return Ok(());
        }
    }
    let available_total: i32 = rollout.all().map(|set| available(set)).sum();
    spare = available_total - (replicas - unavailable);
    for set in rollout.old.iter().filter(|set| wanted(set) > 0) {
        if spare <= 0 {
            break;
        }
        let down = wanted(set).min(spare);
        scale(access, deployment, set, wanted(set) - down).await?;
        spare -= down;
    }
    Ok(())
}

/// Recreate: every old pod gone before the first new one.
pub(super) async fn recreate(
    access: &Access,
    deployment: &Deployment,
    rollout: &Rollout,
) -> Result<(), Error> {
    for set in rollout.old.iter().filter(|set| wanted(set) > 0) {
        scale(access, deployment, set, 0).await?;
    }
    let namespace = deployment.namespace().unwrap_or_default();
    let pods = access.informers.pods.list_namespace(&namespace);
    let old_runs = pods
        .iter()
        .any(|pod| !is_terminal(pod) && rollout.old.iter().any(|set| is_controlled_by(&**pod, &**set)));
    if old_runs {
        return Ok(());
    }
    let replicas = deployment.spec.replicas.unwrap_or(1);
    match &rollout.new {
        Some(new) if wanted(new) != replicas => scale(access, deployment, new, replicas).await,
        _ => Ok(()),
    }
}

async fn scale(
    access: &Access,
    deployment: &Deployment,
    set: &Arc<ReplicaSet>,
    to: i32,
) -> Result<(), Error> {
    let patch = serde_json::json!({"spec": {"replicas": to}});
    let sets = access.of::<ReplicaSet>(&set.namespace().unwrap_or_default());
    let written = sets.patch(&set.name_any(), &PatchParams::default(), &Patch::Merge(patch)).await?;
    let (from, way) = (wanted(set), if to > wanted(set) { "up" } else { "down" });
    let message = format!("Scaled {way} replica set {} from {from} to {to}", set.name_any());
    access.recorder.normal(deployment, "ScalingReplicaSet", &message).await;
    access.seen(&access.informers.replica_sets, &written).await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use winlab_kube_client::k8s::IntOrString;

    use super::resolve;

    #[test]
    fn surge_rounds_up_and_unavailability_down() {
        let percent = |text: &str| IntOrString::String(text.to_owned());
        assert_eq!(resolve(&percent("25%"), 3, true), 1);
        assert_eq!(resolve(&percent("25%"), 3, false), 0);
        assert_eq!(resolve(&percent("100%"), 4, true), 4);
        assert_eq!(resolve(&IntOrString::Int(2), 10, false), 2);
    }
}
