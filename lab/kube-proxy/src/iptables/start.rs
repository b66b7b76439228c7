//! Start-up (`NewProxier`).

use std::net::IpAddr;
use std::sync::Arc;

use winlab_component::Context;
use winlab_host::linux::{GetSysctl, LinuxFault, ListLinks, Prefix, SetSysctl};
use winlab_host::{Ask, HostLinux};
use winlab_kube_client::k8s::core::Node;
use winlab_profiles::KubeVersion;

use super::detector::Detector;
use super::proxier::{Proxier, Settings};
use crate::family::Family;
use crate::health::HealthServers;
use crate::node::NodeAddresses;
use crate::options::Options;
use crate::quirks::Quirks;
use crate::service::{Place, ServiceChanges, SliceCache};
use crate::source::Sources;

/// The IPv4 proxier of a Linux node.
pub(crate) async fn start(
    context: &Context,
    host: &Arc<HostLinux>,
    version: KubeVersion,
    options: &Options,
    addresses: &NodeAddresses,
    node: Option<&Node>,
    sources: &Sources,
) -> Result<Proxier, LinuxFault> {
    context.log.info("Using iptables Proxier");
    let node_ip = addresses.of(Family::V4);
    let node_port_addresses = node_port_addresses(host, options, node_ip).await;
    let loopback =
        node_port_addresses.as_ref().is_none_or(|addresses| addresses.iter().any(IpAddr::is_loopback));
    let localhost_node_ports = options.localhost_node_ports && loopback;
    if localhost_node_ports {
        set(host, "net.ipv4.conf.all.route_localnet", "1").await?;
    }
    let liberal = get(host, "net.netfilter.nf_conntrack_tcp_be_liberal").await;
    let labels = node.and_then(|node| node.metadata.labels.as_ref());
    let zone = labels.and_then(|labels| labels.get("topology.kubernetes.io/zone")).cloned();
    Ok(Proxier {
        clock: context.clock,
        log: context.log.clone(),
        host: Arc::clone(host),
        settings: Settings {
            mark: format!("{:#010x}", 1_u32 << options.masquerade_bit.min(31)),
            masquerade_all: options.masquerade_all,
            localhost_node_ports,
            node_port_addresses,
            conntrack_liberal: liberal.is_some_and(|value| value != "0"),
            detector: Detector::of(options, node, &context.log),
            node_ip,
            place: Place {
                node: context.node.clone(),
                zone: zone.unwrap_or_default(),
                node_hints: options.gate(version, "PreferSameTrafficDistribution"),
            },
        },
        sources: sources.clone(),
        queues: sources.queues(),
        service_changes: ServiceChanges::new(Family::V4, |_, _, base| base),
        slices: SliceCache::new(&context.node, Family::V4, Quirks::of(version).doubled),
        services: std::collections::BTreeMap::new(),
        endpoints: std::collections::BTreeMap::new(),
        health: HealthServers::start(context.endpoints.clone(), options.healthz_port),
        due: false,
        need_full_sync: true,
        last_full_sync: context.clock.now(),
        first: true,
    })
}

/// Addresses that `--nodeport-addresses` admits; none: all.
async fn node_port_addresses(host: &HostLinux, options: &Options, node_ip: IpAddr) -> Option<Vec<IpAddr>> {
    let listed = &options.node_port_addresses;
    let everything = |range: &String| range == "0.0.0.0/0";
    if listed.is_empty() || listed.iter().any(everything) {
        return None;
    }
    if listed.iter().any(|range| range == "primary") {
        return Some(vec![node_ip]);
    }
    let ranges: Vec<Prefix> = listed.iter().filter_map(|range| range.parse().ok()).collect();
    let links = host.ask(ListLinks { namespace: String::new() }).await.unwrap_or_default();
    let own = links.iter().flat_map(|link| &link.addresses).map(|address| address.address);
    let mut found: Vec<_> = own.filter(|ip| ranges.iter().any(|range| range.contains(*ip))).collect();
    found.sort_unstable();
    found.dedup();
    Some(found)
}

async fn get(host: &HostLinux, name: &str) -> Option<String> {
    host.ask(GetSysctl { namespace: String::new(), name: name.to_owned() }).await.ok()
}

/// `EnsureSysctl`
async fn set(host: &HostLinux, name: &str, value: &str) -> Result<(), LinuxFault> {
    if get(host, name).await.as_deref() == Some(value) {
        return Ok(());
    }
    let call = SetSysctl { namespace: String::new(), name: name.to_owned(), value: value.to_owned() };
    host.ask(call).await
}
