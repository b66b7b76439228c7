//! A host with one image, and the steps every container goes through.

use std::sync::Arc;

use winlab_clock::{Clock, Seed, VirtualSpan};
use winlab_document::{Document, doc};
use winlab_fake_windows::{HostNic, WindowsConfig, WindowsHost};
use winlab_host::compute::{
    ActivateLayer, CreateComputeSystem, CreateProcess, CreateSandboxLayer, GetLayerMountPath,
    GetProcessProperties, OutputStream, PrepareLayer, ReadProcessOutput, StartComputeSystem,
};
use winlab_host::network::{CreateEndpoint, CreateNamespace, CreateNetwork, ModifyNamespace};
use winlab_host::system::{CreateDirectory, Scope, WriteFile};
use winlab_host::{Ask as _, Fault, Guid, HostDataPlane, Program, WindowsDataPlane};
use winlab_profiles::WindowsVersion;

pub(crate) struct Lab {
    pub(crate) host: Arc<WindowsHost>,
    pub(crate) clock: Clock,
}

/// Where the lab's image lies.
pub(crate) const LAYER: &str = r"C:\layers\web";

pub(crate) fn web() -> Program {
    Program {
        os: "windows".into(),
        os_version: "10.0.20348.1".into(),
        command: vec![r"C:\web.exe".into()],
        listen: vec!["tcp/80".parse().unwrap()],
        logs: vec!["ready".into()],
        ..Program::default()
    }
}

pub(crate) fn config() -> WindowsConfig {
    let nic = HostNic {
        name: "Ethernet".into(),
        mac: "00-15-5D-00-00-01".parse().unwrap(),
        addresses: vec!["192.168.1.10/24".parse().unwrap()],
        gateway: Some("192.168.1.1".parse().unwrap()),
        dns: vec!["192.168.1.1".parse().unwrap()],
        mtu: 1500,
    };
    WindowsConfig::new("win1", "ltsc2022".parse::<WindowsVersion>().unwrap(), nic)
}

impl Lab {
    pub(crate) async fn new(program: &Program) -> Self {
        let clock = Clock::start_virtual();
        let lab = Self { host: WindowsHost::new(&config(), clock, Seed::new(1)), clock };
        lab.image(LAYER, program).await;
        lab
    }

    pub(crate) async fn image(&self, layer: &str, program: &Program) {
        let system = self.host.system();
        let files = format!(r"{layer}\Files");
        system.ask(CreateDirectory { scope: Scope::Host, path: files.clone() }).await.unwrap();
        let bytes = Document::encode(program).unwrap().to_bytes();
        let path = format!(r"{files}\{}", Program::FILE);
        system.ask(WriteFile { scope: Scope::Host, path, bytes: bytes.into() }).await.unwrap();
    }

    /// An L2Bridge network, an endpoint on it and a namespace with that endpoint.
    pub(crate) async fn pod_network(&self, address: &str) -> (Guid, Guid) {
        let network = self.host.network();
        let version = doc!({"Major": 2, "Minor": 0});
        let listed =
            network.ask(winlab_host::network::EnumerateNetworks { query: Document::Null }).await.unwrap();
        let id = match listed.first() {
            Some(id) => *id,
            None => {
                let settings = doc!({"Name": "cbr0", "Type": "L2Bridge", "SchemaVersion": version.clone(),
                    "Ipams": [{"Type": "Static", "Subnets": [{"IpAddressPrefix": "10.244.1.0/24",
                        "Routes": [{"NextHop": "10.244.1.1", "DestinationPrefix": "0.0.0.0/0"}]}]}]});
                network.ask(CreateNetwork { id: Guid::NIL, settings }).await.unwrap()
            }
        };
        let settings = doc!({"Name": "ep", "SchemaVersion": version.clone(), "HostComputeNetwork": id,
            "IpConfigurations": [{"IpAddress": address, "PrefixLength": 24}],
            "Dns": {"Domain": "default.svc.cluster.local", "Search": ["default.svc.cluster.local"], "ServerList": ["10.96.0.10"]}});
        let endpoint = network.ask(CreateEndpoint { network: id, id: Guid::NIL, settings }).await.unwrap();
        let settings = doc!({"SchemaVersion": version});
        let namespace = network.ask(CreateNamespace { id: Guid::NIL, settings }).await.unwrap();
        let settings =
            doc!({"ResourceType": "Endpoint", "RequestType": "Add", "Settings": {"EndpointId": endpoint}});
        network.ask(ModifyNamespace { id: namespace, settings }).await.unwrap();
        (namespace, endpoint)
    }

    /// A container of the lab's image, created with scratch and volume.
    pub(crate) async fn create(
        &self,
        id: &str,
        namespace: Guid,
        more: &[(&[&str], Document)],
    ) -> Result<(), Fault> {
        let compute = self.host.compute();
        let scratch = format!(r"C:\scratch\{id}");
        let parents = vec![LAYER.to_owned()];
        compute.ask(CreateSandboxLayer { path: scratch.clone(), parents: parents.clone() }).await?;
        compute.ask(ActivateLayer { path: scratch.clone() }).await?;
        compute.ask(PrepareLayer { path: scratch.clone(), parents }).await?;
        let volume = compute.ask(GetLayerMountPath { path: scratch }).await?;
        let mut configuration = doc!({
            "Owner": "containerd-shim-runhcs-v1.exe",
            "SchemaVersion": {"Major": 2, "Minor": 1},
            "ShouldTerminateOnLastHandleClosed": true,
            "Container": {
                "GuestOs": {"HostName": id},
                "Storage": {"Layers": [{"Id": Guid::from_bits(1), "Path": LAYER}], "Path": format!("{volume}\\")},
            },
        });
        if namespace != Guid::NIL {
            configuration.set_path(&["Container", "Networking", "Namespace"], namespace);
        }
        for (path, value) in more {
            configuration.set_path(path, value.clone());
        }
        compute.ask(CreateComputeSystem { id: id.into(), configuration }).await
    }

    pub(crate) async fn start(&self, id: &str) -> Result<(), Fault> {
        self.host.compute().ask(StartComputeSystem { id: id.into(), options: Document::Null }).await
    }

    /// A running container with its image's program as first process.
    pub(crate) async fn run(&self, id: &str, namespace: Guid) -> u32 {
        self.create(id, namespace, &[]).await.unwrap();
        self.start(id).await.unwrap();
        self.process(id, r"C:\web.exe").await.unwrap()
    }

    pub(crate) async fn process(&self, id: &str, command: &str) -> Result<u32, Fault> {
        let parameters = doc!({"CommandLine": command, "CreateStdOutPipe": true, "CreateStdErrPipe": true});
        Ok(self.host.compute().ask(CreateProcess { id: id.into(), parameters }).await?.pid)
    }

    /// Runs a command to its end: what it wrote on both streams, and its exit code.
    pub(crate) async fn exec(&self, id: &str, command: &str) -> (String, u64) {
        let pid = self.process(id, command).await.unwrap();
        let compute = self.host.compute();
        for _ in 0..600 {
            let status = compute.ask(GetProcessProperties { id: id.into(), pid }).await.unwrap();
            if status.get("Exited").and_then(Document::as_bool) == Some(true) {
                let mut text = String::new();
                for stream in [OutputStream::Stdout, OutputStream::Stderr] {
                    let chunk = compute.ask(ReadProcessOutput { id: id.into(), pid, stream }).await.unwrap();
                    text.push_str(&String::from_utf8_lossy(&chunk.bytes));
                }
                return (text, status.get("ExitCode").and_then(Document::as_u64).unwrap());
            }
            self.clock.sleep(VirtualSpan::from_millis(500)).await;
        }
        panic!("`{command}` did not end within five minutes");
    }

    pub(crate) fn plane(&self) -> WindowsDataPlane {
        use winlab_host::DataPlaneView as _;
        match self.host.data_plane() {
            HostDataPlane::Windows(plane) => plane,
            HostDataPlane::Linux(_) => panic!("a Windows host shows a Windows data plane"),
        }
    }
}
