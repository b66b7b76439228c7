//! Create, get, list, update.

use serde_json::json;
use winlab_kube_client::api::{ListParams, PostParams};
use winlab_kube_client::k8s::core::{ConfigMap, Node};
use winlab_kube_client::{Api, Client, ErrorExt};

use crate::world::{create_namespace, object, pod, pods, refusal, with_client};

fn maps(client: &Client) -> Api<ConfigMap> {
    Api::namespaced(client.clone(), "default")
}

fn map(name: &str, label: &str) -> ConfigMap {
    object(json!({"metadata": {"name": name, "labels": {"tier": label}}, "data": {"k": "v"}}))
}

async fn a_created_object_has_what_only_the_server_sets(client: Client) {
    let created = pods(&client).create(&PostParams::default(), &pod("web")).await.unwrap();
    let meta = &created.metadata;
    assert_eq!(meta.namespace.as_deref(), Some("default"));
    assert_eq!(meta.uid.as_ref().map(String::len), Some(36));
    assert!(meta.resource_version.is_some() && meta.creation_timestamp.is_some());
    assert_eq!(pods(&client).get("web").await.unwrap(), created);
    let again = pods(&client).create(&PostParams::default(), &pod("web")).await;
    assert!(again.as_ref().unwrap_err().is_already_exists());
    assert_eq!(refusal(again), (409, "pods \"web\" already exists".to_owned()));
}

#[test]
fn create_and_get() {
    with_client(a_created_object_has_what_only_the_server_sets);
}

async fn what_is_not_there_is_not_found(client: Client) {
    let missing = pods(&client).get("web").await;
    assert!(missing.as_ref().unwrap_err().is_not_found());
    assert_eq!(refusal(missing), (404, "pods \"web\" not found".to_owned()));
    let elsewhere: Api<ConfigMap> = Api::namespaced(client, "nowhere");
    let answer = elsewhere.create(&PostParams::default(), &map("a", "x")).await;
    assert_eq!(refusal(answer), (404, "namespaces \"nowhere\" not found".to_owned()));
}

#[test]
fn not_found() {
    with_client(what_is_not_there_is_not_found);
}

async fn generated_names_start_with_their_prefix(client: Client) {
    let template: ConfigMap = object(json!({"metadata": {"generateName": "web-"}}));
    let a = maps(&client).create(&PostParams::default(), &template).await.unwrap();
    let b = maps(&client).create(&PostParams::default(), &template).await.unwrap();
    let (a, b) = (a.metadata.name.unwrap(), b.metadata.name.unwrap());
    assert!(a.starts_with("web-") && a.len() == 9 && a != b, "{a} {b}");
}

#[test]
fn generate_name() {
    with_client(generated_names_start_with_their_prefix);
}

async fn lists_select_and_page(client: Client) {
    create_namespace(&client, "other").await;
    for (name, label) in [("a", "web"), ("b", "db"), ("c", "web"), ("d", "web")] {
        maps(&client).create(&PostParams::default(), &map(name, label)).await.unwrap();
    }
    let other: Api<ConfigMap> = Api::namespaced(client.clone(), "other");
    other.create(&PostParams::default(), &map("z", "web")).await.unwrap();
    let names =
        |list: Vec<ConfigMap>| list.into_iter().filter_map(|map| map.metadata.name).collect::<Vec<_>>();
    let web = ListParams::default().labels("tier=web");
    assert_eq!(names(maps(&client).list(&web).await.unwrap().items), ["a", "c", "d"]);
    let all: Api<ConfigMap> = Api::all(client.clone());
    assert_eq!(names(all.list(&web).await.unwrap().items), ["a", "c", "d", "z"]);
    let one = ListParams::default().fields("metadata.name=b");
    assert_eq!(names(maps(&client).list(&one).await.unwrap().items), ["b"]);

    let page = all.list(&ListParams::default().limit(2)).await.unwrap();
    assert_eq!(page.metadata.remaining_item_count, Some(3));
    let token = page.metadata.continue_.clone().unwrap();
    assert_eq!(names(page.items), ["a", "b"]);
    // What happens in between does not show: the list is as of its first page.
    maps(&client).create(&PostParams::default(), &map("bb", "new")).await.unwrap();
    let rest = all.list(&ListParams::default().limit(9).continue_token(&token)).await.unwrap();
    assert_eq!(rest.metadata.continue_, None);
    assert_eq!(names(rest.items), ["c", "d", "z"]);
}

#[test]
fn list() {
    with_client(lists_select_and_page);
}

async fn bad_selectors_are_refused(client: Client) {
    let (code, message) = refusal(pods(&client).list(&ListParams::default().fields("spec.foo=x")).await);
    assert_eq!(code, 400);
    assert!(message.contains("field label not supported: spec.foo"), "{message}");
    let (code, _) = refusal(pods(&client).list(&ListParams::default().labels("a in b")).await);
    assert_eq!(code, 400);
}

#[test]
fn selectors() {
    with_client(bad_selectors_are_refused);
}

async fn updates_are_based_on_the_newest_version(client: Client) {
    let first = maps(&client).create(&PostParams::default(), &map("a", "x")).await.unwrap();
    let mut second = first.clone();
    second.data.get_or_insert_default().insert("k".into(), "2".into());
    let second = maps(&client).replace("a", &PostParams::default(), &second).await.unwrap();
    assert_ne!(second.metadata.resource_version, first.metadata.resource_version);
    assert_eq!(second.metadata.uid, first.metadata.uid);

    let stale = maps(&client).replace("a", &PostParams::default(), &first).await;
    assert!(stale.as_ref().unwrap_err().is_conflict());
    let (_, message) = refusal(stale);
    assert_eq!(
        message,
        "Operation cannot be fulfilled on configmaps \"a\": the object has been modified; please apply your changes to the latest version and try again"
    );
    let same = maps(&client).replace("a", &PostParams::default(), &second).await.unwrap();
    assert_eq!(
        same.metadata.resource_version, second.metadata.resource_version,
        "nothing changed, nothing written"
    );
}

#[test]
fn update() {
    with_client(updates_are_based_on_the_newest_version);
}

async fn unknown_fields_are_dropped_or_refused(client: Client) {
    let nodes: Api<Node> = Api::all(client.clone());
    let body = json!({"metadata": {"name": "n"}, "spec": {"podCIDR": "10.0.0.0/24", "colour": "red"}});
    let post = |query: &str| {
        let request = http::Request::post(format!("/api/v1/nodes?{query}"));
        request.header("content-type", "application/json").body(serde_json::to_vec(&body).unwrap()).unwrap()
    };
    let strict = client.request::<Node>(post("fieldValidation=Strict")).await;
    let (code, message) = refusal(strict);
    assert_eq!(code, 400);
    assert!(message.ends_with("strict decoding error: unknown field \"spec.colour\""), "{message}");
    let created: serde_json::Value = client.request(post("")).await.unwrap();
    assert_eq!(created["spec"]["podCIDR"], "10.0.0.0/24");
    assert_eq!(created["spec"].get("colour"), None);
    assert!(nodes.get("n").await.is_ok());
}

#[test]
fn field_validation() {
    with_client(unknown_fields_are_dropped_or_refused);
}

async fn a_dry_run_leaves_no_trace(client: Client) {
    let params = PostParams { dry_run: true, ..PostParams::default() };
    let created = maps(&client).create(&params, &map("a", "x")).await.unwrap();
    assert!(created.metadata.uid.is_some());
    assert!(maps(&client).get("a").await.unwrap_err().is_not_found());
}

#[test]
fn dry_run() {
    with_client(a_dry_run_leaves_no_trace);
}
