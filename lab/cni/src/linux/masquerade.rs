//! Masquerading of one pod's traffic (`pkg/ip/ipmasq_iptables_linux.go`).

use winlab_host::HostLinux;
use winlab_host::linux::Prefix;

use super::iptables::{Changes, NatTable, chain_name, comment};
use crate::error::CniError;

/// `SetupIPMasq`: what leaves the pod's network gets the node's address.
pub(super) async fn set_up(
    host: &HostLinux,
    network: &str,
    container: &str,
    address: Prefix,
) -> Result<(), CniError> {
    let (chain, note) = (chain_name("", network, container), note(network, container));
    let table = NatTable::read(host).await?;
    let mut changes = Changes::default();
    if !table.has_chain(&chain) {
        changes.chain(&chain);
    }
    let multicast = if address.address.is_ipv4() { "224.0.0.0/4" } else { "ff00::/8" };
    changes.append_unique(&table, &format!("-A {chain} -d {} {note} -j ACCEPT", address.network()));
    changes.append_unique(&table, &format!("-A {chain} ! -d {multicast} {note} -j MASQUERADE"));
    changes.append_unique(&table, &entry(&chain, &note, address));
    changes.commit(host).await
}

/// `TeardownIPMasq`
pub(super) async fn tear_down(
    host: &HostLinux,
    network: &str,
    container: &str,
    addresses: &[Prefix],
) -> Result<(), CniError> {
    let (chain, note) = (chain_name("", network, container), note(network, container));
    let table = NatTable::read(host).await?;
    let mut changes = Changes::default();
    for address in addresses {
        let rule = entry(&chain, &note, *address);
        if table.has_rule(&rule) {
            changes.line(rule.replacen("-A", "-D", 1));
        }
    }
    if table.has_chain(&chain) {
        changes.chain(&chain);
        changes.line(format!("-X {chain}"));
    }
    changes.commit(host).await
}

fn note(network: &str, container: &str) -> String {
    comment(&format!("name: {network:?} id: {container:?}"))
}

fn entry(chain: &str, note: &str, address: Prefix) -> String {
    format!("-A POSTROUTING -s {} {note} -j {chain}", Prefix::host(address.address))
}
