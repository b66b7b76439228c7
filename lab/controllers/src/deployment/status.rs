//! A deployment's status and conditions (`sync.go`, `progress.go`).

use winlab_clock::VirtualSpan;
use winlab_kube_client::api::PostParams;
use winlab_kube_client::k8s::apps::{Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet};
use winlab_kube_client::{ErrorExt, ResourceExt};

use super::replica_sets::Rollout;
use super::rollout::bounds;
use crate::access::Access;
use crate::conditions;
use crate::queue::Outcome;

pub(super) async fn update(access: &Access, deployment: &Deployment, rollout: &Rollout) -> Outcome {
    let spec = deployment.spec.clone();
    let replicas = spec.replicas.unwrap_or(1);
    let old = deployment.status.clone().unwrap_or_default();
    let sum = |of: &dyn Fn(&ReplicaSet) -> Option<i32>| -> i32 {
        rollout.all().map(|set| of(set).unwrap_or_default()).sum()
    };
    let total = sum(&|set| Some(set.status.as_ref()?.replicas));
    let available = sum(&|set| set.status.as_ref()?.available_replicas);
    let ready = sum(&|set| set.status.as_ref()?.ready_replicas);
    let updated =
        rollout.new.as_ref().and_then(|set| Some(set.status.as_ref()?.replicas)).unwrap_or_default();
    let counts = Counts { replicas, total, available, updated };
    let mut list = old.conditions.clone().unwrap_or_default();
    conditions::set(&mut list, availability(access, deployment, &counts));
    let again = progress(access, deployment, rollout, &counts, &old, &mut list);
    let status = DeploymentStatus {
        replicas: non_zero(total),
        updated_replicas: non_zero(updated),
        ready_replicas: non_zero(ready),
        available_replicas: non_zero(available),
        unavailable_replicas: non_zero((replicas.max(total) - available).max(0)),
        observed_generation: deployment.metadata.generation,
        collision_count: old.collision_count,
        conditions: Some(list),
        ..old.clone()
    };
    if status != old {
        let mut changed = deployment.clone();
        changed.status = Some(status);
        let deployments = access.of::<Deployment>(&deployment.namespace().unwrap_or_default());
        match deployments.replace_status(&deployment.name_any(), &PostParams::default(), &changed).await {
            Ok(written) => access.seen(&access.informers.deployments, &written).await,
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(again)
}

struct Counts {
    replicas: i32,
    total: i32,
    available: i32,
    updated: i32,
}

impl Counts {
    fn is_complete(&self, deployment: &Deployment) -> bool {
        self.updated == self.replicas
            && self.total == self.replicas
            && self.available == self.replicas
            && deployment.status.as_ref().and_then(|status| status.observed_generation)
                <= deployment.metadata.generation
    }
}

fn non_zero(count: i32) -> Option<i32> {
    (count != 0).then_some(count)
}

fn condition(access: &Access, kind: &str, status: &str, reason: &str, message: &str) -> DeploymentCondition {
    DeploymentCondition {
        type_: Some(kind.to_owned()),
        status: Some(status.to_owned()),
        reason: Some(reason.to_owned()),
        message: Some(message.to_owned()),
        last_update_time: Some(access.time()),
        last_transition_time: Some(access.time()),
    }
}

fn availability(access: &Access, deployment: &Deployment, counts: &Counts) -> DeploymentCondition {
    let (_, unavailable) = bounds(deployment);
    if counts.available >= counts.replicas - unavailable {
        let message = "Deployment has minimum availability.";
        condition(access, "Available", "True", "MinimumReplicasAvailable", message)
    } else {
        let message = "Deployment does not have minimum availability.";
        condition(access, "Available", "False", "MinimumReplicasUnavailable", message)
    }
}

/// Sets Progressing; the answer is how long until the deadline must be looked at again.
fn progress(
    access: &Access,
    deployment: &Deployment,
    rollout: &Rollout,
    counts: &Counts,
    old: &DeploymentStatus,
    list: &mut Vec<DeploymentCondition>,
) -> Option<VirtualSpan> {
    let set = rollout.new.as_ref().map(|set| set.name_any()).unwrap_or_default();
    if counts.is_complete(deployment) {
        let message = format!("ReplicaSet \"{set}\" has successfully progressed.");
        conditions::set(list, condition(access, "Progressing", "True", "NewReplicaSetAvailable", &message));
        return None;
    }
    let progressed = counts.updated > old.updated_replicas.unwrap_or_default()
        || counts.available > old.available_replicas.unwrap_or_default()
        || old.observed_generation != deployment.metadata.generation;
    let known = list.iter().find(|condition| condition.type_.as_deref() == Some("Progressing")).cloned();
    let message = format!("ReplicaSet \"{set}\" is progressing.");
    let Some(known) =
        known.filter(|known| !progressed && known.reason.as_deref() != Some("NewReplicaSetAvailable"))
    else {
        list.retain(|condition| condition.type_.as_deref() != Some("Progressing"));
        list.push(condition(access, "Progressing", "True", "ReplicaSetUpdated", &message));
        return deadline(deployment);
    };
    let deadline = deadline(deployment)?;
    let since = known.last_update_time.as_ref().map_or(VirtualSpan::ZERO, |time| access.since(time));
    if since < deadline {
        return Some(VirtualSpan::from_nanos(deadline.as_nanos() - since.as_nanos()));
    }
    let message = format!("ReplicaSet \"{set}\" has timed out progressing.");
    conditions::set(list, condition(access, "Progressing", "False", "ProgressDeadlineExceeded", &message));
    None
}

fn deadline(deployment: &Deployment) -> Option<VirtualSpan> {
    let seconds = deployment.spec.progress_deadline_seconds.unwrap_or(600);
    (seconds != i32::MAX).then(|| VirtualSpan::from_secs(u64::try_from(seconds).unwrap_or_default()))
}
