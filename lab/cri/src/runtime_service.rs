//! RuntimeService.

use futures::StreamExt;
use futures::stream::{self, BoxStream};
use tonic::{Request, Response, Status};
use winlab_clock::VirtualSpan;
use winlab_node::cri::Cri;

use crate::backend::Backend;
use crate::convert;
use crate::error::{missing, unknown_method};
use crate::proto::runtime_service_server::RuntimeService;
use crate::proto::{
    AttachRequest, AttachResponse, CheckpointContainerRequest, CheckpointContainerResponse,
    CheckpointPodRequest, CheckpointPodResponse, Container, ContainerEventResponse, ContainerFilter,
    ContainerStatsRequest, ContainerStatsResponse, ContainerStatusRequest, ContainerStatusResponse,
    CreateContainerRequest, CreateContainerResponse, ExecRequest, ExecResponse, ExecSyncRequest,
    ExecSyncResponse, GetEventsRequest, ListContainerStatsRequest, ListContainerStatsResponse,
    ListContainersRequest, ListContainersResponse, ListMetricDescriptorsRequest,
    ListMetricDescriptorsResponse, ListPodSandboxMetricsRequest, ListPodSandboxMetricsResponse,
    ListPodSandboxRequest, ListPodSandboxResponse, ListPodSandboxStatsRequest, ListPodSandboxStatsResponse,
    PodSandbox, PodSandboxFilter, PodSandboxStatsRequest, PodSandboxStatsResponse, PodSandboxStatusRequest,
    PodSandboxStatusResponse, PortForwardRequest, PortForwardResponse, RemoveContainerRequest,
    RemoveContainerResponse, RemovePodSandboxRequest, RemovePodSandboxResponse, ReopenContainerLogRequest,
    ReopenContainerLogResponse, RestorePodRequest, RestorePodResponse, RunPodSandboxRequest,
    RunPodSandboxResponse, RuntimeConfigRequest, RuntimeConfigResponse, StartContainerRequest,
    StartContainerResponse, StatusRequest, StatusResponse, StopContainerRequest, StopContainerResponse,
    StopPodSandboxRequest, StopPodSandboxResponse, StreamContainerStatsRequest, StreamContainerStatsResponse,
    StreamContainersRequest, StreamContainersResponse, StreamPodSandboxMetricsRequest,
    StreamPodSandboxMetricsResponse, StreamPodSandboxStatsRequest, StreamPodSandboxStatsResponse,
    StreamPodSandboxesRequest, StreamPodSandboxesResponse, UpdateContainerResourcesRequest,
    UpdateContainerResourcesResponse, UpdatePodSandboxResourcesRequest, UpdatePodSandboxResourcesResponse,
    UpdateRuntimeConfigRequest, UpdateRuntimeConfigResponse, VersionRequest, VersionResponse,
};

/// The version of the interface that containerd tells, whichever it is (`kubeAPIVersion`, internal/cri/server/version.go).
const KUBE_API_VERSION: &str = "0.1.0";

/// The runtime behind a backend.
pub(crate) struct Runtime(Backend);

type Answer<T> = Result<Response<T>, Status>;
type Parts<T> = BoxStream<'static, Result<T, Status>>;

impl Runtime {
    pub(crate) fn new(backend: Backend) -> Self {
        Self(backend)
    }

    async fn sandboxes(&self, filter: Option<PodSandboxFilter>) -> Result<Vec<PodSandbox>, Status> {
        let filter = filter.map(convert::sandbox_filter).unwrap_or_default();
        let listed = self.0.call(|cri| async move { cri.list_pod_sandbox(filter).await }).await?;
        Ok(listed.into_iter().map(convert::listed_sandbox).collect())
    }

    async fn containers(&self, filter: Option<ContainerFilter>) -> Result<Vec<Container>, Status> {
        let filter = filter.map(convert::container_filter).unwrap_or_default();
        let listed = self.0.call(|cri| async move { cri.list_containers(filter).await }).await?;
        Ok(listed.into_iter().map(convert::listed_container).collect())
    }
}

/// The containers of a sandbox, as an event shows them.
async fn statuses(cri: &dyn Cri, sandbox: &str) -> Vec<winlab_node::cri::ContainerStatus> {
    let filter =
        winlab_node::cri::ContainerFilter { pod_sandbox_id: sandbox.to_owned(), ..Default::default() };
    let mut statuses = Vec::new();
    for container in cri.list_containers(filter).await.unwrap_or_default() {
        // One that was removed meanwhile is no part of it any more.
        statuses.extend(cri.container_status(&container.id).await.ok());
    }
    statuses
}

/// A stream of answers with one item each, as large lists are asked for from cri-api 1.36 on (KEP-5825).
fn parts<I, T: Send + 'static>(items: Vec<I>, part: impl Fn(I) -> T) -> Parts<T> {
    stream::iter(items.into_iter().map(|item| Ok(part(item))).collect::<Vec<_>>()).boxed()
}

#[tonic::async_trait]
impl RuntimeService for Runtime {
    type StreamPodSandboxesStream = Parts<StreamPodSandboxesResponse>;
    type StreamContainersStream = Parts<StreamContainersResponse>;
    type StreamContainerStatsStream = Parts<StreamContainerStatsResponse>;
    type StreamPodSandboxStatsStream = Parts<StreamPodSandboxStatsResponse>;
    type StreamPodSandboxMetricsStream = Parts<StreamPodSandboxMetricsResponse>;
    type GetContainerEventsStream = Parts<ContainerEventResponse>;

    async fn version(&self, _: Request<VersionRequest>) -> Answer<VersionResponse> {
        let version = self.0.call(|cri| async move { cri.version().await }).await?;
        Ok(Response::new(VersionResponse {
            version: KUBE_API_VERSION.to_owned(),
            runtime_name: version.runtime_name,
            runtime_version: version.runtime_version,
            runtime_api_version: version.runtime_api_version,
        }))
    }

    async fn status(&self, request: Request<StatusRequest>) -> Answer<StatusResponse> {
        let status = self.0.call(|cri| async move { cri.status().await }).await?;
        Ok(Response::new(convert::runtime_status(status, request.into_inner().verbose)))
    }

    /// Only a Linux runtime has something to tell, its cgroup driver: on Windows the answer is empty
    /// (containerd `internal/cri/server/runtime_config_other.go`).
    async fn runtime_config(&self, _: Request<RuntimeConfigRequest>) -> Answer<RuntimeConfigResponse> {
        self.0.dial()?;
        Ok(Response::new(RuntimeConfigResponse { linux: None }))
    }

    async fn update_runtime_config(
        &self,
        request: Request<UpdateRuntimeConfigRequest>,
    ) -> Answer<UpdateRuntimeConfigResponse> {
        let network = request.into_inner().runtime_config.and_then(|config| config.network_config);
        let pod_cidr = network.unwrap_or_default().pod_cidr;
        self.0.call(|cri| async move { cri.update_runtime_config(&pod_cidr).await }).await?;
        Ok(Response::new(UpdateRuntimeConfigResponse {}))
    }

    async fn run_pod_sandbox(&self, request: Request<RunPodSandboxRequest>) -> Answer<RunPodSandboxResponse> {
        let request = request.into_inner();
        let config = request.config.ok_or_else(|| missing("sandbox config"))?;
        let run = winlab_node::cri::RunPodSandboxRequest {
            config: convert::sandbox_config(config)?,
            runtime_handler: request.runtime_handler,
        };
        let pod_sandbox_id = self.0.call(|cri| async move { cri.run_pod_sandbox(run).await }).await?;
        Ok(Response::new(RunPodSandboxResponse { pod_sandbox_id }))
    }

    async fn stop_pod_sandbox(
        &self,
        request: Request<StopPodSandboxRequest>,
    ) -> Answer<StopPodSandboxResponse> {
        let id = request.into_inner().pod_sandbox_id;
        self.0.call(|cri| async move { cri.stop_pod_sandbox(&id).await }).await?;
        Ok(Response::new(StopPodSandboxResponse {}))
    }

    async fn remove_pod_sandbox(
        &self,
        request: Request<RemovePodSandboxRequest>,
    ) -> Answer<RemovePodSandboxResponse> {
        let id = request.into_inner().pod_sandbox_id;
        self.0.call(|cri| async move { cri.remove_pod_sandbox(&id).await }).await?;
        Ok(Response::new(RemovePodSandboxResponse {}))
    }

    async fn pod_sandbox_status(
        &self,
        request: Request<PodSandboxStatusRequest>,
    ) -> Answer<PodSandboxStatusResponse> {
        let id = request.into_inner().pod_sandbox_id;
        let status = self.0.call(|cri| async move { cri.pod_sandbox_status(&id).await }).await?;
        let status = Some(convert::sandbox_status(status));
        Ok(Response::new(PodSandboxStatusResponse { status, ..Default::default() }))
    }

    async fn list_pod_sandbox(
        &self,
        request: Request<ListPodSandboxRequest>,
    ) -> Answer<ListPodSandboxResponse> {
        let items = self.sandboxes(request.into_inner().filter).await?;
        Ok(Response::new(ListPodSandboxResponse { items }))
    }

    async fn stream_pod_sandboxes(
        &self,
        request: Request<StreamPodSandboxesRequest>,
    ) -> Answer<Self::StreamPodSandboxesStream> {
        let sandboxes = self.sandboxes(request.into_inner().filter).await?;
        let part = |sandbox| StreamPodSandboxesResponse { pod_sandboxes: vec![sandbox] };
        Ok(Response::new(parts(sandboxes, part)))
    }

    async fn create_container(
        &self,
        request: Request<CreateContainerRequest>,
    ) -> Answer<CreateContainerResponse> {
        let request = request.into_inner();
        let config = request.config.ok_or_else(|| missing("container config"))?;
        let create = winlab_node::cri::CreateContainerRequest {
            pod_sandbox_id: request.pod_sandbox_id,
            config: convert::container_config(config)?,
            sandbox_config: request
                .sandbox_config
                .map(convert::sandbox_config)
                .transpose()?
                .unwrap_or_default(),
        };
        let container_id = self.0.call(|cri| async move { cri.create_container(create).await }).await?;
        Ok(Response::new(CreateContainerResponse { container_id }))
    }

    async fn start_container(
        &self,
        request: Request<StartContainerRequest>,
    ) -> Answer<StartContainerResponse> {
        let id = request.into_inner().container_id;
        self.0.call(|cri| async move { cri.start_container(&id).await }).await?;
        Ok(Response::new(StartContainerResponse {}))
    }

    async fn stop_container(&self, request: Request<StopContainerRequest>) -> Answer<StopContainerResponse> {
        let StopContainerRequest { container_id, timeout } = request.into_inner();
        self.0.call(move |cri| async move { cri.stop_container(&container_id, timeout).await }).await?;
        Ok(Response::new(StopContainerResponse {}))
    }

    async fn remove_container(
        &self,
        request: Request<RemoveContainerRequest>,
    ) -> Answer<RemoveContainerResponse> {
        let id = request.into_inner().container_id;
        self.0.call(|cri| async move { cri.remove_container(&id).await }).await?;
        Ok(Response::new(RemoveContainerResponse {}))
    }

    async fn list_containers(
        &self,
        request: Request<ListContainersRequest>,
    ) -> Answer<ListContainersResponse> {
        let containers = self.containers(request.into_inner().filter).await?;
        Ok(Response::new(ListContainersResponse { containers }))
    }

    async fn stream_containers(
        &self,
        request: Request<StreamContainersRequest>,
    ) -> Answer<Self::StreamContainersStream> {
        let containers = self.containers(request.into_inner().filter).await?;
        let part = |container| StreamContainersResponse { containers: vec![container] };
        Ok(Response::new(parts(containers, part)))
    }

    async fn container_status(
        &self,
        request: Request<ContainerStatusRequest>,
    ) -> Answer<ContainerStatusResponse> {
        let id = request.into_inner().container_id;
        let status = self.0.call(|cri| async move { cri.container_status(&id).await }).await?;
        let status = Some(convert::container_status(status));
        Ok(Response::new(ContainerStatusResponse { status, ..Default::default() }))
    }

    async fn update_container_resources(
        &self,
        request: Request<UpdateContainerResourcesRequest>,
    ) -> Answer<UpdateContainerResourcesResponse> {
        let request = request.into_inner();
        let (id, limits) =
            (request.container_id, convert::container_resources(request.linux, request.windows));
        self.0.call(|cri| async move { cri.update_container_resources(&id, limits).await }).await?;
        Ok(Response::new(UpdateContainerResourcesResponse {}))
    }

    async fn reopen_container_log(
        &self,
        request: Request<ReopenContainerLogRequest>,
    ) -> Answer<ReopenContainerLogResponse> {
        let id = request.into_inner().container_id;
        self.0.call(|cri| async move { cri.reopen_container_log(&id).await }).await?;
        Ok(Response::new(ReopenContainerLogResponse {}))
    }

    /// A timeout of 0 is none.
    async fn exec_sync(&self, request: Request<ExecSyncRequest>) -> Answer<ExecSyncResponse> {
        let ExecSyncRequest { container_id, cmd, timeout } = request.into_inner();
        let timeout = u64::try_from(timeout).ok().filter(|seconds| *seconds > 0).map(VirtualSpan::from_secs);
        let done =
            self.0.call(move |cri| async move { cri.exec_sync(&container_id, &cmd, timeout).await }).await?;
        Ok(Response::new(ExecSyncResponse {
            stdout: done.stdout,
            stderr: done.stderr,
            exit_code: done.exit_code,
        }))
    }

    async fn exec(&self, _: Request<ExecRequest>) -> Answer<ExecResponse> {
        Err(Status::unimplemented("winlab's runtime has no streaming server yet: use ExecSync"))
    }

    async fn attach(&self, _: Request<AttachRequest>) -> Answer<AttachResponse> {
        Err(Status::unimplemented("winlab's runtime has no streaming server yet: read the container's log"))
    }

    async fn port_forward(&self, _: Request<PortForwardRequest>) -> Answer<PortForwardResponse> {
        Err(Status::unimplemented("winlab's runtime has no streaming server yet"))
    }

    async fn container_stats(
        &self,
        request: Request<ContainerStatsRequest>,
    ) -> Answer<ContainerStatsResponse> {
        let id = request.into_inner().container_id;
        let stats = self.0.call(|cri| async move { cri.list_container_stats().await }).await?;
        let found = stats.into_iter().find(|stats| stats.id == id);
        let stats = found.ok_or_else(|| Status::not_found("failed to find container: not found"))?;
        Ok(Response::new(ContainerStatsResponse { stats: Some(convert::container_stats(stats)) }))
    }

    async fn list_container_stats(
        &self,
        _: Request<ListContainerStatsRequest>,
    ) -> Answer<ListContainerStatsResponse> {
        let stats = self.0.call(|cri| async move { cri.list_container_stats().await }).await?;
        let stats = stats.into_iter().map(convert::container_stats).collect();
        Ok(Response::new(ListContainerStatsResponse { stats }))
    }

    async fn stream_container_stats(
        &self,
        _: Request<StreamContainerStatsRequest>,
    ) -> Answer<Self::StreamContainerStatsStream> {
        let stats = self.0.call(|cri| async move { cri.list_container_stats().await }).await?;
        let part =
            |stats| StreamContainerStatsResponse { container_stats: vec![convert::container_stats(stats)] };
        Ok(Response::new(parts(stats, part)))
    }

    async fn pod_sandbox_stats(&self, _: Request<PodSandboxStatsRequest>) -> Answer<PodSandboxStatsResponse> {
        Err(unknown_method("RuntimeService", "PodSandboxStats"))
    }

    async fn list_pod_sandbox_stats(
        &self,
        _: Request<ListPodSandboxStatsRequest>,
    ) -> Answer<ListPodSandboxStatsResponse> {
        Err(unknown_method("RuntimeService", "ListPodSandboxStats"))
    }

    async fn stream_pod_sandbox_stats(
        &self,
        _: Request<StreamPodSandboxStatsRequest>,
    ) -> Answer<Self::StreamPodSandboxStatsStream> {
        Err(unknown_method("RuntimeService", "StreamPodSandboxStats"))
    }

    /// Not on Windows (containerd `internal/cri/server/container_checkpoint.go`).
    async fn checkpoint_container(
        &self,
        _: Request<CheckpointContainerRequest>,
    ) -> Answer<CheckpointContainerResponse> {
        Err(Status::unimplemented("method CheckpointContainer not implemented"))
    }

    async fn checkpoint_pod(&self, _: Request<CheckpointPodRequest>) -> Answer<CheckpointPodResponse> {
        Err(unknown_method("RuntimeService", "CheckpointPod"))
    }

    async fn restore_pod(&self, _: Request<RestorePodRequest>) -> Answer<RestorePodResponse> {
        Err(unknown_method("RuntimeService", "RestorePod"))
    }

    /// Ends when the runtime does.
    async fn get_container_events(
        &self,
        _: Request<GetEventsRequest>,
    ) -> Answer<Self::GetContainerEventsStream> {
        let cri = self.0.dial()?;
        let events = cri.get_container_events().then(move |event| {
            let cri = cri.clone();
            async move {
                let containers = statuses(&*cri, &event.pod_sandbox_status.id).await;
                Ok(convert::container_event(event, containers))
            }
        });
        Ok(Response::new(events.boxed()))
    }

    /// Not on Windows (containerd `internal/cri/server/list_metric_descriptors_other.go`).
    async fn list_metric_descriptors(
        &self,
        _: Request<ListMetricDescriptorsRequest>,
    ) -> Answer<ListMetricDescriptorsResponse> {
        Err(Status::unimplemented("method ListMetricDescriptors not implemented on this platform"))
    }

    /// Not on Windows (containerd `internal/cri/server/list_pod_sandbox_metrics_other.go`).
    async fn list_pod_sandbox_metrics(
        &self,
        _: Request<ListPodSandboxMetricsRequest>,
    ) -> Answer<ListPodSandboxMetricsResponse> {
        Err(Status::unimplemented("ListPodSandboxMetrics not implemented on this platform"))
    }

    async fn stream_pod_sandbox_metrics(
        &self,
        _: Request<StreamPodSandboxMetricsRequest>,
    ) -> Answer<Self::StreamPodSandboxMetricsStream> {
        Err(unknown_method("RuntimeService", "StreamPodSandboxMetrics"))
    }

    /// containerd has the method without a body (`internal/cri/server/sandbox_update_resources.go`).
    async fn update_pod_sandbox_resources(
        &self,
        _: Request<UpdatePodSandboxResourcesRequest>,
    ) -> Answer<UpdatePodSandboxResourcesResponse> {
        Err(Status::unknown("not implemented yet"))
    }
}
