//! Watches: through kube's own call, and through the watch loop of components.

use std::sync::Arc;

use futures::StreamExt;
use serde_json::json;
use winlab_clock::{Clock, Seed, VirtualSpan, virtual_world};
use winlab_kube_client::api::{DeleteParams, Patch, PatchParams, PostParams, WatchEvent as Raw, WatchParams};
use winlab_kube_client::k8s::core::Pod;
use winlab_kube_client::{
    Api, Body, Client, ErrorExt, Identity, ObjectKey, ResourceExt, WatchConfig, WatchEvent, reflect, watch,
};

use crate::world::{pod, pods, server, with_client};

fn label(value: &str) -> Patch<serde_json::Value> {
    Patch::Merge(json!({"metadata": {"labels": {"app": value}}}))
}

async fn events_come_in_order_and_resume(client: Client) {
    let api = pods(&client);
    let before = api.list(&Default::default()).await.unwrap().metadata.resource_version.unwrap();
    api.create(&PostParams::default(), &pod("a")).await.unwrap();
    let patched = api.patch("a", &PatchParams::default(), &label("x")).await.unwrap();
    api.delete("a", &DeleteParams::default()).await.unwrap();

    let params = WatchParams::default().timeout(5);
    let seen = |events: Vec<Raw<Pod>>| {
        let kind = |event: &Raw<Pod>| match event {
            Raw::Added(_) => "added",
            Raw::Modified(_) => "modified",
            Raw::Deleted(_) => "deleted",
            Raw::Bookmark(_) => "bookmark",
            Raw::Error(_) => "error",
        };
        events.iter().map(kind).collect::<Vec<_>>()
    };
    let all: Vec<_> = api.watch(&params, &before).await.unwrap().map(Result::unwrap).collect().await;
    assert_eq!(seen(all), ["added", "modified", "deleted"]);
    let version = patched.resource_version().unwrap();
    let rest: Vec<_> = api.watch(&params, &version).await.unwrap().map(Result::unwrap).collect().await;
    assert_eq!(seen(rest), ["deleted"]);
}

#[test]
fn raw_watch() {
    with_client(events_come_in_order_and_resume);
}

async fn a_selector_makes_objects_come_and_go(client: Client) {
    let api = pods(&client);
    let params = WatchParams::default().labels("app=web").timeout(5);
    let start = api.create(&PostParams::default(), &pod("a")).await.unwrap().resource_version().unwrap();
    for value in ["web", "web2", "web"] {
        api.patch("a", &PatchParams::default(), &label(value)).await.unwrap();
    }
    let events: Vec<_> = api.watch(&params, &start).await.unwrap().map(Result::unwrap).collect().await;
    let shown: Vec<_> = events
        .iter()
        .map(|event| match event {
            Raw::Added(pod) => format!("added {:?}", pod.labels().get("app")),
            Raw::Deleted(pod) => format!("deleted {:?}", pod.labels().get("app")),
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(shown, ["added Some(\"web\")", "deleted Some(\"web\")", "added Some(\"web\")"]);
}

#[test]
fn selector() {
    with_client(a_selector_makes_objects_come_and_go);
}

#[test]
fn an_old_version_is_gone() {
    virtual_world(async {
        let server = server(34);
        let client = server.client(Identity::new("test", "v1"));
        let api = pods(&client);
        let old = api.create(&PostParams::default(), &pod("a")).await.unwrap().resource_version().unwrap();
        api.create(&PostParams::default(), &pod("b")).await.unwrap();
        server.compact();
        let mut events = api.watch(&WatchParams::default(), &old).await.unwrap().boxed();
        let Some(Ok(Raw::Error(status))) = events.next().await else { panic!("expected an error event") };
        assert_eq!((status.code, status.reason.as_str()), (410, "Expired"));
        let future = api.watch(&WatchParams::default(), "999999").await.err().unwrap();
        assert_eq!(future.code(), 504);
    });
}

#[test]
fn the_loop_lists_watches_and_shares_one_decoded_object() {
    virtual_world(async {
        let server = server(34);
        let (one, two) = (server.client(Identity::new("a", "v1")), server.client(Identity::new("b", "v1")));
        let clock = Clock::start_virtual();
        pods(&one).create(&PostParams::default(), &pod("a")).await.unwrap();
        let start = |client: &Client, seed| {
            watch::<Pod>(Api::all(client.clone()), WatchConfig::all(), clock, Seed::new(seed)).boxed()
        };
        let (mut first, mut second) = (start(&one, 1), start(&two, 2));
        let (Some(WatchEvent::Listed(a)), Some(WatchEvent::Listed(b))) =
            (first.next().await, second.next().await)
        else {
            panic!("a watch starts with a list")
        };
        assert_eq!(a.len(), 1);
        assert!(Arc::ptr_eq(&a[0], &b[0]), "two lists share the decoded object");
        pods(&one).create(&PostParams::default(), &pod("b")).await.unwrap();
        let (Some(WatchEvent::Applied(a)), Some(WatchEvent::Applied(b))) =
            (first.next().await, second.next().await)
        else {
            panic!("a new object is applied")
        };
        assert_eq!(a.name_any(), "b");
        assert!(Arc::ptr_eq(&a, &b), "two watches share the decoded object");
    });
}

#[test]
fn the_loop_recovers_from_gone_and_from_a_refusing_server() {
    use winlab_kube_api::faults::{Fault, Matching};
    virtual_world(async {
        let server = server(34);
        let client = server.client(Identity::new("test", "v1"));
        let clock = Clock::start_virtual();
        let (store, drive) =
            reflect::<Pod>(Api::all(client.clone()), WatchConfig::all(), clock, Seed::new(1));
        let follower = tokio::spawn(drive);
        store.synced().await;
        server.drop_watches();
        pods(&client).create(&PostParams::default(), &pod("a")).await.unwrap();
        server.compact();
        store.until(|store| store.get(&ObjectKey::namespaced("default", "a"))).await;

        let all = Matching { component: "test".to_owned(), method: "GET".to_owned(), ..Matching::default() };
        server.faults().add_times(all, Fault::Refuse, 3);
        server.drop_watches();
        let began = clock.now();
        pods(&server.client(Identity::new("other", "v1")))
            .create(&PostParams::default(), &pod("b"))
            .await
            .unwrap();
        store.until(|store| store.get(&ObjectKey::namespaced("default", "b"))).await;
        assert!(clock.now().since(began) > VirtualSpan::from_secs(2), "three refusals are three waits");
        follower.abort();
    });
}

#[test]
fn changes_are_told_once_an_object() {
    virtual_world(async {
        let server = server(34);
        let client = server.client(Identity::new("test", "v1"));
        let clock = Clock::start_virtual();
        let (store, drive) =
            reflect::<Pod>(Api::all(client.clone()), WatchConfig::all(), clock, Seed::new(1));
        let follower = tokio::spawn(drive);
        let mut changes = store.changes();
        let api = pods(&client);
        api.create(&PostParams::default(), &pod("a")).await.unwrap();
        store.until(|store| (store.len() == 1).then_some(())).await;
        let first = changes.next().await;
        assert_eq!(first.len(), 1);
        assert!(first[0].before.is_none() && first[0].now.is_some());
        for value in ["x", "y"] {
            api.patch("a", &PatchParams::default(), &label(value)).await.unwrap();
        }
        api.delete("a", &DeleteParams::default()).await.unwrap();
        store.until(|store| store.is_empty().then_some(())).await;
        let second = changes.next().await;
        assert_eq!(second.len(), 1, "three changes of one object are told as one");
        assert!(second[0].before.is_some() && second[0].now.is_none());
        assert!(changes.take().is_empty());
        follower.abort();
    });
}

#[test]
fn an_idle_watch_is_renewed_and_sees_bookmarks() {
    virtual_world(async {
        let server = server(34);
        let client = server.client(Identity::new("test", "v1"));
        let clock = Clock::start_virtual();
        let (store, drive) =
            reflect::<Pod>(Api::all(client.clone()), WatchConfig::all(), clock, Seed::new(1));
        let follower = tokio::spawn(drive);
        store.synced().await;
        clock.sleep(VirtualSpan::from_secs(10 * 3600)).await;
        // Another kind moves the revision on; a bookmark carries the idle watch over the compaction that follows.
        crate::world::create_namespace(&client, "n").await;
        clock.sleep(VirtualSpan::from_secs(700)).await;
        server.compact();
        pods(&client).create(&PostParams::default(), &pod("a")).await.unwrap();
        store.until(|store| (store.len() == 1).then_some(())).await;
        follower.abort();
    });
}

#[test]
fn the_loop_reads_text_where_no_objects_are_shared() {
    use tower::ServiceExt as _;
    virtual_world(async {
        let server = server(34);
        let identity = Identity::new("remote", "v1");
        // As over a network: nothing but status, headers and text gets through.
        let service = server.service(identity.clone());
        let wire = tower::service_fn(move |request: http::Request<Body>| {
            let answer = service.clone().oneshot(request);
            async move {
                let mut response = answer.await?;
                response.extensions_mut().clear();
                Ok::<_, tower::BoxError>(response)
            }
        });
        let (local, remote) = (server.client(Identity::new("local", "v1")), identity.client(wire));
        let clock = Clock::start_virtual();
        pods(&local).create(&PostParams::default(), &pod("a")).await.unwrap();
        let (store, drive) = reflect::<Pod>(Api::all(remote), WatchConfig::all(), clock, Seed::new(1));
        let follower = tokio::spawn(drive);
        store.synced().await;
        assert_eq!(store.len(), 1);
        pods(&local).create(&PostParams::default(), &pod("b")).await.unwrap();
        pods(&local).patch("b", &PatchParams::default(), &label("x")).await.unwrap();
        pods(&local).delete("a", &DeleteParams::default()).await.unwrap();
        let left = store
            .until(|store| {
                let all = store.list();
                let done = all.len() == 1 && all[0].labels().get("app").is_some();
                done.then_some(all)
            })
            .await;
        assert_eq!(left[0].name_any(), "b");
        server.compact();
        server.drop_watches();
        pods(&local).delete("b", &DeleteParams::default()).await.unwrap();
        store.until(|store| store.is_empty().then_some(())).await;
        follower.abort();
    });
}
