//! A cluster of nodes on which nothing but flanneld runs.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};

use tokio::task::JoinHandle;
use winlab_clock::{Clock, Seed, VirtualSpan};
use winlab_component::{
    CommandLine, Context, Exit, HostFiles, Level, LocalEndpoints, Log, LogSink, Machine, Stop, StopHandle,
    WindowsMachine,
};
use winlab_document::{Document, doc};
use winlab_fake_linux::{LinuxConfig, LinuxHost};
use winlab_fake_windows::{HostNic, WindowsConfig, WindowsHost};
use winlab_host::linux::Prefix;
use winlab_host::network::Network;
use winlab_host::{Boundary, DataPlaneView, HostDataPlane, Journal, JournalEntry, JournalSink, MacAddress};
use winlab_kube_api::{ApiServer, Config};
use winlab_kube_client::api::{DeleteParams, PostParams};
use winlab_kube_client::k8s::core::Node;
use winlab_kube_client::{Api, Client, Identity};
use winlab_profiles::{WindowsBuild, WindowsVersion};

/// Which system a node has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Os {
    Windows,
    Linux,
}

/// Log lines and calls of HNS, in order.
#[derive(Default)]
pub(crate) struct Written {
    pub(crate) lines: Mutex<Vec<(Level, String)>>,
    pub(crate) calls: Mutex<Vec<JournalEntry>>,
}

impl LogSink for Written {
    fn wants(&self, level: Level) -> bool {
        level >= Level::Info
    }

    fn line(&self, _node: &str, _component: &str, level: Level, text: &str) {
        self.lines.lock().unwrap().push((level, text.to_owned()));
    }
}

impl JournalSink for Written {
    fn record(&self, entry: JournalEntry) {
        self.calls.lock().unwrap().push(entry);
    }
}

/// A cluster.
pub(crate) struct World {
    pub(crate) clock: Clock,
    pub(crate) server: Arc<ApiServer>,
    pub(crate) admin: Client,
    net_conf: String,
}

/// A node of it.
pub(crate) struct TestNode {
    pub(crate) name: String,
    pub(crate) machine: Machine,
    pub(crate) written: Arc<Written>,
    view: Arc<dyn DataPlaneView>,
}

/// A flanneld that was started.
pub(crate) struct Running {
    pub(crate) task: JoinHandle<Exit>,
    pub(crate) stop: StopHandle,
}

impl World {
    pub(crate) fn new(backend: &str) -> Self {
        let clock = Clock::start_virtual();
        let server = ApiServer::new(Config::new(clock, Seed::new(1), 34));
        let admin = server.client(Identity::new("kubectl", "v1.34.4"));
        let net_conf = format!(r#"{{"Network": "10.244.0.0/16", "Backend": {backend}}}"#);
        Self { clock, server, admin, net_conf }
    }

    /// A node with the address 192.168.1.10 + `number` and, if it has a Node object, the pods of 10.244.`number`.0/24.
    pub(crate) async fn node(&self, os: Os, number: u8) -> TestNode {
        let name = format!("{}{number}", if os == Os::Windows { "win" } else { "lin" });
        let address = Prefix { address: Ipv4Addr::new(192, 168, 1, 10 + number).into(), length: 24 };
        let gateway: Option<IpAddr> = Some(Ipv4Addr::new(192, 168, 1, 1).into());
        let mac = MacAddress([0x00, 0x15, 0x5d, 0x01, 0x00, number]);
        let written = Arc::new(Written::default());
        let seed = Seed::new(7).child(&name);
        let (machine, view): (Machine, Arc<dyn DataPlaneView>) = match os {
            Os::Windows => {
                let nic = HostNic {
                    name: "Ethernet".into(),
                    mac,
                    addresses: vec![address],
                    gateway,
                    dns: Vec::new(),
                    mtu: 1500,
                };
                let windows = WindowsVersion::of(WindowsBuild::by_name("ltsc2022").unwrap());
                let host = WindowsHost::new(&WindowsConfig::new(&name, windows, nic), self.clock, seed);
                let network: Arc<dyn Boundary<Network>> =
                    Arc::new(Journal::new(host.network(), written.clone(), self.clock));
                let machine = WindowsMachine { network, compute: host.compute(), system: host.system() };
                (Machine::Windows(machine), host)
            }
            Os::Linux => {
                let host =
                    LinuxHost::new(LinuxConfig::ubuntu(&name, mac, address, gateway), self.clock, seed);
                (Machine::Linux(host.host()), host)
            }
        };
        let files = HostFiles::of(&machine);
        files.write("/etc/kube-flannel/net-conf.json", self.net_conf.clone().into_bytes()).await.unwrap();
        TestNode { name, machine, written, view }
    }

    pub(crate) async fn create_node_object(&self, node: &TestNode, number: u8) {
        let cidr = format!("10.244.{number}.0/24");
        self.create(&doc!({
            "metadata": {"name": node.name.as_str()},
            "spec": {"podCIDR": cidr.as_str(), "podCIDRs": [cidr]},
        }))
        .await;
    }

    pub(crate) async fn create(&self, object: &Document) {
        let nodes = Api::<Node>::all(self.admin.clone());
        nodes.create(&PostParams::default(), &object.decode().unwrap()).await.unwrap();
    }

    pub(crate) async fn delete(&self, name: &str) {
        let nodes = Api::<Node>::all(self.admin.clone());
        nodes.delete(name, &DeleteParams::default()).await.unwrap();
    }

    /// A node with its object and a running flanneld.
    pub(crate) async fn join(&self, os: Os, number: u8) -> (TestNode, Running) {
        let node = self.node(os, number).await;
        self.create_node_object(&node, number).await;
        let running = self.start(&node);
        (node, running)
    }

    pub(crate) fn start(&self, node: &TestNode) -> Running {
        let (handle, stop) = Stop::new();
        let context = Context {
            node: node.name.clone(),
            machine: node.machine.clone(),
            client: self.server.client(Identity::new("flanneld", "v0.28.4")),
            clock: self.clock,
            seed: Seed::new(3).child(&node.name),
            log: Log::new(node.written.clone(), &node.name, "flanneld"),
            endpoints: LocalEndpoints::default(),
            command: CommandLine::parse("flanneld --kube-subnet-mgr --ip-masq"),
            stop,
        };
        Running { task: tokio::spawn(winlab_flannel::run(context)), stop: handle }
    }

    pub(crate) async fn pass(&self, seconds: u64) {
        self.clock.sleep(VirtualSpan::from_secs(seconds)).await;
    }

    /// flannel's annotations of a node.
    pub(crate) fn annotations(&self, name: &str) -> String {
        let node = self.server.object("v1", "Node", "", name).unwrap();
        let annotations = node.path(&["metadata", "annotations"]).unwrap().members();
        let lines = annotations.iter().map(|(key, value)| {
            let key = key.as_str().trim_start_matches("flannel.alpha.coreos.com/");
            format!("{key}={}\n", value.as_str().unwrap_or_default())
        });
        let mut lines: Vec<_> = lines.collect();
        lines.sort();
        lines.concat()
    }
}

impl TestNode {
    pub(crate) fn data_plane(&self) -> HostDataPlane {
        self.view.data_plane()
    }

    pub(crate) async fn subnet_file(&self) -> String {
        HostFiles::of(&self.machine).read_text("/run/flannel/subnet.env").await.unwrap()
    }

    /// `destination via gateway dev device`, of routes with a gateway that lead to pods.
    pub(crate) fn pod_routes(&self) -> Vec<String> {
        let routes = match self.data_plane() {
            HostDataPlane::Windows(plane) => plane.host_routes,
            HostDataPlane::Linux(plane) => plane.routes[""].clone(),
        };
        let pods: Prefix = "10.244.0.0/16".parse().unwrap();
        let line = |route: &winlab_host::linux::Route| {
            let gateway = route.gateway?;
            let onlink = if route.onlink { " onlink" } else { "" };
            Some(format!("{} via {gateway} dev {}{onlink}", route.destination, route.device))
        };
        routes.iter().filter(|route| pods.contains(route.destination.address)).filter_map(line).collect()
    }

    /// The calls of HNS so far: function, and for V1 method and path, with settings or body.
    pub(crate) fn calls(&self) -> String {
        let calls = self.written.calls.lock().unwrap();
        let line = |entry: &JournalEntry| {
            let arguments = &entry.arguments;
            let what = match entry.function {
                "HNSCall" => {
                    format!("{} {}", arguments.text(&["method"]), arguments.text(&["path"]))
                }
                function => function.to_owned(),
            };
            let body = arguments.get("body").or_else(|| arguments.get("settings"));
            let body = body.filter(|body| !body.is_null()).map(|body| format!(" {body}"));
            let problem = entry.outcome.as_ref().err().map(|problem| format!(" -> {problem}"));
            format!("{what}{}{}\n", body.unwrap_or_default(), problem.unwrap_or_default())
        };
        calls.iter().map(line).collect()
    }

    /// The last line of a level.
    pub(crate) fn last(&self, level: Level) -> String {
        let lines = self.written.lines.lock().unwrap();
        lines.iter().rev().find(|(of, _)| *of == level).map(|(_, text)| text.clone()).unwrap_or_default()
    }
}
