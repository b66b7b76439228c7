//! A small lab: an API server, one node with its service manager, a registry, and a prober that a test decides about.
#![expect(dead_code, reason = "each test file uses another part of it")]

mod images;
mod node;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use winlab_clock::{Clock, Seed, VirtualSpan};
use winlab_component::LogSink;
use winlab_component::{Level, LocalEndpoints, Machine, Supervisor};
use winlab_document::{Document, doc};
use winlab_fake_linux::LinuxHost;
use winlab_fake_windows::WindowsHost;
use winlab_kube_api::{ApiServer, Config};
use winlab_kube_client::api::{DeleteParams, PostParams};
use winlab_kube_client::core::DynamicObject;
use winlab_kube_client::k8s::core::{Event, Node, Pod};
use winlab_kube_client::{Api, Client, Identity};
use winlab_node::containerd::images::StaticRegistry;
use winlab_node::cri::Cri;
use winlab_node::kubelet::{KubeletApi, LogOptions, ProbeOutcome, ProbeRequest, Prober, kubelet_endpoint};

pub(crate) use images::{Image, registry};
pub(crate) use node::{Os, Setup};

/// Answers probes as a test says.
#[derive(Default)]
pub(crate) struct Answers(Mutex<Option<ProbeOutcome>>);

impl Answers {
    pub(crate) fn set(&self, outcome: ProbeOutcome) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
    }
}

impl Prober for Answers {
    fn probe(&self, _: ProbeRequest) -> BoxFuture<'_, ProbeOutcome> {
        let answer = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Box::pin(std::future::ready(answer.unwrap_or(ProbeOutcome::Success)))
    }
}

/// Keeps every line.
#[derive(Default)]
pub(crate) struct Lines(Mutex<Vec<String>>);

impl LogSink for Lines {
    fn wants(&self, level: Level) -> bool {
        level >= Level::Info
    }

    fn line(&self, node: &str, component: &str, level: Level, text: &str) {
        let line = format!("{level:?} {node}/{component}: {text}");
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }
}

/// The lab.
pub(crate) struct World {
    pub(crate) clock: Clock,
    pub(crate) api: Arc<ApiServer>,
    pub(crate) client: Client,
    pub(crate) machine: Machine,
    pub(crate) linux: Option<Arc<LinuxHost>>,
    pub(crate) windows: Option<Arc<WindowsHost>>,
    pub(crate) endpoints: LocalEndpoints,
    pub(crate) supervisor: Supervisor,
    pub(crate) answers: Arc<Answers>,
    pub(crate) lines: Arc<Lines>,
    pub(crate) node: String,
}

impl World {
    /// A node with containerd and kubelet, both running.
    pub(crate) async fn new(setup: Setup) -> Self {
        let world = Self::prepared(setup).await;
        world.start_service("containerd").await;
        world.start_service("kubelet").await;
        world
    }

    /// A node whose services are installed and not started.
    pub(crate) async fn prepared(setup: Setup) -> Self {
        let clock = Clock::start_virtual();
        let api = ApiServer::new(
            Config::new(clock, Seed::new(1), setup.api_minor).disable_admission("ServiceAccount"),
        );
        Self::joined(setup, clock, api).await
    }

    /// A node of a cluster that is there, its services installed and not started.
    pub(crate) async fn joined(setup: Setup, clock: Clock, api: Arc<ApiServer>) -> Self {
        let client = api.client(Identity::new("kubectl", "v1.34.0"));
        node::build(setup, clock, api, client).await
    }

    pub(crate) fn log(&self) -> String {
        self.lines.0.lock().unwrap_or_else(PoisonError::into_inner).join("\n")
    }

    pub(crate) fn pods(&self) -> Api<Pod> {
        Api::namespaced(self.client.clone(), "default")
    }

    /// Creates a pod that is bound to the node already.
    pub(crate) async fn create_pod(&self, name: &str, spec: Document) -> Pod {
        let spec = spec.with("nodeName", self.node.as_str());
        let pod: Pod =
            doc!({"metadata": {"name": name, "namespace": "default"}, "spec": spec}).decode().unwrap();
        self.pods().create(&PostParams::default(), &pod).await.unwrap()
    }

    pub(crate) async fn delete_pod(&self, name: &str) {
        self.pods().delete(name, &DeleteParams::default()).await.unwrap();
    }

    pub(crate) async fn pod(&self, name: &str) -> Option<Document> {
        let pod = self.pods().get_opt(name).await.unwrap()?;
        Some(Document::encode(&pod).unwrap())
    }

    /// Waits until a pod is as wanted; shows what it was where it never becomes so.
    pub(crate) async fn until(&self, name: &str, limit: u64, wanted: impl Fn(&Document) -> bool) -> Document {
        let end = self.clock.now() + VirtualSpan::from_secs(limit);
        let mut last = Document::Null;
        while self.clock.now() < end {
            last = self.pod(name).await.unwrap_or_default();
            if wanted(&last) {
                return last;
            }
            self.clock.sleep(VirtualSpan::from_millis(100)).await;
        }
        let status = last.get("status").cloned().unwrap_or_default();
        panic!(
            "{name} did not get there: {status:#}\n{}\n{}",
            self.events(name).await.join("\n"),
            self.log()
        );
    }

    pub(crate) async fn until_phase(&self, name: &str, phase: &str) -> Document {
        self.until(name, 120, |pod| pod.text(&["status", "phase"]) == phase).await
    }

    pub(crate) async fn until_gone(&self, name: &str, limit: u64) {
        self.until(name, limit, Document::is_null).await;
    }

    /// `reason: message` of a pod's events, in the order of their first time.
    pub(crate) async fn events(&self, name: &str) -> Vec<String> {
        let api: Api<Event> = Api::namespaced(self.client.clone(), "default");
        let mut events = api.list(&Default::default()).await.unwrap().items;
        events.retain(|event| event.involved_object.name.as_deref() == Some(name));
        events.sort_by_key(|event| {
            let version = event.metadata.creation_timestamp.clone().map(|at| at.0);
            (version, event.metadata.resource_version.clone().and_then(|v| v.parse::<u64>().ok()))
        });
        let text = |event: Event| {
            format!("{}: {}", event.reason.unwrap_or_default(), event.message.unwrap_or_default())
        };
        events.into_iter().map(text).collect()
    }

    pub(crate) async fn node_object(&self) -> Option<Document> {
        let api: Api<Node> = Api::all(self.client.clone());
        let node = api.get_opt(&self.node).await.unwrap()?;
        Some(Document::encode(&node).unwrap())
    }

    /// Waits until the node's Ready condition has this status.
    pub(crate) async fn until_node(&self, status: &str) -> Document {
        let end = self.clock.now() + VirtualSpan::from_secs(60);
        let mut last = Document::Null;
        while self.clock.now() < end {
            last = self.node_object().await.unwrap_or_default();
            let conditions = last.path(&["status", "conditions"]).map(Document::items).unwrap_or_default();
            if conditions.iter().any(|c| c.text(&["type"]) == "Ready" && c.text(&["status"]) == status) {
                return last;
            }
            self.clock.sleep(VirtualSpan::from_millis(100)).await;
        }
        panic!("the node never became {status}: {last:#}\n{}", self.log());
    }

    pub(crate) fn kubelet(&self) -> Arc<dyn KubeletApi> {
        self.endpoints.dial::<dyn KubeletApi>(kubelet_endpoint()).unwrap()
    }

    pub(crate) fn cri(&self) -> Arc<dyn Cri> {
        let address = match self.machine.os() {
            "windows" => "npipe:////./pipe/containerd-containerd",
            _ => "unix:///run/containerd/containerd.sock",
        };
        self.endpoints.dial::<dyn Cri>(address).unwrap()
    }

    pub(crate) async fn logs(&self, pod: &str, container: &str, previous: bool) -> Result<String, String> {
        let options = LogOptions { previous, ..LogOptions::default() };
        self.kubelet().container_logs("default", pod, container, options).await
    }

    pub(crate) async fn exec(
        &self,
        pod: &str,
        container: &str,
        command: &[&str],
    ) -> Result<(String, i32), String> {
        let command: Vec<String> = command.iter().map(|word| (*word).to_owned()).collect();
        let done = self.kubelet().exec("default", pod, container, &command, None).await?;
        Ok((String::from_utf8_lossy(&done.stdout).into_owned(), done.exit_code))
    }

    /// Creates an object without namespace.
    pub(crate) async fn create_cluster(&self, group: &str, kind: &str, plural: &str, object: Document) {
        let resource = winlab_kube_client::core::ApiResource {
            group: group.into(),
            version: "v1".into(),
            api_version: format!("{group}/v1"),
            kind: kind.into(),
            plural: plural.into(),
        };
        let api: Api<DynamicObject> = Api::all_with(self.client.clone(), &resource);
        let object = object.with("apiVersion", format!("{group}/v1")).with("kind", kind);
        let object: DynamicObject = object.decode().unwrap();
        api.create(&PostParams::default(), &object).await.unwrap();
    }

    /// Creates any object from its document.
    pub(crate) async fn create(&self, kind: &str, plural: &str, object: Document) {
        let resource = winlab_kube_client::core::ApiResource {
            group: String::new(),
            version: "v1".into(),
            api_version: "v1".into(),
            kind: kind.into(),
            plural: plural.into(),
        };
        let api: Api<DynamicObject> = Api::namespaced_with(self.client.clone(), "default", &resource);
        let object: DynamicObject = object.with("apiVersion", "v1").with("kind", kind).decode().unwrap();
        api.create(&PostParams::default(), &object).await.unwrap();
    }
}

/// State and reason of a container: `running`, `waiting CrashLoopBackOff`, `terminated Error`.
pub(crate) fn state(pod: &Document, container: &str) -> String {
    let statuses = pod.path(&["status", "containerStatuses"]).map(Document::items).unwrap_or_default();
    let init = pod.path(&["status", "initContainerStatuses"]).map(Document::items).unwrap_or_default();
    let Some(status) = statuses.iter().chain(init).find(|status| status.text(&["name"]) == container) else {
        return "none".to_owned();
    };
    let state = status.get("state").map(Document::members).unwrap_or_default();
    let known: BTreeMap<String, String> =
        state.iter().map(|(name, value)| (name.to_string(), value.text(&["reason"]).to_owned())).collect();
    known.into_iter().map(|(name, reason)| format!("{name} {reason}").trim_end().to_owned()).collect()
}

/// How often a container was restarted.
pub(crate) fn restarts(pod: &Document, container: &str) -> i64 {
    let statuses = pod.path(&["status", "containerStatuses"]).map(Document::items).unwrap_or_default();
    let status = statuses.iter().find(|status| status.text(&["name"]) == container);
    status.and_then(|status| status.get("restartCount")).and_then(Document::as_i64).unwrap_or(0)
}

/// A condition's status.
pub(crate) fn condition<'a>(pod: &'a Document, kind: &str) -> &'a str {
    let conditions = pod.path(&["status", "conditions"]).map(Document::items).unwrap_or_default();
    conditions.iter().find(|c| c.text(&["type"]) == kind).map_or("", |c| c.text(&["status"]))
}

/// An ordinary specification of one container.
pub(crate) fn spec(os: Os, container: Document) -> Document {
    let _ = os;
    doc!({"containers": [container], "terminationGracePeriodSeconds": 30})
}

/// The images of the lab, under the names that tests use.
pub(crate) fn default_registry() -> StaticRegistry {
    registry(&[
        Image::new("registry.k8s.io/pause:3.10").windows("10.0.20348.1").linux(),
        Image::new("web").windows("10.0.20348.1").linux().logs(&["hello", "world"]),
        Image::new("old").plain_windows("10.0.17763.1"),
        Image::new("oldindex").windows("10.0.17763.1"),
        Image::new("crash").windows("10.0.20348.1").linux().exits(3, 1000).logs(&["going down"]),
        Image::new("job").windows("10.0.20348.1").linux().exits(0, 1000),
        Image::new("stubborn").windows("10.0.20348.1").linux().ignores_shutdown(),
        Image::new("hungry").windows("10.0.20348.1").linux().memory(4 << 30),
        Image::new("admin").windows("10.0.20348.1").user("ContainerAdministrator"),
    ])
}
