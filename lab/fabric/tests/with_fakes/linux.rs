//! The Linux node.

use std::sync::Arc;

use winlab_clock::{Clock, Seed};
use winlab_document::doc;
use winlab_fabric::FabricNode;
use winlab_fake_linux::{LinuxConfig, LinuxHost};
use winlab_host::linux::{
    AddAddress, AddLink, AddNamespace, AppendFdb, CreateContainer, FdbEntry, LinkKind, LinkSettings, Linux,
    Neighbour, ReplaceNeighbour, ReplaceRoute, RestoreTables, Route, SetLink, SetSysctl, StartContainer,
    WriteFile,
};
use winlab_host::{Ask, HostLinux, MacAddress, Program, Request};

use super::ip;

/// The MAC of its VXLAN link.
pub(super) const TUNNEL_MAC: &str = "02:00:00:00:10:00";

pub(super) struct LinuxNode {
    host: Arc<LinuxHost>,
    boundary: Arc<HostLinux>,
}

fn up() -> LinkSettings {
    LinkSettings { up: Some(true), ..LinkSettings::default() }
}

impl LinuxNode {
    pub(super) fn new(clock: Clock) -> Self {
        let mac = MacAddress([2, 0, 0, 0, 0, 10]);
        let config = LinuxConfig::ubuntu("lin1", mac, "10.0.0.10/24".parse().unwrap(), Some(ip("10.0.0.1")));
        let host = LinuxHost::new(config, clock, Seed::new(5));
        let boundary = host.host();
        Self { host, boundary }
    }

    pub(super) fn plug(&self) -> FabricNode {
        FabricNode { name: "lin1".into(), addresses: vec![ip("10.0.0.10")], view: self.host.clone() }
    }

    pub(super) async fn ask<R: Request<Linux>>(&self, request: R) -> R::Output {
        self.boundary.ask(request).await.unwrap()
    }

    pub(super) async fn link(&self, namespace: &str, name: &str, settings: LinkSettings) {
        self.ask(SetLink { namespace: namespace.into(), name: name.into(), settings }).await;
    }

    async fn address(&self, namespace: &str, link: &str, address: &str) {
        let address = address.parse().unwrap();
        self.ask(AddAddress { namespace: namespace.into(), link: link.into(), address }).await;
    }

    pub(super) async fn route(
        &self,
        namespace: &str,
        to: &str,
        via: Option<&str>,
        device: &str,
        onlink: bool,
    ) {
        let route = Route {
            destination: to.parse().unwrap(),
            gateway: via.map(ip),
            device: device.into(),
            source: None,
            metric: 0,
            onlink,
        };
        self.ask(ReplaceRoute { namespace: namespace.into(), route }).await;
    }

    /// The bridge plugin, the runtime, and a container that listens.
    pub(super) async fn run_pod(&self) {
        let namespace = String::new();
        let forward =
            SetSysctl { namespace: namespace.clone(), name: "net.ipv4.ip_forward".into(), value: "1".into() };
        self.ask(forward).await;
        self.ask(AddLink { namespace: namespace.clone(), name: "cni0".into(), kind: LinkKind::Bridge }).await;
        self.address("", "cni0", "10.244.0.1/24").await;
        self.link("", "cni0", up()).await;
        self.ask(AddNamespace { name: "pod".into() }).await;
        let kind = LinkKind::Veth { peer: "eth0".into(), peer_namespace: "pod".into() };
        self.ask(AddLink { namespace, name: "veth0".into(), kind }).await;
        self.link("", "veth0", LinkSettings { master: Some("cni0".into()), ..up() }).await;
        self.link("pod", "eth0", up()).await;
        self.address("pod", "eth0", "10.244.0.5/24").await;
        self.route("pod", "0.0.0.0/0", Some("10.244.0.1"), "eth0", false).await;
        let path = format!("/run/c0/rootfs/{}", Program::FILE);
        let bytes = Arc::from(&br#"{"listen":["tcp/8080"]}"#[..]);
        self.ask(WriteFile { container: String::new(), path, bytes }).await;
        let bundle = doc!({
            "hostname": "c0", "root": {"path": "/run/c0/rootfs"}, "process": {"args": []},
            "linux": {"namespaces": [{"type": "network", "path": "/var/run/netns/pod"}]},
        });
        self.ask(CreateContainer { id: "c0".into(), bundle }).await;
        self.ask(StartContainer { id: "c0".into() }).await;
    }

    /// The service 10.96.0.81:80 → 10.244.1.5:8080.
    pub(super) async fn run_service(&self) {
        let rules = "*nat\n:KUBE-SERVICES - [0:0]\n-A PREROUTING -j KUBE-SERVICES\n-A OUTPUT -j KUBE-SERVICES\n\
                     -A KUBE-SERVICES -d 10.96.0.81/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination \
                     10.244.1.5:8080\nCOMMIT\n";
        self.ask(RestoreTables { namespace: String::new(), rules: rules.into(), noflush: true }).await;
    }

    /// flanneld's VXLAN backend, for the peer `win1` with a MAC.
    pub(super) async fn run_vxlan(&self, peer: MacAddress) {
        let kind = LinkKind::Vxlan { vni: 4096, port: 4789, local: ip("10.0.0.10"), device: "eth0".into() };
        let (namespace, name) = (String::new(), "flannel.4096".to_owned());
        self.ask(AddLink { namespace: namespace.clone(), name: name.clone(), kind }).await;
        let mac = Some(TUNNEL_MAC.parse().unwrap());
        self.link("", &name, LinkSettings { mac, ..up() }).await;
        self.address("", &name, "10.244.0.0/32").await;
        let (address, destination) = (ip("10.244.1.0"), Some(ip("10.0.0.11")));
        let neighbour = Neighbour { device: name.clone(), address, mac: peer, permanent: true };
        self.ask(ReplaceNeighbour { namespace: namespace.clone(), link: name.clone(), neighbour }).await;
        let entry = FdbEntry { mac: peer, destination, port: String::new() };
        self.ask(AppendFdb { namespace, link: name.clone(), entry }).await;
        self.route("", "10.244.1.0/24", Some("10.244.1.0"), &name, true).await;
    }

    pub(super) fn host(&self) -> &LinuxHost {
        &self.host
    }
}
