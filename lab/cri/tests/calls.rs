//! The interface over TCP, as kubelet calls it.
#![expect(clippy::disallowed_types, reason = "the client's side of a socket")]

mod node;

use std::collections::BTreeMap;

use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tonic::Code;
use tonic::transport::{Channel, Endpoint, Uri};
use tower::service_fn;
use winlab_cri::Address;
use winlab_cri::proto;
use winlab_cri::proto::image_service_client::ImageServiceClient;
use winlab_cri::proto::runtime_service_client::RuntimeServiceClient;

use node::{Node, real_world};

async fn channel(address: &Address) -> Channel {
    let Address::Tcp(address) = *address else { panic!("the test listens on TCP") };
    let dial = service_fn(move |_: Uri| async move {
        Ok::<_, std::io::Error>(TokioIo::new(TcpStream::connect(address).await?))
    });
    Endpoint::from_static("http://containerd").connect_with_connector(dial).await.unwrap()
}

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
        let channel = channel(&node.serve().await).await;
        let mut runtime = RuntimeServiceClient::new(channel.clone());
        let mut images = ImageServiceClient::new(channel);

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
        let mut runtime = RuntimeServiceClient::new(channel(&node.serve().await).await);
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
