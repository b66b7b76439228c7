//! A runtime behind gRPC, as the model's own trait.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use futures::future::BoxFuture;
use tonic::transport::Channel;
use tonic::{Response, Status};
use winlab_clock::VirtualSpan;
use winlab_cri::proto;
use winlab_cri::proto::image_service_client::ImageServiceClient;
use winlab_cri::proto::runtime_service_client::RuntimeServiceClient;
use winlab_host::EventStream;
use winlab_node::cri::{
    AttachRequest, Code, ContainerEventResponse, ContainerFilter, ContainerResources, ContainerState,
    ContainerStats, ContainerStatus, CreateContainerRequest, Cri, CriError, ExecRequest, ExecSyncResponse,
    Image, ImageFsInfo, ListedContainer, ListedPodSandbox, PodSandboxFilter, PodSandboxState,
    PodSandboxStats, PodSandboxStatus, PullImageRequest, RunPodSandboxRequest, RuntimeCondition, Session,
    StatusResponse, VersionResponse,
};

use crate::convert;
use crate::wire;

type Reply<'a, T> = BoxFuture<'a, Result<T, CriError>>;

/// The client.
pub(crate) struct Remote {
    runtime: RuntimeServiceClient<Channel>,
    images: ImageServiceClient<Channel>,
}

impl Remote {
    pub(crate) async fn new(address: &SocketAddr) -> Self {
        Self { runtime: wire::runtime(address).await, images: wire::images(address).await }
    }
}

fn error(status: Status) -> CriError {
    let code = match status.code() {
        tonic::Code::InvalidArgument => Code::InvalidArgument,
        tonic::Code::DeadlineExceeded => Code::DeadlineExceeded,
        tonic::Code::NotFound => Code::NotFound,
        tonic::Code::AlreadyExists => Code::AlreadyExists,
        tonic::Code::FailedPrecondition => Code::FailedPrecondition,
        tonic::Code::Unimplemented => Code::Unimplemented,
        tonic::Code::Unavailable => Code::Unavailable,
        _ => Code::Unknown,
    };
    CriError::new(code, status.message())
}

/// A call of a client's clone, and what is read of the answer.
fn ask<'a, C: Clone + Send + 'a, A, T, F>(
    client: &C,
    call: impl FnOnce(C) -> F + Send + 'a,
    read: impl FnOnce(A) -> T + Send + 'a,
) -> Reply<'a, T>
where
    F: Future<Output = Result<Response<A>, Status>> + Send,
{
    let client = client.clone();
    Box::pin(async move { call(client).await.map(|response| read(response.into_inner())).map_err(error) })
}

impl Cri for Remote {
    fn version(&self) -> Reply<'_, VersionResponse> {
        ask(
            &self.runtime,
            |mut client| async move { client.version(proto::VersionRequest::default()).await },
            |answer| VersionResponse {
                runtime_name: answer.runtime_name,
                runtime_version: answer.runtime_version,
                runtime_api_version: answer.runtime_api_version,
            },
        )
    }

    fn status(&self) -> Reply<'_, StatusResponse> {
        ask(
            &self.runtime,
            |mut client| async move { client.status(proto::StatusRequest { verbose: false }).await },
            |answer| StatusResponse {
                conditions: answer
                    .status
                    .unwrap()
                    .conditions
                    .into_iter()
                    .map(|condition| RuntimeCondition {
                        kind: condition.r#type,
                        status: condition.status,
                        reason: condition.reason,
                        message: condition.message,
                    })
                    .collect(),
                runtime_handlers: answer.runtime_handlers.into_iter().map(|handler| handler.name).collect(),
            },
        )
    }

    fn status_info(&self) -> Reply<'_, BTreeMap<String, String>> {
        ask(
            &self.runtime,
            |mut client| async move { client.status(proto::StatusRequest { verbose: true }).await },
            |answer| answer.info,
        )
    }

    fn run_pod_sandbox(&self, request: RunPodSandboxRequest) -> Reply<'_, String> {
        let request = proto::RunPodSandboxRequest {
            config: Some(convert::sandbox(request.config)),
            runtime_handler: request.runtime_handler,
        };
        ask(
            &self.runtime,
            |mut client| async move { client.run_pod_sandbox(request).await },
            |answer| answer.pod_sandbox_id,
        )
    }

    fn stop_pod_sandbox<'a>(&'a self, id: &'a str) -> Reply<'a, ()> {
        let request = proto::StopPodSandboxRequest { pod_sandbox_id: id.to_owned() };
        ask(&self.runtime, |mut client| async move { client.stop_pod_sandbox(request).await }, drop)
    }

    fn remove_pod_sandbox<'a>(&'a self, id: &'a str) -> Reply<'a, ()> {
        let request = proto::RemovePodSandboxRequest { pod_sandbox_id: id.to_owned() };
        ask(&self.runtime, |mut client| async move { client.remove_pod_sandbox(request).await }, drop)
    }

    fn pod_sandbox_status<'a>(&'a self, id: &'a str) -> Reply<'a, PodSandboxStatus> {
        let request = proto::PodSandboxStatusRequest { pod_sandbox_id: id.to_owned(), verbose: false };
        ask(
            &self.runtime,
            |mut client| async move { client.pod_sandbox_status(request).await },
            |answer| convert::sandbox_status(answer.status.unwrap()),
        )
    }

    fn list_pod_sandbox(&self, filter: PodSandboxFilter) -> Reply<'_, Vec<ListedPodSandbox>> {
        let state = filter.state.map(|state| proto::PodSandboxStateValue {
            state: i32::from(state == PodSandboxState::NotReady),
        });
        let filter = proto::PodSandboxFilter { id: filter.id, state, label_selector: filter.label_selector };
        let request = proto::ListPodSandboxRequest { filter: Some(filter) };
        ask(
            &self.runtime,
            |mut client| async move { client.list_pod_sandbox(request).await },
            |answer| answer.items.into_iter().map(convert::listed_sandbox).collect(),
        )
    }

    fn create_container(&self, request: CreateContainerRequest) -> Reply<'_, String> {
        let request = proto::CreateContainerRequest {
            pod_sandbox_id: request.pod_sandbox_id,
            config: Some(convert::container(request.config)),
            sandbox_config: Some(convert::sandbox(request.sandbox_config)),
        };
        ask(
            &self.runtime,
            |mut client| async move { client.create_container(request).await },
            |answer| answer.container_id,
        )
    }

    fn start_container<'a>(&'a self, id: &'a str) -> Reply<'a, ()> {
        let request = proto::StartContainerRequest { container_id: id.to_owned() };
        ask(&self.runtime, |mut client| async move { client.start_container(request).await }, drop)
    }

    fn stop_container<'a>(&'a self, id: &'a str, timeout: i64) -> Reply<'a, ()> {
        let request = proto::StopContainerRequest { container_id: id.to_owned(), timeout };
        ask(&self.runtime, |mut client| async move { client.stop_container(request).await }, drop)
    }

    fn remove_container<'a>(&'a self, id: &'a str) -> Reply<'a, ()> {
        let request = proto::RemoveContainerRequest { container_id: id.to_owned() };
        ask(&self.runtime, |mut client| async move { client.remove_container(request).await }, drop)
    }

    fn list_containers(&self, filter: ContainerFilter) -> Reply<'_, Vec<ListedContainer>> {
        let state = filter.state.map(|state| proto::ContainerStateValue {
            state: match state {
                ContainerState::Created => 0,
                ContainerState::Running => 1,
                ContainerState::Exited => 2,
                ContainerState::Unknown => 3,
            },
        });
        let filter = proto::ContainerFilter {
            id: filter.id,
            state,
            pod_sandbox_id: filter.pod_sandbox_id,
            label_selector: filter.label_selector,
        };
        let request = proto::ListContainersRequest { filter: Some(filter) };
        ask(
            &self.runtime,
            |mut client| async move { client.list_containers(request).await },
            |answer| answer.containers.into_iter().map(convert::listed_container).collect(),
        )
    }

    fn container_status<'a>(&'a self, id: &'a str) -> Reply<'a, ContainerStatus> {
        let request = proto::ContainerStatusRequest { container_id: id.to_owned(), verbose: false };
        ask(
            &self.runtime,
            |mut client| async move { client.container_status(request).await },
            |answer| convert::container_status(answer.status.unwrap()),
        )
    }

    fn update_container_resources<'a>(&'a self, id: &'a str, limits: ContainerResources) -> Reply<'a, ()> {
        let request = proto::UpdateContainerResourcesRequest {
            container_id: id.to_owned(),
            windows: limits.windows.map(convert::windows),
            ..Default::default()
        };
        ask(&self.runtime, |mut client| async move { client.update_container_resources(request).await }, drop)
    }

    fn exec_sync<'a>(
        &'a self,
        id: &'a str,
        command: &'a [String],
        timeout: Option<VirtualSpan>,
    ) -> Reply<'a, ExecSyncResponse> {
        let timeout = timeout.map_or(0, |span| i64::try_from(span.as_nanos() / 1_000_000_000).unwrap());
        let request = proto::ExecSyncRequest { container_id: id.to_owned(), cmd: command.to_vec(), timeout };
        ask(
            &self.runtime,
            |mut client| async move { client.exec_sync(request).await },
            |answer| ExecSyncResponse {
                stdout: answer.stdout,
                stderr: answer.stderr,
                exit_code: answer.exit_code,
            },
        )
    }

    fn exec(&self, _: ExecRequest) -> Reply<'_, Session> {
        unreachable!("streams have tests of their own")
    }

    fn attach(&self, _: AttachRequest) -> Reply<'_, Session> {
        unreachable!("streams have tests of their own")
    }

    fn reopen_container_log<'a>(&'a self, id: &'a str) -> Reply<'a, ()> {
        let request = proto::ReopenContainerLogRequest { container_id: id.to_owned() };
        ask(&self.runtime, |mut client| async move { client.reopen_container_log(request).await }, drop)
    }

    fn list_container_stats(&self) -> Reply<'_, Vec<ContainerStats>> {
        let request = proto::ListContainerStatsRequest::default();
        ask(
            &self.runtime,
            |mut client| async move { client.list_container_stats(request).await },
            |answer| answer.stats.into_iter().map(convert::stats).collect(),
        )
    }

    fn pod_sandbox_stats<'a>(&'a self, id: &'a str) -> Reply<'a, PodSandboxStats> {
        let request = proto::PodSandboxStatsRequest { pod_sandbox_id: id.to_owned() };
        ask(
            &self.runtime,
            |mut client| async move { client.pod_sandbox_stats(request).await },
            |answer| convert::sandbox_stats(answer.stats.unwrap()),
        )
    }

    fn update_runtime_config<'a>(&'a self, pod_cidr: &'a str) -> Reply<'a, ()> {
        let network = proto::NetworkConfig { pod_cidr: pod_cidr.to_owned() };
        let config = proto::RuntimeConfig { network_config: Some(network) };
        let request = proto::UpdateRuntimeConfigRequest { runtime_config: Some(config) };
        ask(&self.runtime, |mut client| async move { client.update_runtime_config(request).await }, drop)
    }

    fn get_container_events(&self) -> EventStream<ContainerEventResponse> {
        unreachable!("events have a test of their own")
    }

    fn pull_image(&self, request: PullImageRequest) -> Reply<'_, String> {
        let request = proto::PullImageRequest { image: convert::image(request.image), ..Default::default() };
        ask(
            &self.images,
            |mut client| async move { client.pull_image(request).await },
            |answer| answer.image_ref,
        )
    }

    fn list_images(&self) -> Reply<'_, Vec<Image>> {
        let request = proto::ListImagesRequest::default();
        ask(
            &self.images,
            |mut client| async move { client.list_images(request).await },
            |answer| answer.images.into_iter().map(convert::listed_image).collect(),
        )
    }

    fn image_status<'a>(&'a self, image: &'a str) -> Reply<'a, Option<Image>> {
        let image = proto::ImageSpec { image: image.to_owned(), ..Default::default() };
        let request = proto::ImageStatusRequest { image: Some(image), verbose: false };
        ask(
            &self.images,
            |mut client| async move { client.image_status(request).await },
            |answer| answer.image.map(convert::listed_image),
        )
    }

    fn remove_image<'a>(&'a self, image: &'a str) -> Reply<'a, ()> {
        let image = proto::ImageSpec { image: image.to_owned(), ..Default::default() };
        let request = proto::RemoveImageRequest { image: Some(image) };
        ask(&self.images, |mut client| async move { client.remove_image(request).await }, drop)
    }

    fn image_fs_info(&self) -> Reply<'_, ImageFsInfo> {
        let request = proto::ImageFsInfoRequest::default();
        ask(
            &self.images,
            move |mut client| async move { client.image_fs_info(request).await },
            |answer| ImageFsInfo {
                timestamp: answer.image_filesystems[0].timestamp,
                used_bytes: answer
                    .image_filesystems
                    .into_iter()
                    .map(|usage| (usage.fs_id.unwrap().mountpoint, usage.used_bytes.unwrap().value))
                    .collect(),
            },
        )
    }
}
