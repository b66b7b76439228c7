//! Two Windows nodes and a Linux node as kube-proxy, flannel and the CNI plugins would have programmed them.
//!
//! | node | address | pod | container |
//! |---|---|---|---|
//! | lin1 | 10.0.0.10 | 10.244.0.5, 10.244.0.6 | c0, d0 |
//! | win1 | 10.0.0.11 | 10.244.1.5, 10.244.1.6 | c1, d1 |
//! | win2 | 10.0.0.12 | 10.244.2.5 | c2 |
//!
//! Every pod listens on tcp/8080 and udp/53. The service is 10.96.0.80:80 → :8080 of the pods that a test says.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use winlab_clock::{Seed, VirtualInstant};
use winlab_document::{Document, doc};
use winlab_host::linux::{FdbEntry, Link, LinkKind, Neighbour, Prefix, Route};
use winlab_host::{
    Adapter, AdapterKind, Compartment, DataPlaneView, Guid, HostDataPlane, HostProgram, LinuxDataPlane,
    MacAddress, NetObject, Program, WindowsDataPlane,
};

use crate::{
    DnsAnswer, DnsQuery, ExternalHost, Fabric, FabricNode, Probe, ServerPrograms, Source, Underlay, Verdict,
};

/// Which flannel backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Net {
    Overlay,
    HostGw,
}

/// A node whose data plane a test can change.
pub(super) struct Node(Mutex<HostDataPlane>);

impl DataPlaneView for Node {
    fn data_plane(&self) -> HostDataPlane {
        self.0.lock().unwrap().clone()
    }
}

/// CoreDNS, running as container `c0`.
struct Zone;

impl ServerPrograms for Zone {
    fn dns(&self, _node: &str, container: &str, query: &DnsQuery) -> Option<DnsAnswer> {
        if container != "c0" && container != "host" {
            return None;
        }
        Some(match query.name.as_str() {
            "web.default.svc.cluster.local" => DnsAnswer::Addresses(vec![ip("10.96.0.80")]),
            "headless.default.svc.cluster.local" => {
                DnsAnswer::Addresses(vec![ip("10.244.1.5"), ip("10.244.2.5")])
            }
            "alias.default.svc.cluster.local" => DnsAnswer::Alias("web.default.svc.cluster.local.".into()),
            _ => DnsAnswer::NoSuchName,
        })
    }
}

pub(super) struct Lab {
    pub(super) fabric: Fabric,
    nodes: BTreeMap<&'static str, Arc<Node>>,
}

pub(super) fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

pub(super) fn prefix(text: &str) -> Prefix {
    text.parse().unwrap()
}

fn mac(n: u8) -> MacAddress {
    MacAddress([0x00, 0x15, 0x5d, 0, 0, n])
}

fn program(container: &str, name: &str) -> HostProgram {
    let listening = vec!["tcp/8080".parse().unwrap(), "udp/53".parse().unwrap()];
    HostProgram {
        container: container.to_owned(),
        pid: 1,
        listening: listening.clone(),
        environment: BTreeMap::from([("HOSTNAME".to_owned(), name.to_owned())]),
        program: Program { listen: listening, ..Program::default() },
    }
}

impl Lab {
    pub(super) fn new(net: Net) -> Self {
        let mut underlay = Underlay::new(ip("10.0.0.1"));
        underlay.hosts.push(ExternalHost {
            name: "outside".into(),
            address: ip("192.0.2.9"),
            beyond_edge: true,
            programs: vec![program("", "outside")],
        });
        let fabric = Fabric::new(underlay, Arc::new(Zone));
        let mut nodes = BTreeMap::new();
        for (n, name) in [(0_u8, "lin1"), (1, "win1"), (2, "win2")] {
            let plane = match n {
                0 => HostDataPlane::Linux(linux(net)),
                _ => HostDataPlane::Windows(windows(net, n)),
            };
            let node = Arc::new(Node(Mutex::new(plane)));
            let addresses = vec![ip(&format!("10.0.0.1{n}"))];
            fabric.connect(FabricNode { name: name.into(), addresses, view: node.clone() });
            nodes.insert(name, node);
        }
        Self { fabric, nodes }
    }

    /// Changes what is programmed on a Windows node.
    pub(super) fn win(&self, node: &str, change: impl FnOnce(&mut WindowsDataPlane)) {
        if let HostDataPlane::Windows(plane) = &mut *self.nodes[node].0.lock().unwrap() {
            change(plane);
        }
    }

    /// Changes what is programmed on the Linux node.
    pub(super) fn lin(&self, change: impl FnOnce(&mut LinuxDataPlane)) {
        if let HostDataPlane::Linux(plane) = &mut *self.nodes["lin1"].0.lock().unwrap() {
            change(plane);
        }
    }

    /// A probe from `c1@win1`, `win1`, `outside`.
    pub(super) fn walk(&self, from: &str, to: &str) -> Verdict {
        self.walk_as(from, to, 1)
    }

    pub(super) fn walk_as(&self, from: &str, to: &str, seed: u64) -> Verdict {
        self.walk_at(from, to, seed, 0)
    }

    /// A probe so many seconds after the lab began.
    pub(super) fn walk_at(&self, from: &str, to: &str, seed: u64, secs: u64) -> Verdict {
        let source = match from.split_once('@') {
            Some((id, node)) => Source::Container { node: node.into(), id: id.into() },
            None if from == "outside" => Source::External(from.into()),
            None => Source::Node(from.into()),
        };
        let probe = Probe::to(source, to).unwrap();
        self.fabric.walk(&probe, Seed::new(seed), VirtualInstant::from_nanos(secs * 1_000_000_000))
    }

    /// Sends many flows and says who answered them, in order and without repeats.
    pub(super) fn backends(&self, from: &str, to: &str) -> Vec<String> {
        let mut seen: Vec<String> = (0..24)
            .map(|seed| {
                let verdict = self.walk_as(from, to, seed);
                verdict.backend.as_ref().map_or_else(|| format!("{verdict}"), |b| b.container.clone())
            })
            .collect();
        seen.sort();
        seen.dedup();
        seen
    }

    /// The service on every node: its backends are pods by container name; `flags` of the Windows load balancers.
    pub(super) fn service(&self, backends: &[&str], dsr: bool) {
        for (n, node) in [(1_u8, "win1"), (2, "win2")] {
            let ids: Vec<Document> =
                backends.iter().map(|container| endpoint_for(n, container).to_string().into()).collect();
            self.win(node, |plane| {
                plane.load_balancers.push(load_balancer(n, &["10.96.0.80"], 80, ids, dsr))
            });
        }
        let rules = kube_proxy(backends, 0);
        self.lin(|plane| {
            plane.netfilter.entry(String::new()).or_default().restore(&rules, true).unwrap();
        });
    }

    /// The same as a NodePort 30080.
    pub(super) fn node_port(&self, backends: &[&str], dsr: bool) {
        for (n, node) in [(1_u8, "win1"), (2, "win2")] {
            let ids: Vec<Document> =
                backends.iter().map(|container| endpoint_for(n, container).to_string().into()).collect();
            self.win(node, |plane| plane.load_balancers.push(load_balancer(n, &[], 30_080, ids, dsr)));
        }
        let rules = kube_proxy(backends, 30_080);
        self.lin(|plane| {
            plane.netfilter.entry(String::new()).or_default().restore(&rules, true).unwrap();
        });
    }
}

/// The address of a pod by its container.
pub(super) fn pod(container: &str) -> String {
    let (kind, n) = container.split_at(1);
    format!("10.244.{n}.{}", if kind == "c" { 5 } else { 6 })
}

/// The id of the endpoint by which node `n` knows a pod.
pub(super) fn endpoint_for(n: u8, container: &str) -> Guid {
    let (kind, of) = container.split_at(1);
    let of: u128 = of.parse().unwrap();
    Guid::from_bits(u128::from(n) << 64 | of << 32 | u128::from(kind.as_bytes()[0]))
}

fn network_id(n: u8) -> Guid {
    Guid::from_bits(u128::from(n) << 96)
}

pub(super) fn balancer_id(n: u8, port: u16) -> Guid {
    Guid::from_bits(u128::from(n) << 96 | u128::from(port))
}

fn object(id: Guid, document: Document) -> NetObject {
    NetObject { id, document: document.with("ID", id), plumbed: true }
}

pub(super) fn load_balancer(n: u8, vips: &[&str], port: u16, ids: Vec<Document>, dsr: bool) -> NetObject {
    let vips: Document = vips.iter().copied().collect();
    let mapping = doc!({"Protocol": 6, "InternalPort": 8080, "ExternalPort": port, "Flags": 0});
    let source = if dsr { String::new() } else { format!("10.244.{n}.2") };
    object(
        balancer_id(n, port),
        doc!({
            "FrontendVIPs": vips, "PortMappings": [mapping], "HostComputeEndpoints": ids, "SourceVIP": source,
            "Flags": (u32::from(dsr)),
        }),
    )
}

/// What kube-proxy loads on Linux.
fn kube_proxy(backends: &[&str], node_port: u16) -> String {
    let mut text = String::from(
        "*filter\n:KUBE-FORWARD - [0:0]\n-I FORWARD -j KUBE-FORWARD\n\
         -A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP\nCOMMIT\n\
         *nat\n:KUBE-SERVICES - [0:0]\n:KUBE-SVC - [0:0]\n:KUBE-MARK-MASQ - [0:0]\n:KUBE-POSTROUTING - [0:0]\n",
    );
    for backend in backends {
        writeln!(text, ":KUBE-SEP-{backend} - [0:0]").unwrap();
    }
    text += "-I PREROUTING -j KUBE-SERVICES\n-I OUTPUT -j KUBE-SERVICES\n-I POSTROUTING -j KUBE-POSTROUTING\n\
             -A KUBE-MARK-MASQ -j MARK --or-mark 0x4000\n\
             -A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN\n\
             -A KUBE-POSTROUTING -j MARK --xor-mark 0x4000\n-A KUBE-POSTROUTING -j MASQUERADE --random-fully\n\
             -A KUBE-SVC ! -s 10.244.0.0/16 -j KUBE-MARK-MASQ\n";
    let front = "-A KUBE-SERVICES -d 10.96.0.80/32 -p tcp -m tcp --dport 80 -j KUBE-SVC\n";
    let node = format!(
        "-A KUBE-SERVICES -p tcp -m tcp --dport {node_port} -m addrtype --dst-type LOCAL -j KUBE-SVC\n"
    );
    text += if node_port == 0 { front } else { &node };
    for (at, backend) in backends.iter().enumerate() {
        let left = backends.len() - at;
        if left > 1 {
            let share = 1.0 / f64::from(u32::try_from(left).unwrap());
            let random = format!("-m statistic --mode random --probability {share:.10}");
            writeln!(text, "-A KUBE-SVC {random} -j KUBE-SEP-{backend}").unwrap();
        } else {
            writeln!(text, "-A KUBE-SVC -j KUBE-SEP-{backend}").unwrap();
        }
        let address = pod(backend);
        writeln!(text, "-A KUBE-SEP-{backend} -s {address} -j KUBE-MARK-MASQ").unwrap();
        writeln!(text, "-A KUBE-SEP-{backend} -p tcp -j DNAT --to-destination {address}:8080").unwrap();
    }
    text + "COMMIT\n"
}

fn windows(net: Net, n: u8) -> WindowsDataPlane {
    let mut plane = WindowsDataPlane {
        hns_version: (13, 3),
        networks: vec![windows_network(net, n)],
        ..WindowsDataPlane::default()
    };
    plane.adapters.push(adapter("vEthernet (Ethernet)", &format!("10.0.0.1{n}/24"), Some("10.0.0.1")));
    plane.compartments.push(Compartment { number: 1, ..Compartment::default() });
    for container in ["c0", "d0", "c1", "d1", "c2"] {
        let home: u8 = container[1..].parse().unwrap();
        let endpoint = windows_endpoint(net, n, container, home);
        if home == n {
            plane.compartments.push(Compartment {
                number: u32::try_from(plane.compartments.len()).unwrap() + 1,
                namespace: Guid::from_bits(endpoint.id.bits() + 1),
                programs: vec![program(container, container)],
            });
        }
        plane.endpoints.push(endpoint);
    }
    if net == Net::Overlay {
        plane.endpoints.push(source_vip(n));
        return plane;
    }
    plane.adapters.push(adapter("vEthernet (cbr0_ep)", &format!("10.244.{n}.2/24"), None));
    plane.forwarding = plane.adapters.iter().map(|adapter| adapter.name.clone()).collect();
    for other in (0..3_u8).filter(|other| *other != n) {
        plane.host_routes.push(route(
            &format!("10.244.{other}.0/24"),
            Some(&format!("10.0.0.1{other}")),
            "vEthernet (Ethernet)",
        ));
    }
    plane
}

fn windows_network(net: Net, n: u8) -> NetObject {
    let mut policies = vec![doc!({
        "Type": "ProviderAddress", "Settings": {"ProviderAddress": (format!("10.0.0.1{n}"))},
    })];
    let subnet = format!("10.244.{n}.0/24");
    if net == Net::HostGw {
        let subnet = doc!({"IpAddressPrefix": subnet});
        let document = doc!({
            "Name": "cbr0", "Type": "L2Bridge", "Policies": policies, "Ipams": [{"Subnets": [subnet]}],
        });
        return object(network_id(n), document);
    }
    policies.push(doc!({"Type": "DrMacAddress", "Settings": {"Address": (mac(n).dashed())}}));
    policies.push(doc!({"Type": "HostRoute", "Settings": {}}));
    for other in (0..3_u8).filter(|other| *other != n) {
        policies.push(doc!({"Type": "RemoteSubnetRoute", "Settings": {
            "DestinationPrefix": (format!("10.244.{other}.0/24")), "IsolationId": 4096,
            "ProviderAddress": (format!("10.0.0.1{other}")), "DistributedRouterMacAddress": (mac(other).dashed()),
        }}));
    }
    let vsid = doc!({"Type": "VSID", "Settings": {"IsolationId": 4096}});
    let subnet = doc!({"IpAddressPrefix": subnet, "Policies": [vsid]});
    let document = doc!({
        "Name": "flannel.4096", "Type": "Overlay", "Policies": policies, "Ipams": [{"Subnets": [subnet]}],
    });
    object(network_id(n), document)
}

fn windows_endpoint(net: Net, n: u8, container: &str, home: u8) -> NetObject {
    let id = endpoint_for(n, container);
    let address = pod(container);
    let mut policies = Vec::new();
    let mut document = doc!({
        "Name": container, "HostComputeNetwork": (network_id(n)), "IpConfigurations": [{"IpAddress": address}],
        "Flags": (u32::from(home != n)), "MacAddress": (format!("02-11-0A-F4-0{home}-05")),
    });
    if home == n {
        let exceptions = doc!(["10.244.0.0/16", "10.96.0.0/12"]);
        policies.push(doc!({"Type": "OutBoundNAT", "Settings": {"Exceptions": exceptions}}));
        document.set("HostComputeNamespace", Guid::from_bits(id.bits() + 1));
        document.set(
            "Dns",
            doc!({
                "Domain": "", "Search": ["default.svc.cluster.local", "svc.cluster.local", "cluster.local"],
                "ServerList": ["10.244.0.5"],
            }),
        );
        let gateway = format!("10.244.{n}.{}", if net == Net::HostGw { 2 } else { 1 });
        document.set("Routes", doc!([{"NextHop": gateway, "DestinationPrefix": "0.0.0.0/0"}]));
    }
    if net == Net::Overlay {
        let provider = format!("10.0.0.1{home}");
        policies.push(doc!({"Type": "ProviderAddress", "Settings": {"ProviderAddress": provider}}));
    }
    document.set("Policies", policies);
    object(id, document)
}

fn source_vip(n: u8) -> NetObject {
    let document = doc!({
        "Name": "source-vip", "HostComputeNetwork": (network_id(n)), "Flags": 0,
        "IpConfigurations": [{"IpAddress": (format!("10.244.{n}.2"))}], "Policies": [],
    });
    object(Guid::from_bits(u128::from(n) << 64 | 2), document)
}

fn adapter(name: &str, address: &str, gateway: Option<&str>) -> Adapter {
    Adapter {
        index: 1,
        name: name.into(),
        kind: AdapterKind::Virtual,
        mac: mac(0x99),
        addresses: vec![prefix(address)],
        gateway: gateway.map(ip),
        dns: vec![],
        mtu: 1500,
    }
}

pub(super) fn route(to: &str, via: Option<&str>, device: &str) -> Route {
    Route {
        destination: prefix(to),
        gateway: via.map(ip),
        device: device.into(),
        source: None,
        metric: 0,
        onlink: false,
    }
}

fn link(index: u32, name: &str, kind: LinkKind, addresses: &[&str]) -> Link {
    Link {
        index,
        name: name.into(),
        kind,
        mac: MacAddress([2, 0, 0, 0, 0, u8::try_from(index).unwrap()]),
        mtu: 1500,
        up: true,
        master: String::new(),
        addresses: addresses.iter().map(|address| prefix(address)).collect(),
    }
}

fn linux(net: Net) -> LinuxDataPlane {
    let mut plane = LinuxDataPlane::default();
    let mut links = vec![
        link(1, "lo", LinkKind::Loopback, &["127.0.0.1/8"]),
        link(2, "eth0", LinkKind::Physical, &["10.0.0.10/24"]),
        link(3, "cni0", LinkKind::Bridge, &["10.244.0.1/24"]),
    ];
    let mut routes = vec![route("10.0.0.0/24", None, "eth0"), route("10.244.0.0/24", None, "cni0")];
    for (index, container) in [(10, "c0"), (20, "d0")] {
        let (namespace, host_end) = (format!("ns-{container}"), format!("veth-{container}"));
        let far = LinkKind::Veth { peer: "eth0".into(), peer_namespace: namespace.clone() };
        let near = LinkKind::Veth { peer: host_end.clone(), peer_namespace: String::new() };
        links.push(Link { master: "cni0".into(), ..link(index, &host_end, far, &[]) });
        let address = format!("{}/24", pod(container));
        let inside = vec![
            link(index + 1, "lo", LinkKind::Loopback, &["127.0.0.1/8"]),
            link(index + 2, "eth0", near, &[&address]),
        ];
        plane.links.insert(namespace.clone(), inside);
        let own = vec![route("10.244.0.0/24", None, "eth0"), route("0.0.0.0/0", Some("10.244.0.1"), "eth0")];
        plane.routes.insert(namespace.clone(), own);
        plane.programs.insert(namespace, vec![program(container, container)]);
        plane.resolv_conf.insert(
            container.into(),
            "search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.244.0.5\noptions ndots:5\n"
                .into(),
        );
    }
    for other in [1_u8, 2] {
        let to = format!("10.244.{other}.0/24");
        match net {
            Net::HostGw => routes.push(route(&to, Some(&format!("10.0.0.1{other}")), "eth0")),
            Net::Overlay => {
                let next = format!("10.244.{other}.0");
                routes.push(Route { onlink: true, ..route(&to, Some(&next), "flannel.4096") });
                let neighbour = Neighbour {
                    device: "flannel.4096".into(),
                    address: ip(&next),
                    mac: mac(other),
                    permanent: true,
                };
                plane.neighbours.entry(String::new()).or_default().push(neighbour);
                let destination = Some(ip(&format!("10.0.0.1{other}")));
                let entry = FdbEntry { mac: mac(other), destination, port: String::new() };
                plane.fdb.entry("flannel.4096".into()).or_default().push(entry);
            }
        }
    }
    if net == Net::Overlay {
        let kind = LinkKind::Vxlan { vni: 4096, port: 4789, local: ip("10.0.0.10"), device: "eth0".into() };
        links.push(Link { mac: mac(0), ..link(4, "flannel.4096", kind, &["10.244.0.0/32"]) });
    }
    routes.push(route("0.0.0.0/0", Some("10.0.0.1"), "eth0"));
    plane.links.insert(String::new(), links);
    plane.routes.insert(String::new(), routes);
    plane.programs.insert(String::new(), vec![]);
    let sysctls = [("net.ipv4.ip_forward", "1"), ("net.bridge.bridge-nf-call-iptables", "1")];
    let sysctls = sysctls.map(|(name, value)| (name.to_owned(), value.to_owned()));
    plane.sysctls.insert(String::new(), sysctls.into_iter().collect());
    let masquerade = "*nat\n-A POSTROUTING -s 10.244.0.0/16 -d 10.244.0.0/16 -j RETURN\n\
                      -A POSTROUTING -s 10.244.0.0/16 ! -d 224.0.0.0/4 -j MASQUERADE --random-fully\n\
                      -A POSTROUTING ! -s 10.244.0.0/16 -d 10.244.0.0/16 -j MASQUERADE --random-fully\nCOMMIT\n";
    plane.netfilter.entry(String::new()).or_default().restore(masquerade, false).unwrap();
    plane
}

/// Changes the settings of an object's policies of one type; those for which `change` says no are removed.
pub(super) fn policies(object: &mut NetObject, kind: &str, mut change: impl FnMut(&mut Document) -> bool) {
    let kept: Vec<Document> = object
        .document
        .get("Policies")
        .unwrap()
        .items()
        .iter()
        .cloned()
        .filter_map(|mut policy| {
            let keep = policy.text(&["Type"]) != kind || change(policy.member_mut("Settings"));
            keep.then_some(policy)
        })
        .collect();
    object.document.set("Policies", kept);
}
