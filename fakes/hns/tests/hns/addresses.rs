//! Prefixes, addresses and MACs of networks and endpoints.

use winlab_document::{Document, doc};
use winlab_host::network::DeleteEndpoint;
use winlab_host::{Guid, HResult};

use crate::host::{Host, code, subnet_network};

fn at(address: &str) -> Document {
    doc!({"IpConfigurations": [{"IpAddress": address}]})
}

#[test]
fn addresses_are_given_in_order_without_the_reserved_ones() {
    let mut host = Host::new("ltsc2022");
    let network = host.subnet_network("L2Bridge", "cbr0");
    let given: Vec<Guid> = (0..252).map(|_| host.endpoint(network, doc!({})).unwrap()).collect();
    assert_eq!(host.address(given[0]), "10.244.1.2");
    assert_eq!(host.address(given[251]), "10.244.1.253");
    host.endpoint(network, doc!({})).unwrap();
    let refused = host.endpoint(network, doc!({}));
    assert_eq!(code(refused), HResult::HCN_E_ADDR_INVALID_OR_RESERVED, "the subnet is used up");
    host.ask(DeleteEndpoint { id: given[5] }).unwrap();
    let again = host.endpoint(network, doc!({})).unwrap();
    assert_eq!(host.address(again), "10.244.1.7");
}

#[test]
fn local_addresses_must_be_free_and_of_a_subnet() {
    let mut host = Host::new("ltsc2022");
    let network = host.subnet_network("Overlay", "vxlan0");
    host.endpoint(network, at("10.244.1.9")).unwrap();
    for (address, expected) in [
        ("10.244.1.9", HResult::HCN_E_ADDR_INVALID_OR_RESERVED),
        ("10.244.1.0", HResult::HCN_E_ADDR_INVALID_OR_RESERVED),
        ("10.244.1.1", HResult::HCN_E_ADDR_INVALID_OR_RESERVED),
        ("10.244.1.255", HResult::HCN_E_ADDR_INVALID_OR_RESERVED),
        ("10.244.2.1", HResult::HCN_E_INVALID_IP),
        ("fd00::1", HResult::HCN_E_SUBNET_NOT_FOUND),
        ("somewhere", HResult::HCN_E_INVALID_IP),
        ("10.244.1.10", HResult::S_OK),
    ] {
        assert_eq!(code(host.endpoint(network, at(address))), expected, "{address}");
    }
    let twice = doc!({"IpConfigurations": [{"IpAddress": "10.244.1.30"}, {"IpAddress": "10.244.1.30"}]});
    assert_eq!(code(host.endpoint(network, twice)), HResult::HCN_E_ADDR_INVALID_OR_RESERVED);
    for remote in ["10.244.1.9", "10.244.1.1", "10.96.0.1", "fd00::1"] {
        assert_eq!(code(host.endpoint(network, at(remote).with("Flags", 1))), HResult::S_OK, "{remote}");
    }
    assert_eq!(code(host.endpoint(network, doc!({"Flags": 1}))), HResult::HCN_E_INVALID_IP);
}

#[test]
fn the_first_builds_of_1809_say_that_the_object_exists() {
    let mut host = Host::new("ltsc2019@17763.1");
    let network = host.subnet_network("L2Bridge", "cbr0");
    host.endpoint(network, at("10.244.1.9")).unwrap();
    let refused = host.endpoint(network, at("10.244.1.9"));
    assert_eq!(code(refused), HResult::ERROR_OBJECT_ALREADY_EXISTS);
}

#[test]
fn prefixes_of_32_need_their_version() {
    for (windows, expected) in
        [("1903", HResult::HCN_E_INVALID_PREFIX), ("2004", HResult::S_OK), ("ltsc2019", HResult::S_OK)]
    {
        let mut host = Host::new(windows);
        let network = host.subnet_network("Overlay", "vxlan0");
        let settings = doc!({"IpConfigurations": [{"IpAddress": "10.244.1.9", "PrefixLength": 32}]});
        assert_eq!(code(host.endpoint(network, settings)), expected, "{windows}");
    }
}

#[test]
fn both_families_at_once() {
    let mut host = Host::new("ltsc2022");
    let mut settings = subnet_network("L2Bridge", "cbr0");
    let v6 = doc!({"IpAddressPrefix": "fd00:1::/64",
        "Routes": [{"NextHop": "fd00:1::1", "DestinationPrefix": "::/0"}]});
    let v4 = settings.pointer("/Ipams/0/Subnets/0").unwrap().clone();
    settings.set("Ipams", doc!([{"Type": "Static", "Subnets": [v4, v6]}]));
    let network = host.network(settings.clone()).unwrap();
    let both = doc!({"IpConfigurations": [{"IpAddress": "10.244.1.9"}, {"IpAddress": "fd00:1::9"}]});
    let id = host.endpoint(network, both).unwrap();
    let document = host.endpoint_document(id);
    assert_eq!(document.pointer("/IpConfigurations/1/PrefixLength"), Some(&doc!(64)));
    assert_eq!(document.pointer("/Routes/1/NextHop"), Some(&doc!("fd00:1::1")));
    assert_eq!(code(Host::new("ltsc2019").network(settings)), HResult::HCN_E_INVALID_SUBNET);
}

#[test]
fn networks_without_a_subnet() {
    let mut host = Host::new("ltsc2022");
    let lan = host.network(doc!({"Name": "lan", "Type": "Transparent"})).unwrap();
    let id = host.endpoint(lan, doc!({})).unwrap();
    assert_eq!(host.address(id), "", "the segment has its own DHCP");
    host.endpoint(lan, at("10.0.0.77")).unwrap();
    let mut other = Host::new("ltsc2022");
    let bridge = other.network(doc!({"Name": "cbr0", "Type": "L2Bridge"})).unwrap();
    assert_eq!(code(other.endpoint(bridge, doc!({}))), HResult::HCN_E_SUBNET_NOT_FOUND);
}

#[test]
fn bad_subnets_are_refused() {
    let mut host = Host::new("ltsc2022");
    let subnet = |prefix: &str, gateway: &str, vsid: u32| {
        doc!({"Name": "x", "Type": "Overlay", "Ipams": [{"Subnets": [{"IpAddressPrefix": prefix,
            "Routes": [{"NextHop": gateway, "DestinationPrefix": "0.0.0.0/0"}],
            "Policies": [{"Type": "VSID", "Settings": {"IsolationId": vsid}}]}]}]})
    };
    for (settings, expected) in [
        (subnet("10.244.0.0", "10.244.0.1", 4096), HResult::HCN_E_INVALID_PREFIX),
        (subnet("10.244.0.0/16", "10.245.0.1", 4096), HResult::HCN_E_INVALID_NETWORK),
        (subnet("10.244.0.0/16", "10.244.0.1", 4095), HResult::HCN_E_INVALID_POLICY),
        (
            doc!({"Name": "x", "Type": "Overlay", "Ipams": [{"Subnets": [{"IpAddressPrefix": "10.0.0.0/8"}]}]}),
            HResult::HCN_E_INVALID_NETWORK,
        ),
        (doc!({"Name": "x", "Type": "Bridge"}), HResult::HCN_E_INVALID_NETWORK_TYPE),
        (doc!({"Name": "x"}), HResult::HCN_E_INVALID_NETWORK_TYPE),
        (doc!({"Name": "x", "Type": "NAT", "ID": "no id"}), HResult::HCN_E_GUID_CONVERSION_FAILURE),
        (doc!("text"), HResult::HCN_E_INVALID_JSON),
        (doc!({"Name": "x", "Type": "NAT", "Flags": "Nonsense"}), HResult::E_INVALIDARG),
    ] {
        let text = settings.to_string();
        assert_eq!(code(host.network(settings)), expected, "{text}");
    }
    host.subnet_network("NAT", "nat");
    let refused = host.network(subnet_network("NAT", "nat"));
    assert_eq!(code(refused), HResult::HCN_E_NETWORK_ALREADY_EXISTS);
    let refused = host.network(subnet_network("NAT", "overlapping"));
    assert_eq!(code(refused), HResult::HCN_E_INVALID_NETWORK);
    let refused = host.network(doc!({"Name": "nat", "Type": "ICS"}));
    assert_eq!(code(refused), HResult::ERROR_DUP_NAME);
}

#[test]
fn macs_are_given_or_taken_from_the_pool() {
    let mut host = Host::new("ltsc2022");
    let pool =
        doc!({"Ranges": [{"StartMacAddress": "00-15-5D-52-C0-00", "EndMacAddress": "00-15-5D-52-C0-01"}]});
    let network = host.network(subnet_network("L2Bridge", "cbr0").with("MacPool", pool)).unwrap();
    let mut mac = |settings: Document| {
        let id = host.endpoint(network, settings)?;
        Ok(host.endpoint_document(id).text(&["MacAddress"]).to_owned())
    };
    assert_eq!(mac(doc!({"MacAddress": "02:11:0a:f4:01:05"})).unwrap(), "02-11-0A-F4-01-05");
    assert_eq!(mac(doc!({})).unwrap(), "00-15-5D-52-C0-00");
    assert_eq!(mac(doc!({})).unwrap(), "00-15-5D-52-C0-01");
    assert_eq!(code(mac(doc!({}))), HResult::HCN_E_ADDR_INVALID_OR_RESERVED);
    assert_eq!(code(mac(doc!({"MacAddress": "02:11"}))), HResult::HCN_E_INVALID_ENDPOINT);
    assert_eq!(
        mac(doc!({"MacAddress": "00-15-5D-52-C0-00"})).unwrap(),
        "00-15-5D-52-C0-00",
        "kube-proxy reuses MACs"
    );
}

#[test]
fn routes_and_dns_come_from_the_network_unless_given() {
    let mut host = Host::new("ltsc2022");
    let network = host.subnet_network("L2Bridge", "cbr0");
    let plain = host.endpoint(network, doc!({"Routes": [{"NextHop": "", "DestinationPrefix": ""}]})).unwrap();
    let document = host.endpoint_document(plain);
    assert_eq!(
        document.get("Routes"),
        Some(&doc!([{"NextHop": "10.244.1.1", "DestinationPrefix": "0.0.0.0/0"}]))
    );
    assert_eq!(document.get("Dns"), Some(&doc!({"Domain": "lab.example", "ServerList": ["10.0.0.2"]})));
    let routes = doc!([{"NextHop": "10.244.1.2", "DestinationPrefix": "0.0.0.0/0"}]);
    let dns = doc!({"Domain": "svc.cluster.local", "Search": ["a", "b"], "ServerList": ["10.96.0.10"]});
    let given = host.endpoint(network, doc!({"Routes": routes.clone(), "Dns": dns.clone()})).unwrap();
    let document = host.endpoint_document(given);
    assert_eq!((document.get("Routes"), document.get("Dns")), (Some(&routes), Some(&dns)));
}

#[test]
fn an_endpoint_needs_its_network() {
    let mut host = Host::new("ltsc2022");
    let network = host.subnet_network("L2Bridge", "cbr0");
    let nobody = Guid::from_bits(9);
    assert_eq!(code(host.endpoint(nobody, doc!({}))), HResult::HCN_E_NETWORK_NOT_FOUND);
    assert_eq!(code(host.endpoint(network, doc!({"HostComputeNetwork": nobody}))), HResult::E_INVALIDARG);
    let id =
        host.endpoint(Guid::NIL, doc!({"HostComputeNetwork": network, "ID": Guid::from_bits(5)})).unwrap();
    assert_eq!(id, Guid::from_bits(5));
    let again = host.endpoint(network, doc!({"ID": id}));
    assert_eq!(code(again), HResult::ERROR_OBJECT_ALREADY_EXISTS);
}
