//! Pods that their kubelet turns away: sets replace them, and time goes on.

use serde_json::json;
use winlab_clock::{VirtualSpan, virtual_world};
use winlab_kube_client::k8s::apps::{DaemonSet, ReplicaSet};

use crate::world::world;

#[test]
fn a_daemon_set_waits_longer_each_time_and_says_so() {
    virtual_world(async {
        let world = world().await;
        for (name, os) in [("lin1", "linux"), ("win1", "windows")] {
            world.node(name, os).await;
        }
        let set = json!({
            "apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "agent"},
            "spec": {"selector": {"matchLabels": {"app": "agent"}}, "template": {
                "metadata": {"labels": {"app": "agent"}},
                "spec": {"containers": [{"name": "c", "image": "agent:1"}]},
            }},
        });
        world.apply::<DaemonSet>(set).await;
        world.reject_pods(VirtualSpan::from_secs(60)).await;
        let told: i32 = world.events("FailedDaemonPod").await.iter().filter_map(|event| event.count).sum();
        assert_eq!(told, 12, "after 0, 1, 3, 7, 15 and 31 seconds on each of two nodes");
    });
}

#[test]
fn a_replica_set_replaces_pods_as_fast_as_its_client_may_write() {
    virtual_world(async {
        let world = world().await;
        world.node("win1", "windows").await;
        let set = json!({
            "apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": "web"},
            "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"name": "c", "image": "web:1"}]},
            }},
        });
        world.apply::<ReplicaSet>(set).await;
        world.reject_pods(VirtualSpan::from_secs(2)).await;
        let made = world.pods().await.len();
        assert!((68..=72).contains(&made), "2, then 30 at once and 20 a second: {made}");
    });
}
