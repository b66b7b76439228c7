//! Deletion: grace periods, finalizers, propagation, namespaces.

use serde_json::json;
use winlab_kube_client::api::{
    DeleteParams, Patch, PatchParams, PostParams, Preconditions, PropagationPolicy,
};
use winlab_kube_client::k8s::batch::Job;
use winlab_kube_client::k8s::core::{ConfigMap, Namespace, Pod};
use winlab_kube_client::{Api, Client, ErrorExt};

use crate::world::{create_namespace, object, pod, pods, refusal, with_client};

fn scheduled(name: &str) -> Pod {
    let mut pod = pod(name);
    pod.spec.as_mut().unwrap().node_name = Some("win1".to_owned());
    pod
}

async fn pods_get_time_to_stop(client: Client) {
    let api = pods(&client);
    api.create(&PostParams::default(), &pod("unscheduled")).await.unwrap();
    api.delete("unscheduled", &DeleteParams::default()).await.unwrap();
    assert!(api.get("unscheduled").await.unwrap_err().is_not_found(), "nobody has to stop it");

    api.create(&PostParams::default(), &scheduled("web")).await.unwrap();
    let going = api.delete("web", &DeleteParams::default()).await.unwrap().left().unwrap();
    assert_eq!(going.metadata.deletion_grace_period_seconds, Some(30));
    let created = going.metadata.creation_timestamp.unwrap().0.as_second();
    assert_eq!(going.metadata.deletion_timestamp.unwrap().0.as_second(), created + 30);
    assert_eq!(going.metadata.generation, Some(2));

    let longer = api.delete("web", &DeleteParams::default().grace_period(60)).await.unwrap().left().unwrap();
    assert_eq!(
        longer.metadata.deletion_grace_period_seconds,
        Some(30),
        "a grace period can only be shortened"
    );
    let shorter = api.delete("web", &DeleteParams::default().grace_period(5)).await.unwrap().left().unwrap();
    assert_eq!(shorter.metadata.deletion_grace_period_seconds, Some(5));
    api.delete("web", &DeleteParams::default().grace_period(0)).await.unwrap();
    assert!(api.get("web").await.unwrap_err().is_not_found());
}

#[test]
fn grace() {
    with_client(pods_get_time_to_stop);
}

async fn finalizers_hold(client: Client) {
    let api: Api<ConfigMap> = Api::namespaced(client, "default");
    let held = object(json!({"metadata": {"name": "a", "finalizers": ["example.com/hold"]}}));
    api.create(&PostParams::default(), &held).await.unwrap();
    let going = api.delete("a", &DeleteParams::default()).await.unwrap().left().unwrap();
    assert_eq!(going.metadata.deletion_grace_period_seconds, Some(0));
    let again = api.delete("a", &DeleteParams::default()).await.unwrap().left().unwrap();
    assert_eq!(again.metadata.resource_version, going.metadata.resource_version);

    let add = Patch::Merge(json!({"metadata": {"finalizers": ["example.com/hold", "example.com/more"]}}));
    let (code, message) = refusal(api.patch("a", &PatchParams::default(), &add).await);
    assert_eq!(code, 422);
    assert!(message.contains("no new finalizers can be added if the object is being deleted"), "{message}");
    let release = Patch::Merge(json!({"metadata": {"finalizers": null}}));
    api.patch("a", &PatchParams::default(), &release).await.unwrap();
    assert!(api.get("a").await.unwrap_err().is_not_found());
}

#[test]
fn finalizers() {
    with_client(finalizers_hold);
}

async fn propagation_is_a_finalizer(client: Client) {
    let api: Api<Job> = Api::namespaced(client, "default");
    let job = |name: &str| -> Job {
        object(json!({
            "metadata": {"name": name},
            "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i"}]}}}
        }))
    };
    let policy = |policy| DeleteParams { propagation_policy: policy, ..DeleteParams::default() };
    for (name, params, finalizer) in [
        ("a", policy(None), Some("orphan")),
        ("b", policy(Some(PropagationPolicy::Orphan)), Some("orphan")),
        ("c", policy(Some(PropagationPolicy::Foreground)), Some("foregroundDeletion")),
        ("d", policy(Some(PropagationPolicy::Background)), None),
    ] {
        api.create(&PostParams::default(), &job(name)).await.unwrap();
        let answer = api.delete(name, &params).await.unwrap();
        let finalizers = answer.left().and_then(|job| job.metadata.finalizers).unwrap_or_default();
        assert_eq!(
            finalizers.first().map(String::as_str),
            finalizer,
            "{name}: batch/v1 orphans unless told otherwise"
        );
        assert_eq!(api.get(name).await.is_ok(), finalizer.is_some());
    }
}

#[test]
fn propagation() {
    with_client(propagation_is_a_finalizer);
}

async fn preconditions_are_met_or_not(client: Client) {
    let api = pods(&client);
    api.create(&PostParams::default(), &pod("a")).await.unwrap();
    let wrong = Preconditions { uid: Some("other".into()), resource_version: None };
    let params = DeleteParams { preconditions: Some(wrong), ..DeleteParams::default() };
    let (code, message) = refusal(api.delete("a", &params).await);
    assert_eq!(code, 409);
    assert!(
        message.contains("the UID in the precondition (other) does not match the UID in record"),
        "{message}"
    );
}

#[test]
fn preconditions() {
    with_client(preconditions_are_met_or_not);
}

async fn namespaces_terminate(client: Client) {
    let api: Api<Namespace> = Api::all(client.clone());
    create_namespace(&client, "n").await;
    let going = api.delete("n", &DeleteParams::default()).await.unwrap().left().unwrap();
    assert_eq!(going.status.unwrap().phase.as_deref(), Some("Terminating"));
    let inside: Api<Pod> = Api::namespaced(client.clone(), "n");
    let (code, message) = refusal(inside.create(&PostParams::default(), &pod("a")).await);
    assert_eq!(code, 403);
    assert_eq!(
        message,
        "pods \"a\" is forbidden: unable to create new content in namespace n because it is being terminated"
    );
    let (code, _) = refusal(api.delete("n", &DeleteParams::default()).await);
    assert_eq!(code, 409);
    let mut namespace = api.get("n").await.unwrap();
    namespace.spec.as_mut().unwrap().finalizers = None;
    let body = serde_json::to_vec(&namespace).unwrap();
    let finalize =
        http::Request::put("/api/v1/namespaces/n/finalize").header("content-type", "application/json");
    client.request::<Namespace>(finalize.body(body).unwrap()).await.unwrap();
    assert!(api.get("n").await.unwrap_err().is_not_found());
    let (code, message) = refusal(api.delete("default", &DeleteParams::default()).await);
    assert_eq!(
        (code, message.as_str()),
        (403, "namespaces \"default\" is forbidden: this namespace may not be deleted")
    );
}

#[test]
fn namespaces() {
    with_client(namespaces_terminate);
}

async fn collections_are_deleted_by_selector(client: Client) {
    let api: Api<ConfigMap> = Api::namespaced(client, "default");
    for (name, tier) in [("a", "web"), ("b", "db"), ("c", "web")] {
        let map = object(json!({"metadata": {"name": name, "labels": {"tier": tier}}}));
        api.create(&PostParams::default(), &map).await.unwrap();
    }
    let web = winlab_kube_client::api::ListParams::default().labels("tier=web");
    api.delete_collection(&DeleteParams::default(), &web).await.unwrap();
    let left = api.list(&Default::default()).await.unwrap().items;
    assert_eq!(left.into_iter().filter_map(|map| map.metadata.name).collect::<Vec<_>>(), ["b"]);
}

#[test]
fn collections() {
    with_client(collections_are_deleted_by_selector);
}
