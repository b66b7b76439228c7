//! What a runtime must do, whichever way it is asked.

use winlab_clock::VirtualSpan;
use winlab_node::cri::{
    Code, ContainerFilter, ContainerResources, ContainerState, CreateContainerRequest, Cri, CriError,
    DnsConfig, ImageSpec, Mount, PodSandboxFilter, PodSandboxState, PortMapping, Protocol, PullImageRequest,
    RunPodSandboxRequest, WindowsContainerResources,
};

use crate::node::{container, run_pod, sandbox};

/// All of it.
pub(crate) async fn all(cri: &dyn Cri) {
    tells_what_it_is(cri).await;
    keeps_images(cri).await;
    runs_a_pod(cri).await;
    lists_what_a_filter_selects(cri).await;
    runs_commands(cri).await;
    refuses_with_the_same_codes(cri).await;
}

fn command(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

async fn tells_what_it_is(cri: &dyn Cri) {
    let version = cri.version().await.unwrap();
    assert_eq!((version.runtime_name.as_str(), version.runtime_version.as_str()), ("containerd", "v2.4.2"));
    let status = cri.status().await.unwrap();
    assert!(status.condition("RuntimeReady").unwrap().status);
    assert!(status.condition("NetworkReady").unwrap().status);
    assert_eq!(status.runtime_handlers, ["runhcs-wcow-hypervisor", "runhcs-wcow-process"]);
    let info = cri.status_info().await.unwrap();
    assert_eq!(info["lastCNILoadStatus"], "OK");
    cri.update_runtime_config("10.244.1.0/24").await.unwrap();
}

async fn keeps_images(cri: &dyn Cri) {
    assert_eq!(cri.image_status("web").await.unwrap(), None);
    let image = ImageSpec { image: "web".into(), ..Default::default() };
    let id = cri.pull_image(PullImageRequest { image, ..Default::default() }).await.unwrap();
    assert_eq!(id, "sha256:c-web");
    let image = cri.image_status(&id).await.unwrap().unwrap();
    assert_eq!(image.repo_tags, ["docker.io/library/web:latest"]);
    assert_eq!(cri.list_images().await.unwrap(), [image]);
    let info = cri.image_fs_info().await.unwrap();
    assert_eq!(info.used_bytes.values().sum::<u64>(), 2 << 20);
    cri.remove_image(&id).await.unwrap();
    cri.remove_image(&id).await.unwrap();
    assert!(cri.list_images().await.unwrap().is_empty());
}

async fn runs_a_pod(cri: &dyn Cri) {
    let image = ImageSpec { image: "web".into(), ..Default::default() };
    cri.pull_image(PullImageRequest { image, ..Default::default() }).await.unwrap();
    let mut config = sandbox("shop");
    config.dns_config = Some(DnsConfig { servers: vec!["10.96.0.10".into()], ..Default::default() });
    config.annotations = [("a".to_owned(), "b".to_owned())].into();
    config.port_mappings =
        vec![PortMapping { protocol: Protocol::Tcp, container_port: 80, ..Default::default() }];
    let run = RunPodSandboxRequest { config: config.clone(), ..Default::default() };
    let sandbox_id = cri.run_pod_sandbox(run).await.unwrap();
    let status = cri.pod_sandbox_status(&sandbox_id).await.unwrap();
    assert_eq!((status.state, &status.metadata), (PodSandboxState::Ready, &config.metadata));
    assert_eq!((&status.labels, &status.annotations), (&config.labels, &config.annotations));
    assert_eq!((status.ips.len(), status.host_network), (1, false));
    assert_eq!(status.runtime_handler, "runhcs-wcow-process");

    let mut wanted = container("web");
    wanted.mounts = vec![Mount {
        host_path: r"C:\k".into(),
        container_path: r"C:\data".into(),
        readonly: true,
        ..Default::default()
    }];
    let create = CreateContainerRequest {
        pod_sandbox_id: sandbox_id.clone(),
        config: wanted.clone(),
        sandbox_config: config,
    };
    // The mount's folder is not on the host.
    let refused = cri.create_container(create.clone()).await.unwrap();
    assert_eq!(cri.start_container(&refused).await.unwrap_err().code, Code::Unknown);
    let status = cri.container_status(&refused).await.unwrap();
    assert_eq!(
        (status.state, status.reason.as_str(), status.exit_code),
        (ContainerState::Exited, "StartError", 128)
    );
    assert_eq!(status.mounts, wanted.mounts);
    cri.remove_container(&refused).await.unwrap();

    let mut create = create;
    create.config.mounts.clear();
    let id = cri.create_container(create).await.unwrap();
    assert_eq!(cri.container_status(&id).await.unwrap().state, ContainerState::Created);
    cri.start_container(&id).await.unwrap();
    let status = cri.container_status(&id).await.unwrap();
    assert_eq!(
        (status.state, status.image.as_str()),
        (ContainerState::Running, "docker.io/library/web:latest")
    );
    assert_eq!(status.image_ref, "docker.io/library/web@sha256:i-web");
    assert_eq!(status.log_path, r"\var\log\pods\default_shop_uid-shop\app\0.log");
    assert!(status.created_at > 0 && status.started_at >= status.created_at && status.finished_at == 0);

    let windows = WindowsContainerResources { memory_limit_in_bytes: 64 << 20, ..Default::default() };
    let limits = ContainerResources { windows: Some(windows.clone()), linux: None };
    cri.update_container_resources(&id, limits).await.unwrap();
    assert_eq!(cri.container_status(&id).await.unwrap().resources.windows, Some(windows));
    cri.reopen_container_log(&id).await.unwrap();
    let stats = cri.list_container_stats().await.unwrap();
    assert!(stats.iter().any(|stats| stats.id == id && stats.memory.working_set_bytes > 0));
    let stats = cri.pod_sandbox_stats(&sandbox_id).await.unwrap();
    assert_eq!((stats.process_count, stats.interfaces.len(), stats.containers.len()), (2, 1, 1));

    cri.stop_container(&id, 5).await.unwrap();
    let status = cri.container_status(&id).await.unwrap();
    assert_eq!((status.state, status.reason.as_str()), (ContainerState::Exited, "Error"));
    cri.stop_pod_sandbox(&sandbox_id).await.unwrap();
    assert_eq!(cri.pod_sandbox_status(&sandbox_id).await.unwrap().state, PodSandboxState::NotReady);
    cri.remove_pod_sandbox(&sandbox_id).await.unwrap();
    cri.remove_pod_sandbox(&sandbox_id).await.unwrap();
}

async fn lists_what_a_filter_selects(cri: &dyn Cri) {
    let (first, container_id) = run_pod(cri, "one", container("web")).await;
    let (second, _) = run_pod(cri, "two", container("web")).await;
    cri.stop_pod_sandbox(&second).await.unwrap();
    let ids = async |filter| -> Vec<String> {
        let listed = cri.list_pod_sandbox(filter).await.unwrap();
        listed.into_iter().map(|sandbox| sandbox.id).collect()
    };
    assert_eq!(ids(PodSandboxFilter::default()).await.len(), 2);
    let ready = PodSandboxFilter { state: Some(PodSandboxState::Ready), ..Default::default() };
    assert_eq!(ids(ready).await, std::slice::from_ref(&first));
    let label = [("io.kubernetes.pod.name".to_owned(), "two".to_owned())];
    let named = PodSandboxFilter { label_selector: label.into(), ..Default::default() };
    assert_eq!(ids(named).await, std::slice::from_ref(&second));
    let beginning = PodSandboxFilter { id: first[..13].to_owned(), ..Default::default() };
    assert_eq!(ids(beginning).await, std::slice::from_ref(&first));

    let running = ContainerFilter { state: Some(ContainerState::Running), ..Default::default() };
    let listed = cri.list_containers(running).await.unwrap();
    let [listed] = &listed[..] else { panic!("one container runs: {listed:?}") };
    assert_eq!((&listed.id, &listed.pod_sandbox_id), (&container_id, &first));
    assert_eq!(listed.image_ref, "sha256:c-web");
    let inside = ContainerFilter { pod_sandbox_id: second.clone(), ..Default::default() };
    assert_eq!(cri.list_containers(inside).await.unwrap()[0].state, ContainerState::Exited);
    cri.remove_pod_sandbox(&first).await.unwrap();
    cri.remove_pod_sandbox(&second).await.unwrap();
}

async fn runs_commands(cri: &dyn Cri) {
    let (sandbox_id, id) = run_pod(cri, "web", container("web")).await;
    let done = cri.exec_sync(&id, &command(&["cmd", "/c", "echo hi& exit 3"]), None).await.unwrap();
    assert_eq!((done.stdout.as_slice(), done.exit_code), (&b"hi\r\n"[..], 3));
    let second = Some(VirtualSpan::from_secs(1));
    let late = cri.exec_sync(&id, &command(&["ping", "-t", "127.0.0.1"]), second).await.unwrap_err();
    assert_eq!(late.code, Code::DeadlineExceeded);
    cri.remove_pod_sandbox(&sandbox_id).await.unwrap();
}

async fn refuses_with_the_same_codes(cri: &dyn Cri) {
    let is = |refused: Result<(), CriError>, code: Code| assert_eq!(refused.unwrap_err().code, code);
    is(cri.pod_sandbox_status("none").await.map(drop), Code::NotFound);
    is(cri.container_status("none").await.map(drop), Code::NotFound);
    is(cri.start_container("none").await, Code::NotFound);
    is(cri.exec_sync("none", &command(&["cmd"]), None).await.map(drop), Code::NotFound);
    is(cri.pod_sandbox_stats("none").await.map(drop), Code::NotFound);
    is(cri.update_container_resources("none", ContainerResources::default()).await, Code::NotFound);
    cri.stop_container("none", 0).await.unwrap();
    cri.remove_container("none").await.unwrap();
    cri.stop_pod_sandbox("none").await.unwrap();
    let image = ImageSpec { image: "nothing".into(), ..Default::default() };
    is(cri.pull_image(PullImageRequest { image, ..Default::default() }).await.map(drop), Code::NotFound);
    let run = RunPodSandboxRequest { config: sandbox("x"), runtime_handler: "other".into() };
    let refused = cri.run_pod_sandbox(run).await.unwrap_err();
    assert_eq!(refused.code, Code::Unknown);
    assert!(refused.message.contains(r#"no runtime for "other" is configured"#), "{refused}");
}
