//! The V1 view of what V2 made, and the other way round.

use winlab_document::{Document, doc};
use winlab_host::HResult;
use winlab_host::network::{QueryEndpointProperties, QueryNetworkProperties};

use crate::host::Host;

#[test]
fn failures_are_in_the_response_as_hosts_log_them() {
    let mut host = Host::new("ltsc2022");
    let wanted = doc!({"Name": "x", "Type": "l2bridge", "NetworkAdapterName": "Wi-Fi"});
    let response = host.v1("POST", "/networks/", wanted);
    assert_eq!(
        response.to_string(),
        r#"{"Error":"An adapter was not found. ","ErrorCode":2151350278,"Success":false}"#
    );
    for (method, path, body, expected) in [
        ("GET", "/networks/5f0b1190-63be-4e0c-b974-bd0f55675a42", doc!(""), HResult::HCN_E_NETWORK_NOT_FOUND),
        (
            "DELETE",
            "/endpoints/5f0b1190-63be-4e0c-b974-bd0f55675a42",
            doc!(""),
            HResult::HCN_E_ENDPOINT_NOT_FOUND,
        ),
        ("GET", "/namespaces/5f0b1190-63be-4e0c-b974-bd0f55675a42", doc!(""), HResult::ERROR_NOT_FOUND),
        ("GET", "/networks/cbr0", doc!(""), HResult::HCN_E_GUID_CONVERSION_FAILURE),
        ("POST", "/networks/", doc!("{"), HResult::HCN_E_INVALID_JSON),
        ("PUT", "/networks/", doc!({}), HResult::HCN_E_REQUEST_UNSUPPORTED),
        ("GET", "/accelnet/", doc!(""), HResult::HCN_E_REQUEST_UNSUPPORTED),
        ("POST", "/namespaces/", doc!({"IsDefault": true}), HResult::GCN_E_DEFAULTNAMESPACE_EXISTS),
        (
            "POST",
            "/policylists/",
            doc!({"References": ["/endpoints/x"]}),
            HResult::HCN_E_INVALID_JSON_REFERENCE,
        ),
    ] {
        let response = host.v1(method, path, body);
        assert_eq!(response.get("ErrorCode"), Some(&doc!(expected.0)), "{method} {path}: {response}");
    }
    assert_eq!(host.hns.unmodelled().get("HNSCall path"), Some(&1));
}

#[test]
fn a_v1_network_is_a_v2_network() {
    let mut host = Host::new("ltsc2022");
    let settings = doc!({
        "Name": "Calico", "Type": "Overlay", "NetworkAdapterName": "Ethernet", "DNSServerList": "10.0.0.2,10.0.0.3",
        "Subnets": [{"AddressPrefix": "10.244.1.0/24", "GatewayAddress": "10.244.1.1",
            "Policies": [{"Type": "VSID", "VSID": 4096}]}],
        "Vendor": {"kept": true},
    });
    let v1 = host.output("POST", "/networks", settings);
    let v2 = host.network_document(v1.text(&["ID"]).parse().unwrap());
    assert_eq!(
        v2.pointer("/Ipams/0/Subnets/0/Policies/0"),
        Some(&doc!({"Type": "VSID", "Settings": {"IsolationId": 4096}}))
    );
    assert_eq!(v2.pointer("/Dns/ServerList"), Some(&doc!(["10.0.0.2", "10.0.0.3"])));
    assert_eq!(
        v2.pointer("/Policies/0"),
        Some(&doc!({"Type": "NetAdapterName", "Settings": {"NetworkAdapterName": "Ethernet"}}))
    );
    assert_eq!(v2.get("Vendor"), Some(&doc!({"kept": true})));
    assert_eq!(v1.get("Vendor"), Some(&doc!({"kept": true})));
    assert_eq!(v1.pointer("/Subnets/0/Policies/0"), Some(&doc!({"Type": "VSID", "VSID": 4096})));
    assert_eq!(v1.get("ManagementIP"), Some(&doc!("10.0.0.4")));
    assert!(!v1.text(&["DrMacAddress"]).is_empty());
    let query = doc!({"SchemaVersion": {"Major": 1, "Minor": 0}});
    let id = v1.text(&["ID"]).parse().unwrap();
    assert_eq!(host.ask(QueryNetworkProperties { id, query }).unwrap(), v1);
}

#[test]
fn a_v1_endpoint_is_a_v2_endpoint() {
    let mut host = Host::new("ltsc2022");
    let network = host.subnet_network("L2Bridge", "cbr0");
    let settings = doc!({
        "Name": "web", "VirtualNetwork": network, "IPAddress": "10.244.1.7", "MacAddress": "0E-2A-0a-f4-01-07",
        "DNSServerList": "10.96.0.10", "DNSSuffix": "default.svc.cluster.local,svc.cluster.local",
        "Policies": [{"Type": "OutBoundNAT", "ExceptionList": ["10.96.0.0/12"]},
            {"Type": "ROUTE", "DestinationPrefix": "10.96.0.0/12", "NeedEncap": true}],
    });
    let v1 = host.output("POST", "/endpoints/", settings);
    let id = v1.text(&["ID"]).parse().unwrap();
    let v2 = host.endpoint_document(id);
    assert_eq!(v2.pointer("/Policies/0/Settings"), Some(&doc!({"Exceptions": ["10.96.0.0/12"]})));
    assert_eq!(v2.pointer("/Policies/1/Type"), Some(&doc!("SDNRoute")));
    assert_eq!(v2.pointer("/Dns/Search"), Some(&doc!(["default.svc.cluster.local", "svc.cluster.local"])));
    assert_eq!((v1.text(&["IPAddress"]), v1.text(&["GatewayAddress"])), ("10.244.1.7", "10.244.1.1"));
    assert_eq!(v1.get("PrefixLength"), Some(&doc!(24)));
    assert_eq!(v1.pointer("/Policies/0/ExceptionList"), Some(&doc!(["10.96.0.0/12"])));
    let query = doc!({"SchemaVersion": {"Major": 1, "Minor": 0}});
    assert_eq!(host.ask(QueryEndpointProperties { id, query }).unwrap(), v1);
}

/// Felix posts an endpoint's id and its rules: they replace the rules and leave the rest.
#[test]
fn rules_are_replaced_as_felix_does() {
    let mut host = Host::new("ltsc2022");
    let network = host.subnet_network("L2Bridge", "Calico");
    let nat = doc!({"Type": "OutBoundNAT", "Settings": {"Exceptions": ["10.244.0.0/16"]}});
    let endpoint = host.endpoint(network, doc!({"Policies": [nat]})).unwrap();
    let rule = |id: &str| {
        doc!({"Type": "ACL", "Id": id, "Protocol": 256, "Action": "Block", "Direction": "In", "RuleType": "Switch",
            "Priority": 1000})
    };
    let path = format!("/endpoints/{endpoint}");
    for rules in [vec![rule("a"), rule("b")], vec![rule("c")]] {
        let changed = host.output("POST", &path, doc!({"ID": endpoint, "Policies": rules.clone()}));
        let found = changed.get("Policies").unwrap().items().to_vec();
        let acls: Vec<&str> =
            found.iter().filter(|p| p.text(&["Type"]) == "ACL").map(|p| p.text(&["Id"])).collect();
        assert_eq!(acls, rules.iter().map(|rule| rule.text(&["Id"])).collect::<Vec<_>>());
        assert_eq!(found.iter().filter(|p| p.text(&["Type"]) == "OutBoundNAT").count(), 1);
    }
    let v2 = host.endpoint_document(endpoint);
    let acl =
        v2.get("Policies").unwrap().items().iter().find(|p| p.text(&["Type"]) == "ACL").unwrap().clone();
    assert_eq!(acl.pointer("/Settings/Protocols"), Some(&doc!("256")));
}

/// A client that reads an object, changes a member and posts all of it back does not overwrite what HNS knows.
#[test]
fn a_document_that_was_read_can_be_posted() {
    let mut host = Host::new("ltsc2022");
    let network = host.subnet_network("L2Bridge", "cbr0");
    let endpoint = host.endpoint(network, doc!({"Name": "web"})).unwrap();
    let read = host.output("GET", &format!("/endpoints/{endpoint}"), Document::Null);
    let copy = Document::parse(&read.to_string()).unwrap();
    let mut copy = copy.with("State", 9).with("StartTime", 1);
    for member in ["ID", "IPAddress", "MacAddress"] {
        copy.remove(member);
    }
    let made = host.output("POST", "/endpoints/", copy);
    assert_eq!((made.get("State"), made.text(&["Name"])), (Some(&doc!(1)), "web"));
    assert_ne!(made.get("StartTime"), Some(&doc!(1)));
}

const PASSED_OVER: &str = "V1 updates: members other than Policies, Extensions and DNS";

#[test]
fn an_update_of_a_network_replaces_the_types_of_policies_that_it_gives() {
    let mut host = Host::new("ltsc2022");
    let network = host.subnet_network("L2Bridge", "cbr0");
    let path = format!("/networks/{network}");
    let before = host.network_document(network).get("Policies").unwrap().items().len();
    for vlan in [7, 8] {
        let changed = host.output("POST", &path, doc!({"Policies": [{"Type": "VLAN", "VLAN": vlan}]}));
        let shown = changed.get("Policies").unwrap();
        assert!(shown.items().contains(&doc!({"Type": "VLAN", "VLAN": vlan})), "{shown}");
        let stored = host.network_document(network).get("Policies").unwrap().items().to_vec();
        assert_eq!(stored.len(), before + 1, "{stored:?}");
        assert!(stored.contains(&doc!({"Type": "VLAN", "Settings": {"IsolationId": vlan}})), "{stored:?}");
    }
    let refused =
        host.v1("POST", &path, doc!({"Policies": [{"Type": "QOS", "MaximumOutgoingBandwidthInBytes": 9}]}));
    assert_eq!(refused.get("Success"), Some(&doc!(false)), "QOS is of endpoints: {refused}");
    assert_eq!(host.hns.unmodelled().get(PASSED_OVER), None);
}

#[test]
fn what_an_update_passes_over_is_counted() {
    let mut host = Host::new("ltsc2022");
    let network = host.subnet_network("L2Bridge", "cbr0");
    let endpoint = host.endpoint(network, doc!({"Name": "web"})).unwrap();
    let mut counted = 0;
    for (path, other) in [
        (
            format!("/networks/{network}"),
            doc!({"Subnets": [{"AddressPrefix": "10.9.0.0/24"}], "Name": "cbr1"}),
        ),
        (format!("/endpoints/{endpoint}"), doc!({"IPAddress": "10.244.1.99", "EnableInternalDNS": true})),
    ] {
        // As a client has read it, and with ids and members in the letters that other clients use.
        let read = host.output("GET", &path, Document::Null);
        host.output("POST", &path, Document::parse(&read.to_string()).unwrap());
        let id = read.text(&["ID"]).to_lowercase();
        host.output("POST", &path, doc!({"id": id, "Type": "", "Policies": []}));
        assert_eq!(host.hns.unmodelled().get(PASSED_OVER).copied().unwrap_or_default(), counted, "{path}");

        let after = host.output("POST", &path, other);
        counted += 2;
        assert_eq!(host.hns.unmodelled().get(PASSED_OVER), Some(&counted), "{path}");
        let subnet = ["Name", "Subnets", "IPAddress", "EnableInternalDNS"];
        assert!(subnet.iter().all(|member| after.get(member) == read.get(member)), "{after}");
    }
}
