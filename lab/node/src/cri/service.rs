//! RuntimeService and ImageService.

use std::collections::BTreeMap;

use futures::future::BoxFuture;
use winlab_clock::VirtualSpan;
use winlab_host::EventStream;

use super::{
    AttachRequest, ContainerEventResponse, ContainerFilter, ContainerResources, ContainerStats,
    ContainerStatus, CreateContainerRequest, CriError, ExecRequest, ExecSyncResponse, Image, ImageFsInfo,
    ListedContainer, ListedPodSandbox, PodSandboxFilter, PodSandboxStats, PodSandboxStatus, PullImageRequest,
    RunPodSandboxRequest, Session, StatusResponse, VersionResponse,
};

/// An answer on its way.
type Reply<'a, T> = BoxFuture<'a, Result<T, CriError>>;

/// The runtime as the kubelet sees it. It listens at `npipe:////./pipe/containerd-containerd` on Windows, at
/// `unix:///run/containerd/containerd.sock` on Linux.
pub trait Cri: Send + Sync {
    /// `RuntimeService/Version`
    fn version(&self) -> Reply<'_, VersionResponse>;
    /// `RuntimeService/Status`
    fn status(&self) -> Reply<'_, StatusResponse>;
    /// The information that a verbose `RuntimeService/Status` adds, as JSON by name
    fn status_info(&self) -> Reply<'_, BTreeMap<String, String>>;
    /// `RuntimeService/RunPodSandbox`; the sandbox's id
    fn run_pod_sandbox(&self, request: RunPodSandboxRequest) -> Reply<'_, String>;
    /// `RuntimeService/StopPodSandbox`
    fn stop_pod_sandbox<'a>(&'a self, id: &'a str) -> Reply<'a, ()>;
    /// `RuntimeService/RemovePodSandbox`
    fn remove_pod_sandbox<'a>(&'a self, id: &'a str) -> Reply<'a, ()>;
    /// `RuntimeService/PodSandboxStatus`
    fn pod_sandbox_status<'a>(&'a self, id: &'a str) -> Reply<'a, PodSandboxStatus>;
    /// `RuntimeService/ListPodSandbox`
    fn list_pod_sandbox(&self, filter: PodSandboxFilter) -> Reply<'_, Vec<ListedPodSandbox>>;
    /// `RuntimeService/CreateContainer`; the container's id
    fn create_container(&self, request: CreateContainerRequest) -> Reply<'_, String>;
    /// `RuntimeService/StartContainer`
    fn start_container<'a>(&'a self, id: &'a str) -> Reply<'a, ()>;
    /// `RuntimeService/StopContainer`: asks politely, kills after `timeout` seconds
    fn stop_container<'a>(&'a self, id: &'a str, timeout: i64) -> Reply<'a, ()>;
    /// `RuntimeService/RemoveContainer`
    fn remove_container<'a>(&'a self, id: &'a str) -> Reply<'a, ()>;
    /// `RuntimeService/ListContainers`
    fn list_containers(&self, filter: ContainerFilter) -> Reply<'_, Vec<ListedContainer>>;
    /// `RuntimeService/ContainerStatus`
    fn container_status<'a>(&'a self, id: &'a str) -> Reply<'a, ContainerStatus>;
    /// `RuntimeService/UpdateContainerResources`
    fn update_container_resources<'a>(&'a self, id: &'a str, resources: ContainerResources) -> Reply<'a, ()>;
    /// `RuntimeService/ExecSync`; no timeout waits for ever
    fn exec_sync<'a>(
        &'a self,
        id: &'a str,
        command: &'a [String],
        timeout: Option<VirtualSpan>,
    ) -> Reply<'a, ExecSyncResponse>;
    /// `RuntimeService/Exec`: the streams of a command that runs in a container
    fn exec(&self, request: ExecRequest) -> Reply<'_, Session>;
    /// `RuntimeService/Attach`: the streams of a running container's first process, from now on
    fn attach(&self, request: AttachRequest) -> Reply<'_, Session>;
    /// `RuntimeService/ReopenContainerLog`
    fn reopen_container_log<'a>(&'a self, id: &'a str) -> Reply<'a, ()>;
    /// `RuntimeService/ListContainerStats`
    fn list_container_stats(&self) -> Reply<'_, Vec<ContainerStats>>;
    /// `RuntimeService/PodSandboxStats`
    fn pod_sandbox_stats<'a>(&'a self, id: &'a str) -> Reply<'a, PodSandboxStats>;
    /// `RuntimeService/UpdateRuntimeConfig` with the node's pod CIDR
    fn update_runtime_config<'a>(&'a self, pod_cidr: &'a str) -> Reply<'a, ()>;
    /// `RuntimeService/GetContainerEvents`: events from now on
    fn get_container_events(&self) -> EventStream<ContainerEventResponse>;

    /// `ImageService/PullImage`; the image's id
    fn pull_image(&self, request: PullImageRequest) -> Reply<'_, String>;
    /// `ImageService/ListImages`
    fn list_images(&self) -> Reply<'_, Vec<Image>>;
    /// `ImageService/ImageStatus`; none where it is not there
    fn image_status<'a>(&'a self, image: &'a str) -> Reply<'a, Option<Image>>;
    /// `ImageService/RemoveImage`
    fn remove_image<'a>(&'a self, image: &'a str) -> Reply<'a, ()>;
    /// `ImageService/ImageFsInfo`
    fn image_fs_info(&self) -> Reply<'_, ImageFsInfo>;
}
