//! A Windows node with a runtime, and the runtime's server on a socket.
#![expect(dead_code, reason = "each test file uses another part of it")]
#![expect(clippy::disallowed_types, reason = "the runtime is served on a socket")]

mod images;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use futures::future::{BoxFuture, ready};
use tokio::task::AbortHandle;
use winlab_clock::{Clock, Pace, Seed};
use winlab_cni::CniPlugins;
use winlab_component::{
    CommandLine, Context, HostFiles, LocalEndpoints, Log, Machine, Stop, StopHandle, WindowsMachine,
};
use winlab_cri::{
    Backend, CriServer, HttpAnswer, HttpPods, HttpReplies, PodPort, SharedMounts, StreamingConfig,
};
use winlab_document::doc;
use winlab_fake_windows::{HostNic, WindowsConfig, WindowsHost};
use winlab_host::network::CreateNetwork;
use winlab_host::{Ask, Guid, HostSystem};
use winlab_kube_api::{ApiServer, Config};
use winlab_kube_client::Identity;
use winlab_node::containerd::{ContainerdOptions, containerd};
use winlab_node::cri::{
    ContainerConfig, ContainerMetadata, CreateContainerRequest, Cri, ImageSpec, PodSandboxConfig,
    PodSandboxMetadata, PullImageRequest, RunPodSandboxRequest, WindowsContainerConfig,
};

pub(crate) const PIPE: &str = "npipe:////./pipe/containerd-containerd";

const CNI: &str = r#"{
    "name": "cbr0", "cniVersion": "0.3.0", "type": "win-bridge", "apiVersion": 2,
    "capabilities": {"dns": true, "portMappings": true},
    "ipam": {"type": "host-local", "subnet": "10.244.1.0/24", "rangeStart": "10.244.1.10"}
}"#;

/// The node.
pub(crate) struct Node {
    pub(crate) clock: Clock,
    pub(crate) host: Arc<WindowsHost>,
    pub(crate) drive: Arc<HostSystem>,
    pub(crate) machine: Machine,
    pub(crate) endpoints: LocalEndpoints,
    version: String,
    running: Option<(StopHandle, AbortHandle)>,
}

impl Node {
    /// A node whose containerd runs.
    pub(crate) async fn new() -> Self {
        Self::with("2.4.2").await
    }

    /// A node whose containerd of a version runs.
    pub(crate) async fn with(version: &str) -> Self {
        let clock = Clock::start(Pace::Real, jiff::Timestamp::constant(1_767_225_600, 0));
        let nic = HostNic {
            name: "Ethernet".into(),
            mac: "00-15-5D-00-00-01".parse().unwrap(),
            addresses: vec!["192.168.1.10/24".parse().unwrap()],
            gateway: Some("192.168.1.1".parse().unwrap()),
            dns: Vec::new(),
            mtu: 1500,
        };
        let config = WindowsConfig::new("WIN1", "ltsc2022".parse().unwrap(), nic);
        let host = WindowsHost::new(&config, clock, Seed::new(2));
        // Another host stands for the drive that kubelet.exe writes to.
        let drive = WindowsHost::new(&config, clock, Seed::new(4)).system();
        let mounts = SharedMounts::new(drive.clone(), host.system());
        let windows = WindowsMachine {
            network: host.network(),
            compute: mounts.compute(host.compute()),
            system: mounts.system(host.system()),
        };
        let settings = doc!({
            "Name": "cbr0", "Type": "L2Bridge", "SchemaVersion": {"Major": 2, "Minor": 0},
            "Ipams": [{"Type": "Static", "Subnets": [{"IpAddressPrefix": "10.244.1.0/24",
                "Routes": [{"NextHop": "10.244.1.1", "DestinationPrefix": "0.0.0.0/0"}]}]}],
        });
        windows.network.ask(CreateNetwork { id: Guid::NIL, settings }).await.unwrap();
        let machine = Machine::Windows(windows);
        let path = r"C:\Program Files\containerd\cni\conf\10-bridge.conf";
        HostFiles::of(&machine).write(path, CNI.as_bytes()).await.unwrap();
        let endpoints = LocalEndpoints::default();
        let mut node =
            Self { clock, host, drive, machine, endpoints, version: version.to_owned(), running: None };
        node.start().await;
        node
    }

    /// Starts containerd, as the service control manager does.
    pub(crate) async fn start(&mut self) {
        let api = ApiServer::new(Config::new(self.clock, Seed::new(1), 34));
        let (handle, stop) = Stop::new();
        let context = Context {
            node: "win1".into(),
            machine: self.machine.clone(),
            client: api.client(Identity::new("containerd", "v1.34.0")),
            clock: self.clock,
            seed: Seed::new(3),
            log: Log::unread(),
            endpoints: self.endpoints.clone(),
            command: CommandLine::parse("containerd.exe"),
            stop,
        };
        let options = ContainerdOptions {
            version: self.version.clone(),
            registry: Arc::new(images::registry()),
            cni: Arc::new(CniPlugins),
        };
        let task = tokio::spawn(containerd(context, options)).abort_handle();
        while self.endpoints.dial::<dyn Cri>(PIPE).is_err() {
            tokio::task::yield_now().await;
        }
        self.running = Some((handle, task));
    }

    /// Stops containerd.
    pub(crate) async fn stop(&mut self) {
        if let Some((stop, task)) = self.running.take() {
            stop.ask();
            while !task.is_finished() {
                tokio::task::yield_now().await;
            }
        }
    }

    /// The runtime itself.
    pub(crate) fn cri(&self) -> Arc<dyn Cri> {
        self.endpoints.dial::<dyn Cri>(PIPE).unwrap()
    }

    /// A server on a free port of the loopback; its address.
    pub(crate) fn serve(&self) -> SocketAddr {
        let listen = || TcpListener::bind("127.0.0.1:0").unwrap();
        let streaming = StreamingConfig {
            listener: listen(),
            clock: self.clock,
            seed: Seed::new(5),
            network: Some(Arc::new(HttpPods::new(Arc::new(Shop)))),
        };
        let server = CriServer::new(listen(), Backend::new(self.endpoints.clone(), PIPE));
        let server = server.and_then(|server| server.streaming(streaming)).unwrap();
        let address = server.address();
        tokio::spawn(server.serve());
        address
    }
}

/// What the pods of the node answer on port 80.
struct Shop;

impl HttpReplies for Shop {
    fn connect<'a>(&'a self, to: &'a PodPort) -> BoxFuture<'a, Result<(), String>> {
        let refused = || format!("dial tcp4 {}:{}: connectex: No connection could be made", to.ip, to.port);
        Box::pin(ready(if to.port == 80 { Ok(()) } else { Err(refused()) }))
    }

    fn get<'a>(&'a self, to: &'a PodPort, path: &'a str) -> BoxFuture<'a, Result<HttpAnswer, String>> {
        let body = format!("{} of {}", path, to.pod);
        Box::pin(ready(Ok(HttpAnswer { status: 200, body })))
    }
}

/// A pod's configuration.
pub(crate) fn sandbox(name: &str) -> PodSandboxConfig {
    PodSandboxConfig {
        metadata: PodSandboxMetadata {
            name: name.into(),
            uid: format!("uid-{name}"),
            namespace: "default".into(),
            attempt: 0,
        },
        hostname: name.into(),
        log_directory: format!(r"\var\log\pods\default_{name}_uid-{name}"),
        labels: [("io.kubernetes.pod.name".to_owned(), name.to_owned())].into(),
        ..Default::default()
    }
}

/// A running pod of one container; the ids of both.
pub(crate) async fn run_pod(cri: &dyn Cri, name: &str, config: ContainerConfig) -> (String, String) {
    let pull = PullImageRequest { image: config.image.clone(), ..Default::default() };
    cri.pull_image(pull).await.unwrap();
    let run = RunPodSandboxRequest { config: sandbox(name), ..Default::default() };
    let pod_sandbox_id = cri.run_pod_sandbox(run).await.unwrap();
    let create = CreateContainerRequest {
        pod_sandbox_id: pod_sandbox_id.clone(),
        config,
        sandbox_config: sandbox(name),
    };
    let id = cri.create_container(create).await.unwrap();
    cri.start_container(&id).await.unwrap();
    (pod_sandbox_id, id)
}

/// A container's configuration.
pub(crate) fn container(image: &str) -> ContainerConfig {
    ContainerConfig {
        metadata: ContainerMetadata { name: "app".into(), attempt: 0 },
        image: ImageSpec { image: image.into(), ..Default::default() },
        log_path: r"app\0.log".into(),
        labels: [("app".to_owned(), image.to_owned())].into(),
        windows: Some(WindowsContainerConfig::default()),
        ..Default::default()
    }
}

/// Runs a test on one thread in real time.
pub(crate) fn real_world<F: Future>(world: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(world)
}
