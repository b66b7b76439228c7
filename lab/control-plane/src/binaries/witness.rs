//! Tells observers of writes by watching all kinds, as a client can: what was stored, not what was refused, and who did it
//! by the newest entry of `metadata.managedFields`.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::StreamExt;
use tokio::task::JoinSet;
use winlab_clock::{Clock, Seed};
use winlab_document::Document;
use winlab_kube_api::kinds::{KINDS, Kind};
use winlab_kube_client::core::{ApiResource, DynamicObject, GroupVersionKind};
use winlab_kube_client::{Api, Client, ObjectKey, WatchConfig, WatchEvent, watch};

use crate::observe::{Change, Observer, Write};

/// Watches every kind but Leases, which are nothing but renewals. Ends when the set is dropped.
pub(super) fn watch_all(
    client: &Client,
    served: &[&'static Kind],
    clock: Clock,
    seed: Seed,
    observer: &Arc<dyn Observer>,
) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    for kind in served.iter().filter(|kind| kind.kind != "Lease") {
        let api: Api<DynamicObject> = Api::all_with(client.clone(), &resource(kind));
        let events = watch(api, WatchConfig::all(), clock, seed.child(&kind.resource()));
        let observer = observer.clone();
        let mut seen = Seen { kind, objects: BTreeMap::new(), listed: false };
        tasks.spawn(async move {
            let mut events = std::pin::pin!(events);
            while let Some(event) = events.next().await {
                seen.take_in(event, &*observer);
            }
        });
    }
    tasks
}

/// The kinds of the table that the server serves.
pub(super) async fn served(client: &Client) -> Result<Vec<&'static Kind>, winlab_kube_client::Error> {
    let mut served = Vec::new();
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for kind in KINDS {
        let version = kind.api_version();
        if !groups.contains_key(&version) {
            let found = client.list_api_group_resources(&version).await;
            let found = match (kind.group.is_empty(), found) {
                (true, _) => client.list_core_api_resources(kind.version).await.map(Some),
                (false, Ok(found)) => Ok(Some(found)),
                (false, Err(error)) if winlab_kube_client::ErrorExt::is_not_found(&error) => Ok(None),
                (false, Err(error)) => Err(error),
            }?;
            let names = found.into_iter().flat_map(|list| list.resources).map(|resource| resource.name);
            groups.insert(version.clone(), names.collect());
        }
        if groups.get(&version).is_some_and(|names| names.iter().any(|name| name == kind.plural)) {
            served.push(kind);
        }
    }
    Ok(served)
}

fn resource(kind: &Kind) -> ApiResource {
    let gvk = GroupVersionKind::gvk(kind.group, kind.version, kind.kind);
    ApiResource::from_gvk_with_plural(&gvk, kind.plural)
}

/// The objects of one kind as they were last seen.
struct Seen {
    kind: &'static Kind,
    objects: BTreeMap<ObjectKey, Document>,
    /// Whether the first list, which is what was there before, has been taken in.
    listed: bool,
}

impl Seen {
    fn take_in(&mut self, event: WatchEvent<DynamicObject>, observer: &dyn Observer) {
        match event {
            WatchEvent::Interrupted { .. } => {}
            WatchEvent::Applied(object) => self.put(&object, observer),
            WatchEvent::Deleted(object) => {
                let last = document(&object);
                self.objects.remove(&ObjectKey::of(&*object));
                self.tell("delete", None, &last, observer);
            }
            WatchEvent::Listed(objects) if !self.listed => {
                self.listed = true;
                self.objects =
                    objects.iter().map(|object| (ObjectKey::of(&**object), document(object))).collect();
            }
            WatchEvent::Listed(objects) => {
                let now: Vec<ObjectKey> = objects.iter().map(|object| ObjectKey::of(&**object)).collect();
                let gone: Vec<ObjectKey> =
                    self.objects.keys().filter(|key| !now.contains(key)).cloned().collect();
                for key in gone {
                    if let Some(last) = self.objects.remove(&key) {
                        self.tell("delete", None, &last, observer);
                    }
                }
                objects.iter().for_each(|object| self.put(object, observer));
            }
        }
    }

    fn put(&mut self, object: &DynamicObject, observer: &dyn Observer) {
        let now = document(object);
        let before = self.objects.insert(ObjectKey::of(object), now.clone());
        let version = |document: &Document| document.text(&["metadata", "resourceVersion"]).to_owned();
        match &before {
            Some(before) if version(before) == version(&now) => {}
            Some(before) => self.tell("update", Some(before), &now, observer),
            None => self.tell("create", None, &now, observer),
        }
    }

    fn tell(&self, verb: &'static str, before: Option<&Document>, after: &Document, observer: &dyn Observer) {
        let kind = self.kind.kind;
        observer.write(&Write {
            actor: actor(after),
            verb,
            kind,
            namespace: after.text(&["metadata", "namespace"]),
            name: after.text(&["metadata", "name"]),
            code: if verb == "create" { 201 } else { 200 },
            message: "",
            changes: vec![Change { kind, before, after, removed: verb == "delete" }],
        });
    }
}

/// The manager whose write is the newest; of writes in the same second the last one in the list.
fn actor(object: &Document) -> &str {
    let managed = object.path(&["metadata", "managedFields"]).map(Document::items).unwrap_or_default();
    let newest = managed.iter().max_by_key(|entry| entry.text(&["time"]));
    newest.map(|entry| entry.text(&["manager"])).unwrap_or_default()
}

fn document(object: &DynamicObject) -> Document {
    // An object that came as JSON is JSON again.
    serde_json::to_vec(object).ok().and_then(|text| Document::from_slice(&text).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use winlab_kube_api::kinds;

    use super::*;

    #[derive(Default)]
    struct Told(Mutex<Vec<String>>);

    impl Observer for Told {
        fn write(&self, write: &Write<'_>) {
            let text = format!("{} {} {} by {}", write.verb, write.kind, write.name, write.actor);
            self.0.lock().unwrap().push(text);
        }
    }

    fn pod(name: &str, version: &str, manager: &str) -> Arc<DynamicObject> {
        let object = serde_json::json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": name, "namespace": "default", "resourceVersion": version, "managedFields": [
                {"manager": "first", "time": "2026-01-01T00:00:00Z"},
                {"manager": manager, "time": "2026-01-01T00:00:01Z"},
            ]},
        });
        Arc::new(serde_json::from_value(object).unwrap())
    }

    #[test]
    fn what_was_there_is_no_write_and_a_list_after_a_gap_tells_what_was_missed() {
        let told = Told::default();
        let kind = &KINDS[kinds::by_name("", "Pod")];
        let mut seen = Seen { kind, objects: BTreeMap::new(), listed: false };
        let mut take = |event| seen.take_in(event, &told);
        take(WatchEvent::Listed(vec![pod("a", "1", "kubectl"), pod("b", "2", "kubectl")]));
        take(WatchEvent::Applied(pod("c", "3", "kube-controller-manager")));
        take(WatchEvent::Applied(pod("a", "4", "kubelet")));
        take(WatchEvent::Listed(vec![pod("a", "4", "kubelet"), pod("c", "5", "kubelet")]));
        take(WatchEvent::Deleted(pod("c", "6", "kubelet")));
        assert_eq!(
            *told.0.lock().unwrap(),
            [
                "create Pod c by kube-controller-manager",
                "update Pod a by kubelet",
                "delete Pod b by kubectl",
                "update Pod c by kubelet",
                "delete Pod c by kubelet",
            ]
        );
    }
}
