//! Load balancers: frontends, ports, versions.

use std::collections::BTreeSet;

use winlab_document::{Document, doc};
use winlab_fake_hns::BoundPort;
use winlab_host::network::{
    DeleteEndpoint, DeleteLoadBalancer, DeleteNetwork, EnumerateLoadBalancers, ModifyLoadBalancer,
    QueryLoadBalancerProperties,
};
use winlab_host::{Guid, HResult};
use winlab_profiles::{HnsVersion, WindowsVersion};

use crate::host::{Host, code, config};

struct Lab {
    host: Host,
    network: Guid,
    endpoint: Guid,
}

impl Lab {
    fn new(windows: &str) -> Self {
        Self::on(windows.parse().unwrap())
    }

    fn on(windows: WindowsVersion) -> Self {
        let mut host = Host::with(config(windows));
        let network = host.subnet_network("Overlay", "vxlan0");
        let endpoint = host.endpoint(network, doc!({})).unwrap();
        Self { host, network, endpoint }
    }

    fn settings(&self, vip: &str, port: u16) -> Document {
        doc!({
            "HostComputeEndpoints": [self.endpoint],
            "FrontendVIPs": if vip.is_empty() { doc!([]) } else { doc!([vip]) },
            "PortMappings": [{"Protocol": 6, "InternalPort": 80, "ExternalPort": port}],
        })
    }

    fn create(&mut self, settings: Document) -> HResult {
        code(self.host.balancer(settings))
    }

    fn document(&mut self, id: Guid) -> Document {
        self.host.ask(QueryLoadBalancerProperties { id, query: Document::Null }).unwrap()
    }
}

#[test]
fn a_frontend_is_address_port_protocol_and_family() {
    let mut lab = Lab::new("ltsc2022");
    let base = lab.settings("10.96.0.1", 80);
    assert_eq!(lab.create(base.clone()), HResult::S_OK);
    assert_eq!(lab.create(base.clone()), HResult::HCN_E_PORT_ALREADY_EXISTS);
    let two = base.clone().with("FrontendVIPs", doc!(["10.96.0.2", "10.96.0.1"]));
    assert_eq!(lab.create(two), HResult::HCN_E_PORT_ALREADY_EXISTS);
    for other in [
        lab.settings("10.96.0.2", 80),
        lab.settings("10.96.0.1", 81),
        lab.settings("", 80),
        base.clone().with("Flags", 2),
        base.clone().with("PortMappings", doc!([{"Protocol": 17, "InternalPort": 80, "ExternalPort": 80}])),
    ] {
        assert_eq!(lab.create(other), HResult::S_OK);
    }
    let mut newest = Lab::new("ltsc2025");
    let base = newest.settings("10.96.0.1", 80);
    newest.create(base.clone());
    assert_eq!(newest.create(base), HResult::ERROR_ALREADY_EXISTS);
}

#[test]
fn what_is_missing_or_wrong_is_refused() {
    let mut lab = Lab::new("ltsc2022");
    let base = lab.settings("10.96.0.1", 80);
    let mapping = |mapping: Document| base.clone().with("PortMappings", doc!([mapping]));
    for (settings, expected) in [
        (base.clone().with("HostComputeEndpoints", doc!([])), HResult::HCN_E_INVALID_POLICY),
        (
            base.clone().with("HostComputeEndpoints", doc!([Guid::from_bits(3)])),
            HResult::HCN_E_ENDPOINT_NOT_FOUND,
        ),
        (base.clone().with("HostComputeEndpoints", doc!(["x"])), HResult::HCN_E_GUID_CONVERSION_FAILURE),
        (base.clone().with("PortMappings", doc!([])), HResult::HCN_E_INVALID_POLICY),
        (base.clone().with("FrontendVIPs", doc!(["web"])), HResult::HCN_E_INVALID_POLICY),
        (mapping(doc!({"Protocol": 6, "ExternalPort": 80})), HResult::HCN_E_INVALID_INTERNAL_PORT),
        (
            mapping(doc!({"Protocol": 1, "InternalPort": 80, "ExternalPort": 80})),
            HResult::HCN_E_INVALID_POLICY,
        ),
        (doc!(7), HResult::HCN_E_INVALID_JSON),
    ] {
        let text = settings.to_string();
        assert_eq!(lab.create(settings), expected, "{text}");
    }
}

#[test]
fn without_dsr_256_load_balancers_use_up_the_ports() {
    let mut lab = Lab::new("ltsc2022");
    for n in 0..256 {
        assert_eq!(lab.create(lab.settings("10.96.0.1", 1000 + n)), HResult::S_OK, "{n}");
    }
    assert_eq!(lab.create(lab.settings("10.96.0.1", 80)), HResult::HCN_E_PORT_ALREADY_EXISTS);
    assert_eq!(lab.create(lab.settings("10.96.0.1", 80).with("Flags", 1)), HResult::S_OK);
    let ids = lab.host.ask(EnumerateLoadBalancers { query: Document::Null }).unwrap();
    lab.host.ask(DeleteLoadBalancer { id: ids[0] }).unwrap();
    assert_eq!(lab.create(lab.settings("10.96.0.1", 81)), HResult::S_OK);
}

#[test]
fn flags_need_their_version() {
    for (windows, flags, expected) in [
        ("ltsc2019@17763.1", 1, HResult::HCN_E_INVALID_POLICY),
        ("ltsc2019", 1, HResult::S_OK),
        ("1903", 1, HResult::S_OK),
        ("1903", 2, HResult::HCN_E_INVALID_POLICY),
        ("2004", 2, HResult::S_OK),
    ] {
        let mut lab = Lab::new(windows);
        assert_eq!(
            lab.create(lab.settings("10.96.0.1", 80).with("Flags", flags)),
            expected,
            "{windows} {flags}"
        );
    }
    for (windows, kept) in [("ltsc2019", false), ("ltsc2022", true)] {
        let mut lab = Lab::new(windows);
        let mapping = doc!({"Protocol": 6, "InternalPort": 80, "ExternalPort": 80, "DistributionType": 2});
        let settings = lab.settings("10.96.0.1", 80).with("PortMappings", doc!([mapping]));
        let id = lab.host.balancer(settings).unwrap();
        assert_eq!(lab.document(id).pointer("/PortMappings/0/DistributionType").is_some(), kept, "{windows}");
    }
}

#[test]
fn modified_in_place_from_15_4_on_and_truly_from_15_5_on() {
    let windows: WindowsVersion = "ltsc2025".parse().unwrap();
    for (version, expected, backends) in [
        (HnsVersion::new(15, 3), HResult::E_NOTIMPL, 1),
        (HnsVersion::new(15, 4), HResult::S_OK, 1),
        (HnsVersion::new(15, 5), HResult::S_OK, 2),
    ] {
        let mut lab = Lab::on(windows.with_hns(version));
        let id = lab.host.balancer(lab.settings("10.96.0.1", 80)).unwrap();
        let other = lab.host.endpoint(lab.network, doc!({})).unwrap();
        let both = lab.settings("10.96.0.1", 81).with("HostComputeEndpoints", doc!([lab.endpoint, other]));
        assert_eq!(code(lab.host.ask(ModifyLoadBalancer { id, settings: both })), expected, "{version}");
        let document = lab.document(id);
        assert_eq!(document.get("HostComputeEndpoints").unwrap().items().len(), backends, "{version}");
        if expected == HResult::S_OK {
            assert_eq!(document.pointer("/PortMappings/0/ExternalPort"), Some(&doc!(81)));
            assert_eq!(lab.create(lab.settings("10.96.0.1", 80)), HResult::S_OK, "the old frontend is free");
            let doubled = lab.settings("10.96.0.1", 80);
            assert_eq!(
                code(lab.host.ask(ModifyLoadBalancer { id, settings: doubled })),
                HResult::ERROR_ALREADY_EXISTS
            );
        }
    }
}

#[test]
fn a_backend_that_goes_is_forgotten_and_a_network_takes_its_load_balancers() {
    let mut lab = Lab::new("ltsc2022");
    let id = lab.host.balancer(lab.settings("10.96.0.1", 80)).unwrap();
    lab.host.ask(DeleteEndpoint { id: lab.endpoint }).unwrap();
    assert_eq!(lab.document(id).get("HostComputeEndpoints"), Some(&doc!([])));
    lab.endpoint = lab.host.endpoint(lab.network, doc!({})).unwrap();
    let kept = lab.host.balancer(lab.settings("10.96.0.2", 80)).unwrap();
    lab.host.ask(DeleteNetwork { id: lab.network }).unwrap();
    let left = lab.host.ask(EnumerateLoadBalancers { query: Document::Null }).unwrap();
    assert_eq!(left, [id]);
    assert!(!left.contains(&kept));
}

#[test]
fn server_2019_shares_ports_with_the_hosts_programs() {
    for (windows, expected) in [("ltsc2019", HResult::HCN_E_PORT_ALREADY_EXISTS), ("ltsc2022", HResult::S_OK)]
    {
        let mut lab = Lab::new(windows);
        lab.host.hns.set_bound_ports(BTreeSet::from([BoundPort { protocol: 6, port: 10256 }]));
        assert_eq!(lab.create(lab.settings("10.0.0.4", 10256)), expected, "{windows}");
    }
}

#[test]
fn port_mappings_are_of_the_whole_host() {
    let mut lab = Lab::new("ltsc2022");
    let mapping = |port: u16| doc!({"Policies": [{"Type": "PortMapping", "Settings": {"Protocol": 6, "InternalPort": 80, "ExternalPort": port}}]});
    let first = lab.host.endpoint(lab.network, mapping(8080)).unwrap();
    assert_eq!(code(lab.host.endpoint(lab.network, mapping(8080))), HResult::HCN_E_PORT_ALREADY_EXISTS);
    lab.host.policies(first, "Update", mapping(8081).get("Policies").unwrap().clone()).unwrap();
    lab.host.endpoint(lab.network, mapping(8080)).unwrap();
    let policy = mapping(8080).get("Policies").unwrap().clone();
    assert_eq!(code(lab.host.policies(first, "Add", policy)), HResult::HCN_E_PORT_ALREADY_EXISTS);
    assert_eq!(
        code(lab.host.endpoint(lab.network, mapping(8081))),
        HResult::HCN_E_PORT_ALREADY_EXISTS,
        "still taken"
    );
    let chosen = lab.host.endpoint(lab.network, mapping(0)).unwrap();
    let document = lab.host.endpoint_document(chosen);
    assert_eq!(document.pointer("/Policies/0/Settings/ExternalPort"), Some(&doc!(49152)));
}
