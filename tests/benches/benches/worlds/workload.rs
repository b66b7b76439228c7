//! A Deployment of many Windows pods, and the waiting for it.

use winlab_clock::{Clock, VirtualSpan};
use winlab_cluster::Lab;
use winlab_document::{Document, doc};
use winlab_kube_api::{ApiServer, kinds};
use winlab_kube_client::api::PostParams;
use winlab_kube_client::k8s::apps::Deployment;
use winlab_kube_client::{Api, Client};

const NAMESPACE: &str = "default";
const LOOK: VirtualSpan = VirtualSpan::from_secs(1);
/// Far longer than any world takes that works.
const WITHIN: VirtualSpan = VirtualSpan::from_secs(3600);

/// Creates the Deployment with so many replicas.
pub(crate) async fn create(client: Client, replicas: usize) {
    let deployment: Deployment = doc!({
        "metadata": {"name": "web", "namespace": NAMESPACE},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {
                    "nodeSelector": {"kubernetes.io/os": "windows"},
                    "containers": [{"name": "web", "image": "registry.k8s.io/e2e-test-images/agnhost:2.53"}],
                },
            },
        },
    })
    .decode()
    .expect("it has the shape of a Deployment");
    let deployments: Api<Deployment> = Api::namespaced(client, NAMESPACE);
    deployments.create(&PostParams::default(), &deployment).await.expect("it is valid");
}

/// Waits until so many pods run.
pub(crate) async fn until_running(server: &ApiServer, clock: Clock, pods: usize) {
    until(clock, pods, "pods run", async || running(&server.objects("v1", "Pod"))).await;
}

/// Waits until so many pods of a lab run.
pub(crate) async fn until_running_in(lab: &Lab, pods: usize) {
    let kind = &kinds::KINDS[kinds::by_name("", "Pod")];
    until(lab.clock(), pods, "pods run", async || {
        running(&lab.stored_all(kind).await.expect("the store is in this process"))
    })
    .await;
}

fn running(pods: &[Document]) -> usize {
    let of_workload = |pod: &&Document| pod.text(&["metadata", "namespace"]) == NAMESPACE;
    pods.iter().filter(of_workload).filter(|pod| pod.text(&["status", "phase"]) == "Running").count()
}

/// Waits until so many nodes are Ready.
pub(crate) async fn until_ready(server: &ApiServer, clock: Clock, nodes: usize) {
    until(clock, nodes, "nodes are Ready", async || {
        server.objects("v1", "Node").iter().filter(is_ready).count()
    })
    .await;
}

fn is_ready(node: &&Document) -> bool {
    let conditions = node.path(&["status", "conditions"]).map(Document::items).unwrap_or_default();
    conditions
        .iter()
        .any(|condition| condition.text(&["type"]) == "Ready" && condition.text(&["status"]) == "True")
}

async fn until(clock: Clock, wanted: usize, what: &str, count: impl AsyncFn() -> usize) {
    let end = clock.now() + WITHIN;
    loop {
        let seen = count().await;
        if seen == wanted {
            return;
        }
        assert!(clock.now() < end, "{seen} of {wanted} {what} after {WITHIN}");
        clock.sleep(LOOK).await;
    }
}
