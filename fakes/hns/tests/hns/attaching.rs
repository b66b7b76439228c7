//! Namespaces, containers and what the host has to do for them.

use winlab_document::{Document, doc};
use winlab_fake_hns::{ContainerNetwork, Effect};
use winlab_host::network::{DeleteEndpoint, DeleteNamespace, NotificationKind};
use winlab_host::{Guid, HResult};

use crate::host::{Host, code};

fn state(host: &mut Host, endpoint: Guid) -> u64 {
    host.endpoint_document(endpoint).get("State").and_then(Document::as_u64).unwrap()
}

fn settings(host: &mut Host) -> Vec<ContainerNetwork> {
    let effects = host.hns.take_effects().into_iter();
    effects
        .filter_map(|e| if let Effect::ContainerNetwork(network) = e { Some(network) } else { None })
        .collect()
}

/// A pod's network: a network, an endpoint, and a namespace that has it.
fn pod(host: &mut Host) -> (Guid, Guid) {
    let network = host.subnet_network("L2Bridge", "cbr0");
    let endpoint =
        host.endpoint(network, doc!({"Name": "web", "Dns": {"ServerList": ["10.96.0.10"]}})).unwrap();
    let namespace = host.namespace();
    host.change(namespace, "Add", "Endpoint", &endpoint.to_string()).unwrap();
    (endpoint, namespace)
}

#[test]
fn a_compartment_lives_as_long_as_containers_do() {
    let mut host = Host::new("ltsc2022");
    let (endpoint, namespace) = pod(&mut host);
    assert_eq!((host.hns.compartment_of(namespace), state(&mut host, endpoint)), (Some(0), 1));
    let _ = (host.hns.take_effects(), host.hns.take_notifications());

    assert_eq!(host.hns.attach_container(namespace, "pause").unwrap(), 2);
    assert_eq!(state(&mut host, endpoint), 3);
    let kinds: Vec<NotificationKind> = host.hns.take_notifications().iter().map(|n| n.kind).collect();
    assert_eq!(kinds, [NotificationKind::NetworkEndpointAttached]);
    let written = settings(&mut host);
    assert_eq!(written.len(), 1);
    assert_eq!((written[0].container.as_str(), written[0].compartment), ("pause", 2));
    let interface = &written[0].interfaces[0];
    assert_eq!((interface.name.as_str(), interface.mtu), ("vEthernet (web)", 1500));
    assert_eq!(interface.dns_servers, ["10.96.0.10"]);
    assert_eq!(interface.gateways, ["10.244.1.1".parse::<std::net::IpAddr>().unwrap()]);

    host.hns.attach_container(namespace, "app").unwrap();
    assert_eq!(settings(&mut host).len(), 2, "both containers see the interfaces");
    let shared = host.endpoint_document(endpoint);
    assert_eq!(shared.pointer("/Health/Extra/SharedContainers"), Some(&doc!(["pause", "app"])));
    assert_eq!(code(host.ask(DeleteNamespace { id: namespace })), HResult::HCN_E_REQUEST_UNSUPPORTED);

    host.hns.detach_container(namespace, "app").unwrap();
    assert_eq!(state(&mut host, endpoint), 3);
    host.hns.detach_container(namespace, "pause").unwrap();
    assert_eq!((host.hns.compartment_of(namespace), state(&mut host, endpoint)), (Some(0), 4));
    assert_eq!(code(host.hns.detach_container(namespace, "pause")), HResult::ERROR_NOT_FOUND);
    host.ask(DeleteNamespace { id: namespace }).unwrap();
    assert_eq!(host.hns.namespace_of(endpoint), None);
}

#[test]
fn an_endpoint_added_to_a_living_namespace_is_attached_at_once() {
    let mut host = Host::new("ltsc2022");
    let network = host.subnet_network("Overlay", "vxlan0");
    let namespace = host.namespace();
    host.hns.attach_container(namespace, "pause").unwrap();
    let endpoint = host.endpoint(network, doc!({"HostComputeNamespace": namespace})).unwrap();
    assert_eq!(state(&mut host, endpoint), 3);
    let written = settings(&mut host);
    assert_eq!(written.last().unwrap().interfaces[0].mtu, 1450, "VXLAN takes 50 bytes");
    host.ask(DeleteEndpoint { id: endpoint }).unwrap();
    assert!(settings(&mut host).last().unwrap().interfaces.is_empty());
    assert_eq!(host.hns.compartment_of(namespace), Some(2), "the container still lives");
}

#[test]
fn members_of_a_namespace() {
    let mut host = Host::new("ltsc2022");
    let (endpoint, namespace) = pod(&mut host);
    let id = endpoint.to_string();
    let other = host.namespace();
    assert_eq!(code(host.change(namespace, "Add", "Endpoint", &id)), HResult::S_OK);
    let elsewhere = host.change(other, "Add", "Endpoint", &id);
    assert_eq!(code(elsewhere), HResult::HCN_E_ENDPOINT_NAMESPACE_ALREADY_EXISTS);
    let unknown = host.change(other, "Add", "Endpoint", &Guid::from_bits(3).to_string());
    assert_eq!(code(unknown), HResult::HCN_E_ENDPOINT_NOT_FOUND);
    assert_eq!(code(host.change(other, "Add", "Endpoint", "")), HResult::E_INVALIDARG);
    assert_eq!(code(host.change(other, "Reset", "Endpoint", &id)), HResult::HCN_E_REQUEST_UNSUPPORTED);
    assert_eq!(code(host.change(other, "Remove", "Endpoint", &id)), HResult::ERROR_NOT_FOUND);
    let network: Guid = host.endpoint_document(endpoint).text(&["HostComputeNetwork"]).parse().unwrap();
    let remote = doc!({"Flags": 1, "IpConfigurations": [{"IpAddress": "10.96.0.1"}]});
    let remote = host.endpoint(network, remote).unwrap();
    let refused = host.change(other, "Add", "Endpoint", &remote.to_string());
    assert_eq!(code(refused), HResult::HCN_E_INVALID_REMOTE_ENDPOINT_OPERATION);
    assert_eq!(
        code(host.ask(DeleteNamespace { id: host.hns.default_namespace() })),
        HResult::HCN_E_REQUEST_UNSUPPORTED
    );
}

#[test]
fn a_degraded_endpoint_fails_the_namespace() {
    let mut host = Host::new("ltsc2022");
    let (endpoint, namespace) = pod(&mut host);
    assert!(host.hns.degrade(endpoint));
    let refused = host.hns.attach_container(namespace, "pause");
    assert_eq!(code(refused), HResult::HCN_E_NAMESPACE_ATTACH_FAILED);
    assert_eq!(host.hns.compartment_of(namespace), Some(0));
    host.ask(DeleteEndpoint { id: endpoint }).unwrap();
    host.hns.attach_container(namespace, "pause").unwrap();
}

#[test]
fn the_v1_way_into_containers() {
    let mut host = Host::new("ltsc2022");
    let network = host.subnet_network("L2Bridge", "cbr0");
    let endpoint = host.endpoint(network, doc!({"Name": "web"})).unwrap();
    let compartment = host.hns.attach_endpoint(endpoint, "one").unwrap();
    assert_eq!(state(&mut host, endpoint), 2);
    assert_eq!(code(host.hns.attach_endpoint(endpoint, "one")), HResult::HCN_E_ENDPOINT_ALREADY_ATTACHED);
    assert_eq!(
        host.hns.attach_endpoint(endpoint, "two").unwrap(),
        compartment,
        "one endpoint, one compartment"
    );
    assert_eq!(state(&mut host, endpoint), 3);
    let containers = host.output("GET", &format!("/endpoints/{endpoint}"), Document::Null);
    assert_eq!(containers.get("SharedContainers"), Some(&doc!(["one", "two"])));
    host.hns.detach_endpoint(endpoint, "one").unwrap();
    host.hns.detach_endpoint(endpoint, "two").unwrap();
    assert_eq!(state(&mut host, endpoint), 4);
    assert_eq!(code(host.hns.detach_endpoint(endpoint, "two")), HResult::HCN_E_ENDPOINT_NOT_ATTACHED);
}

#[test]
fn the_host_gets_a_nic() {
    let mut host = Host::new("ltsc2022");
    let network = host.subnet_network("L2Bridge", "cbr0");
    let settings = doc!({"Name": "cbr0_ep", "IpConfigurations": [{"IpAddress": "10.244.1.2"}]});
    let endpoint = host.endpoint(network, settings).unwrap();
    let path = format!("/endpoints/{endpoint}/attach");
    host.output("POST", &path, doc!({"SystemType": "Host", "CompartmentId": 1}));
    let nic = host.hns.adapters().last().unwrap();
    assert_eq!(
        (nic.name.as_str(), nic.addresses[0].to_string().as_str()),
        ("vEthernet (cbr0_ep)", "10.244.1.2/24")
    );
    let again = host.v1("POST", &path, doc!({"SystemType": "Host", "CompartmentId": 1}));
    assert_eq!(again.get("ErrorCode"), Some(&doc!(0x803b_0014_u32)));
    host.ask(DeleteEndpoint { id: endpoint }).unwrap();
    assert!(host.hns.adapters().iter().all(|adapter| adapter.name != "vEthernet (cbr0_ep)"));
}

#[test]
fn the_default_namespace_is_the_host() {
    let mut host = Host::new("ltsc2022");
    let network = host.subnet_network("L2Bridge", "cbr0");
    let endpoint = host.endpoint(network, doc!({"Name": "ep"})).unwrap();
    let default = host.hns.default_namespace();
    assert_eq!(host.namespace_document(default).get("NamespaceId"), Some(&doc!(1)));
    host.change(default, "Add", "Endpoint", &endpoint.to_string()).unwrap();
    assert!(host.hns.adapters().iter().any(|adapter| adapter.name == "vEthernet (ep)"));
    host.change(default, "Remove", "Endpoint", &endpoint.to_string()).unwrap();
    assert!(host.hns.adapters().iter().all(|adapter| adapter.name != "vEthernet (ep)"));
}
