//! What the scheduler counts: resources of every name, sidecars, namespaces, cordons.

use serde_json::{Value, json};
use winlab_clock::virtual_world;
use winlab_kube_client::Api;
use winlab_kube_client::api::PostParams;
use winlab_kube_client::k8s::core::{Namespace, Pod};

use crate::world::{World, world};

async fn pod(world: &World, name: &str, spec: Value) {
    let mut whole = json!({"containers": [{"name": "c", "image": "x"}]});
    whole.as_object_mut().unwrap().extend(spec.as_object().unwrap().clone());
    let labels = json!({"app": name});
    world
        .apply::<Pod>(json!({"kind": "Pod", "metadata": {"name": name, "labels": labels}, "spec": whole}))
        .await;
}

fn asks(requests: Value) -> Value {
    json!({"containers": [{"name": "c", "image": "x", "resources": {"requests": requests, "limits": requests}}]})
}

#[test]
fn every_resource_has_to_suffice_and_each_that_does_not_is_named() {
    virtual_world(async {
        let world = world().await;
        world.node("lin1", "linux").await;
        let more = json!({"nvidia.com/gpu": "2", "ephemeral-storage": "10Gi", "hugepages-2Mi": "0"});
        world.node_with("lin2", "linux", more).await;
        pod(&world, "first", asks(json!({"nvidia.com/gpu": "1", "ephemeral-storage": "6Gi"}))).await;
        world.pass(1).await;
        assert_eq!(world.placed().await, [("first".to_owned(), "lin2".to_owned())]);
        pod(&world, "second", asks(json!({"nvidia.com/gpu": "1", "ephemeral-storage": "6Gi"}))).await;
        pod(&world, "third", asks(json!({"nvidia.com/gpu": "2"}))).await;
        pod(&world, "pages", asks(json!({"hugepages-2Mi": "2Mi", "cpu": "5"}))).await;
        world.pass(1).await;
        assert_eq!(
            world.refusal("second").await,
            "0/2 nodes are available: 1 Insufficient nvidia.com/gpu, 2 Insufficient ephemeral-storage."
        );
        assert_eq!(world.refusal("third").await, "0/2 nodes are available: 2 Insufficient nvidia.com/gpu.");
        let pages = "0/2 nodes are available: 2 Insufficient cpu, 2 Insufficient hugepages-2Mi.";
        assert_eq!(world.refusal("pages").await, pages);
    });
}

#[test]
fn sidecars_count_beside_the_containers() {
    virtual_world(async {
        let world = world().await;
        world.node("lin1", "linux").await;
        let cpus = |name: &str, restart: Option<&str>, cpus: &str| {
            let resources = json!({"requests": {"cpu": cpus}});
            json!({"name": name, "image": "x", "restartPolicy": restart, "resources": resources})
        };
        let spec = |sidecar: &str| json!({"containers": [cpus("c", None, "2")], "initContainers": [cpus("s", Some("Always"), sidecar)]});
        pod(&world, "too-much", spec("2500m")).await;
        pod(&world, "fits", spec("2")).await;
        world.pass(1).await;
        assert_eq!(world.refusal("too-much").await, "0/1 nodes are available: 1 Insufficient cpu.");
        assert!(world.placed().await.contains(&("fits".to_owned(), "lin1".to_owned())));
    });
}

#[test]
fn terms_of_pod_affinity_reach_the_namespaces_they_select() {
    virtual_world(async {
        let world = world().await;
        world.node("lin1", "linux").await;
        let namespaces: Api<Namespace> = Api::all(world.client.clone());
        for (name, team) in [("shop", "a"), ("bank", "b")] {
            let made = json!({"metadata": {"name": name, "labels": {"team": team}}});
            let made: Namespace = serde_json::from_value(made).unwrap();
            namespaces.create(&PostParams::default(), &made).await.unwrap();
        }
        let near: Pod = serde_json::from_value(json!({
            "metadata": {"name": "near", "labels": {"app": "db"}},
            "spec": {"containers": [{"name": "c", "image": "x"}]},
        }))
        .unwrap();
        world.pass(1).await;
        let shop: Api<Pod> = Api::namespaced(world.client.clone(), "shop");
        shop.create(&PostParams::default(), &near).await.unwrap();
        world.pass(1).await;
        let away = |selector: Value| {
            json!({"affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{
                "topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {"app": "db"}},
                "namespaceSelector": selector,
            }]}}})
        };
        pod(&world, "own", away(Value::Null)).await;
        pod(&world, "of-b", away(json!({"matchLabels": {"team": "b"}}))).await;
        pod(&world, "of-a", away(json!({"matchLabels": {"team": "a"}}))).await;
        pod(&world, "of-all", away(json!({}))).await;
        world.pass(1).await;
        let placed: Vec<String> = world
            .placed()
            .await
            .into_iter()
            .filter(|(_, node)| !node.is_empty())
            .map(|(pod, _)| pod)
            .collect();
        assert_eq!(placed, ["of-b", "own"]);
        let refused = "0/1 nodes are available: 1 node(s) didn't match pod anti-affinity rules.";
        assert_eq!([world.refusal("of-a").await, world.refusal("of-all").await], [refused, refused]);
    });
}

#[test]
fn a_cordon_holds_whatever_else_is_tolerated() {
    virtual_world(async {
        let world = world().await;
        world.node("win1", "windows").await;
        let windows = json!({"key": "os", "value": "windows", "effect": "NoSchedule"});
        world.patch_node("win1", json!({"spec": {"taints": [windows], "unschedulable": true}})).await;
        let tolerates = |key: &str| json!({"tolerations": [{"key": "os", "operator": "Exists"}, {"key": key, "operator": "Exists"}]});
        pod(&world, "ordinary", tolerates("gpu")).await;
        pod(&world, "system", tolerates("node.kubernetes.io/unschedulable")).await;
        world.pass(1).await;
        assert_eq!(world.refusal("ordinary").await, "0/1 nodes are available: 1 node(s) were unschedulable.");
        assert!(world.placed().await.contains(&("system".to_owned(), "win1".to_owned())));
    });
}
