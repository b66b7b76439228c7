//! The documents of each kind of object, as clients see them.

use winlab_document::{Document, doc};
use winlab_host::Guid;
use winlab_host::network::{CreateSdnRoute, QueryLoadBalancerProperties, QuerySdnRouteProperties};

use crate::host::{Host, nic, subnet_network};

/// Both forms of a network.
fn both(kind: &str, settings: Document) -> String {
    let mut host = Host::new("ltsc2025");
    let mut second = nic(9, "Ethernet 2", "10.9.0.4/24", None);
    second.dns.clear();
    host.hns.set_adapter(second);
    let id = host.network(settings).unwrap();
    let v2 = host.network_document(id);
    let v1 = host.output("GET", &format!("/networks/{id}"), Document::Null);
    format!("{kind}\nV2 {v2:#}\nV1 {v1:#}\n")
}

#[test]
fn networks_of_every_type() {
    for kind in ["NAT", "L2Bridge", "L2Tunnel", "Overlay", "Transparent", "Internal", "Private", "ICS"] {
        let name = format!("network_{}", kind.to_lowercase());
        insta::assert_snapshot!(name, both(kind, subnet_network(kind, "net")));
    }
    for kind in ["Mirrored", "ConstrainedICS", "Infiniband"] {
        let name = format!("network_{}", kind.to_lowercase());
        insta::assert_snapshot!(name, both(kind, doc!({"Name": "net", "Type": kind})));
    }
}

#[test]
fn a_nat_network_that_chose_its_prefix() {
    insta::assert_snapshot!(both("NAT", doc!({"Name": "nat", "Type": "nat"})));
}

#[test]
fn endpoints_and_what_leads_to_them() {
    let mut host = Host::new("ltsc2022");
    let network = host.subnet_network("Overlay", "flannel.4096");
    let local = host.endpoint(network, doc!({"Name": "web_flannel.4096", "Owner": "win-overlay"})).unwrap();
    let remote = host
        .endpoint(
            network,
            doc!({
                "IpConfigurations": [{"IpAddress": "10.244.2.7"}], "MacAddress": "02-11-0a-f4-02-07", "Flags": 1,
                "Policies": [{"Type": "ProviderAddress", "Settings": {"ProviderAddress": "10.0.0.5"}}],
            }),
        )
        .unwrap();
    let namespace = host.namespace();
    host.change(namespace, "Add", "Endpoint", &local.to_string()).unwrap();
    host.hns.attach_container(namespace, "0123456789ab").unwrap();
    let balancer = host
        .balancer(doc!({
            "HostComputeEndpoints": [local, remote], "SourceVIP": "10.244.1.200", "FrontendVIPs": ["10.96.0.10"],
            "PortMappings": [{"Protocol": 17, "InternalPort": 53, "ExternalPort": 53, "DistributionType": 2}],
            "Flags": 1,
        }))
        .unwrap();
    let settings = doc!({"HostComputeEndpoints": [local],
        "Setting": [{"DestinationPrefix": "10.96.0.0/12", "NextHop": "10.0.0.1", "NeedEncap": true}]});
    let route = host.ask(CreateSdnRoute { id: Guid::NIL, settings }).unwrap();
    for (name, id) in [("endpoint_local", local), ("endpoint_remote", remote)] {
        let v2 = host.endpoint_document(id);
        let v1 = host.output("GET", &format!("/endpoints/{id}"), Document::Null);
        insta::assert_snapshot!(name, format!("V2 {v2:#}\nV1 {v1:#}\n"));
    }
    let v2 = host.namespace_document(namespace);
    let v1 = host.output("GET", &format!("/namespaces/{namespace}"), Document::Null);
    insta::assert_snapshot!("namespace", format!("V2 {v2:#}\nV1 {v1:#}\n"));
    let v2 = host.ask(QueryLoadBalancerProperties { id: balancer, query: Document::Null }).unwrap();
    let v1 = host.output("GET", &format!("/policylists/{balancer}"), Document::Null);
    insta::assert_snapshot!("load_balancer", format!("V2 {v2:#}\nV1 {v1:#}\n"));
    let v2 = host.ask(QuerySdnRouteProperties { id: route, query: Document::Null }).unwrap();
    let v1 = host.output("GET", &format!("/policylists/{route}"), Document::Null);
    insta::assert_snapshot!("route", format!("V2 {v2:#}\nV1 {v1:#}\n"));
}

#[test]
fn details_show_what_was_allocated() {
    let mut host = Host::new("ltsc2022");
    let network = host.subnet_network("L2Bridge", "cbr0");
    let query = doc!({"Flags": 1});
    let found = host.ask(winlab_host::network::QueryNetworkProperties { id: network, query }).unwrap();
    assert!(found.pointer("/Health/Extra/Resources/Allocators").is_some(), "{found}");
}
