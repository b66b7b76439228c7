//! The replica sets of a deployment: which is new, making it, removing what the history need not keep.

use std::sync::Arc;

use winlab_kube_client::api::{DeleteParams, Patch, PatchParams, PostParams};
use winlab_kube_client::k8s::apps::{Deployment, ReplicaSet, ReplicaSetSpec};
use winlab_kube_client::k8s::core::PodTemplateSpec;
use winlab_kube_client::k8s::meta::{LabelSelector, ObjectMeta};
use winlab_kube_client::{Error, ErrorExt, ResourceExt};

use super::template_hash::template_hash;
use crate::access::Access;
use crate::ownership::controller_reference;

const HASH_LABEL: &str = "pod-template-hash";
const REVISION: &str = "deployment.kubernetes.io/revision";

/// A deployment's replica sets.
pub(super) struct Rollout {
    /// The set of the present template, if it has been made.
    pub(super) new: Option<Arc<ReplicaSet>>,
    /// All others, oldest first.
    pub(super) old: Vec<Arc<ReplicaSet>>,
}

impl Rollout {
    pub(super) fn of(_access: &Access, deployment: &Deployment, mut sets: Vec<Arc<ReplicaSet>>) -> Self {
        let template = deployment.spec.clone().template;
        let new = sets.iter().position(|set| is_of(set, &template)).map(|at| sets.remove(at));
        Self { new, old: sets }
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<ReplicaSet>> {
        self.old.iter().chain(&self.new)
    }

    /// The same with a set for the present template: found, or made with no pods yet.
    pub(super) async fn with_new_set(self, access: &Access, deployment: &Deployment) -> Result<Self, Error> {
        let revision = self.old.iter().map(|set| revision(set)).max().unwrap_or_default() + 1;
        if let Some(new) = &self.new {
            if super::replica_sets::revision(new) >= revision {
                return Ok(self);
            }
            let set = annotate(access, new, revision).await?;
            return Ok(Self { new: Some(Arc::new(set)), old: self.old });
        }
        let new = make(access, deployment, revision).await?;
        Ok(Self { new: Some(Arc::new(new)), old: self.old })
    }
}

/// Whether a set was made from a template: equal but for the hash label.
fn is_of(set: &ReplicaSet, template: &PodTemplateSpec) -> bool {
    let Some(mut own) = set.spec.template.clone() else { return false };
    if let Some(labels) = own.metadata.as_mut().and_then(|meta| meta.labels.as_mut()) {
        labels.remove(HASH_LABEL);
    }
    let labels =
        |template: &PodTemplateSpec| template.metadata.clone().unwrap_or_default().labels.unwrap_or_default();
    let notes = |template: &PodTemplateSpec| {
        template.metadata.clone().unwrap_or_default().annotations.unwrap_or_default()
    };
    own.spec == template.spec && labels(&own) == labels(template) && notes(&own) == notes(template)
}

pub(super) fn revision(set: &ReplicaSet) -> i64 {
    set.annotations().get(REVISION).and_then(|text| text.parse().ok()).unwrap_or_default()
}

async fn make(access: &Access, deployment: &Deployment, revision: i64) -> Result<ReplicaSet, Error> {
    let spec = deployment.spec.clone();
    let collisions = deployment.status.as_ref().and_then(|status| status.collision_count).unwrap_or_default();
    let hash = template_hash(&spec.template, collisions);
    let mut template = spec.template;
    let labels = template.metadata.get_or_insert_default().labels.get_or_insert_default();
    labels.insert(HASH_LABEL.to_owned(), hash.clone());
    let mut selector: LabelSelector = spec.selector;
    selector.match_labels.get_or_insert_default().insert(HASH_LABEL.to_owned(), hash.clone());
    let set = ReplicaSet {
        metadata: ObjectMeta {
            name: Some(format!("{}-{hash}", deployment.name_any())),
            namespace: deployment.namespace(),
            labels: Some(labels.clone()),
            annotations: Some([(REVISION.to_owned(), revision.to_string())].into()),
            owner_references: Some(vec![controller_reference(deployment)]),
            ..ObjectMeta::default()
        },
        spec: ReplicaSetSpec {
            replicas: Some(0),
            min_ready_seconds: spec.min_ready_seconds,
            selector,
            template: Some(template),
        },
        status: None,
    };
    let namespace = deployment.namespace().unwrap_or_default();
    let made = access.of::<ReplicaSet>(&namespace).create(&PostParams::default(), &set).await?;
    access.seen(&access.informers.replica_sets, &made).await;
    Ok(made)
}

async fn annotate(access: &Access, set: &ReplicaSet, revision: i64) -> Result<ReplicaSet, Error> {
    let patch = serde_json::json!({"metadata": {"annotations": {REVISION: revision.to_string()}}});
    let sets = access.of::<ReplicaSet>(&set.namespace().unwrap_or_default());
    let written = sets.patch(&set.name_any(), &PatchParams::default(), &Patch::Merge(patch)).await?;
    access.seen(&access.informers.replica_sets, &written).await;
    Ok(written)
}

/// Removes old sets without pods beyond `revisionHistoryLimit`, once the rollout is complete.
pub(super) async fn clean_up(
    access: &Access,
    deployment: &Deployment,
    rollout: &Rollout,
) -> Result<(), Error> {
    let limit = deployment.spec.revision_history_limit.unwrap_or(10);
    let limit = usize::try_from(limit).unwrap_or_default();
    let empty = |set: &&Arc<ReplicaSet>| {
        let status = set.status.clone().unwrap_or_default();
        status.replicas == 0 && set.spec.replicas == Some(0)
    };
    let mut empty: Vec<_> = rollout.old.iter().filter(empty).collect();
    empty.sort_by_key(|set| revision(set));
    let surplus = empty.len().saturating_sub(limit);
    for set in empty.into_iter().take(surplus) {
        let sets = access.of::<ReplicaSet>(&set.namespace().unwrap_or_default());
        match sets.delete(&set.name_any(), &DeleteParams::background()).await {
            Ok(_) => access.seen_deleted(&access.informers.replica_sets, &**set).await,
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
