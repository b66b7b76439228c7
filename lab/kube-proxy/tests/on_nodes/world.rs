//! A cluster of services and slices, and a node on which nothing but kube-proxy runs.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use winlab_clock::{Clock, Seed, VirtualSpan};
use winlab_component::{
    CommandLine, Context, Exit, Level, LocalEndpoints, Log, LogSink, Machine, Stop, StopHandle,
    WindowsMachine,
};
use winlab_document::{Document, doc};
use winlab_fake_linux::{LinuxConfig, LinuxHost};
use winlab_fake_windows::{HostNic, WindowsConfig, WindowsHost};
use winlab_hcn::{Hcn, Hns};
use winlab_host::linux::Prefix;
use winlab_host::network::Network;
use winlab_host::{
    Boundary, DataPlaneView, HostDataPlane, Journal, JournalEntry, JournalSink, MacAddress, WindowsDataPlane,
};
use winlab_kube_api::{ApiServer, Config};
use winlab_kube_client::api::{DeleteParams, Patch, PatchParams, PostParams};
use winlab_kube_client::k8s::core::{Node, Service};
use winlab_kube_client::k8s::discovery::EndpointSlice;
use winlab_kube_client::{Api, Client, Identity};
use winlab_profiles::{WindowsBuild, WindowsVersion};

/// The address of the node under test; pods of 10.244.1.0/24 are its own.
pub(crate) const NODE_IP: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 11);
/// Its name.
pub(crate) const NODE: &str = "node1";

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

/// The cluster and the node.
pub(crate) struct World {
    pub(crate) clock: Clock,
    pub(crate) machine: Machine,
    pub(crate) endpoints: LocalEndpoints,
    pub(crate) written: Arc<Written>,
    view: Arc<dyn DataPlaneView>,
    server: Arc<ApiServer>,
    admin: Client,
}

/// A kube-proxy that was started.
pub(crate) struct Running {
    pub(crate) task: tokio::task::JoinHandle<Exit>,
    pub(crate) stop: StopHandle,
}

/// An endpoint of a slice: the last two numbers of its address and words of what it is: `r` ready, `s` serving, `t`
/// terminating.
pub(crate) type Pod = (u8, u8, &'static str);

impl World {
    pub(crate) async fn windows(build: &str) -> Self {
        let clock = Clock::start_virtual();
        let written = Arc::new(Written::default());
        let nic = HostNic {
            name: "Ethernet".into(),
            mac: MacAddress([0x00, 0x15, 0x5d, 0x01, 0x00, 0x01]),
            addresses: vec![Prefix { address: NODE_IP.into(), length: 24 }],
            gateway: Some(Ipv4Addr::new(192, 168, 1, 1).into()),
            dns: Vec::new(),
            mtu: 1500,
        };
        let version = WindowsVersion::of(WindowsBuild::by_name(build).unwrap());
        let host = WindowsHost::new(&WindowsConfig::new(NODE, version, nic), clock, Seed::new(7));
        let network: Arc<dyn Boundary<Network>> =
            Arc::new(Journal::new(host.network(), written.clone(), clock));
        let machine = WindowsMachine { network, compute: host.compute(), system: host.system() };
        Self::new(clock, Machine::Windows(machine), written, host).await
    }

    pub(crate) async fn linux() -> Self {
        let clock = Clock::start_virtual();
        let address = Prefix { address: NODE_IP.into(), length: 24 };
        let mac = MacAddress([0x00, 0x15, 0x5d, 0x01, 0x00, 0x01]);
        let gateway = Some(Ipv4Addr::new(192, 168, 1, 1).into());
        let host = LinuxHost::new(LinuxConfig::ubuntu(NODE, mac, address, gateway), clock, Seed::new(7));
        Self::new(clock, Machine::Linux(host.host()), Arc::default(), host).await
    }

    async fn new(
        clock: Clock,
        machine: Machine,
        written: Arc<Written>,
        view: Arc<dyn DataPlaneView>,
    ) -> Self {
        let server = ApiServer::new(Config::new(clock, Seed::new(1), 34));
        let admin = server.client(Identity::new("kubectl", "v1.34.4"));
        let nodes = Api::<Node>::all(admin.clone());
        let node = doc!({"metadata": {"name": NODE}}).decode().unwrap();
        nodes.create(&PostParams::default(), &node).await.unwrap();
        let address = doc!({"type": "InternalIP", "address": NODE_IP.to_string()});
        let status = doc!({"status": {"addresses": [address]}});
        nodes.patch_status(NODE, &PatchParams::default(), &Patch::Merge(status)).await.unwrap();
        let endpoints = LocalEndpoints::default();
        Self { clock, machine, endpoints, written, view, server, admin }
    }

    /// Starts kube-proxy of a version with more flags.
    pub(crate) fn start(&self, version: &str, flags: &str) -> Running {
        let (handle, stop) = Stop::new();
        let context = Context {
            node: NODE.into(),
            machine: self.machine.clone(),
            client: self.server.client(Identity::new("kube-proxy", version)),
            clock: self.clock,
            seed: Seed::new(3),
            log: Log::new(self.written.clone(), NODE, "kube-proxy"),
            endpoints: self.endpoints.clone(),
            command: CommandLine::parse(&format!("kube-proxy {flags}")),
            stop,
        };
        let run = winlab_kube_proxy::run_version(version.parse().unwrap(), context);
        Running { task: tokio::spawn(run), stop: handle }
    }

    pub(crate) fn nodes(&self) -> Api<Node> {
        Api::all(self.admin.clone())
    }

    pub(crate) async fn pass(&self, seconds: u64) {
        self.clock.sleep(VirtualSpan::from_secs(seconds)).await;
    }

    /// A service of the namespace `default`; `spec` without ports and cluster address is completed.
    pub(crate) async fn service(&self, name: &str, spec: &Document) {
        let mut spec = spec.clone();
        if spec.get("ports").is_none() {
            spec.set("ports", doc!([{"name": "http", "port": 80, "targetPort": 8080}]));
        }
        spec.set("selector", doc!({"app": name}));
        let object = doc!({"metadata": {"name": name}, "spec": spec}).decode().unwrap();
        self.services().create(&PostParams::default(), &object).await.unwrap();
    }

    pub(crate) fn services(&self) -> Api<Service> {
        Api::namespaced(self.admin.clone(), "default")
    }

    /// The slice of a service, new or changed. Pods of 10.244.1.0/24 are on the node.
    pub(crate) async fn slice(&self, service: &str, pods: &[Pod]) {
        let endpoints: Document = pods
            .iter()
            .map(|(third, last, words)| {
                let node = if *third == 1 { NODE } else { "other" };
                let is = |word| words.contains(word);
                doc!({"addresses": [format!("10.244.{third}.{last}")], "nodeName": node, "conditions": {
                    "ready": is('r'), "serving": is('r') || is('s'), "terminating": is('t'),
                }})
            })
            .collect();
        let labels = doc!({"kubernetes.io/service-name": service});
        let slice = doc!({"metadata": {"name": service, "labels": labels}, "addressType": "IPv4",
            "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}], "endpoints": &endpoints});
        let slices = Api::<EndpointSlice>::namespaced(self.admin.clone(), "default");
        match slices.get_opt(service).await.unwrap() {
            None => slices.create(&PostParams::default(), &slice.decode().unwrap()).await.map(drop),
            Some(_) => {
                let patch = Patch::Merge(doc!({"endpoints": endpoints}));
                slices.patch(service, &PatchParams::default(), &patch).await.map(drop)
            }
        }
        .unwrap();
    }

    pub(crate) async fn delete_service(&self, name: &str) {
        self.services().delete(name, &DeleteParams::default()).await.unwrap();
        let slices = Api::<EndpointSlice>::namespaced(self.admin.clone(), "default");
        slices.delete(name, &DeleteParams::default()).await.unwrap();
    }

    pub(crate) fn plane(&self) -> WindowsDataPlane {
        match self.view.data_plane() {
            HostDataPlane::Windows(plane) => plane,
            HostDataPlane::Linux(_) => unreachable!("a Windows node"),
        }
    }

    /// The L2Bridge network `cbr0`, as flannel makes it.
    pub(crate) async fn bridge(&self) {
        let hns = Hns::new(self.machine.windows().unwrap().network.clone());
        let subnets = doc!([{"AddressPrefix": "10.244.1.0/24", "GatewayAddress": "10.244.1.1"}]);
        let network = doc!({"Name": "cbr0", "Type": "L2Bridge", "Subnets": subnets});
        hns.call("POST", "/networks/", network).await.unwrap();
        self.forget_calls();
    }

    /// The Overlay network `flannel.4096` with a route to the pods of the node at 192.168.1.12.
    pub(crate) async fn overlay(&self) {
        let subnet = doc!({"IpAddressPrefix": "10.244.1.0/24",
            "Policies": [{"Type": "VSID", "Settings": {"IsolationId": 4096}}],
            "Routes": [{"NextHop": "10.244.1.1", "DestinationPrefix": "0.0.0.0/0"}]});
        let route = doc!({"DestinationPrefix": "10.244.2.0/24", "IsolationId": 4096,
            "ProviderAddress": "192.168.1.12", "DistributedRouterMacAddress": "00:15:5d:0a:00:02"});
        let hcn = self.hcn();
        let network = doc!({"Name": "flannel.4096", "Type": "Overlay",
            "Ipams": [{"Type": "Static", "Subnets": [subnet]}], "SchemaVersion": {"Major": 2, "Minor": 0}});
        let network = hcn.create_network(network).await.unwrap();
        let policies = doc!([{"Type": "RemoteSubnetRoute", "Settings": route}]);
        hcn.modify_network_policies(network.text(&["ID"]), "Add", policies).await.unwrap();
        self.forget_calls();
    }

    /// The endpoint of a pod on this node, as its CNI plugin makes it.
    pub(crate) async fn local_pod(&self, network: &str, last: u8) {
        let hcn = self.hcn();
        let id = hcn.network_by_name(network).await.unwrap().text(&["ID"]).to_owned();
        let settings = doc!({"Name": format!("pod{last}"), "HostComputeNetwork": id.as_str(),
            "IpConfigurations": [{"IpAddress": format!("10.244.1.{last}")}], "SchemaVersion": {"Major": 2, "Minor": 0}});
        hcn.create_endpoint(&id, settings).await.unwrap();
        self.forget_calls();
    }

    pub(crate) fn hcn(&self) -> Hcn {
        Hcn::new(self.machine.windows().unwrap().network.clone())
    }

    pub(crate) fn forget_calls(&self) {
        self.written.calls.lock().unwrap().clear();
    }

    /// Addresses of endpoints by id.
    fn addresses(&self) -> BTreeMap<String, String> {
        let plane = self.plane();
        let address = |object: &winlab_host::NetObject| {
            let ip = object.document.pointer("/IpConfigurations/0/IpAddress").and_then(Document::as_str);
            (object.id.to_string(), ip.unwrap_or_default().to_owned())
        };
        plane.endpoints.iter().map(address).collect()
    }

    /// `vip:port -> backends`, with flags, sorted.
    pub(crate) fn load_balancers(&self) -> String {
        let addresses = self.addresses();
        let mut lines: Vec<_> =
            self.plane().load_balancers.iter().map(|lb| line_of(&lb.document, &addresses)).collect();
        lines.sort();
        lines.concat()
    }

    /// Remote endpoints: address, MAC and node.
    pub(crate) fn remote_endpoints(&self) -> String {
        let plane = self.plane();
        let number = |d: &Document, name| d.get(name).and_then(Document::as_u64).unwrap_or_default();
        let remote = plane.endpoints.iter().filter(|ep| number(&ep.document, "Flags") & 1 != 0);
        let mut lines: Vec<_> = remote
            .map(|endpoint| {
                let document = &endpoint.document;
                let ip = document.pointer("/IpConfigurations/0/IpAddress").unwrap().as_str().unwrap();
                let policies = document.get("Policies").map(Document::items).unwrap_or_default();
                let pa = policies.iter().find(|policy| policy.text(&["Type"]) == "ProviderAddress");
                let pa = pa.map(|policy| policy.text(&["Settings", "ProviderAddress"]));
                format!("{ip} {} {}\n", document.text(&["MacAddress"]), pa.unwrap_or("-"))
            })
            .collect();
        lines.sort();
        lines.concat()
    }

    /// Names of the functions of HNS that were called and change something, in order.
    pub(crate) fn changes(&self) -> Vec<String> {
        let calls = self.written.calls.lock().unwrap();
        let changing = ["Create", "Modify", "Delete"];
        let names = calls.iter().filter(|call| changing.iter().any(|verb| call.function.contains(verb)));
        names.map(|call| call.function.trim_start_matches("Hcn").to_owned()).collect()
    }

    /// What HNS was told to change, in order, with documents.
    pub(crate) fn documents(&self) -> String {
        let calls = self.written.calls.lock().unwrap();
        let line = |entry: &JournalEntry| {
            let settings = entry.arguments.get("settings").filter(|settings| !settings.is_null())?;
            Some(format!("{} {settings}\n", entry.function))
        };
        calls.iter().filter_map(line).collect()
    }

    /// Everything at a level of the log.
    pub(crate) fn log(&self, level: Level) -> Vec<String> {
        let lines = self.written.lines.lock().unwrap();
        lines.iter().filter(|(of, _)| *of == level).map(|(_, text)| text.clone()).collect()
    }
}

fn line_of(document: &Document, addresses: &BTreeMap<String, String>) -> String {
    let mapping = document.pointer("/PortMappings/0").unwrap();
    let number = |of: &Document, name| of.get(name).and_then(Document::as_u64).unwrap_or_default();
    let vip = document.pointer("/FrontendVIPs/0").and_then(Document::as_str).unwrap_or("*");
    let ids = document.get("HostComputeEndpoints").unwrap().items().iter().filter_map(Document::as_str);
    let mut backends: Vec<_> =
        ids.map(|id| addresses.get(&id.to_lowercase()).cloned().unwrap_or_else(|| "gone".into())).collect();
    backends.sort();
    let mut words = format!(
        "{vip}:{}/{} -> {} port {}",
        number(mapping, "ExternalPort"),
        number(mapping, "Protocol"),
        backends.join(" "),
        number(mapping, "InternalPort")
    );
    for (name, value) in [
        ("flags", number(document, "Flags")),
        ("port-flags", number(mapping, "Flags")),
        ("distribution", number(mapping, "DistributionType")),
    ] {
        if value != 0 {
            words += &format!(" {name} {value}");
        }
    }
    let source_vip = document.text(&["SourceVIP"]);
    if !source_vip.is_empty() {
        words += &format!(" source {source_vip}");
    }
    words + "\n"
}
