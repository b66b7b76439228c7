//! Creating and deleting pods for a controller (`RealPodControl` in `pkg/controller/controller_utils.go`).

use std::sync::Arc;

use winlab_kube_client::api::{DeleteParams, PostParams};
use winlab_kube_client::k8s::core::{Pod, PodTemplateSpec};
use winlab_kube_client::k8s::meta::ObjectMeta;
use winlab_kube_client::{Error, ErrorExt, Resource, ResourceExt};

use crate::access::Access;
use crate::ownership::controller_reference;

/// The pod of a template, owned by `owner`, with a name generated from the owner's.
pub(crate) fn pod_from<O: Resource<DynamicType = ()>>(owner: &O, template: &PodTemplateSpec) -> Pod {
    let metadata = template.metadata.clone().unwrap_or_default();
    Pod {
        metadata: ObjectMeta {
            generate_name: Some(format!("{}-", owner.name_any())),
            namespace: owner.namespace(),
            labels: metadata.labels,
            annotations: metadata.annotations,
            finalizers: metadata.finalizers,
            owner_references: Some(vec![controller_reference(owner)]),
            ..ObjectMeta::default()
        },
        spec: template.spec.clone(),
        status: None,
    }
}

/// Creates a pod; the event tells about it on the owner.
pub(crate) async fn create_pod<O>(access: &Access, owner: &O, pod: &Pod) -> Result<Pod, Error>
where
    O: Resource<DynamicType = ()>,
{
    let namespace = owner.namespace().unwrap_or_default();
    match access.of::<Pod>(&namespace).create(&PostParams::default(), pod).await {
        Ok(created) => {
            let message = format!("Created pod: {}", created.name_any());
            access.recorder.normal(owner, "SuccessfulCreate", &message).await;
            Ok(created)
        }
        Err(error) => {
            access.recorder.warning(owner, "FailedCreate", &format!("Error creating: {error}")).await;
            Err(error)
        }
    }
}

/// Deletes a pod; one that is gone already is fine.
pub(crate) async fn delete_pod<O>(access: &Access, owner: &O, pod: &Arc<Pod>) -> Result<(), Error>
where
    O: Resource<DynamicType = ()>,
{
    let namespace = owner.namespace().unwrap_or_default();
    match access.of::<Pod>(&namespace).delete(&pod.name_any(), &DeleteParams::default()).await {
        Ok(_) => {
            let message = format!("Deleted pod: {}", pod.name_any());
            access.recorder.normal(owner, "SuccessfulDelete", &message).await;
            access.seen_deleted(&access.informers.pods, &**pod).await;
            Ok(())
        }
        Err(error) if error.is_not_found() => Ok(()),
        Err(error) => Err(error),
    }
}
