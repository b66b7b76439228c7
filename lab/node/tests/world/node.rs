//! The node of a test's lab.

use std::sync::Arc;

use winlab_clock::{Clock, Seed};
use winlab_cni::CniPlugins;
use winlab_component::{
    Context, HostFiles, LocalEndpoints, Log, Machine, Programs, Supervisor, WindowsMachine,
};
use winlab_document::doc;
use winlab_fake_linux::{LinuxConfig, LinuxHost};
use winlab_fake_windows::{HostNic, WindowsConfig, WindowsHost};
use winlab_host::linux::{InstallUnit, StartUnit, StopUnit, UnitConfig};
use winlab_host::network::CreateNetwork;
use winlab_host::system::{
    ControlService, CreateService, ServiceConfig, ServiceControl, StartService, StartType,
};
use winlab_host::{Ask, Guid};
use winlab_kube_api::ApiServer;
use winlab_kube_client::{Client, Identity};
use winlab_node::containerd::ContainerdOptions;
use winlab_node::containerd::images::ImageRegistry;
use winlab_node::kubelet::KubeletOptions;

use super::{Answers, Lines, World, default_registry};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Os {
    Linux,
    Windows,
}

/// What the lab is made of.
pub(crate) struct Setup {
    pub(crate) os: Os,
    pub(crate) api_minor: u32,
    pub(crate) kubelet: String,
    pub(crate) containerd: String,
    pub(crate) windows: String,
    pub(crate) flags: String,
    pub(crate) network: bool,
    pub(crate) registry: Arc<dyn ImageRegistry>,
    pub(crate) restart_secs: Option<u32>,
    pub(crate) name: String,
    /// The third number of the node's pod subnet, and the last of its address.
    pub(crate) number: u8,
}

impl Setup {
    pub(crate) fn new(os: Os) -> Self {
        Self {
            os,
            api_minor: 34,
            kubelet: "v1.34.2".into(),
            containerd: "2.1.4".into(),
            windows: "ltsc2022".into(),
            flags: "--cluster-dns=10.96.0.10 --cluster-domain=cluster.local".into(),
            network: true,
            registry: Arc::new(default_registry()),
            restart_secs: None,
            name: if os == Os::Linux { "lin1" } else { "WIN1" }.into(),
            number: if os == Os::Linux { 2 } else { 1 },
        }
    }
}

const WINDOWS_CNI: &str = r#"{
    "name": "cbr0", "cniVersion": "0.3.0", "type": "win-bridge", "apiVersion": 2,
    "capabilities": {"dns": true, "portMappings": true},
    "ipMasqNetwork": "10.244.0.0/16",
    "ipam": {"type": "host-local", "subnet": "10.244.1.0/24", "rangeStart": "10.244.1.10"}
}"#;

const LINUX_CNI: &str = r#"{
    "name": "cbr0", "cniVersion": "1.0.0", "plugins": [
        {"type": "bridge", "isDefaultGateway": true, "ipMasq": true,
         "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.244.2.0/24"}]]}},
        {"type": "portmap", "capabilities": {"portMappings": true}}
    ]
}"#;

/// The machine of a node and the fake that stands behind it.
fn machine(setup: &Setup, clock: Clock) -> (Machine, Option<Arc<LinuxHost>>, Option<Arc<WindowsHost>>) {
    let number = setup.number;
    let address = format!("192.168.1.{}/24", 9 + u32::from(number));
    match setup.os {
        Os::Linux => {
            let config = LinuxConfig::ubuntu(
                &setup.name,
                format!("02:00:00:00:00:{number:02x}").parse().unwrap(),
                address.parse().unwrap(),
                Some("192.168.1.1".parse().unwrap()),
            );
            let host = LinuxHost::new(config, clock, Seed::new(2));
            (Machine::Linux(host.host()), Some(host), None)
        }
        Os::Windows => {
            let nic = HostNic {
                name: "Ethernet".into(),
                mac: format!("00-15-5D-00-00-{number:02X}").parse().unwrap(),
                addresses: vec![address.parse().unwrap()],
                gateway: Some("192.168.1.1".parse().unwrap()),
                dns: Vec::new(),
                mtu: 1500,
            };
            let config = WindowsConfig::new(&setup.name, setup.windows.parse().unwrap(), nic);
            let host = WindowsHost::new(&config, clock, Seed::new(2));
            let machine =
                WindowsMachine { network: host.network(), compute: host.compute(), system: host.system() };
            (Machine::Windows(machine), None, Some(host))
        }
    }
}

pub(crate) async fn build(setup: Setup, clock: Clock, api: Arc<ApiServer>, client: Client) -> World {
    let (machine, linux, windows) = machine(&setup, clock);
    let node = setup.name.to_lowercase();
    if setup.network {
        install_network(&machine, setup.number).await;
    }
    let (answers, lines) = (Arc::new(Answers::default()), Arc::new(Lines::default()));
    let containerd = ContainerdOptions {
        version: setup.containerd.clone(),
        registry: setup.registry.clone(),
        cni: Arc::new(CniPlugins),
    };
    let kubelet = KubeletOptions::new(setup.kubelet.parse().unwrap(), answers.clone());
    let programs = winlab_node::programs(Programs::new(), containerd, kubelet);
    let endpoints = LocalEndpoints::default();
    let (context_machine, context_endpoints, sink) = (machine.clone(), endpoints.clone(), lines.clone());
    let (server, version, name) = (api.clone(), setup.kubelet.clone(), node.clone());
    let supervisor =
        Supervisor::start(machine.clone(), programs, move |service, starts, command, stop| Context {
            node: name.clone(),
            machine: context_machine.clone(),
            client: server
                .client(Identity::new(service, version.clone()).user(format!("system:node:{name}"))),
            clock,
            seed: Seed::new(3).child(&format!("{service} {starts}")),
            log: Log::new(sink.clone(), &name, service),
            endpoints: context_endpoints.clone(),
            command,
            stop,
        });
    let world =
        World { clock, api, client, machine, linux, windows, endpoints, supervisor, answers, lines, node };
    world.install_service("containerd", "", setup.restart_secs).await;
    world.install_service("kubelet", &setup.flags, setup.restart_secs).await;
    world
}

async fn install_network(machine: &Machine, number: u8) {
    let subnet = format!("10.244.{number}.");
    let files = HostFiles::of(machine);
    match machine {
        Machine::Linux(_) => {
            files
                .write(
                    "/etc/cni/net.d/10-bridge.conflist",
                    LINUX_CNI.replace("10.244.2.", &subnet).as_bytes(),
                )
                .await
                .unwrap();
        }
        Machine::Windows(windows) => {
            let folder = r"C:\Program Files\containerd\cni\conf";
            files
                .write(
                    &format!(r"{folder}\10-bridge.conf"),
                    WINDOWS_CNI.replace("10.244.1.", &subnet).as_bytes(),
                )
                .await
                .unwrap();
            let settings = doc!({
                "Name": "cbr0", "Type": "L2Bridge", "SchemaVersion": {"Major": 2, "Minor": 0},
                "Ipams": [{"Type": "Static", "Subnets": [{"IpAddressPrefix": format!("{subnet}0/24"),
                    "Routes": [{"NextHop": format!("{subnet}1"), "DestinationPrefix": "0.0.0.0/0"}]}]}],
            });
            windows.network.ask(CreateNetwork { id: Guid::NIL, settings }).await.unwrap();
        }
    }
}

impl World {
    async fn install_service(&self, name: &str, flags: &str, restart_after_secs: Option<u32>) {
        match &self.machine {
            Machine::Linux(host) => {
                let config = UnitConfig {
                    exec_start: format!("/usr/bin/{name} {flags}"),
                    after: Vec::new(),
                    restart_after_secs,
                    enabled: true,
                };
                host.ask(InstallUnit { name: name.into(), config }).await.unwrap();
            }
            Machine::Windows(machine) => {
                let config = ServiceConfig {
                    binary_path: format!(r"C:\k\{name}.exe {flags}"),
                    display_name: name.into(),
                    start: StartType::Automatic,
                    depends_on: Vec::new(),
                    account: "LocalSystem".into(),
                    restart_after_secs,
                };
                machine.system.ask(CreateService { name: name.into(), config }).await.unwrap();
            }
        }
    }

    pub(crate) async fn start_service(&self, name: &str) {
        match &self.machine {
            Machine::Linux(host) => host.ask(StartUnit { name: name.into() }).await.unwrap(),
            Machine::Windows(machine) => {
                machine.system.ask(StartService { name: name.into(), arguments: Vec::new() }).await.unwrap();
            }
        }
        self.clock.sleep(winlab_clock::VirtualSpan::from_millis(10)).await;
    }

    /// Starts a service unless the boot has done so.
    pub(crate) async fn ensure_service(&self, name: &str) {
        match &self.machine {
            Machine::Linux(host) => drop(host.ask(StartUnit { name: name.into() }).await),
            Machine::Windows(machine) => {
                drop(machine.system.ask(StartService { name: name.into(), arguments: Vec::new() }).await);
            }
        }
        self.clock.sleep(winlab_clock::VirtualSpan::from_millis(10)).await;
    }

    pub(crate) async fn stop_service(&self, name: &str) {
        match &self.machine {
            Machine::Linux(host) => host.ask(StopUnit { name: name.into() }).await.unwrap(),
            Machine::Windows(machine) => {
                let control = ServiceControl::Stop;
                machine.system.ask(ControlService { name: name.into(), control }).await.unwrap();
            }
        }
        self.clock.sleep(winlab_clock::VirtualSpan::from_millis(10)).await;
    }
}
