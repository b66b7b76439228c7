//! The interface over TCP, as kubelet calls it.

mod node;
mod wire;

use std::collections::BTreeMap;

use tonic::Code;
use winlab_cri::proto;

use node::{Node, container as config, real_world, run_pod};

fn labels(name: &str) -> BTreeMap<String, String> {
    [("io.kubernetes.pod.name".to_owned(), name.to_owned())].into()
}

fn sandbox(name: &str) -> proto::PodSandboxConfig {
    proto::PodSandboxConfig {
        metadata: Some(proto::PodSandboxMetadata {
            name: name.into(),
            uid: format!("uid-{name}"),
            namespace: "default".into(),
            attempt: 0,
        }),
        hostname: name.into(),
        log_directory: format!(r"\var\log\pods\default_{name}_uid-{name}"),
        labels: labels(name),
        ..Default::default()
    }
}

fn container(image: &str) -> proto::ContainerConfig {
    proto::ContainerConfig {
        metadata: Some(proto::ContainerMetadata { name: "app".into(), attempt: 0 }),
        image: Some(spec(image)),
        log_path: r"app\0.log".into(),
        labels: labels(image),
        windows: Some(proto::WindowsContainerConfig {
            resources: Some(proto::WindowsContainerResources {
                memory_limit_in_bytes: 256 << 20,
                ..Default::default()
            }),
            ..Default::default()
        }),
        ..Default::default()
    }
}

fn spec(image: &str) -> proto::ImageSpec {
    proto::ImageSpec { image: image.into(), ..Default::default() }
}

#[test]
fn a_pod_lives_and_dies_over_tcp() {
    real_world(async {
        let node = Node::new().await;
        let address = node.serve();
        let mut runtime = wire::runtime(&address).await;
        let mut images = wire::images(&address).await;

        let version = runtime.version(proto::VersionRequest::default()).await.unwrap().into_inner();
        assert_eq!((version.version.as_str(), version.runtime_name.as_str()), ("0.1.0", "containerd"));
        let status = runtime.status(proto::StatusRequest { verbose: false }).await.unwrap().into_inner();
        assert!(status.status.unwrap().conditions.iter().all(|condition| condition.status));

        let pull = proto::PullImageRequest { image: Some(spec("web")), ..Default::default() };
        let image = images.pull_image(pull).await.unwrap().into_inner().image_ref;
        let found = proto::ImageStatusRequest { image: Some(spec(&image)), verbose: false };
        let found = images.image_status(found).await.unwrap().into_inner().image.unwrap();
        assert_eq!(found.repo_tags, ["docker.io/library/web:latest"]);

        let run = proto::RunPodSandboxRequest { config: Some(sandbox("web")), ..Default::default() };
        let pod_sandbox_id = runtime.run_pod_sandbox(run).await.unwrap().into_inner().pod_sandbox_id;
        let create = proto::CreateContainerRequest {
            pod_sandbox_id: pod_sandbox_id.clone(),
            config: Some(container("web")),
            sandbox_config: Some(sandbox("web")),
        };
        let container_id = runtime.create_container(create).await.unwrap().into_inner().container_id;
        let start = proto::StartContainerRequest { container_id: container_id.clone() };
        runtime.start_container(start).await.unwrap();

        let ask = proto::ContainerStatusRequest { container_id: container_id.clone(), verbose: false };
        let status = runtime.container_status(ask).await.unwrap().into_inner().status.unwrap();
        assert_eq!(status.state(), proto::ContainerState::ContainerRunning);
        assert_eq!(status.resources.unwrap().windows.unwrap().memory_limit_in_bytes, 256 << 20);
        let ask = proto::PodSandboxStatusRequest { pod_sandbox_id: pod_sandbox_id.clone(), verbose: false };
        let status = runtime.pod_sandbox_status(ask).await.unwrap().into_inner().status.unwrap();
        assert_eq!(status.network.unwrap().ip, "10.244.1.10");

        let exec = proto::ExecSyncRequest {
            container_id,
            cmd: ["cmd", "/c", "echo hi"].map(str::to_owned).into(),
            timeout: 10,
        };
        let done = runtime.exec_sync(exec).await.unwrap().into_inner();
        assert_eq!((done.stdout.as_slice(), done.exit_code), (&b"hi\r\n"[..], 0));

        let stop = proto::StopPodSandboxRequest { pod_sandbox_id: pod_sandbox_id.clone() };
        runtime.stop_pod_sandbox(stop).await.unwrap();
        runtime.remove_pod_sandbox(proto::RemovePodSandboxRequest { pod_sandbox_id }).await.unwrap();
        let left = runtime.list_pod_sandbox(proto::ListPodSandboxRequest::default()).await.unwrap();
        assert!(left.into_inner().items.is_empty());
        let left = runtime.list_containers(proto::ListContainersRequest::default()).await.unwrap();
        assert!(left.into_inner().containers.is_empty());
    });
}

#[test]
fn refusals_have_containerds_codes() {
    real_world(async {
        let mut node = Node::new().await;
        let mut runtime = wire::runtime(&node.serve()).await;
        let ask = proto::ContainerStatusRequest { container_id: "none".into(), verbose: false };
        assert_eq!(runtime.container_status(ask.clone()).await.unwrap_err().code(), Code::NotFound);
        let run = proto::RunPodSandboxRequest::default();
        assert_eq!(runtime.run_pod_sandbox(run).await.unwrap_err().code(), Code::InvalidArgument);
        let checkpoint = proto::CheckpointContainerRequest::default();
        let refused = runtime.checkpoint_container(checkpoint).await.unwrap_err();
        assert_eq!(refused.code(), Code::Unimplemented);
        let stop = proto::StopPodSandboxRequest { pod_sandbox_id: "none".into() };
        runtime.stop_pod_sandbox(stop).await.unwrap();

        node.stop().await;
        assert_eq!(runtime.container_status(ask.clone()).await.unwrap_err().code(), Code::Unavailable);
        node.start().await;
        assert_eq!(runtime.container_status(ask).await.unwrap_err().code(), Code::NotFound);
    });
}

#[test]
fn figures_are_those_that_kubelet_reads_on_windows() {
    real_world(async {
        let node = Node::new().await;
        let mut runtime = wire::runtime(&node.serve()).await;
        let (sandbox, container) = run_pod(&*node.cri(), "web", config("web")).await;
        let list = runtime.list_container_stats(proto::ListContainerStatsRequest::default()).await.unwrap();
        let [stats] = &list.into_inner().stats[..] else { panic!("there is one container") };
        assert_eq!(stats.attributes.as_ref().unwrap().id, container);
        assert!(stats.memory.as_ref().unwrap().working_set_bytes.unwrap().value > 0);
        let layer = stats.writable_layer.as_ref().unwrap().fs_id.as_ref().unwrap();
        assert!(layer.mountpoint.ends_with("io.containerd.snapshotter.v1.windows"));

        let ask = proto::PodSandboxStatsRequest { pod_sandbox_id: sandbox.clone() };
        let stats =
            runtime.pod_sandbox_stats(ask).await.unwrap().into_inner().stats.unwrap().windows.unwrap();
        // The pause container's process and the program's.
        assert_eq!(stats.process.unwrap().process_count.unwrap().value, 2);
        assert_eq!(stats.network.unwrap().interfaces.len(), 1);
        assert!(stats.memory.unwrap().commit_memory_bytes.unwrap().value > 0);
        assert_eq!(stats.containers.len(), 1);

        node.cri().stop_pod_sandbox(&sandbox).await.unwrap();
        let ask = proto::PodSandboxStatsRequest { pod_sandbox_id: sandbox };
        assert_eq!(runtime.pod_sandbox_stats(ask).await.unwrap_err().code(), Code::Unavailable);
        let list =
            runtime.list_pod_sandbox_stats(proto::ListPodSandboxStatsRequest::default()).await.unwrap();
        assert!(list.into_inner().stats.is_empty());
    });
}

#[test]
fn lists_come_as_streams_from_releases_that_have_them() {
    real_world(async {
        let node = Node::new().await;
        let mut runtime = wire::runtime(&node.serve()).await;
        let (sandbox, _) = run_pod(&*node.cri(), "web", config("web")).await;
        let asked = runtime.stream_pod_sandboxes(proto::StreamPodSandboxesRequest::default()).await;
        let mut parts = asked.unwrap().into_inner();
        assert_eq!(parts.message().await.unwrap().unwrap().pod_sandboxes[0].id, sandbox);
        assert!(parts.message().await.unwrap().is_none());

        let node = Node::with("2.1.4").await;
        let mut runtime = wire::runtime(&node.serve()).await;
        let asked = runtime.stream_pod_sandboxes(proto::StreamPodSandboxesRequest::default()).await;
        let refused = asked.unwrap_err();
        assert_eq!(
            refused.message(),
            "unknown method StreamPodSandboxes for service runtime.v1.RuntimeService"
        );
    });
}

#[test]
fn events_come_with_the_statuses_of_the_pods_containers() {
    real_world(async {
        let node = Node::new().await;
        let mut runtime = wire::runtime(&node.serve()).await;
        let asked = runtime.get_container_events(proto::GetEventsRequest::default()).await;
        let mut events = asked.unwrap().into_inner();
        let (_, container) = run_pod(&*node.cri(), "job", config("job")).await;
        let mut kinds = Vec::new();
        loop {
            let event = events.message().await.unwrap().unwrap();
            if event.container_id == container {
                kinds.push(event.container_event_type());
                if event.container_event_type() == proto::ContainerEventType::ContainerStoppedEvent {
                    assert_eq!(event.containers_statuses[0].exit_code, 3);
                    break;
                }
            }
        }
        assert_eq!(
            kinds,
            [
                proto::ContainerEventType::ContainerCreatedEvent,
                proto::ContainerEventType::ContainerStartedEvent,
                proto::ContainerEventType::ContainerStoppedEvent,
            ]
        );
    });
}
