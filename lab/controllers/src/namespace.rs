//! Namespace: empties a namespace that is to go, then lets it go (`pkg/controller/namespace`).

use winlab_clock::VirtualSpan;
use winlab_kube_client::api::{DeleteParams, DynamicObject, ListParams, PostParams};
use winlab_kube_client::core::{ApiResource, GroupVersionKind};
use winlab_kube_client::k8s::core::Namespace;
use winlab_kube_client::{Api, Error, ErrorExt, ObjectKey, ResourceExt};

use crate::access::Access;
use crate::queue::{Outcome, Queue};

/// Upstream looks again after an estimate of what is left; most content is pods.
const AGAIN: VirtualSpan = VirtualSpan::from_secs(2);

/// Namespaced kinds, owners before what they own so that nothing is made again meanwhile.
const KINDS: [(&str, &str, &str, &str); 17] = [
    ("apps", "v1", "Deployment", "deployments"),
    ("apps", "v1", "ReplicaSet", "replicasets"),
    ("apps", "v1", "DaemonSet", "daemonsets"),
    ("apps", "v1", "StatefulSet", "statefulsets"),
    ("batch", "v1", "CronJob", "cronjobs"),
    ("batch", "v1", "Job", "jobs"),
    ("", "v1", "Service", "services"),
    ("", "v1", "Endpoints", "endpoints"),
    ("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices"),
    ("", "v1", "ConfigMap", "configmaps"),
    ("", "v1", "Secret", "secrets"),
    ("", "v1", "ServiceAccount", "serviceaccounts"),
    ("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims"),
    ("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets"),
    ("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies"),
    ("", "v1", "Event", "events"),
    ("", "v1", "Pod", "pods"),
];

pub(crate) async fn run(access: Access) {
    let queue = Queue::new(access.clock, access.seed);
    let changes = access.informers.namespaces.changes();
    let own = queue.clone().follow(changes, |key, _, _| vec![key.clone()]);
    let work = queue.work(|key| sync(&access, key));
    futures::join!(own, work);
}

async fn sync(access: &Access, key: ObjectKey) -> Outcome {
    let Some(namespace) = access.informers.namespaces.get(&key) else { return Ok(None) };
    let finalizers = namespace.spec.as_ref().and_then(|spec| spec.finalizers.clone()).unwrap_or_default();
    if namespace.metadata.deletion_timestamp.is_none() || !finalizers.iter().any(|name| name == "kubernetes")
    {
        return Ok(None);
    }
    if empty(access, &key.name).await? > 0 {
        return Ok(Some(AGAIN));
    }
    let mut changed = (*namespace).clone();
    if let Some(spec) = &mut changed.spec {
        spec.finalizers = Some(finalizers.into_iter().filter(|name| name != "kubernetes").collect());
    }
    let namespaces: Api<Namespace> = Api::all(access.client.clone());
    match namespaces.replace_subresource("finalize", &key.name, &PostParams::default(), &changed).await {
        Ok(_) => Ok(None),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Deletes everything in the namespace; the answer is how much is still there.
async fn empty(access: &Access, namespace: &str) -> Result<usize, Error> {
    let mut left = 0;
    for (group, version, kind, plural) in KINDS {
        let resource =
            ApiResource::from_gvk_with_plural(&GroupVersionKind::gvk(group, version, kind), plural);
        let api: Api<DynamicObject> = Api::namespaced_with(access.client.clone(), namespace, &resource);
        let found = match api.list(&ListParams::default()).await {
            Ok(list) => list.items,
            Err(error) if error.is_not_found() => continue,
            Err(error) => return Err(error),
        };
        for object in found {
            left += 1;
            if object.metadata.deletion_timestamp.is_none() {
                match api.delete(&object.name_any(), &DeleteParams::background()).await {
                    Ok(_) => {}
                    Err(error) if error.is_not_found() => {}
                    Err(error) => return Err(error),
                }
            }
        }
    }
    Ok(left)
}
