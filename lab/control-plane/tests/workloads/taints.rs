//! NoExecute taints: who goes when.

use serde_json::json;
use winlab_clock::virtual_world;
use winlab_kube_client::k8s::core::Pod;

use crate::world::{World, world};

async fn stays(world: &World, pod: &str) -> bool {
    world.placed().await.iter().any(|(name, _)| name == pod)
}

#[test]
fn a_tolerations_seconds_count_from_when_the_pod_meets_the_taint_and_once() {
    virtual_world(async {
        let world = world().await;
        world.node("win1", "windows").await;
        let taint = |value: &str| {
            let taint = json!({"key": "maintenance", "value": value, "effect": "NoExecute"});
            json!({"spec": {"taints": [taint]}})
        };
        let pod = |name: &str| {
            json!({"metadata": {"name": name}, "spec": {"nodeName": "win1", "containers": [{"name": "c", "image": "x"}],
                "tolerations": [{"key": "maintenance", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 60}]}})
        };
        world.patch_node("win1", taint("a")).await;
        world.pass(40).await;
        world.apply::<Pod>(pod("late")).await;
        world.pass(30).await;
        assert!(stays(&world, "late").await, "70 s after the taint, 30 s after the pod came");
        // Another taint of the same key does not begin the wait anew.
        world.patch_node("win1", taint("b")).await;
        world.pass(25).await;
        assert!(stays(&world, "late").await);
        world.pass(6).await;
        assert!(!stays(&world, "late").await, "61 s after it came");
        world.apply::<Pod>(pod("spared")).await;
        world.pass(59).await;
        world.patch_node("win1", json!({"spec": {"taints": []}})).await;
        world.pass(1).await;
        world.patch_node("win1", taint("c")).await;
        world.pass(59).await;
        assert!(stays(&world, "spared").await, "a node without taints gives the time back");
    });
}
