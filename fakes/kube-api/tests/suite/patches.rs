//! Patches through the server.

use serde_json::json;
use winlab_kube_client::api::{Patch, PatchParams, PostParams};
use winlab_kube_client::k8s::core::ConfigMap;
use winlab_kube_client::{Api, Client, ErrorExt};

use crate::world::{object, pod, pods, refusal, with_client};

async fn every_form_of_patch(client: Client) {
    let api: Api<ConfigMap> = Api::namespaced(client.clone(), "default");
    let map = object(json!({"metadata": {"name": "a"}, "data": {"x": "1", "y": "2"}}));
    let created = api.create(&PostParams::default(), &map).await.unwrap();
    let merge = Patch::Merge(json!({"data": {"x": null, "z": "3"}}));
    let patched = api.patch("a", &PatchParams::default(), &merge).await.unwrap();
    assert_eq!(patched.data.unwrap().into_keys().collect::<Vec<_>>(), ["y", "z"]);
    let same = api.patch("a", &PatchParams::default(), &merge).await.unwrap();
    assert_eq!(
        same.metadata.resource_version, patched.metadata.resource_version,
        "nothing changed, nothing written"
    );

    let stale = Patch::Merge(json!({
        "metadata": {"resourceVersion": created.metadata.resource_version}, "data": {"x": "9"}
    }));
    assert!(api.patch("a", &PatchParams::default(), &stale).await.unwrap_err().is_conflict());
    let missing = api.patch("b", &PatchParams::default(), &merge).await;
    assert!(missing.unwrap_err().is_not_found());

    let raw = |form: &str, body: &str| {
        http::Request::patch("/api/v1/namespaces/default/configmaps/a")
            .header("content-type", form)
            .body(body.as_bytes().to_vec())
            .unwrap()
    };
    let steps = r#"[{"op":"add","path":"/data/w","value":"0"},{"op":"remove","path":"/data/y"}]"#;
    let patched: ConfigMap = client.request(raw("application/json-patch+json", steps)).await.unwrap();
    assert_eq!(patched.data.unwrap().into_keys().collect::<Vec<_>>(), ["w", "z"]);
    let unnamed = client.request::<ConfigMap>(raw("application/apply-patch+yaml", "{}")).await;
    let (code, message) = refusal(unnamed);
    assert_eq!(code, 422);
    assert!(message.contains("fieldManager: Required value: is required for apply patch"), "{message}");
}

async fn who_applies_keeps_what_they_name(client: Client) {
    let api: Api<ConfigMap> = Api::namespaced(client, "default");
    let map =
        |data| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": data});
    let apply = async |manager: &str, data| {
        api.patch("a", &PatchParams::apply(manager), &Patch::Apply(map(data))).await
    };
    let made = apply("one", json!({"x": "1"})).await.unwrap();
    assert_eq!(made.metadata.managed_fields.unwrap()[0].manager.as_deref(), Some("one"));
    let both = apply("two", json!({"y": "2"})).await.unwrap();
    assert_eq!(both.data.unwrap().len(), 2);
    let (code, message) = refusal(apply("two", json!({"x": "2"})).await);
    assert_eq!(code, 409);
    assert_eq!(message, "Apply failed with 1 conflict: conflict with \"one\": .data.x");
    // A write by a program that knows nothing of this takes the field; then there is nobody to ask.
    let patch = Patch::Merge(json!({"data": {"x": "3"}}));
    let patched = api.patch("a", &PatchParams::default(), &patch).await.unwrap();
    let managers: Vec<String> =
        patched.metadata.managed_fields.unwrap().into_iter().filter_map(|entry| entry.manager).collect();
    assert_eq!(managers, ["two", "kubectl"]);
    let same = apply("two", json!({"y": "2"})).await.unwrap();
    assert_eq!(same.metadata.resource_version, patched.metadata.resource_version);
}

#[test]
fn apply() {
    with_client(who_applies_keeps_what_they_name);
}

#[test]
fn forms() {
    with_client(every_form_of_patch);
}

async fn a_strategic_patch_merges_containers(client: Client) {
    pods(&client).create(&PostParams::default(), &pod("a")).await.unwrap();
    let patch = Patch::Strategic(json!({"spec": {"containers": [{"name": "c", "image": "new:1"}]}}));
    let patched = pods(&client).patch("a", &PatchParams::default(), &patch).await.unwrap();
    let containers = patched.spec.unwrap().containers;
    assert_eq!(containers.len(), 1);
    assert_eq!(containers[0].image.as_deref(), Some("new:1"));
    assert_eq!(containers[0].termination_message_policy.as_deref(), Some("File"));
}

#[test]
fn strategic() {
    with_client(a_strategic_patch_merges_containers);
}
