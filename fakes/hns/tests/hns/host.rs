//! A host for the tests, and short ways to ask it.

use winlab_clock::Seed;
use winlab_document::{Document, doc};
use winlab_fake_hns::{FakeHns, Hns, HnsConfig, SeededContext};
use winlab_host::network::{
    CreateEndpoint, CreateLoadBalancer, CreateNamespace, CreateNetwork, HnsCall, ModifyEndpoint,
    ModifyNamespace, ModifyNetwork, Network, QueryEndpointProperties, QueryNamespaceProperties,
    QueryNetworkProperties,
};
use winlab_host::{Adapter, AdapterKind, Fault, Guid, HResult, Request};
use winlab_profiles::WindowsVersion;

/// A NIC.
pub(crate) fn nic(index: u32, name: &str, address: &str, gateway: Option<&str>) -> Adapter {
    Adapter {
        index,
        name: name.into(),
        kind: AdapterKind::Physical,
        mac: winlab_host::MacAddress([0x00, 0x15, 0x5d, 0x0a, 0x00, u8::try_from(index).unwrap()]),
        addresses: vec![address.parse().unwrap()],
        gateway: gateway.map(|gateway| gateway.parse().unwrap()),
        dns: if gateway.is_some() { vec!["10.0.0.2".parse().unwrap()] } else { Vec::new() },
        mtu: 1500,
    }
}

/// A host with one NIC and a management address.
pub(crate) fn config(windows: WindowsVersion) -> HnsConfig {
    HnsConfig {
        windows,
        host_name: "win1".into(),
        dns_suffix: "lab.example".into(),
        adapters: vec![nic(4, "Ethernet", "10.0.0.4/24", Some("10.0.0.1"))],
        epoch: HnsConfig::EPOCH,
    }
}

/// The fake of such a host.
pub(crate) fn fake(windows: WindowsVersion) -> FakeHns {
    FakeHns::new(config(windows), SeededContext::timeless(Seed::new(1)))
}

/// The state machine with its context.
pub(crate) struct Host {
    pub(crate) hns: Hns,
    pub(crate) context: SeededContext,
}

impl Host {
    /// A host of a build: `ltsc2022`.
    pub(crate) fn new(windows: &str) -> Self {
        Self::with(config(windows.parse().unwrap()))
    }

    pub(crate) fn with(config: HnsConfig) -> Self {
        let mut context = SeededContext::timeless(Seed::new(7));
        Self { hns: Hns::new(config, &mut context), context }
    }

    pub(crate) fn ask<R: Request<Network>>(&mut self, request: R) -> Result<R::Output, Fault> {
        let answer = self.hns.handle(request.into_call(), &mut self.context)?;
        Ok(R::output(answer).unwrap())
    }

    pub(crate) fn network(&mut self, settings: Document) -> Result<Guid, Fault> {
        self.ask(CreateNetwork { id: Guid::NIL, settings })
    }

    /// A network of a type with one subnet, 10.244.1.0/24, and what its type needs.
    pub(crate) fn subnet_network(&mut self, kind: &str, name: &str) -> Guid {
        self.network(subnet_network(kind, name)).unwrap()
    }

    pub(crate) fn endpoint(&mut self, network: Guid, settings: Document) -> Result<Guid, Fault> {
        self.ask(CreateEndpoint { network, id: Guid::NIL, settings })
    }

    pub(crate) fn namespace(&mut self) -> Guid {
        self.ask(CreateNamespace { id: Guid::NIL, settings: doc!({}) }).unwrap()
    }

    pub(crate) fn balancer(&mut self, settings: Document) -> Result<Guid, Fault> {
        self.ask(CreateLoadBalancer { id: Guid::NIL, settings })
    }

    /// Adds to a namespace or takes out: `("Add", "Endpoint", id)`.
    pub(crate) fn change(&mut self, id: Guid, request: &str, kind: &str, member: &str) -> Result<(), Fault> {
        let settings = doc!({"ResourceType": kind, "RequestType": request,
            "Settings": {(format!("{kind}Id")): member}});
        self.ask(ModifyNamespace { id, settings })
    }

    pub(crate) fn policies(
        &mut self,
        endpoint: Guid,
        request: &str,
        policies: Document,
    ) -> Result<(), Fault> {
        let settings =
            doc!({"ResourceType": "Policy", "RequestType": request, "Settings": {"Policies": policies}});
        self.ask(ModifyEndpoint { id: endpoint, settings })
    }

    pub(crate) fn change_network(
        &mut self,
        id: Guid,
        request: &str,
        kind: &str,
        settings: Document,
    ) -> Result<(), Fault> {
        let settings = doc!({"ResourceType": kind, "RequestType": request, "Settings": settings});
        self.ask(ModifyNetwork { id, settings })
    }

    pub(crate) fn network_document(&mut self, id: Guid) -> Document {
        self.ask(QueryNetworkProperties { id, query: Document::Null }).unwrap()
    }

    pub(crate) fn endpoint_document(&mut self, id: Guid) -> Document {
        self.ask(QueryEndpointProperties { id, query: Document::Null }).unwrap()
    }

    pub(crate) fn namespace_document(&mut self, id: Guid) -> Document {
        self.ask(QueryNamespaceProperties { id, query: Document::Null }).unwrap()
    }

    /// The first address of an endpoint.
    pub(crate) fn address(&mut self, id: Guid) -> String {
        let document = self.endpoint_document(id);
        document
            .pointer("/IpConfigurations/0/IpAddress")
            .and_then(Document::as_str)
            .unwrap_or_default()
            .to_owned()
    }

    /// A V1 call's response.
    pub(crate) fn v1(&mut self, method: &str, path: &str, body: Document) -> Document {
        self.ask(HnsCall { method: method.into(), path: path.into(), body }).unwrap()
    }

    /// A V1 call's output.
    pub(crate) fn output(&mut self, method: &str, path: &str, body: Document) -> Document {
        let response = self.v1(method, path, body);
        assert_eq!(response.get("Success"), Some(&doc!(true)), "{method} {path}: {response}");
        response.get("Output").cloned().unwrap_or_default()
    }
}

/// Settings of a network of a type with one subnet, 10.244.1.0/24, and what its type needs.
pub(crate) fn subnet_network(kind: &str, name: &str) -> Document {
    let policies = if kind == "Overlay" {
        doc!([{"Type": "VSID", "Settings": {"IsolationId": 4096}}])
    } else {
        doc!([])
    };
    let routes = doc!([{"NextHop": "10.244.1.1", "DestinationPrefix": "0.0.0.0/0"}]);
    let subnet = doc!({"IpAddressPrefix": "10.244.1.0/24", "Routes": routes, "Policies": policies});
    doc!({"Name": name, "Type": kind, "Ipams": [{"Type": "Static", "Subnets": [subnet]}],
        "SchemaVersion": {"Major": 2, "Minor": 0}})
}

/// A result as its code.
pub(crate) fn code<T>(result: Result<T, Fault>) -> HResult {
    result.map_or_else(|fault| fault.code, |_| HResult::S_OK)
}
