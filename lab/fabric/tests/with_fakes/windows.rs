//! The Windows node: HNS with what a joined host adds to its data plane.

use std::sync::{Arc, Mutex};

use winlab_clock::Seed;
use winlab_document::{Document, doc};
use winlab_fabric::FabricNode;
use winlab_fake_hns::{FakeHns, HnsConfig, SeededContext};
use winlab_host::linux::Route;
use winlab_host::network::{
    CreateEndpoint, CreateLoadBalancer, CreateNamespace, CreateNetwork, HnsCall, ModifyNamespace, Network,
    QueryNetworkProperties,
};
use winlab_host::{
    Adapter, AdapterKind, Ask, Compartment, DataPlaneView, Guid, HostDataPlane, HostProgram, MacAddress,
    Program, Request,
};

use super::ip;

pub(super) struct WindowsNode {
    hns: FakeHns,
    more: Mutex<More>,
}

#[derive(Default)]
struct More {
    namespaces: Vec<(Guid, String)>,
    routes: Vec<Route>,
}

impl DataPlaneView for WindowsNode {
    fn data_plane(&self) -> HostDataPlane {
        let HostDataPlane::Windows(mut plane) = self.hns.data_plane() else { unreachable!("a Windows host") };
        let more = self.more.lock().unwrap();
        plane.host_routes.clone_from(&more.routes);
        plane.forwarding = plane.adapters.iter().map(|adapter| adapter.name.clone()).collect();
        plane.compartments.push(Compartment { number: 1, ..Compartment::default() });
        for (number, (namespace, container)) in (2..).zip(&more.namespaces) {
            let program = HostProgram {
                container: container.clone(),
                pid: 1,
                listening: vec!["tcp/8080".parse().unwrap()],
                environment: [("HOSTNAME".to_owned(), container.clone())].into(),
                program: Program::default(),
            };
            plane.compartments.push(Compartment { number, namespace: *namespace, programs: vec![program] });
        }
        HostDataPlane::Windows(plane)
    }
}

impl WindowsNode {
    pub(super) fn new() -> Self {
        let adapter = Adapter {
            index: 3,
            name: "Ethernet".into(),
            kind: AdapterKind::Physical,
            mac: MacAddress([0, 0x15, 0x5d, 9, 9, 9]),
            addresses: vec!["10.0.0.11/24".parse().unwrap()],
            gateway: Some(ip("10.0.0.1")),
            dns: vec![],
            mtu: 1500,
        };
        let config = HnsConfig {
            windows: "ltsc2022".parse().unwrap(),
            host_name: "win1".into(),
            dns_suffix: String::new(),
            adapters: vec![adapter],
            epoch: HnsConfig::EPOCH,
        };
        let hns = FakeHns::new(config, SeededContext::timeless(Seed::new(6)));
        Self { hns, more: Mutex::default() }
    }

    pub(super) fn plug(node: &Arc<Self>) -> FabricNode {
        FabricNode { name: "win1".into(), addresses: vec![ip("10.0.0.11")], view: node.clone() }
    }

    pub(super) async fn ask<R: Request<Network>>(&self, request: R) -> R::Output {
        self.hns.ask(request).await.unwrap()
    }

    pub(super) fn hns(&self) -> &FakeHns {
        &self.hns
    }

    pub(super) async fn network(&self, settings: Document) -> (Guid, Document) {
        let id = self.ask(CreateNetwork { id: Guid::NIL, settings }).await;
        (id, self.ask(QueryNetworkProperties { id, query: Document::Null }).await)
    }

    /// win-bridge or win-overlay: a namespace, an endpoint in it, and a container that listens.
    pub(super) async fn run_pod(&self, network: Guid, gateway: &str, more: Vec<Document>) {
        let namespace = self.ask(CreateNamespace { id: Guid::NIL, settings: doc!({}) }).await;
        let exceptions = doc!(["10.244.0.0/16", "10.96.0.0/12"]);
        let mut policies = vec![doc!({"Type": "OutBoundNAT", "Settings": {"Exceptions": exceptions}})];
        policies.extend(more);
        let route = doc!({"NextHop": gateway, "DestinationPrefix": "0.0.0.0/0"});
        let settings = doc!({
            "Name": "c1_net", "HostComputeNetwork": network, "IpConfigurations": [{"IpAddress": "10.244.1.5"}],
            "Routes": [route], "Policies": policies, "SchemaVersion": {"Major": 2, "Minor": 0},
        });
        let endpoint = self.ask(CreateEndpoint { network, id: Guid::NIL, settings }).await;
        let settings = doc!({
            "ResourceType": "Endpoint", "RequestType": "Add", "Settings": {"EndpointId": endpoint},
        });
        self.ask(ModifyNamespace { id: namespace, settings }).await;
        self.more.lock().unwrap().namespaces.push((namespace, "c1".into()));
    }

    /// kube-proxy: the service 10.96.0.80:80 → 10.244.0.5:8080.
    pub(super) async fn run_service(&self, network: Guid, provider: Option<&str>, source_vip: &str) -> Guid {
        let policies: Vec<Document> = provider
            .into_iter()
            .map(|address| doc!({"Type": "ProviderAddress", "Settings": {"ProviderAddress": address}}))
            .collect();
        let settings = doc!({
            "HostComputeNetwork": network, "IpConfigurations": [{"IpAddress": "10.244.0.5"}], "Flags": 1,
            "MacAddress": "02-11-0a-f4-00-05", "Policies": policies,
        });
        let backend = self.ask(CreateEndpoint { network, id: Guid::NIL, settings }).await;
        let settings = doc!({
            "HostComputeEndpoints": [backend], "SourceVIP": source_vip, "FrontendVIPs": ["10.96.0.80"], "Flags": 0,
            "PortMappings": [{"Protocol": 6, "InternalPort": 8080, "ExternalPort": 80, "Flags": 0}],
            "SchemaVersion": {"Major": 2, "Minor": 0},
        });
        self.ask(CreateLoadBalancer { id: Guid::NIL, settings }).await
    }

    pub(super) async fn v1(&self, method: &str, path: &str, body: Document) -> Document {
        let answer = self.ask(HnsCall { method: method.into(), path: path.into(), body }).await;
        answer.get("Output").cloned().unwrap_or_default()
    }

    /// `New-NetRoute`
    pub(super) fn route(&self, to: &str, via: &str) {
        self.more.lock().unwrap().routes.push(Route {
            destination: to.parse().unwrap(),
            gateway: Some(ip(via)),
            device: "vEthernet (Ethernet)".into(),
            source: None,
            metric: 0,
            onlink: false,
        });
    }
}
