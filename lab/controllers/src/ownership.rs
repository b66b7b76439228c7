//! Controller references, adoption and release (`pkg/controller/controller_ref_manager.go`).

use std::sync::Arc;

use winlab_kube_client::api::{Patch, PatchParams};
use winlab_kube_client::k8s::core::Pod;
use winlab_kube_client::k8s::meta::{LabelSelector, OwnerReference};
use winlab_kube_client::{Error, ErrorExt, ObjectKey, Resource, ResourceExt};

use crate::access::Access;
use crate::selector::selector_matches;

/// The reference by which `owner` controls an object.
pub(crate) fn controller_reference<K: Resource<DynamicType = ()>>(owner: &K) -> OwnerReference {
    OwnerReference {
        api_version: K::api_version(&()).into_owned(),
        kind: K::kind(&()).into_owned(),
        name: owner.name_any(),
        uid: owner.uid().unwrap_or_default(),
        controller: Some(true),
        block_owner_deletion: Some(true),
    }
}

/// The reference of the object's controller, if it has one.
pub(crate) fn controller_of<K: Resource>(object: &K) -> Option<&OwnerReference> {
    object.meta().owner_references.iter().flatten().find(|reference| reference.controller == Some(true))
}

/// The key of the controller of a given kind.
pub(crate) fn controller_key<K: Resource>(object: &K, kind: &str) -> Option<ObjectKey> {
    let reference = controller_of(object).filter(|reference| reference.kind == kind)?;
    Some(ObjectKey::namespaced(object.meta().namespace.clone().unwrap_or_default(), reference.name.clone()))
}

/// Whether `owner` controls the object.
pub(crate) fn is_controlled_by<K: Resource, O: Resource>(object: &K, owner: &O) -> bool {
    controller_of(object).is_some_and(|reference| Some(&reference.uid) == owner.meta().uid.as_ref())
}

/// The pods that `owner` controls; orphans that its selector selects are adopted, pods it no longer selects released.
pub(crate) async fn claim_pods<O>(
    access: &Access,
    owner: &O,
    selector: &LabelSelector,
) -> Result<Vec<Arc<Pod>>, Error>
where
    O: Resource<DynamicType = ()>,
{
    let namespace = owner.namespace().unwrap_or_default();
    let mut claimed = Vec::new();
    for pod in access.informers.pods.list_namespace(&namespace) {
        let selected = selector_matches(selector, pod.metadata.labels.as_ref());
        match controller_of(&*pod) {
            Some(_) if is_controlled_by(&*pod, owner) && selected => claimed.push(pod),
            Some(_) if is_controlled_by(&*pod, owner) => release(access, &pod, owner, &namespace).await?,
            None if selected
                && pod.metadata.deletion_timestamp.is_none()
                && owner.meta().deletion_timestamp.is_none() =>
            {
                claimed.push(Arc::new(adopt(access, &pod, owner, &namespace).await?));
            }
            _ => {}
        }
    }
    Ok(claimed)
}

async fn adopt<O>(access: &Access, pod: &Pod, owner: &O, namespace: &str) -> Result<Pod, Error>
where
    O: Resource<DynamicType = ()>,
{
    let patch = serde_json::json!({"metadata": {
        "uid": pod.metadata.uid,
        "ownerReferences": [controller_reference(owner)],
    }});
    let pods = access.of::<Pod>(namespace);
    let adopted = pods.patch(&pod.name_any(), &PatchParams::default(), &Patch::Strategic(patch)).await?;
    access.seen(&access.informers.pods, &adopted).await;
    Ok(adopted)
}

async fn release<O: Resource>(access: &Access, pod: &Pod, owner: &O, namespace: &str) -> Result<(), Error> {
    let patch = serde_json::json!({"metadata": {
        "uid": pod.metadata.uid,
        "ownerReferences": [{"$patch": "delete", "uid": owner.meta().uid}],
    }});
    let pods = access.of::<Pod>(namespace);
    match pods.patch(&pod.name_any(), &PatchParams::default(), &Patch::Strategic(patch)).await {
        Ok(released) => access.seen(&access.informers.pods, &released).await,
        Err(error) if error.is_not_found() || error.is_invalid() => {}
        Err(error) => return Err(error),
    }
    Ok(())
}
