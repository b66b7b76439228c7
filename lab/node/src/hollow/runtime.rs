//! A runtime that only remembers.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::future::BoxFuture;
use winlab_clock::{Clock, VirtualSpan};
use winlab_host::linux::Prefix;
use winlab_host::{EventStream, Feed};

use crate::cri::{
    AttachRequest, Code, ContainerEventResponse, ContainerEventType, ContainerFilter, ContainerResources,
    ContainerState, ContainerStats, ContainerStatus, CreateContainerRequest, Cri, CriError, ExecRequest,
    ExecSyncResponse, Image, ImageFsInfo, ListedContainer, ListedPodSandbox, NETWORK_READY, NamespaceMode,
    PodSandboxFilter, PodSandboxState, PodSandboxStats, PodSandboxStatus, PullImageRequest, RUNTIME_READY,
    RunPodSandboxRequest, RuntimeCondition, Session, StatusResponse, VersionResponse,
};

type Reply<'a, T> = BoxFuture<'a, Result<T, CriError>>;

/// Sandboxes and containers that are no more than records.
pub struct HollowRuntime {
    clock: Clock,
    state: Mutex<State>,
    events: Feed<ContainerEventResponse>,
}

#[derive(Default)]
struct State {
    last: u64,
    /// Boxed, as are containers: a map's leaf has room for eleven, and a hollow node has a few.
    sandboxes: BTreeMap<String, Box<PodSandboxStatus>>,
    containers: BTreeMap<String, Box<ContainerStatus>>,
    pod_cidr: Option<Prefix>,
    addresses: u32,
}

fn ready<T: Send + 'static>(value: Result<T, CriError>) -> Reply<'static, T> {
    Box::pin(std::future::ready(value))
}

fn selected(labels: &BTreeMap<String, String>, wanted: &BTreeMap<String, String>) -> bool {
    wanted.iter().all(|(name, value)| labels.get(name) == Some(value))
}

impl HollowRuntime {
    /// A runtime whose pods get addresses of `pod_cidr`, one after the other.
    #[must_use]
    pub fn new(clock: Clock, pod_cidr: Prefix) -> Arc<Self> {
        let state = State { pod_cidr: Some(pod_cidr), ..State::default() };
        Arc::new(Self { clock, state: Mutex::new(state), events: Feed::default() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> i64 {
        i64::try_from(self.clock.timestamp().as_nanosecond()).unwrap_or(i64::MAX)
    }

    fn publish(&self, id: &str, kind: ContainerEventType, sandbox: PodSandboxStatus) {
        self.events.publish(&ContainerEventResponse {
            container_id: id.to_owned(),
            container_event_type: kind,
            created_at: self.now(),
            pod_sandbox_status: sandbox,
        });
    }

    fn run(&self, request: RunPodSandboxRequest) -> String {
        let config = request.config;
        let node = |mode: Option<NamespaceMode>| mode == Some(NamespaceMode::Node);
        let host_network = node(config.linux.as_ref().map(|linux| linux.network))
            || node(config.windows.as_ref().map(|windows| windows.network));
        let mut state = self.state();
        let id = state.next_id();
        let ips = if host_network { Vec::new() } else { vec![state.next_address()] };
        let sandbox = PodSandboxStatus {
            id: id.clone(),
            metadata: config.metadata,
            state: PodSandboxState::Ready,
            created_at: self.now(),
            ips,
            host_network,
            labels: config.labels,
            annotations: config.annotations,
            runtime_handler: request.runtime_handler,
        };
        state.sandboxes.insert(id.clone(), Box::new(sandbox));
        id
    }

    fn create(&self, request: CreateContainerRequest) -> Result<String, CriError> {
        let mut state = self.state();
        if !state.sandboxes.contains_key(&request.pod_sandbox_id) {
            return Err(CriError::not_found(format!("sandbox {:?}: not found", request.pod_sandbox_id)));
        }
        let id = state.next_id();
        let config = request.config;
        let container = ContainerStatus {
            id: id.clone(),
            pod_sandbox_id: request.pod_sandbox_id,
            metadata: config.metadata,
            state: ContainerState::Created,
            created_at: self.now(),
            image: config.image.image.clone(),
            image_ref: config.image.image.clone(),
            image_id: config.image.image,
            labels: config.labels,
            annotations: config.annotations,
            ..ContainerStatus::default()
        };
        state.containers.insert(id.clone(), Box::new(container));
        Ok(id)
    }

    /// Changes a container and tells it.
    fn change(
        &self,
        id: &str,
        kind: ContainerEventType,
        change: impl FnOnce(&mut ContainerStatus),
    ) -> Result<(), CriError> {
        let sandbox = {
            let mut state = self.state();
            let container = state.containers.get_mut(id);
            let container =
                container.ok_or_else(|| CriError::not_found(format!("container {id:?}: not found")))?;
            change(container);
            let sandbox = container.pod_sandbox_id.clone();
            state.sandboxes.get(&sandbox).map(|sandbox| PodSandboxStatus::clone(sandbox)).unwrap_or_default()
        };
        self.publish(id, kind, sandbox);
        Ok(())
    }

    fn end(&self, id: &str) -> Result<(), CriError> {
        let running = self.state().containers.get(id).is_some_and(|c| c.state == ContainerState::Running);
        if !running {
            return Ok(());
        }
        let now = self.now();
        self.change(id, ContainerEventType::Stopped, |container| {
            container.state = ContainerState::Exited;
            container.finished_at = now;
            "Completed".clone_into(&mut container.reason);
        })
    }

    fn stop_sandbox(&self, id: &str) {
        let inside: Vec<String> = {
            let state = self.state();
            state.containers.values().filter(|c| c.pod_sandbox_id == id).map(|c| c.id.clone()).collect()
        };
        for container in inside {
            self.end(&container).ok();
        }
        if let Some(sandbox) = self.state().sandboxes.get_mut(id) {
            sandbox.state = PodSandboxState::NotReady;
        }
    }
}

impl State {
    fn next_id(&mut self) -> String {
        self.last += 1;
        format!("{:064x}", self.last)
    }

    /// The next address of the range, from its third on; after the last one it starts over.
    fn next_address(&mut self) -> String {
        let Some(Prefix { address: IpAddr::V4(base), length }) = self.pod_cidr.map(|cidr| cidr.network())
        else {
            return String::new();
        };
        let size = 1_u32.checked_shl(32 - u32::from(length.min(30))).unwrap_or(u32::MAX);
        let offset = 2 + self.addresses % (size - 3).max(1);
        self.addresses += 1;
        IpAddr::V4((base.to_bits() + offset).into()).to_string()
    }
}

impl Cri for HollowRuntime {
    fn version(&self) -> Reply<'_, VersionResponse> {
        ready(Ok(VersionResponse {
            runtime_name: "fakeRuntime".to_owned(),
            runtime_version: "v0.1.0".to_owned(),
            runtime_api_version: "v1".to_owned(),
        }))
    }

    fn status(&self) -> Reply<'_, StatusResponse> {
        let condition = |kind: &str| RuntimeCondition {
            kind: kind.to_owned(),
            status: true,
            ..RuntimeCondition::default()
        };
        let conditions = vec![condition(RUNTIME_READY), condition(NETWORK_READY)];
        ready(Ok(StatusResponse { conditions, ..StatusResponse::default() }))
    }

    fn status_info(&self) -> Reply<'_, BTreeMap<String, String>> {
        ready(Ok(BTreeMap::new()))
    }

    fn run_pod_sandbox(&self, request: RunPodSandboxRequest) -> Reply<'_, String> {
        ready(Ok(self.run(request)))
    }

    fn stop_pod_sandbox<'a>(&'a self, id: &'a str) -> Reply<'a, ()> {
        self.stop_sandbox(id);
        ready(Ok(()))
    }

    fn remove_pod_sandbox<'a>(&'a self, id: &'a str) -> Reply<'a, ()> {
        self.stop_sandbox(id);
        let mut state = self.state();
        state.sandboxes.remove(id);
        state.containers.retain(|_, container| container.pod_sandbox_id != id);
        ready(Ok(()))
    }

    fn pod_sandbox_status<'a>(&'a self, id: &'a str) -> Reply<'a, PodSandboxStatus> {
        let found = self.state().sandboxes.get(id).map(|sandbox| PodSandboxStatus::clone(sandbox));
        ready(found.ok_or_else(|| CriError::not_found(format!("sandbox {id:?}: not found"))))
    }

    fn list_pod_sandbox(&self, filter: PodSandboxFilter) -> Reply<'_, Vec<ListedPodSandbox>> {
        let state = self.state();
        let chosen = state.sandboxes.values().filter(|sandbox| {
            filter.state.is_none_or(|state| state == sandbox.state)
                && selected(&sandbox.labels, &filter.label_selector)
        });
        let listed = chosen.map(|sandbox| ListedPodSandbox {
            id: sandbox.id.clone(),
            metadata: sandbox.metadata.clone(),
            state: sandbox.state,
            created_at: sandbox.created_at,
            labels: sandbox.labels.clone(),
            annotations: sandbox.annotations.clone(),
            runtime_handler: sandbox.runtime_handler.clone(),
        });
        ready(Ok(listed.collect()))
    }

    fn create_container(&self, request: CreateContainerRequest) -> Reply<'_, String> {
        ready(self.create(request))
    }

    fn start_container<'a>(&'a self, id: &'a str) -> Reply<'a, ()> {
        let now = self.now();
        ready(self.change(id, ContainerEventType::Started, |container| {
            container.state = ContainerState::Running;
            container.started_at = now;
        }))
    }

    fn stop_container<'a>(&'a self, id: &'a str, _: i64) -> Reply<'a, ()> {
        ready(self.end(id))
    }

    fn remove_container<'a>(&'a self, id: &'a str) -> Reply<'a, ()> {
        self.state().containers.remove(id);
        ready(Ok(()))
    }

    fn list_containers(&self, filter: ContainerFilter) -> Reply<'_, Vec<ListedContainer>> {
        let state = self.state();
        let chosen = state.containers.values().filter(|container| {
            filter.state.is_none_or(|state| state == container.state)
                && (filter.pod_sandbox_id.is_empty() || filter.pod_sandbox_id == container.pod_sandbox_id)
                && selected(&container.labels, &filter.label_selector)
        });
        let listed = chosen.map(|container| ListedContainer {
            id: container.id.clone(),
            pod_sandbox_id: container.pod_sandbox_id.clone(),
            metadata: container.metadata.clone(),
            image: container.image.clone(),
            image_ref: container.image_ref.clone(),
            image_id: container.image_id.clone(),
            state: container.state,
            created_at: container.created_at,
            labels: container.labels.clone(),
            annotations: container.annotations.clone(),
        });
        ready(Ok(listed.collect()))
    }

    fn container_status<'a>(&'a self, id: &'a str) -> Reply<'a, ContainerStatus> {
        let found = self.state().containers.get(id).map(|container| ContainerStatus::clone(container));
        ready(found.ok_or_else(|| CriError::not_found(format!("container {id:?}: not found"))))
    }

    fn update_container_resources<'a>(&'a self, id: &'a str, resources: ContainerResources) -> Reply<'a, ()> {
        ready(match self.state().containers.get_mut(id) {
            Some(container) => {
                container.resources = resources;
                Ok(())
            }
            None => Err(CriError::not_found(format!("container {id:?}: not found"))),
        })
    }

    fn exec_sync<'a>(
        &'a self,
        _: &'a str,
        _: &'a [String],
        _: Option<VirtualSpan>,
    ) -> Reply<'a, ExecSyncResponse> {
        ready(Err(CriError::new(Code::Unimplemented, "a hollow runtime runs no commands")))
    }

    fn exec(&self, _: ExecRequest) -> Reply<'_, Session> {
        ready(Err(CriError::new(Code::Unimplemented, "a hollow runtime runs no commands")))
    }

    fn attach(&self, _: AttachRequest) -> Reply<'_, Session> {
        ready(Err(CriError::new(Code::Unimplemented, "a hollow runtime's containers have no streams")))
    }

    fn reopen_container_log<'a>(&'a self, _: &'a str) -> Reply<'a, ()> {
        ready(Err(CriError::new(Code::Unimplemented, "a hollow runtime writes no logs")))
    }

    fn list_container_stats(&self) -> Reply<'_, Vec<ContainerStats>> {
        ready(Ok(Vec::new()))
    }

    fn pod_sandbox_stats<'a>(&'a self, _: &'a str) -> Reply<'a, PodSandboxStats> {
        ready(Err(CriError::new(Code::Unimplemented, "a hollow runtime has no figures")))
    }

    fn update_runtime_config<'a>(&'a self, pod_cidr: &'a str) -> Reply<'a, ()> {
        if let Ok(cidr) = pod_cidr.parse() {
            self.state().pod_cidr = Some(cidr);
        }
        ready(Ok(()))
    }

    fn get_container_events(&self) -> EventStream<ContainerEventResponse> {
        self.events.subscribe()
    }

    fn pull_image(&self, request: PullImageRequest) -> Reply<'_, String> {
        ready(Ok(request.image.image))
    }

    fn list_images(&self) -> Reply<'_, Vec<Image>> {
        ready(Ok(Vec::new()))
    }

    /// Every image is there.
    fn image_status<'a>(&'a self, image: &'a str) -> Reply<'a, Option<Image>> {
        let id = image.to_owned();
        ready(Ok(Some(Image { id, repo_tags: vec![image.to_owned()], ..Image::default() })))
    }

    fn remove_image<'a>(&'a self, _: &'a str) -> Reply<'a, ()> {
        ready(Ok(()))
    }

    fn image_fs_info(&self) -> Reply<'_, ImageFsInfo> {
        ready(Ok(ImageFsInfo::default()))
    }
}

impl std::fmt::Debug for HollowRuntime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = self.state();
        f.debug_struct("HollowRuntime").field("sandboxes", &state.sandboxes.len()).finish_non_exhaustive()
    }
}
