//! bridge: a veth pair from the pod's namespace to a bridge (`plugins/main/bridge`).

use std::net::IpAddr;

use sha2::{Digest, Sha512};
use winlab_component::Machine;
use winlab_document::Document;
use winlab_host::linux::{
    AddAddress, AddLink, DeleteAddress, DeleteLink, Errno, Link, LinkKind, LinkSettings, ListLinks, Prefix,
    ReplaceRoute, Route, SetLink, SetSysctl,
};
use winlab_host::{Ask, HostLinux};

use super::masquerade;
use crate::error::{Annotate, CniError};
use crate::result::{CniResult, Dns, Interface, RouteEntry};
use crate::runner::{CniArgs, CniRunner, Command};

/// The members of the configuration that the model knows. VLANs, spoof checks and DAD are not among them.
struct NetConf {
    name: String,
    bridge: String,
    is_gateway: bool,
    is_default_gateway: bool,
    force_address: bool,
    ip_masq: bool,
    mtu: Option<u32>,
    ipam: String,
}

impl NetConf {
    fn read(config: &Document) -> Result<Self, CniError> {
        let flag = |name: &str| config.get(name).and_then(Document::as_bool).unwrap_or(false);
        for unsupported in ["vlan", "vlanTrunk", "macspoofchk", "disableContainerInterface"] {
            let set = config.get(unsupported).is_some_and(|value| {
                value.as_bool() == Some(true) || value.as_u64().is_some_and(|n| n > 0) || value.is_array()
            });
            if set {
                return Err(CniError::new(format!("bridge: the lab does not model {unsupported:?}")));
            }
        }
        if flag("hairpinMode") && flag("promiscMode") {
            return Err(CniError::new("cannot set hairpin mode and promiscuous mode at the same time"));
        }
        let bridge = config.text(&["bridge"]);
        let mtu = config.get("mtu").and_then(Document::as_u64).and_then(|mtu| u32::try_from(mtu).ok());
        Ok(Self {
            name: config.text(&["name"]).to_owned(),
            bridge: if bridge.is_empty() { "cni0" } else { bridge }.to_owned(),
            is_gateway: flag("isGateway") || flag("isDefaultGateway"),
            is_default_gateway: flag("isDefaultGateway"),
            force_address: flag("forceAddress"),
            ip_masq: flag("ipMasq"),
            mtu: mtu.filter(|mtu| *mtu > 0),
            ipam: config.text(&["ipam", "type"]).to_owned(),
        })
    }
}

pub(crate) async fn run(
    runner: &dyn CniRunner,
    command: Command,
    config: &Document,
    args: &CniArgs,
    machine: &Machine,
    host: &HostLinux,
) -> Result<Document, CniError> {
    let conf = NetConf::read(config)?;
    match command {
        Command::Add => {
            let bridge = ensure_bridge(host, &conf)
                .await
                .annotate(format!("failed to create bridge {:?}", conf.bridge))?;
            let mut result = set_up_veth(host, &conf, args, &bridge).await?;
            if !conf.ipam.is_empty() {
                let added = add_layer3(runner, &conf, config, args, machine, host, &mut result).await;
                if let Err(error) = added {
                    runner.run(&conf.ipam, Command::Del, config.clone(), args, machine).await.ok();
                    return Err(error);
                }
            }
            let dns = Dns::from_document(config.get("dns"));
            if dns.is_set() {
                result.dns = dns;
            }
            Ok(result.to_document(config.text(&["cniVersion"])))
        }
        Command::Del => delete(runner, &conf, config, args, machine, host).await.map(|()| Document::Null),
        Command::Check => check(&conf, args, host).await.map(|()| Document::Null),
    }
}

async fn find_link(host: &HostLinux, namespace: &str, name: &str) -> Result<Option<Link>, CniError> {
    let links = host.ask(ListLinks { namespace: namespace.to_owned() }).await?;
    Ok(links.into_iter().find(|link| link.name == name))
}

async fn set_link(
    host: &HostLinux,
    namespace: &str,
    name: &str,
    settings: LinkSettings,
) -> Result<(), CniError> {
    let call = SetLink { namespace: namespace.to_owned(), name: name.to_owned(), settings };
    Ok(host.ask(call).await?)
}

async fn ensure_bridge(host: &HostLinux, conf: &NetConf) -> Result<Link, CniError> {
    let name = &conf.bridge;
    let call = AddLink { namespace: String::new(), name: name.clone(), kind: LinkKind::Bridge };
    match host.ask(call).await {
        Err(fault) if fault.errno != Errno::EEXIST => {
            return Err(fault).annotate(format!("could not add {name:?}"));
        }
        Ok(()) if conf.mtu.is_some() => {
            set_link(host, "", name, LinkSettings { mtu: conf.mtu, ..LinkSettings::default() }).await?;
        }
        _ => {}
    }
    let link = find_link(host, "", name).await?;
    let link = link.ok_or_else(|| CniError::new(format!("could not lookup {name:?}: Link not found")))?;
    if link.kind != LinkKind::Bridge {
        return Err(CniError::new(format!("{name:?} already exists but is not a bridge")));
    }
    set_link(host, "", name, LinkSettings { up: Some(true), ..LinkSettings::default() }).await?;
    Ok(link)
}

/// The host's end of a pod's pair. Upstream draws eight random digits; here they come from what the pair is for, so
/// that one seed gives one name.
fn host_veth_name(args: &CniArgs) -> String {
    let digest = Sha512::new().chain_update(&args.container_id).chain_update(&args.ifname).finalize();
    let hex: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    format!("veth{hex}")
}

async fn set_up_veth(
    host: &HostLinux,
    conf: &NetConf,
    args: &CniArgs,
    bridge: &Link,
) -> Result<CniResult, CniError> {
    let (namespace, peer) = (args.namespace(), host_veth_name(args));
    let kind = LinkKind::Veth { peer: peer.clone(), peer_namespace: String::new() };
    let call = AddLink { namespace: namespace.to_owned(), name: args.ifname.clone(), kind };
    host.ask(call).await.map_err(|fault| match fault.errno {
        Errno::EEXIST => CniError::new(format!("container veth name ({:?}) already exists", args.ifname)),
        Errno::ENOENT => CniError::new(format!(
            "failed to open netns {:?}: failed to Statfs {:?}: no such file or directory",
            args.netns, args.netns
        )),
        _ => CniError::from(fault).annotate(format!("failed to make veth pair {:?}", args.ifname)),
    })?;
    let up = LinkSettings { up: Some(true), mtu: conf.mtu, ..LinkSettings::default() };
    set_link(host, namespace, &args.ifname, up.clone()).await?;
    set_link(host, "", &peer, LinkSettings { master: Some(conf.bridge.clone()), ..up })
        .await
        .annotate(format!("failed to connect {peer:?} to bridge {}", conf.bridge))?;
    let mac = |link: Option<Link>| link.map(|link| link.mac.to_string()).unwrap_or_default();
    let inside = find_link(host, namespace, &args.ifname).await?;
    let outside = find_link(host, "", &peer).await?;
    let interface = |name: &str, mac: String, sandbox: &str| Interface {
        name: name.to_owned(),
        mac,
        sandbox: sandbox.to_owned(),
    };
    Ok(CniResult {
        interfaces: vec![
            interface(&conf.bridge, bridge.mac.to_string(), ""),
            interface(&peer, mac(outside), ""),
            interface(&args.ifname, mac(inside), &args.netns),
        ],
        ..CniResult::default()
    })
}

async fn add_layer3(
    runner: &dyn CniRunner,
    conf: &NetConf,
    config: &Document,
    args: &CniArgs,
    machine: &Machine,
    host: &HostLinux,
    result: &mut CniResult,
) -> Result<(), CniError> {
    let given = runner.run(&conf.ipam, Command::Add, config.clone(), args, machine).await?;
    let given = CniResult::from_document(&given);
    (result.ips, result.routes, result.dns) = (given.ips, given.routes, given.dns);
    if result.ips.is_empty() {
        return Err(CniError::new("IPAM plugin returned missing IP config"));
    }
    let gateways = calculate_gateways(conf, result)?;
    configure_interface(host, args, result).await?;
    for gateway in &gateways {
        ensure_address(host, conf, *gateway).await.annotate("failed to set bridge addr")?;
        let name =
            if gateway.address.is_ipv4() { "net.ipv4.ip_forward" } else { "net.ipv6.conf.all.forwarding" };
        let call = SetSysctl { namespace: String::new(), name: name.to_owned(), value: "1".to_owned() };
        host.ask(call).await.annotate("failed to enable forwarding")?;
    }
    if conf.ip_masq {
        for address in addresses(result)? {
            masquerade::set_up(host, &conf.name, &args.container_id, address).await?;
        }
    }
    Ok(())
}

fn addresses(result: &CniResult) -> Result<Vec<Prefix>, CniError> {
    let parse = |text: &str| text.parse().map_err(|_| CniError::new(format!("invalid CIDR address: {text}")));
    result.ips.iter().map(|ip| parse(&ip.address)).collect()
}

/// `calcGateways`: addresses for the bridge, and a default route where one is wanted and none is there.
fn calculate_gateways(conf: &NetConf, result: &mut CniResult) -> Result<Vec<Prefix>, CniError> {
    let prefixes = addresses(result)?;
    let mut gateways = Vec::new();
    for (ip, prefix) in result.ips.iter_mut().zip(prefixes) {
        ip.interface = Some(2);
        if ip.gateway.is_empty() && conf.is_gateway {
            ip.gateway = first_address(prefix).to_string();
        }
        let everything = Prefix::everything(prefix.address).to_string();
        let has_default = result.routes.iter().any(|route| route.dst == everything && !route.gw.is_empty());
        if conf.is_default_gateway && !has_default {
            result.routes.push(RouteEntry { dst: everything, gw: ip.gateway.clone() });
        }
        if let (true, Ok(address)) = (conf.is_gateway, ip.gateway.parse()) {
            gateways.push(Prefix { address, length: prefix.length });
        }
    }
    Ok(gateways)
}

fn first_address(prefix: Prefix) -> IpAddr {
    match prefix.network().address {
        IpAddr::V4(ip) => IpAddr::V4((ip.to_bits() + 1).into()),
        IpAddr::V6(ip) => IpAddr::V6((ip.to_bits() + 1).into()),
    }
}

/// `ipam.ConfigureIface`: addresses and routes inside the pod.
async fn configure_interface(host: &HostLinux, args: &CniArgs, result: &CniResult) -> Result<(), CniError> {
    let namespace = args.namespace();
    let prefixes = addresses(result)?;
    for address in &prefixes {
        let call =
            AddAddress { namespace: namespace.to_owned(), link: args.ifname.clone(), address: *address };
        host.ask(call).await.annotate(format!("failed to add IP addr {address} to {:?}", args.ifname))?;
    }
    for route in &result.routes {
        let destination: Prefix =
            route.dst.parse().map_err(|_| CniError::new(format!("invalid CIDR address: {}", route.dst)))?;
        let own = result.ips.iter().find_map(|ip| {
            ip.gateway.parse::<IpAddr>().ok().filter(|gw| gw.is_ipv4() == destination.address.is_ipv4())
        });
        let gateway = route.gw.parse().ok().or(own);
        let route = Route {
            destination,
            gateway,
            device: args.ifname.clone(),
            source: None,
            metric: 0,
            onlink: false,
        };
        let call = ReplaceRoute { namespace: namespace.to_owned(), route };
        host.ask(call).await.annotate(format!("failed to add route '{destination} via {gateway:?}'"))?;
    }
    Ok(())
}

/// `ensureAddr`: an IPv4 bridge has one address; another one is an error unless it may be replaced.
async fn ensure_address(host: &HostLinux, conf: &NetConf, gateway: Prefix) -> Result<(), CniError> {
    let bridge = find_link(host, "", &conf.bridge).await?;
    for address in bridge.map(|link| link.addresses).unwrap_or_default() {
        if address == gateway {
            return Ok(());
        }
        let clash = address.address.is_ipv4() == gateway.address.is_ipv4()
            && (gateway.address.is_ipv4()
                || address.contains(gateway.address)
                || gateway.contains(address.address));
        if !clash {
            continue;
        }
        if !conf.force_address {
            return Err(CniError::new(format!(
                "{:?} already has an IP address different from {gateway}",
                conf.bridge
            )));
        }
        let call = DeleteAddress { namespace: String::new(), link: conf.bridge.clone(), address };
        host.ask(call).await.annotate(format!("could not remove IP address from {:?}", conf.bridge))?;
    }
    let call = AddAddress { namespace: String::new(), link: conf.bridge.clone(), address: gateway };
    match host.ask(call).await {
        Err(fault) if fault.errno != Errno::EEXIST => {
            Err(fault).annotate(format!("could not add IP address {gateway} to {:?}", conf.bridge))
        }
        _ => Ok(()),
    }
}

async fn delete(
    runner: &dyn CniRunner,
    conf: &NetConf,
    config: &Document,
    args: &CniArgs,
    machine: &Machine,
    host: &HostLinux,
) -> Result<(), CniError> {
    if !conf.ipam.is_empty() {
        runner.run(&conf.ipam, Command::Del, config.clone(), args, machine).await?;
    }
    if args.netns.is_empty() {
        return Ok(());
    }
    // A namespace that is gone took its links with it.
    let link = find_link(host, args.namespace(), &args.ifname).await.unwrap_or_default();
    let Some(link) = link else { return Ok(()) };
    let call = DeleteLink { namespace: args.namespace().to_owned(), name: args.ifname.clone() };
    host.ask(call).await.annotate(format!("failed to delete {:?}", args.ifname))?;
    if conf.ip_masq {
        masquerade::tear_down(host, &conf.name, &args.container_id, &link.addresses).await?;
    }
    Ok(())
}

async fn check(conf: &NetConf, args: &CniArgs, host: &HostLinux) -> Result<(), CniError> {
    let bridge = find_link(host, "", &conf.bridge).await?;
    if bridge.is_none_or(|link| link.kind != LinkKind::Bridge) {
        return Err(CniError::new(format!("could not lookup {:?}: Link not found", conf.bridge)));
    }
    if find_link(host, args.namespace(), &args.ifname).await?.is_none() {
        return Err(CniError::new(format!("Interface {} link not found", args.ifname)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use winlab_document::doc;

    use super::{CniResult, NetConf, calculate_gateways};
    use crate::result::IpConfig;

    #[test]
    fn a_default_gateway_adds_one_route_and_an_address_for_the_bridge() {
        let conf = NetConf::read(&doc!({"name": "cbr0", "isDefaultGateway": true, "mtu": 1450})).unwrap();
        let ip = IpConfig { address: "10.244.1.5/24".into(), ..IpConfig::default() };
        let mut result = CniResult { ips: vec![ip], ..CniResult::default() };
        let gateways = calculate_gateways(&conf, &mut result).unwrap();
        assert_eq!(gateways[0].to_string(), "10.244.1.1/24");
        assert_eq!(
            (result.routes[0].dst.as_str(), result.routes[0].gw.as_str()),
            ("0.0.0.0/0", "10.244.1.1")
        );
    }

    #[test]
    fn what_is_not_modelled_is_refused() {
        assert!(NetConf::read(&doc!({"vlan": 7})).is_err());
        assert!(NetConf::read(&doc!({"vlan": 0})).is_ok());
    }
}
