//! CRI over the core.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::future::BoxFuture;
use winlab_clock::VirtualSpan;
use winlab_document::{Document, doc};
use winlab_host::EventStream;

use super::core::Core;
use crate::cri::{
    AttachRequest, ContainerEventResponse, ContainerFilter, ContainerResources, ContainerState,
    ContainerStats, ContainerStatus, CreateContainerRequest, Cri, CriError, ExecRequest, ExecSyncResponse,
    Image, ImageFsInfo, ListedContainer, ListedPodSandbox, NETWORK_READY, PodSandboxFilter, PodSandboxStats,
    PodSandboxStatus, PullImageRequest, RUNTIME_READY, RunPodSandboxRequest, RuntimeCondition, Session,
    StatusResponse, VersionResponse,
};

type Reply<'a, T> = BoxFuture<'a, Result<T, CriError>>;

/// What listens at containerd's address.
pub(crate) struct CriService(pub(crate) Arc<Core>);

fn selected(labels: &BTreeMap<String, String>, wanted: &BTreeMap<String, String>) -> bool {
    wanted.iter().all(|(name, value)| labels.get(name) == Some(value))
}

impl CriService {
    async fn status_now(&self) -> StatusResponse {
        let network = self.0.network_ready().await;
        let condition = |kind: &str, problem: Option<String>| RuntimeCondition {
            kind: kind.to_owned(),
            status: problem.is_none(),
            reason: if problem.is_some() { "NetworkPluginNotReady".to_owned() } else { String::new() },
            message: problem.unwrap_or_default(),
        };
        let problem = network.err().map(|text| format!("Network plugin returns error: {text}"));
        StatusResponse {
            conditions: vec![condition(RUNTIME_READY, None), condition(NETWORK_READY, problem)],
            runtime_handlers: self.0.config.runtimes.keys().cloned().collect(),
        }
    }

    /// What of containerd's configuration the model has, and how its CNI configuration was read.
    async fn info(&self) -> BTreeMap<String, String> {
        let config = &self.0.config;
        let runtimes: Document =
            config.runtimes.iter().map(|(name, kind)| (name.as_str(), doc!({"runtimeType": kind}))).collect();
        let settings = doc!({
            "containerd": {"defaultRuntimeName": &config.default_runtime, "runtimes": runtimes},
            "cni": {"confDir": &config.cni_conf_dir},
            "containerdRootDir": &config.root,
            "containerdEndpoint": &config.address,
            "rootDir": format!("{}/io.containerd.grpc.v1.cri", config.root),
            "stateDir": format!("{}/io.containerd.grpc.v1.cri", config.state),
        });
        let loaded = self.0.network_ready().await.err().unwrap_or_else(|| "OK".to_owned());
        let pairs = [
            ("config", settings.to_string()),
            ("lastCNILoadStatus", loaded.clone()),
            ("lastCNILoadStatus.default", loaded),
        ];
        pairs.map(|(name, text)| (name.to_owned(), text)).into()
    }
}

impl Cri for CriService {
    fn version(&self) -> Reply<'_, VersionResponse> {
        let runtime_version = format!("v{}", self.0.options.version.trim_start_matches('v'));
        let version = VersionResponse {
            runtime_name: "containerd".to_owned(),
            runtime_version,
            // CRI v1 came with 1.6.
            runtime_api_version: if self.0.options.is_at_least(1, 6) { "v1" } else { "v1alpha2" }.to_owned(),
        };
        Box::pin(std::future::ready(Ok(version)))
    }

    fn status(&self) -> Reply<'_, StatusResponse> {
        Box::pin(async move { Ok(self.status_now().await) })
    }

    fn status_info(&self) -> Reply<'_, BTreeMap<String, String>> {
        Box::pin(async move { Ok(self.info().await) })
    }

    fn run_pod_sandbox(&self, request: RunPodSandboxRequest) -> Reply<'_, String> {
        Box::pin(self.0.run_sandbox(request))
    }

    fn stop_pod_sandbox<'a>(&'a self, id: &'a str) -> Reply<'a, ()> {
        Box::pin(self.0.stop_sandbox(id))
    }

    fn remove_pod_sandbox<'a>(&'a self, id: &'a str) -> Reply<'a, ()> {
        Box::pin(self.0.remove_sandbox(id))
    }

    fn pod_sandbox_status<'a>(&'a self, id: &'a str) -> Reply<'a, PodSandboxStatus> {
        Box::pin(std::future::ready(self.0.sandbox(id).map(|record| record.to_status())))
    }

    fn list_pod_sandbox(&self, filter: PodSandboxFilter) -> Reply<'_, Vec<ListedPodSandbox>> {
        let state = self.0.state();
        let records = state.sandboxes.values().filter(|record| {
            record.id.starts_with(&filter.id)
                && filter.state.is_none_or(|state| state == record.state)
                && selected(&record.config.labels, &filter.label_selector)
        });
        let listed = records.map(super::records::SandboxRecord::to_listed).collect();
        Box::pin(std::future::ready(Ok(listed)))
    }

    fn create_container(&self, request: CreateContainerRequest) -> Reply<'_, String> {
        Box::pin(self.0.create(request))
    }

    fn start_container<'a>(&'a self, id: &'a str) -> Reply<'a, ()> {
        Box::pin(self.0.start(id))
    }

    fn stop_container<'a>(&'a self, id: &'a str, timeout: i64) -> Reply<'a, ()> {
        Box::pin(self.0.stop(id, timeout))
    }

    fn remove_container<'a>(&'a self, id: &'a str) -> Reply<'a, ()> {
        Box::pin(self.0.remove(id))
    }

    fn list_containers(&self, filter: ContainerFilter) -> Reply<'_, Vec<ListedContainer>> {
        let state = self.0.state();
        let records = state.containers.values().filter(|record| {
            record.id.starts_with(&filter.id)
                && filter.state.is_none_or(|state| state == record.state)
                && (filter.pod_sandbox_id.is_empty() || filter.pod_sandbox_id == record.sandbox_id)
                && selected(&record.config.labels, &filter.label_selector)
        });
        let listed = records.map(super::records::ContainerRecord::to_listed).collect();
        Box::pin(std::future::ready(Ok(listed)))
    }

    fn container_status<'a>(&'a self, id: &'a str) -> Reply<'a, ContainerStatus> {
        Box::pin(std::future::ready(self.0.container(id).map(|record| self.0.container_status(&record))))
    }

    fn update_container_resources<'a>(&'a self, id: &'a str, resources: ContainerResources) -> Reply<'a, ()> {
        Box::pin(self.0.update(id, resources))
    }

    fn exec_sync<'a>(
        &'a self,
        id: &'a str,
        command: &'a [String],
        timeout: Option<VirtualSpan>,
    ) -> Reply<'a, ExecSyncResponse> {
        Box::pin(self.0.exec(id, command, timeout))
    }

    fn exec(&self, request: ExecRequest) -> Reply<'_, Session> {
        Box::pin(self.0.exec_session(request))
    }

    fn attach(&self, request: AttachRequest) -> Reply<'_, Session> {
        Box::pin(async move { self.0.attach_session(&request) })
    }

    fn reopen_container_log<'a>(&'a self, id: &'a str) -> Reply<'a, ()> {
        Box::pin(async move {
            let record = self.0.container(id)?;
            if record.state != ContainerState::Running {
                return Err(CriError::unknown("container is not running"));
            }
            // Every line is appended by its own call, so the next one makes the file anew.
            self.0.pump_output(&record.id).await;
            Ok(())
        })
    }

    fn list_container_stats(&self) -> Reply<'_, Vec<ContainerStats>> {
        Box::pin(async move { Ok(self.0.container_stats().await) })
    }

    fn pod_sandbox_stats<'a>(&'a self, id: &'a str) -> Reply<'a, PodSandboxStats> {
        Box::pin(async move {
            let record = self.0.sandbox(id)?;
            self.0.sandbox_stats(&record).await
        })
    }

    fn update_runtime_config<'a>(&'a self, pod_cidr: &'a str) -> Reply<'a, ()> {
        self.0.log.info(format_args!(
            "No cni config template is specified, wait for other system components to drop the config. podCIDR={pod_cidr}"
        ));
        Box::pin(std::future::ready(Ok(())))
    }

    fn get_container_events(&self) -> EventStream<ContainerEventResponse> {
        self.0.events.subscribe()
    }

    fn pull_image(&self, request: PullImageRequest) -> Reply<'_, String> {
        Box::pin(
            async move { self.0.pull(&request.image.image, &request.image.runtime_handler, false).await },
        )
    }

    fn list_images(&self) -> Reply<'_, Vec<Image>> {
        let images = self.0.state().images.images.values().map(super::images::ImageRecord::to_cri).collect();
        Box::pin(std::future::ready(Ok(images)))
    }

    fn image_status<'a>(&'a self, image: &'a str) -> Reply<'a, Option<Image>> {
        Box::pin(std::future::ready(Ok(self.0.image(image).map(|record| record.to_cri()))))
    }

    fn remove_image<'a>(&'a self, image: &'a str) -> Reply<'a, ()> {
        Box::pin(async move {
            self.0.remove_image_named(image).await;
            Ok(())
        })
    }

    fn image_fs_info(&self) -> Reply<'_, ImageFsInfo> {
        let used = self.0.state().images.images.values().map(|image| image.size).sum();
        let used_bytes = [(self.0.snapshotter_root(), used)].into();
        Box::pin(std::future::ready(Ok(ImageFsInfo { timestamp: self.0.now(), used_bytes })))
    }
}
