//! Status, scale, binding, eviction.

use serde_json::{Value, json};
use winlab_kube_client::api::{EvictParams, Patch, PatchParams, PostParams};
use winlab_kube_client::k8s::apps::Deployment;
use winlab_kube_client::k8s::core::Node;
use winlab_kube_client::k8s::policy::PodDisruptionBudget;
use winlab_kube_client::{Api, Client, ErrorExt};

use crate::world::{object, pod, pods, refusal, with_client};

async fn status_and_spec_are_written_apart(client: Client) {
    let api = pods(&client);
    api.create(&PostParams::default(), &pod("a")).await.unwrap();
    let both = json!({"spec": {"hostname": "x"}, "status": {"phase": "Running", "podIP": "10.0.0.1"}});
    let patched = api.patch_status("a", &PatchParams::default(), &Patch::Merge(&both)).await.unwrap();
    let status = patched.status.unwrap();
    assert_eq!((status.phase.as_deref(), status.pod_ip.as_deref()), (Some("Running"), Some("10.0.0.1")));
    assert_eq!(status.qos_class.as_deref(), Some("BestEffort"));
    assert_eq!(patched.spec.unwrap().hostname, None);
    let spec = json!({"metadata": {"labels": {"l": "1"}}, "status": {"phase": "Failed"}});
    let patched = api.patch("a", &PatchParams::default(), &Patch::Merge(&spec)).await.unwrap();
    assert_eq!(patched.status.unwrap().phase.as_deref(), Some("Running"));
    assert_eq!(patched.metadata.generation, Some(1), "labels and status are not counted");
}

#[test]
fn status() {
    with_client(status_and_spec_are_written_apart);
}

async fn nodes_register_with_their_status(client: Client) {
    let api: Api<Node> = Api::all(client);
    let node: Node = object(json!({
        "metadata": {"name": "win1"}, "spec": {"podCIDR": "10.244.1.0/24"},
        "status": {"capacity": {"cpu": "4"}, "conditions": [{"type": "Ready", "status": "False"}]}
    }));
    let created = api.create(&PostParams::default(), &node).await.unwrap();
    assert_eq!(created.spec.unwrap().pod_cidrs.unwrap(), ["10.244.1.0/24"]);
    assert_eq!(created.status.unwrap().allocatable.unwrap()["cpu"].0, "4");
    let ready = json!({"status": {"conditions": [{"type": "Ready", "status": "True"}, {"type": "MemoryPressure", "status": "False"}]}});
    let patched = api.patch_status("win1", &PatchParams::default(), &Patch::Strategic(&ready)).await.unwrap();
    let conditions = patched.status.unwrap().conditions.unwrap();
    let mut shown: Vec<_> = conditions.iter().map(|c| (c.type_.as_str(), c.status.as_str())).collect();
    shown.sort_unstable();
    assert_eq!(shown, [("MemoryPressure", "False"), ("Ready", "True")]);
    let move_it = json!({"spec": {"podCIDR": "10.244.2.0/24", "podCIDRs": ["10.244.2.0/24"]}});
    let (code, message) = refusal(api.patch("win1", &PatchParams::default(), &Patch::Merge(&move_it)).await);
    assert_eq!(code, 422);
    assert!(message.contains("node updates may not change podCIDR except from \"\" to valid"), "{message}");
}

#[test]
fn nodes() {
    with_client(nodes_register_with_their_status);
}

async fn a_deployment_is_scaled(client: Client) {
    let api: Api<Deployment> = Api::namespaced(client, "default");
    let deployment = object(json!({
        "metadata": {"name": "web"},
        "spec": {
            "selector": {"matchLabels": {"app": "web"}},
            "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
        }
    }));
    api.create(&PostParams::default(), &deployment).await.unwrap();
    let scale = api.get_scale("web").await.unwrap();
    assert_eq!(scale.spec.unwrap().replicas, Some(1));
    assert_eq!(scale.status.unwrap().selector.as_deref(), Some("app=web"));
    let five = Patch::Merge(json!({"spec": {"replicas": 5}}));
    assert_eq!(
        api.patch_scale("web", &PatchParams::default(), &five).await.unwrap().spec.unwrap().replicas,
        Some(5)
    );
    let stored = api.get("web").await.unwrap();
    assert_eq!(stored.spec.replicas, Some(5));
    assert_eq!(stored.metadata.generation, Some(2));
    let negative = Patch::Merge(json!({"spec": {"replicas": -1}}));
    assert!(api.patch_scale("web", &PatchParams::default(), &negative).await.unwrap_err().is_invalid());
}

#[test]
fn scale() {
    with_client(a_deployment_is_scaled);
}

async fn bind(client: &Client, node: &str) -> Result<Value, winlab_kube_client::Error> {
    let body = json!({
        "apiVersion": "v1", "kind": "Binding", "metadata": {"name": "a"}, "target": {"kind": "Node", "name": node}
    });
    let request = http::Request::post("/api/v1/namespaces/default/pods/a/binding")
        .header("content-type", "application/json")
        .body(serde_json::to_vec(&body).unwrap());
    client.request(request.unwrap()).await
}

async fn a_pod_is_bound_once(client: Client) {
    pods(&client).create(&PostParams::default(), &pod("a")).await.unwrap();
    assert_eq!(bind(&client, "win1").await.unwrap()["status"], "Success");
    let bound = pods(&client).get("a").await.unwrap();
    assert_eq!(bound.spec.unwrap().node_name.as_deref(), Some("win1"));
    let conditions = bound.status.unwrap().conditions.unwrap();
    assert_eq!((conditions[0].type_.as_str(), conditions[0].status.as_str()), ("PodScheduled", "True"));
    let (code, message) = refusal(bind(&client, "win2").await);
    assert_eq!(code, 409);
    assert!(message.ends_with("pod a is already assigned to node \"win1\""), "{message}");
}

#[test]
fn binding() {
    with_client(a_pod_is_bound_once);
}

async fn evictions_ask_the_budget(client: Client) {
    let api = pods(&client);
    for name in ["a", "b"] {
        let mut pod = pod(name);
        pod.metadata.labels = Some([("app".to_owned(), "web".to_owned())].into());
        pod.spec.as_mut().unwrap().node_name = Some("win1".to_owned());
        api.create(&PostParams::default(), &pod).await.unwrap();
        let running = Patch::Merge(json!({"status": {"phase": "Running"}}));
        api.patch_status(name, &PatchParams::default(), &running).await.unwrap();
    }
    let budgets: Api<PodDisruptionBudget> = Api::namespaced(client.clone(), "default");
    let budget = object(json!({
        "metadata": {"name": "web"}, "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "web"}}}
    }));
    budgets.create(&PostParams::default(), &budget).await.unwrap();
    let (code, _) = refusal(api.evict("a", &EvictParams::default()).await);
    assert_eq!(code, 429, "nobody has worked out the budget yet");
    let status = json!({"status": {
        "observedGeneration": 1, "disruptionsAllowed": 1, "currentHealthy": 2, "desiredHealthy": 1, "expectedPods": 2
    }});
    budgets.patch_status("web", &PatchParams::default(), &Patch::Merge(&status)).await.unwrap();
    api.evict("a", &EvictParams::default()).await.unwrap();
    let evicted = api.get("a").await.unwrap();
    assert!(evicted.metadata.deletion_timestamp.is_some());
    let conditions = evicted.status.unwrap().conditions.unwrap();
    assert_eq!(conditions[0].reason.as_deref(), Some("EvictionByEvictionAPI"));
    let (code, message) = refusal(api.evict("b", &EvictParams::default()).await);
    assert_eq!(
        (code, message.as_str()),
        (429, "Cannot evict pod as it would violate the pod's disruption budget.")
    );
}

#[test]
fn eviction() {
    with_client(evictions_ask_the_budget);
}

async fn debug_containers_come_by_their_own_way(client: Client) {
    let api = pods(&client);
    api.create(&PostParams::default(), &pod("a")).await.unwrap();
    let debug = |image: &str| {
        Patch::Strategic(
            json!({"spec": {"ephemeralContainers": [{"name": "debug", "image": image, "targetContainerName": "c"}]}}),
        )
    };
    let direct = api.patch("a", &PatchParams::default(), &debug("i:1")).await;
    assert!(direct.unwrap_err().is_invalid());
    let debugged = api.patch_ephemeral_containers("a", &PatchParams::default(), &debug("i:1")).await.unwrap();
    let containers = debugged.spec.unwrap().ephemeral_containers.unwrap();
    assert_eq!(containers[0].image_pull_policy.as_deref(), Some("IfNotPresent"));
    let (code, message) =
        refusal(api.patch_ephemeral_containers("a", &PatchParams::default(), &debug("i:2")).await);
    assert_eq!(code, 422);
    assert!(message.contains("existing ephemeral containers \"debug\" may not be changed"), "{message}");
}

#[test]
fn ephemeral_containers() {
    with_client(debug_containers_come_by_their_own_way);
}
