//! Events of both groups are the same objects.

use futures::StreamExt;
use serde_json::json;
use winlab_kube_client::api::{ListParams, PostParams, WatchParams};
use winlab_kube_client::core::WatchEvent;
use winlab_kube_client::k8s::core::Event as CoreEvent;
use winlab_kube_client::k8s::events::Event;
use winlab_kube_client::{Api, Client};

use crate::world::{object, with_client};

/// As kube-proxy writes it at its start.
fn started() -> Event {
    object(json!({
        "metadata": {"name": "win1.18a", "namespace": "default"}, "eventTime": "2026-01-01T00:00:00.000000Z",
        "reportingController": "kube-proxy", "reportingInstance": "kube-proxy-win1", "action": "StartKubeProxy",
        "reason": "Starting", "regarding": {"kind": "Node", "name": "win1", "uid": "win1"}, "type": "Normal"
    }))
}

fn events(client: &Client) -> Api<Event> {
    Api::namespaced(client.clone(), "default")
}

#[test]
fn an_event_of_one_group_is_read_in_the_other() {
    with_client(async |client| {
        events(&client).create(&PostParams::default(), &started()).await.unwrap();
        let core: Api<CoreEvent> = Api::namespaced(client.clone(), "default");
        let same = core.get("win1.18a").await.unwrap();
        assert_eq!(same.involved_object.name.as_deref(), Some("win1"));
        assert_eq!(same.reporting_component.as_deref(), Some("kube-proxy"));
        let selected = ListParams::default().fields("regarding.name=win1");
        assert_eq!(events(&client).list(&selected).await.unwrap().items.len(), 1);
    });
}

#[test]
fn a_watch_tells_them_in_the_groups_own_words() {
    with_client(async |client| {
        let mut watch = Box::pin(events(&client).watch(&WatchParams::default(), "0").await.unwrap());
        let core: Api<CoreEvent> = Api::namespaced(client.clone(), "default");
        let told: CoreEvent = object(json!({
            "metadata": {"name": "a.1"}, "involvedObject": {"kind": "Pod", "name": "a", "namespace": "default"},
            "reason": "Pulled", "message": "hello", "type": "Normal"
        }));
        core.create(&PostParams::default(), &told).await.unwrap();
        match watch.next().await {
            Some(Ok(WatchEvent::Added(event))) => {
                assert_eq!(event.note.as_deref(), Some("hello"));
                assert_eq!(event.regarding.unwrap().name.as_deref(), Some("a"));
            }
            other => panic!("expected the event, got {other:?}"),
        }
    });
}

#[test]
fn discovery_has_the_group() {
    with_client(async |client| {
        let groups = client.list_api_groups().await.unwrap();
        assert!(groups.groups.iter().any(|group| group.name == "events.k8s.io"));
        let resources = client.list_api_group_resources("events.k8s.io/v1").await.unwrap();
        assert_eq!(resources.resources[0].name, "events");
    });
}
