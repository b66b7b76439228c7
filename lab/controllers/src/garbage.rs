//! Garbage collection: dependents of owners that are gone (`pkg/controller/garbagecollector`).
//!
//! It looks after the kinds of applications, their settings and their permissions, and after the leases of nodes; an owner of
//! another kind counts as being there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use winlab_kube_client::api::{DeleteParams, DynamicObject, Patch, PatchParams, Preconditions};
use winlab_kube_client::core::{ApiResource, GroupVersionKind, ObjectMeta};
use winlab_kube_client::k8s::meta::OwnerReference;
use winlab_kube_client::{Api, Error, ErrorExt, Object, ObjectKey, Store, WatchConfig, reflect};

use crate::access::Access;
use crate::queue::{Outcome, Queue};

const FOREGROUND: &str = "foregroundDeletion";
const ORPHAN: &str = "orphan";

/// One object as the collector sees it.
#[derive(Clone)]
struct Item {
    kind: &'static Kind,
    key: ObjectKey,
    meta: ObjectMeta,
}

/// A kind the collector looks after.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Kind {
    group: &'static str,
    version: &'static str,
    kind: &'static str,
    plural: &'static str,
}

const fn kind(group: &'static str, kind: &'static str, plural: &'static str) -> Kind {
    Kind { group, version: "v1", kind, plural }
}

/// Kinds that the controllers have stores of.
static POD: Kind = kind("", "Pod", "pods");
static SERVICE: Kind = kind("", "Service", "services");
static NODE: Kind = kind("", "Node", "nodes");
static ACCOUNT: Kind = kind("", "ServiceAccount", "serviceaccounts");
static REPLICA_SET: Kind = kind("apps", "ReplicaSet", "replicasets");
static DEPLOYMENT: Kind = kind("apps", "Deployment", "deployments");
static DAEMON_SET: Kind = kind("apps", "DaemonSet", "daemonsets");
static JOB: Kind = kind("batch", "Job", "jobs");
static SLICE: Kind = kind("discovery.k8s.io", "EndpointSlice", "endpointslices");
static LEASE: Kind = kind("coordination.k8s.io", "Lease", "leases");

/// Kinds that nobody else follows.
static REST: [Kind; 14] = [
    kind("", "ConfigMap", "configmaps"),
    kind("", "Secret", "secrets"),
    kind("", "PersistentVolumeClaim", "persistentvolumeclaims"),
    kind("", "ReplicationController", "replicationcontrollers"),
    kind("", "PodTemplate", "podtemplates"),
    kind("apps", "StatefulSet", "statefulsets"),
    kind("apps", "ControllerRevision", "controllerrevisions"),
    kind("batch", "CronJob", "cronjobs"),
    Kind { version: "v2", ..kind("autoscaling", "HorizontalPodAutoscaler", "horizontalpodautoscalers") },
    kind("policy", "PodDisruptionBudget", "poddisruptionbudgets"),
    kind("networking.k8s.io", "NetworkPolicy", "networkpolicies"),
    kind("networking.k8s.io", "Ingress", "ingresses"),
    kind("rbac.authorization.k8s.io", "Role", "roles"),
    kind("rbac.authorization.k8s.io", "RoleBinding", "rolebindings"),
];

/// The kind of an owner, if it is looked after.
fn known(name: &str) -> Option<&'static Kind> {
    let shared =
        [&POD, &SERVICE, &NODE, &ACCOUNT, &REPLICA_SET, &DEPLOYMENT, &DAEMON_SET, &JOB, &SLICE, &LEASE];
    shared.into_iter().chain(&REST).find(|kind| kind.kind == name)
}

/// Every object by uid, and who depends on whom.
#[derive(Default)]
struct Graph {
    items: BTreeMap<String, Item>,
    dependents: BTreeMap<String, BTreeSet<String>>,
}

impl Graph {
    fn put(&mut self, item: Item) {
        let Some(uid) = item.meta.uid.clone() else { return };
        self.forget(&uid);
        for owner in item.meta.owner_references.iter().flatten() {
            self.dependents.entry(owner.uid.clone()).or_default().insert(uid.clone());
        }
        self.items.insert(uid, item);
    }

    fn forget(&mut self, uid: &str) {
        let Some(item) = self.items.remove(uid) else { return };
        for owner in item.meta.owner_references.iter().flatten() {
            if let Some(set) = self.dependents.get_mut(&owner.uid) {
                set.remove(uid);
            }
        }
    }

    fn dependents_of(&self, uid: &str) -> Vec<Item> {
        let uids = self.dependents.get(uid).into_iter().flatten();
        uids.filter_map(|uid| self.items.get(uid).cloned()).collect()
    }
}

type Shared = Arc<Mutex<Graph>>;

pub(crate) async fn run(access: Access) {
    let queue = Queue::new(access.clock, access.seed);
    let graph = Shared::default();
    let stores = access.informers.clone();
    let mut follow: Vec<BoxFuture<'_, ()>> = vec![
        Box::pin(follow_kind(&queue, &graph, &POD, &stores.pods)),
        Box::pin(follow_kind(&queue, &graph, &SERVICE, &stores.services)),
        Box::pin(follow_kind(&queue, &graph, &NODE, &stores.nodes)),
        Box::pin(follow_kind(&queue, &graph, &ACCOUNT, &stores.service_accounts)),
        Box::pin(follow_kind(&queue, &graph, &REPLICA_SET, &stores.replica_sets)),
        Box::pin(follow_kind(&queue, &graph, &DEPLOYMENT, &stores.deployments)),
        Box::pin(follow_kind(&queue, &graph, &DAEMON_SET, &stores.daemon_sets)),
        Box::pin(follow_kind(&queue, &graph, &JOB, &stores.jobs)),
        Box::pin(follow_kind(&queue, &graph, &SLICE, &stores.endpoint_slices)),
        Box::pin(follow_kind(&queue, &graph, &LEASE, &stores.leases)),
    ];
    for kind in &REST {
        let seed = access.seed.child(kind.plural);
        let objects = api(&access, kind, &ObjectKey::cluster(""));
        let (store, drive) = reflect(objects, WatchConfig::all(), access.clock, seed);
        follow.push(Box::pin(follow_kind(&queue, &graph, kind, &store)));
        follow.push(Box::pin(drive));
    }
    let work = queue.work(|key| sync(&access, &graph, key.name));
    futures::join!(futures::future::join_all(follow), work);
}

/// Keeps the graph up to date for one kind; the queue's keys are uids.
fn follow_kind<K: Object>(
    queue: &Queue,
    graph: &Shared,
    kind: &'static Kind,
    store: &Store<K>,
) -> impl Future<Output = ()> + use<K> {
    let graph = graph.clone();
    queue.clone().follow(store.changes(), move |key, before, now| {
        let mut graph = graph.lock().unwrap_or_else(PoisonError::into_inner);
        let old = before.and_then(|object| object.meta().uid.clone());
        let replaced = now.and_then(|object| object.meta().uid.clone()) != old;
        let mut touched = Vec::new();
        if let Some(uid) = old.filter(|_| replaced) {
            touched.extend(graph.dependents_of(&uid).into_iter().filter_map(|item| item.meta.uid));
            // Owners in foreground deletion wait for this object.
            let gone =
                graph.items.get(&uid).map(|item| item.meta.owner_references.clone().unwrap_or_default());
            touched.extend(gone.into_iter().flatten().map(|owner| owner.uid));
            graph.forget(&uid);
        }
        if let Some(object) = now {
            let meta = object.meta();
            let interesting = (meta.owner_references.is_some() || meta.deletion_timestamp.is_some())
                && before.is_none_or(|before| !same_for_collection(before.meta(), meta));
            graph.put(Item { kind, key: key.clone(), meta: meta.clone() });
            if interesting {
                touched.extend(meta.uid.clone());
            }
        }
        touched.into_iter().map(ObjectKey::cluster).collect()
    })
}

async fn sync(access: &Access, graph: &Shared, uid: String) -> Outcome {
    let (item, dependents) = {
        let graph = graph.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(item) = graph.items.get(&uid).cloned() else { return Ok(None) };
        // An owner that stays needs none of its thousands.
        let goes = item.meta.deletion_timestamp.is_some();
        (item, if goes { graph.dependents_of(&uid) } else { Vec::new() })
    };
    let finalizers = item.meta.finalizers.clone().unwrap_or_default();
    if item.meta.deletion_timestamp.is_some() {
        if finalizers.iter().any(|name| name == ORPHAN) {
            for dependent in &dependents {
                disown(access, dependent, &uid).await?;
            }
            drop_finalizer(access, &item, ORPHAN).await?;
        } else if finalizers.iter().any(|name| name == FOREGROUND) {
            if dependents.is_empty() {
                drop_finalizer(access, &item, FOREGROUND).await?;
            }
            for dependent in dependents.iter().filter(|d| d.meta.deletion_timestamp.is_none()) {
                delete(access, dependent, &DeleteParams::foreground()).await?;
            }
        }
        return Ok(None);
    }
    let owners = item.meta.owner_references.clone().unwrap_or_default();
    let is_there = |owner: &OwnerReference| {
        let graph = graph.lock().unwrap_or_else(PoisonError::into_inner);
        graph.items.contains_key(&owner.uid) || known(&owner.kind).is_none()
    };
    if !owners.is_empty() && !owners.iter().any(is_there) && all_absent(access, &item).await? {
        delete(access, &item, &DeleteParams::background()).await?;
    }
    Ok(None)
}

/// Whether what decides if an object goes is the same in both.
fn same_for_collection(a: &ObjectMeta, b: &ObjectMeta) -> bool {
    a.uid == b.uid
        && a.owner_references == b.owner_references
        && a.deletion_timestamp == b.deletion_timestamp
        && a.finalizers == b.finalizers
}

/// Asks the API server: a store may lag behind an owner that was only just created.
async fn all_absent(access: &Access, item: &Item) -> Result<bool, Error> {
    for owner in item.meta.owner_references.iter().flatten() {
        let Some(kind) = known(&owner.kind) else { return Ok(false) };
        let key = if kind.kind == "Node" {
            ObjectKey::cluster(owner.name.clone())
        } else {
            ObjectKey::namespaced(item.key.namespace.clone(), owner.name.clone())
        };
        match api(access, kind, &key).get_metadata(&key.name).await {
            Ok(found) if found.metadata.uid.as_deref() == Some(owner.uid.as_str()) => return Ok(false),
            Ok(_) => {}
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}

fn api(access: &Access, kind: &Kind, key: &ObjectKey) -> Api<DynamicObject> {
    let gvk = GroupVersionKind::gvk(kind.group, kind.version, kind.kind);
    let resource = ApiResource::from_gvk_with_plural(&gvk, kind.plural);
    if key.namespace.is_empty() {
        Api::all_with(access.client.clone(), &resource)
    } else {
        Api::namespaced_with(access.client.clone(), &key.namespace, &resource)
    }
}

async fn delete(access: &Access, item: &Item, params: &DeleteParams) -> Result<(), Error> {
    let preconditions = Preconditions { uid: item.meta.uid.clone(), resource_version: None };
    let params = params.clone().preconditions(preconditions);
    match api(access, item.kind, &item.key).delete(&item.key.name, &params).await {
        Ok(_) => Ok(()),
        Err(error) if error.is_not_found() || error.is_conflict() => Ok(()),
        Err(error) => Err(error),
    }
}

async fn disown(access: &Access, item: &Item, owner: &str) -> Result<(), Error> {
    let rest: Vec<_> = item.meta.owner_references.iter().flatten().filter(|r| r.uid != owner).collect();
    let patch = serde_json::json!({"metadata": {"ownerReferences": rest}});
    patch_item(access, item, &patch).await
}

async fn drop_finalizer(access: &Access, item: &Item, name: &str) -> Result<(), Error> {
    let rest: Vec<_> = item.meta.finalizers.iter().flatten().filter(|known| *known != name).collect();
    let patch = serde_json::json!({"metadata": {
        "finalizers": rest,
        "resourceVersion": item.meta.resource_version,
    }});
    patch_item(access, item, &patch).await
}

async fn patch_item(access: &Access, item: &Item, patch: &serde_json::Value) -> Result<(), Error> {
    let api = api(access, item.kind, &item.key);
    match api.patch(&item.key.name, &PatchParams::default(), &Patch::Merge(patch)).await {
        Ok(_) => Ok(()),
        Err(error) if error.is_not_found() => Ok(()),
        Err(error) => Err(error),
    }
}
