//! A control plane without kubelets: the tests say what those would.

use serde_json::json;
use winlab_clock::{Clock, Seed, VirtualSpan};
use winlab_control_plane::{ControlPlane, Embedded, EmbeddedConfig};
use winlab_kube_client::api::{DeleteParams, ListParams, Patch, PatchParams, PostParams};
use winlab_kube_client::k8s::core::{Event, Node, Pod};
use winlab_kube_client::{Api, Client, Identity, ResourceExt, WatchConfig, reflect};

pub(crate) struct World {
    pub(crate) clock: Clock,
    pub(crate) client: Client,
    pub(crate) plane: Embedded,
}

pub(crate) async fn world() -> World {
    let clock = Clock::start_virtual();
    let config = EmbeddedConfig::new("v1.36.1".parse().unwrap());
    let plane = Embedded::start(&config, clock, Seed::new(1)).await;
    let client = plane.client(Identity::new("kubectl", "v1.36.1"));
    World { clock, client, plane }
}

impl World {
    pub(crate) async fn node(&self, name: &str, os: &str) {
        self.node_with(name, os, json!({})).await;
    }

    /// A node with more to give than CPUs, memory and pods.
    pub(crate) async fn node_with(&self, name: &str, os: &str, more: serde_json::Value) {
        let node: Node = serde_json::from_value(json!({
            "apiVersion": "v1", "kind": "Node",
            "metadata": {"name": name, "labels": {"kubernetes.io/os": os, "kubernetes.io/hostname": name}},
        }))
        .unwrap();
        let nodes: Api<Node> = Api::all(self.client.clone());
        nodes.create(&PostParams::default(), &node).await.unwrap();
        let mut amounts = json!({"cpu": "4", "memory": "8Gi", "pods": "110"});
        amounts.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let status = json!({"status": {
            "allocatable": amounts,
            "capacity": amounts,
            "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady", "lastHeartbeatTime": "2026-01-01T00:00:00Z"}],
        }});
        nodes.patch_status(name, &PatchParams::default(), &Patch::Merge(&status)).await.unwrap();
    }

    pub(crate) fn of<K>(&self) -> Api<K>
    where
        K: winlab_kube_client::Resource<
                DynamicType = (),
                Scope = winlab_kube_client::k8s_openapi::NamespaceResourceScope,
            >,
    {
        Api::namespaced(self.client.clone(), "default")
    }

    pub(crate) async fn apply<K>(&self, object: serde_json::Value)
    where
        K: winlab_kube_client::Resource<
                DynamicType = (),
                Scope = winlab_kube_client::k8s_openapi::NamespaceResourceScope,
            > + serde::de::DeserializeOwned
            + serde::Serialize
            + Clone
            + std::fmt::Debug,
    {
        let object: K = serde_json::from_value(object).unwrap();
        self.of::<K>().create(&PostParams::default(), &object).await.unwrap();
    }

    pub(crate) async fn pass(&self, secs: u64) {
        self.clock.sleep(VirtualSpan::from_secs(secs)).await;
    }

    pub(crate) async fn pods(&self) -> Vec<Pod> {
        self.of::<Pod>().list(&ListParams::default()).await.unwrap().items
    }

    /// Stands in for a kubelet: every pod that has a node runs and is Ready.
    pub(crate) async fn run_pods(&self) {
        for (at, pod) in self.pods().await.into_iter().enumerate() {
            if pod.spec.as_ref().and_then(|spec| spec.node_name.as_ref()).is_none() {
                continue;
            }
            let ip = format!("10.244.0.{}", at + 10);
            let status = json!({"status": {
                "phase": "Running", "podIP": ip, "podIPs": [{"ip": ip}],
                "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}],
            }});
            self.of::<Pod>()
                .patch_status(&pod.name_any(), &PatchParams::default(), &Patch::Merge(&status))
                .await
                .unwrap();
        }
    }

    /// The pods of a set that are not going, with their nodes.
    pub(crate) async fn placed(&self) -> Vec<(String, String)> {
        let here = |pod: &Pod| pod.metadata.deletion_timestamp.is_none();
        let node = |pod: &Pod| pod.spec.as_ref().and_then(|spec| spec.node_name.clone()).unwrap_or_default();
        self.pods().await.iter().filter(|pod| here(pod)).map(|pod| (pod.name_any(), node(pod))).collect()
    }

    /// What the scheduler says of a pod that it has no node for.
    pub(crate) async fn refusal(&self, pod: &str) -> String {
        let status = self.of::<Pod>().get(pod).await.unwrap().status.unwrap_or_default();
        let conditions = status.conditions.unwrap_or_default();
        let scheduled = conditions.into_iter().find(|condition| condition.type_ == "PodScheduled");
        scheduled.and_then(|condition| condition.message).unwrap_or_default()
    }

    /// Changes a node.
    pub(crate) async fn patch_node(&self, name: &str, patch: serde_json::Value) {
        let nodes: Api<Node> = Api::all(self.client.clone());
        nodes.patch(name, &PatchParams::default(), &Patch::Merge(&patch)).await.unwrap();
    }

    /// Events by reason, with how often each was told.
    pub(crate) async fn events(&self, reason: &str) -> Vec<Event> {
        let events = self.of::<Event>().list(&ListParams::default()).await.unwrap().items;
        events.into_iter().filter(|event| event.reason.as_deref() == Some(reason)).collect()
    }

    /// Stands in for a kubelet that turns every pod away, at once, for so long.
    pub(crate) async fn reject_pods(&self, span: VirtualSpan) {
        let pods = self.of::<Pod>();
        let (store, drive) = reflect(pods.clone(), WatchConfig::all(), self.clock, Seed::new(7));
        let reject = async {
            let mut changes = store.changes();
            loop {
                for pod in changes.next().await.into_iter().filter_map(|change| change.now) {
                    let bound = pod.spec.as_ref().is_some_and(|spec| spec.node_name.is_some());
                    let new = pod.status.as_ref().and_then(|s| s.phase.as_deref()) != Some("Failed");
                    if bound && new {
                        let status = json!({"status": {"phase": "Failed", "reason": "PodOSNotSupported"}});
                        let patch = Patch::Merge(&status);
                        let _ = pods.patch_status(&pod.name_any(), &PatchParams::default(), &patch).await;
                    }
                    if new || pod.metadata.deletion_timestamp.is_none() {
                        continue;
                    }
                    let now = DeleteParams::default().grace_period(0);
                    let _ = pods.delete(&pod.name_any(), &now).await;
                }
            }
        };
        let _ = self.clock.within(span, futures::future::join(drive, reject)).await;
    }
}
