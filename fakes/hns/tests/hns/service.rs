//! The service's life and control beside the boundary.

use winlab_document::{Document, doc};
use winlab_fake_hns::{Rehydration, Traffic};
use winlab_host::network::{EnumerateEndpoints, EnumerateNetworks, NotificationKind, QueryEndpointStats};
use winlab_host::{Guid, HResult};

use crate::host::{Host, code};

fn listed(host: &mut Host) -> Result<Vec<Guid>, winlab_host::Fault> {
    host.ask(EnumerateNetworks { query: Document::Null })
}

#[test]
fn a_stopped_service_does_not_answer() {
    let mut host = Host::new("ltsc2022");
    let network = host.subnet_network("L2Bridge", "cbr0");
    let _ = host.hns.take_notifications();
    host.hns.begin_stop();
    assert_eq!(code(listed(&mut host)), HResult::HCN_E_MANAGER_STOPPED);
    host.hns.stop();
    assert_eq!(code(listed(&mut host)), HResult::RPC_S_UNKNOWN_IF);
    assert_eq!(code(host.hns.attach_container(Guid::NIL, "x")), HResult::RPC_S_UNKNOWN_IF);
    let told = host.hns.take_notifications();
    assert_eq!((told.len(), told[0].kind), (1, NotificationKind::ServiceDisconnect));
    host.hns.start(Rehydration::Rehydrate);
    assert_eq!(listed(&mut host).unwrap(), [network]);
}

#[test]
fn what_a_restart_brings_back() {
    for (rehydration, endpoints, plumbed) in [
        (Rehydration::Rehydrate, 1, true),
        (Rehydration::Forget, 0, true),
        (Rehydration::Unplumbed, 1, false),
    ] {
        let mut host = Host::new("ltsc2019");
        let network = host.subnet_network("L2Bridge", "cbr0");
        host.endpoint(network, doc!({})).unwrap();
        host.hns.restart(rehydration);
        let plane = host.hns.data_plane();
        assert_eq!((plane.networks.len(), plane.endpoints.len()), (1, endpoints), "{rehydration:?}");
        assert!(plane.endpoints.iter().all(|endpoint| endpoint.plumbed == plumbed));
    }
    assert_eq!(Rehydration::of("ltsc2019".parse().unwrap()), Rehydration::Forget);
    assert_eq!(Rehydration::of("ltsc2022".parse().unwrap()), Rehydration::Rehydrate);
}

#[test]
fn what_a_reboot_leaves() {
    for (windows, kept) in [("ltsc2022", vec!["cbr0"]), ("1903", vec!["cbr0"])] {
        let mut host = Host::new(windows);
        let bridge = host.subnet_network("L2Bridge", "cbr0");
        host.network(doc!({"Name": "flannel", "Type": "Private", "Flags": 8})).unwrap();
        host.network(doc!({"Name": "nat", "Type": "NAT"})).unwrap();
        let endpoint = host.endpoint(bridge, doc!({})).unwrap();
        let namespace = host.namespace();
        host.change(namespace, "Add", "Endpoint", &endpoint.to_string()).unwrap();
        host.hns.attach_container(namespace, "pause").unwrap();
        host.hns.reboot();
        let plane = host.hns.data_plane();
        let names: Vec<&str> = plane.networks.iter().map(|n| n.document.text(&["Name"])).collect();
        assert_eq!(names, kept, "{windows}");
        assert_eq!(plane.namespaces.len(), 1, "the host's own is left");
        assert_eq!(host.hns.namespace_of(endpoint), None);
        assert!(plane.adapters.iter().all(|adapter| adapter.name != "vEthernet (nat)"));
    }
}

#[test]
fn control_beside_the_boundary() {
    let mut host = Host::new("ltsc2022");
    let network = host.subnet_network("L2Bridge", "cbr0");
    let endpoint = host.endpoint(network, doc!({})).unwrap();
    assert!(host.hns.data_plane().endpoints[0].plumbed);
    assert!(host.hns.unplumb(endpoint) && !host.hns.data_plane().endpoints[0].plumbed);
    assert!(host.hns.replumb(endpoint) && host.hns.data_plane().endpoints[0].plumbed);
    assert!(!host.hns.unplumb(Guid::from_bits(1)));

    let traffic = Traffic { bytes_sent: 10, packets_sent: 1, ..Traffic::default() };
    assert!(host.hns.count_traffic(endpoint, traffic) && host.hns.count_traffic(endpoint, traffic));
    let stats = host.ask(QueryEndpointStats { id: endpoint, query: Document::Null }).unwrap();
    assert_eq!((stats.get("BytesSent"), stats.get("PacketsSent")), (Some(&doc!(20)), Some(&doc!(2))));

    host.hns.stop();
    assert!(host.hns.remove_out_of_band(network));
    assert!(!host.hns.remove_out_of_band(network));
    host.hns.start(Rehydration::Rehydrate);
    assert!(host.ask(EnumerateEndpoints { query: Document::Null }).unwrap().is_empty());
    assert_eq!(host.hns.adapters().len(), 1, "the addresses are back");
}

#[test]
fn before_9_2_there_is_only_hns_call() {
    let mut host = Host::new("1803");
    assert_eq!(code(listed(&mut host)), HResult::from_win32(127));
    assert_eq!(host.output("GET", "/globals/version", Document::Null), doc!({"Major": 7, "Minor": 2}));
    let network = doc!({"Name": "cbr0", "Type": "l2bridge",
        "Subnets": [{"AddressPrefix": "10.244.1.0/24", "GatewayAddress": "10.244.1.1"}]});
    assert_eq!(host.output("POST", "/networks", network).text(&["Type"]), "L2Bridge");
}

#[test]
fn networks_and_namespaces_are_announced() {
    let mut host = Host::new("ltsc2022");
    let network = host.subnet_network("L2Bridge", "cbr0");
    let namespace = host.namespace();
    host.hns.remove_out_of_band(namespace);
    host.ask(winlab_host::network::DeleteNetwork { id: network }).unwrap();
    let told: Vec<(NotificationKind, Guid)> =
        host.hns.take_notifications().into_iter().map(|n| (n.kind, n.id)).collect();
    assert_eq!(
        told,
        [
            (NotificationKind::NetworkPreCreate, network),
            (NotificationKind::NetworkCreate, network),
            (NotificationKind::NamespaceCreate, namespace),
            (NotificationKind::NamespaceDelete, namespace),
            (NotificationKind::NetworkPreDelete, network),
            (NotificationKind::NetworkDelete, network),
        ]
    );
}
