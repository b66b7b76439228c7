//! Modify requests.

use winlab_document::{Document, doc};
use winlab_host::network::{EnumerateEndpoints, ModifyEndpoint, ModifyNetwork};
use winlab_host::{Guid, HResult};

use crate::host::{Host, code};

fn route(prefix: &str) -> Document {
    // Members in an order of their own and a MAC in lower case: clients compare the text.
    doc!({"Type": "RemoteSubnetRoute", "Settings": {
        "IsolationId": 4096, "DestinationPrefix": prefix, "ProviderAddress": "10.0.0.5",
        "DistributedRouterMacAddress": "00-15-5d-aa-bb-cc", "Comment": "kept"}})
}

#[test]
fn policies_of_a_network_are_kept_to_the_letter() {
    let mut host = Host::new("ltsc2022");
    let network = host.subnet_network("Overlay", "vxlan0");
    let (a, b) = (route("10.244.2.0/24"), route("10.244.3.0/24"));
    host.change_network(network, "Add", "Policy", doc!({"Policies": [a.clone(), b.clone()]})).unwrap();
    let found = host.network_document(network).get("Policies").unwrap().items().to_vec();
    assert!(found.iter().any(|policy| policy.to_string() == a.to_string()));
    host.change_network(network, "Remove", "Policy", doc!({"Policies": [a.clone()]})).unwrap();
    let gone = host.change_network(network, "Remove", "Policy", doc!({"Policies": [a]}));
    assert_eq!(code(gone), HResult::HCN_E_POLICY_NOT_FOUND);
    let bad = doc!({"Policies": [{"Type": "RemoteSubnetRoute", "Settings": {"IsolationId": 4096}}]});
    assert_eq!(code(host.change_network(network, "Add", "Policy", bad)), HResult::HCN_E_INVALID_POLICY);
}

#[test]
fn both_schemas_show_policies_as_they_were_changed_last() {
    let mut host = Host::new("ltsc2022");
    let network = host.subnet_network("Overlay", "vxlan0");
    let shown = |host: &mut Host| {
        let v1 = host.output("GET", &format!("/networks/{network}"), Document::Null);
        let v2 = host.network_document(network);
        let routes = |document: &Document| document.to_string().matches("RemoteSubnetRoute").count();
        (routes(&v1), routes(&v2))
    };
    assert_eq!(shown(&mut host), (0, 0));
    let policies = doc!({"Policies": [route("10.244.2.0/24")]});
    host.change_network(network, "Add", "Policy", policies.clone()).unwrap();
    assert_eq!(shown(&mut host), (1, 1));
    host.change_network(network, "Remove", "Policy", policies).unwrap();
    assert_eq!(shown(&mut host), (0, 0));
}

#[test]
fn sets_come_before_those_who_name_them_and_go_after() {
    let mut host = Host::new("ltsc2025");
    let network = host.subnet_network("L2Bridge", "azure");
    let set = |id: &str, kind: &str, values: &str| {
        doc!({"Policies": [{"Type": "SetPolicy",
            "Settings": {"Id": id, "Name": id, "PolicyType": kind, "Values": values}}]})
    };
    let mut change =
        |request: &str, policies: Document| code(host.change_network(network, request, "Policy", policies));
    assert_eq!(change("Add", set("n", "NESTEDIPSET", "a")), HResult::HCN_E_INVALID_POLICY);
    assert_eq!(change("Add", set("a", "IPSET", "10.244.1.5")), HResult::S_OK);
    assert_eq!(change("Add", set("a", "IPSET", "")), HResult::HCN_E_POLICY_ALREADY_EXISTS);
    assert_eq!(change("Add", set("n", "NESTEDIPSET", "a")), HResult::S_OK);
    assert_eq!(change("Update", set("a", "IPSET", "10.244.1.6")), HResult::S_OK);
    assert_eq!(change("Update", set("unknown", "IPSET", "")), HResult::S_OK);
    assert_eq!(change("Remove", set("a", "IPSET", "")), HResult::HCN_E_ENTITY_HAS_REFERENCES);
    assert_eq!(change("Remove", set("n", "NESTEDIPSET", "")), HResult::S_OK);
    let endpoint = host.endpoint(
        network,
        doc!({"Policies": [{"Type": "ACL", "Settings":
        {"Action": "Block", "Direction": "In", "RemoteAddresses": "a"}}]}),
    );
    endpoint.unwrap();
    let removed = host.change_network(network, "Remove", "Policy", set("a", "IPSET", ""));
    assert_eq!(code(removed), HResult::HCN_E_ENTITY_HAS_REFERENCES);
}

#[test]
fn subnets_and_blocks_since_server_2022() {
    let subnet = doc!({"Subnets": [{"IpAddressPrefix": "10.244.9.0/24",
        "Routes": [{"NextHop": "10.244.9.1", "DestinationPrefix": "0.0.0.0/0"}]}]});
    let mut old = Host::new("ltsc2019");
    let network = old.subnet_network("L2Bridge", "cbr0");
    let refused = old.change_network(network, "Add", "Subnet", subnet.clone());
    assert_eq!(code(refused), HResult::HCN_E_REQUEST_UNSUPPORTED);

    let mut host = Host::new("ltsc2022");
    let network = host.subnet_network("L2Bridge", "cbr0");
    host.change_network(network, "Add", "Subnet", subnet.clone()).unwrap();
    let doubled = host.change_network(network, "Add", "Subnet", subnet);
    assert_eq!(code(doubled), HResult::HCN_E_INVALID_SUBNET);
    let document = host.network_document(network);
    let id = document.pointer("/Ipams/0/Subnets/1/ID").unwrap().clone();
    host.endpoint(network, doc!({"IpConfigurations": [{"IpAddress": "10.244.9.7"}]})).unwrap();
    let used = host.change_network(network, "Remove", "Subnet", doc!({"Subnets": [{"ID": id.clone()}]}));
    assert_eq!(code(used), HResult::HCN_E_ENTITY_HAS_REFERENCES);

    let block =
        |prefix: &str| doc!({"SubnetId": id.clone(), "IpSubnets": [{"IpAddressPrefix": prefix, "Flags": 0}]});
    host.change_network(network, "Add", "IPSubnet", block("10.244.9.128/28")).unwrap();
    let outside = host.change_network(network, "Add", "IPSubnet", block("10.244.8.0/28"));
    assert_eq!(code(outside), HResult::HCN_E_INVALID_IP_SUBNET);
    host.change_network(network, "Remove", "IPSubnet", block("10.244.9.128/28")).unwrap();
}

#[test]
fn dns_and_extensions() {
    let mut host = Host::new("ltsc2022");
    let network = host.subnet_network("L2Bridge", "cbr0");
    host.change_network(network, "Update", "DNS", doc!({"ServerList": ["10.96.0.10"]})).unwrap();
    assert_eq!(host.network_document(network).get("Dns"), Some(&doc!({"ServerList": ["10.96.0.10"]})));
    let vfp = doc!({"Id": "F74F241B-440F-4433-BB28-00F89EAD20D8", "IsEnabled": false});
    host.change_network(network, "Update", "Extension", vfp).unwrap();
    let extensions = host.output("GET", &format!("/networks/{network}"), Document::Null);
    assert_eq!(extensions.pointer("/Extensions/1/IsEnabled"), Some(&doc!(false)));
    let unknown = host.change_network(network, "Update", "Extension", doc!({"Id": Guid::from_bits(1)}));
    assert_eq!(code(unknown), HResult::HCN_E_SWITCH_EXTENSION_NOT_FOUND);
    assert_eq!(host.hns.unmodelled().get("vSwitch extensions"), Some(&1));
}

#[test]
fn requests_that_are_none() {
    let mut host = Host::new("ltsc2022");
    let network = host.subnet_network("L2Bridge", "cbr0");
    let endpoint = host.endpoint(network, doc!({})).unwrap();
    for (settings, expected) in [
        (doc!("text"), HResult::HCN_E_INVALID_JSON),
        (doc!({"ResourceType": "Policy", "RequestType": "Replace"}), HResult::E_INVALIDARG),
        (doc!({"ResourceType": "Nonsense", "RequestType": "Add"}), HResult::HCN_E_REQUEST_UNSUPPORTED),
        (doc!({"ResourceType": "Policy", "RequestType": "Reset"}), HResult::HCN_E_REQUEST_UNSUPPORTED),
        (doc!({"ResourceType": "Policy", "RequestType": "Refresh"}), HResult::S_OK),
    ] {
        let asked = ModifyNetwork { id: network, settings: settings.clone() };
        assert_eq!(code(host.ask(asked)), expected, "network: {settings}");
        let asked = ModifyEndpoint { id: endpoint, settings: settings.clone() };
        assert_eq!(code(host.ask(asked)), expected, "endpoint: {settings}");
    }
    assert_eq!(host.hns.unmodelled().get("modify request Reset"), Some(&2));
}

#[test]
fn endpoints_by_state_as_azure_npm_asks() {
    let mut host = Host::new("ltsc2022");
    let network = host.subnet_network("L2Bridge", "azure");
    let endpoint = host.endpoint(network, doc!({})).unwrap();
    let namespace = host.namespace();
    host.change(namespace, "Add", "Endpoint", &endpoint.to_string()).unwrap();
    host.hns.attach_container(namespace, "pause").unwrap();
    host.endpoint(network, doc!({})).unwrap();
    let query = doc!({"Filter": r#"{"State":3}"#});
    assert_eq!(host.ask(EnumerateEndpoints { query }).unwrap(), [endpoint]);
}
