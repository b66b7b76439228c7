//! Switches and the host's adapters.

use winlab_document::{Document, doc};
use winlab_fake_hns::Effect;
use winlab_host::network::DeleteNetwork;
use winlab_host::{Adapter, HResult};

use crate::host::{Host, code, config, nic, subnet_network};

fn addresses(host: &Host) -> Vec<(String, u32, Vec<String>)> {
    let view = |adapter: &Adapter| {
        (adapter.name.clone(), adapter.index, adapter.addresses.iter().map(ToString::to_string).collect())
    };
    host.hns.adapters().iter().map(view).collect()
}

fn adapter_effects(host: &mut Host) -> Vec<String> {
    let name = |effect| match effect {
        Effect::AdapterAdded(adapter) => Some(format!("+{}", adapter.name)),
        Effect::AdapterChanged(adapter) => Some(format!("~{}", adapter.name)),
        Effect::AdapterRemoved(adapter) => Some(format!("-{}", adapter.name)),
        _ => None,
    };
    host.hns.take_effects().into_iter().filter_map(name).collect()
}

#[test]
fn the_first_external_network_moves_the_hosts_addresses_and_the_last_one_moves_them_back() {
    let mut host = Host::new("ltsc2022");
    let before = host.hns.adapters().to_vec();
    let first = host.subnet_network("Overlay", "External");
    assert_eq!(
        addresses(&host),
        [
            ("Ethernet".to_owned(), 4, vec![]),
            ("vEthernet (Ethernet)".to_owned(), 5, vec!["10.0.0.4/24".to_owned()])
        ]
    );
    assert_eq!(adapter_effects(&mut host), ["~Ethernet", "+vEthernet (Ethernet)"]);
    assert_eq!(host.hns.management_address(first), Some("10.0.0.4".parse().unwrap()));

    let named =
        doc!([{"Type": "NetAdapterName", "Settings": {"NetworkAdapterName": "vEthernet (Ethernet)"}}]);
    let second = host.network(subnet_network("Overlay", "flannel.4096").with("Policies", named)).unwrap();
    assert!(adapter_effects(&mut host).is_empty(), "the second network shares the switch");
    let router = |document: Document| {
        let policies = document.get("Policies").unwrap().items().to_vec();
        policies.into_iter().find(|p| p.text(&["Type"]) == "DrMacAddress").unwrap()
    };
    assert_eq!(router(host.network_document(first)), router(host.network_document(second)));

    host.ask(DeleteNetwork { id: first }).unwrap();
    assert!(adapter_effects(&mut host).is_empty());
    host.ask(DeleteNetwork { id: second }).unwrap();
    assert_eq!(adapter_effects(&mut host), ["-vEthernet (Ethernet)", "~Ethernet"]);
    assert_eq!(host.hns.adapters(), before);
}

#[test]
fn an_adapter_is_chosen_by_name_or_by_its_gateway() {
    let mut two = config("ltsc2022".parse().unwrap());
    two.adapters.insert(0, nic(3, "Storage", "192.168.9.4/24", None));
    let mut host = Host::with(two);
    let wanted = |name: &str| doc!([{"Type": "NetAdapterName", "Settings": {"NetworkAdapterName": name}}]);
    let missing = host.network(subnet_network("L2Bridge", "a").with("Policies", wanted("Wi-Fi")));
    assert_eq!(code(missing), HResult::HCN_E_ADAPTER_NOT_FOUND);
    let chosen = host.subnet_network("L2Bridge", "b");
    assert_eq!(host.hns.management_address(chosen), Some("10.0.0.4".parse().unwrap()));
    let named = host.network(subnet_network("L2Bridge", "c").with("Policies", wanted("Storage"))).unwrap();
    assert_eq!(host.hns.management_address(named), Some("192.168.9.4".parse().unwrap()));
    let index = doc!([{"Type": "InterfaceConstraint", "Settings": {"InterfaceIndex": 3}}]);
    let by_index = host.network(subnet_network("L2Bridge", "d").with("Policies", index)).unwrap();
    assert_eq!(host.hns.management_address(by_index), Some("192.168.9.4".parse().unwrap()));
}

#[test]
fn a_switch_of_another_sort_keeps_the_adapter() {
    let mut host = Host::new("ltsc2022");
    host.subnet_network("L2Bridge", "cbr0");
    let transparent = host.network(doc!({"Name": "lan", "Type": "Transparent"}));
    assert_eq!(code(transparent), HResult::HCN_E_ADAPTER_NOT_FOUND);
    host.subnet_network("Overlay", "vxlan0");
}

#[test]
fn without_a_host_port_the_addresses_stay() {
    for (windows, stays) in [("ltsc2022", false), ("ltsc2025", true)] {
        let mut host = Host::new(windows);
        host.network(doc!({"Name": "azure", "Type": "Transparent", "Flags": 1024 | 8192})).unwrap();
        assert_eq!(host.hns.adapters().len() == 1, stays, "{windows}");
    }
}

#[test]
fn a_nat_network_has_a_host_nic_with_its_gateway() {
    let mut host = Host::new("ltsc2022");
    let nat = host.network(doc!({"Name": "nat", "Type": "nat"})).unwrap();
    let document = host.network_document(nat);
    let prefix = document.pointer("/Ipams/0/Subnets/0/IpAddressPrefix").and_then(Document::as_str).unwrap();
    assert!(prefix.starts_with("172.") && prefix.ends_with("/20"), "{prefix}");
    let nic = host.hns.adapters().last().unwrap().clone();
    assert_eq!((nic.name.as_str(), nic.addresses[0].length), ("vEthernet (nat)", 20));
    let other = host.network(doc!({"Name": "nat2", "Type": "NAT"})).unwrap();
    assert_ne!(
        host.network_document(other).pointer("/Ipams/0/Subnets/0/IpAddressPrefix"),
        Some(&doc!(prefix))
    );
    host.ask(DeleteNetwork { id: nat }).unwrap();
    host.ask(DeleteNetwork { id: other }).unwrap();
    assert_eq!(host.hns.adapters().len(), 1);
}

#[test]
fn a_host_without_adapters_has_no_external_networks() {
    let mut bare = config("ltsc2022".parse().unwrap());
    bare.adapters.clear();
    let mut host = Host::with(bare);
    let refused = host.network(subnet_network("Overlay", "vxlan0"));
    assert_eq!(code(refused), HResult::HCN_E_ADAPTER_NOT_FOUND);
    host.subnet_network("Private", "inner");
}
