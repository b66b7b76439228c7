//! RuntimeService.

use std::sync::Arc;

use futures::StreamExt;
use futures::stream::{self, BoxStream};
use tonic::{Code, Request, Response, Status};
use winlab_clock::VirtualSpan;

use crate::backend::Backend;
use crate::convert;
use crate::error::{missing, unknown_method};
use crate::event;
use crate::proto::runtime_service_server::RuntimeService;
use crate::proto::{
    AttachRequest, AttachResponse, CheckpointContainerRequest, CheckpointContainerResponse,
    CheckpointPodRequest, CheckpointPodResponse, Container, ContainerEventResponse, ContainerFilter,
    ContainerState, ContainerStats, ContainerStatsFilter, ContainerStatsRequest, ContainerStatsResponse,
    ContainerStatusRequest, ContainerStatusResponse, CreateContainerRequest, CreateContainerResponse,
    ExecRequest, ExecResponse, ExecSyncRequest, ExecSyncResponse, GetEventsRequest,
    ListContainerStatsRequest, ListContainerStatsResponse, ListContainersRequest, ListContainersResponse,
    ListMetricDescriptorsRequest, ListMetricDescriptorsResponse, ListPodSandboxMetricsRequest,
    ListPodSandboxMetricsResponse, ListPodSandboxRequest, ListPodSandboxResponse, ListPodSandboxStatsRequest,
    ListPodSandboxStatsResponse, PodSandbox, PodSandboxFilter, PodSandboxStats, PodSandboxStatsFilter,
    PodSandboxStatsRequest, PodSandboxStatsResponse, PodSandboxStatusRequest, PodSandboxStatusResponse,
    PortForwardRequest, PortForwardResponse, RemoveContainerRequest, RemoveContainerResponse,
    RemovePodSandboxRequest, RemovePodSandboxResponse, ReopenContainerLogRequest, ReopenContainerLogResponse,
    RestorePodRequest, RestorePodResponse, RunPodSandboxRequest, RunPodSandboxResponse, RuntimeConfigRequest,
    RuntimeConfigResponse, StartContainerRequest, StartContainerResponse, StatusRequest, StatusResponse,
    StopContainerRequest, StopContainerResponse, StopPodSandboxRequest, StopPodSandboxResponse,
    StreamContainerStatsRequest, StreamContainerStatsResponse, StreamContainersRequest,
    StreamContainersResponse, StreamPodSandboxMetricsRequest, StreamPodSandboxMetricsResponse,
    StreamPodSandboxStatsRequest, StreamPodSandboxStatsResponse, StreamPodSandboxesRequest,
    StreamPodSandboxesResponse, UpdateContainerResourcesRequest, UpdateContainerResourcesResponse,
    UpdatePodSandboxResourcesRequest, UpdatePodSandboxResourcesResponse, UpdateRuntimeConfigRequest,
    UpdateRuntimeConfigResponse, VersionRequest, VersionResponse,
};
use crate::release;
use crate::streaming::{StreamRequest, Streaming};

/// The version of the interface that containerd tells, whichever it is (`kubeAPIVersion`, internal/cri/server/version.go).
const KUBE_API_VERSION: &str = "0.1.0";

/// The runtime behind a backend.
pub(crate) struct Runtime(Backend, Option<Arc<Streaming>>);

type Answer<T> = Result<Response<T>, Status>;
type Parts<T> = BoxStream<'static, Result<T, Status>>;

impl Runtime {
    pub(crate) fn new(backend: Backend, streaming: Option<Arc<Streaming>>) -> Self {
        Self(backend, streaming)
    }

    fn url(&self, request: StreamRequest) -> Result<String, Status> {
        let streaming = self.1.as_ref();
        let missing = || Status::unimplemented("this runtime was started without a streaming server");
        streaming.ok_or_else(missing)?.url(request)
    }

    /// Refuses streams of a container that does not run.
    async fn require_running(&self, id: &str, place: &str) -> Result<(), Status> {
        let wanted = id.to_owned();
        let status = self.0.call(|cri| async move { cri.container_status(&wanted).await }).await;
        let status = status.map_err(|error| {
            Status::new(error.code(), format!("failed to find container {id:?} {place}: {}", error.message()))
        })?;
        let state = convert::container_status(status).state();
        if state == ContainerState::ContainerRunning {
            return Ok(());
        }
        Err(Status::unknown(format!("container is in {} state", state.as_str_name())))
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

    async fn figures(&self, filter: Option<ContainerStatsFilter>) -> Result<Vec<ContainerStats>, Status> {
        let filter = filter.unwrap_or_default();
        let stats = self.0.call(|cri| async move { cri.list_container_stats().await }).await?;
        let selected = stats.iter().filter(|stats| convert::selects_container(&filter, stats));
        Ok(selected.map(convert::container_stats).collect())
    }

    /// Figures of the ready sandboxes; one that is gone meanwhile is left out.
    async fn sandbox_figures(
        &self,
        filter: Option<PodSandboxStatsFilter>,
    ) -> Result<Vec<PodSandboxStats>, Status> {
        let filter = convert::sandbox_stats_filter(filter.unwrap_or_default());
        let ready = self.0.call(|cri| async move { cri.list_pod_sandbox(filter).await }).await?;
        let mut figures = Vec::new();
        for sandbox in ready {
            match self.0.call(move |cri| async move { cri.pod_sandbox_stats(&sandbox.id).await }).await {
                Ok(stats) => figures.push(convert::sandbox_stats(&stats)),
                Err(error) if matches!(error.code(), Code::NotFound | Code::Unavailable) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(figures)
    }

    async fn streams_lists(&self, method: &str) -> Result<(), Status> {
        release::streams_lists(&self.0, "RuntimeService", method).await
    }
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
        let info = if request.into_inner().verbose {
            self.0.call(|cri| async move { cri.status_info().await }).await?
        } else {
            Default::default()
        };
        Ok(Response::new(convert::runtime_status(status, info)))
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
        self.streams_lists("StreamPodSandboxes").await?;
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
        self.streams_lists("StreamContainers").await?;
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

    async fn exec(&self, request: Request<ExecRequest>) -> Answer<ExecResponse> {
        let request = request.into_inner();
        self.require_running(&request.container_id, "in store").await?;
        let url = self.url(StreamRequest::Exec(winlab_node::cri::ExecRequest {
            container_id: request.container_id,
            cmd: request.cmd,
            tty: request.tty,
            stdin: request.stdin,
            stdout: request.stdout,
            stderr: request.stderr,
        }))?;
        Ok(Response::new(ExecResponse { url }))
    }

    async fn attach(&self, request: Request<AttachRequest>) -> Answer<AttachResponse> {
        let request = request.into_inner();
        self.require_running(&request.container_id, "in store").await?;
        let url = self.url(StreamRequest::Attach(winlab_node::cri::AttachRequest {
            container_id: request.container_id,
            stdin: request.stdin,
            tty: request.tty,
            stdout: request.stdout,
            stderr: request.stderr,
        }))?;
        Ok(Response::new(AttachResponse { url }))
    }

    async fn port_forward(&self, request: Request<PortForwardRequest>) -> Answer<PortForwardResponse> {
        let PortForwardRequest { pod_sandbox_id, port } = request.into_inner();
        let id = pod_sandbox_id.clone();
        let status = self.0.call(|cri| async move { cri.pod_sandbox_status(&id).await }).await;
        let status = status.map_err(|error| {
            Status::new(
                error.code(),
                format!("failed to find sandbox {pod_sandbox_id:?}: {}", error.message()),
            )
        })?;
        if status.state != winlab_node::cri::PodSandboxState::Ready {
            return Err(Status::unknown("sandbox container is not running"));
        }
        let url = self.url(StreamRequest::PortForward { pod_sandbox_id, ports: port })?;
        Ok(Response::new(PortForwardResponse { url }))
    }

    async fn container_stats(
        &self,
        request: Request<ContainerStatsRequest>,
    ) -> Answer<ContainerStatsResponse> {
        let id = request.into_inner().container_id;
        let found =
            self.0.call(|cri| async move { cri.container_status(&id).await }).await.map_err(|error| {
                Status::new(error.code(), format!("failed to find container: {}", error.message()))
            })?;
        let filter = ContainerStatsFilter { id: found.id, ..Default::default() };
        let stats = self.figures(Some(filter)).await?.pop();
        // A task that does not run has no metrics.
        let stats = stats.ok_or_else(|| Status::unknown("unexpected metrics response: []"))?;
        Ok(Response::new(ContainerStatsResponse { stats: Some(stats) }))
    }

    async fn list_container_stats(
        &self,
        request: Request<ListContainerStatsRequest>,
    ) -> Answer<ListContainerStatsResponse> {
        let stats = self.figures(request.into_inner().filter).await?;
        Ok(Response::new(ListContainerStatsResponse { stats }))
    }

    async fn stream_container_stats(
        &self,
        request: Request<StreamContainerStatsRequest>,
    ) -> Answer<Self::StreamContainerStatsStream> {
        self.streams_lists("StreamContainerStats").await?;
        let stats = self.figures(request.into_inner().filter).await?;
        Ok(Response::new(parts(stats, |stats| StreamContainerStatsResponse { container_stats: vec![stats] })))
    }

    async fn pod_sandbox_stats(
        &self,
        request: Request<PodSandboxStatsRequest>,
    ) -> Answer<PodSandboxStatsResponse> {
        let id = request.into_inner().pod_sandbox_id;
        let stats = self.0.call(|cri| async move { cri.pod_sandbox_stats(&id).await }).await?;
        Ok(Response::new(PodSandboxStatsResponse { stats: Some(convert::sandbox_stats(&stats)) }))
    }

    async fn list_pod_sandbox_stats(
        &self,
        request: Request<ListPodSandboxStatsRequest>,
    ) -> Answer<ListPodSandboxStatsResponse> {
        let stats = self.sandbox_figures(request.into_inner().filter).await?;
        Ok(Response::new(ListPodSandboxStatsResponse { stats }))
    }

    async fn stream_pod_sandbox_stats(
        &self,
        request: Request<StreamPodSandboxStatsRequest>,
    ) -> Answer<Self::StreamPodSandboxStatsStream> {
        self.streams_lists("StreamPodSandboxStats").await?;
        let stats = self.sandbox_figures(request.into_inner().filter).await?;
        Ok(Response::new(parts(stats, |stats| StreamPodSandboxStatsResponse {
            pod_sandbox_stats: vec![stats],
        })))
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
                let containers = event::statuses(&*cri, &event.pod_sandbox_status.id).await;
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
