//! Links, addresses, routes, forwarding.

use winlab_host::linux::{
    AddAddress, AddLink, AddNamespace, AppendFdb, DeleteLink, DeleteNamespace, DeleteRoute, Errno, FdbEntry,
    GetSysctl, LinkKind, LinkSettings, ListFdb, ListLinks, ListNamespaces, ListRoutes, Prefix,
    ReplaceNeighbour, ReplaceRoute, RestoreTables, Route, SaveTables, SetLink, SetSysctl,
};

use super::{Lab, lab};

fn up() -> LinkSettings {
    LinkSettings { up: Some(true), ..LinkSettings::default() }
}

fn set(namespace: &str, name: &str, settings: LinkSettings) -> SetLink {
    SetLink { namespace: namespace.into(), name: name.into(), settings }
}

fn link(name: &str, kind: LinkKind) -> AddLink {
    AddLink { namespace: String::new(), name: name.into(), kind }
}

fn address(namespace: &str, link: &str, address: &str) -> AddAddress {
    AddAddress { namespace: namespace.into(), link: link.into(), address: address.parse().unwrap() }
}

fn route(destination: &str, gateway: &str, device: &str, onlink: bool) -> ReplaceRoute {
    ReplaceRoute {
        namespace: String::new(),
        route: Route {
            destination: destination.parse().unwrap(),
            gateway: gateway.parse().ok(),
            device: device.into(),
            source: None,
            metric: 0,
            onlink,
        },
    }
}

async fn routes(lab: &Lab, namespace: &str) -> Vec<String> {
    let routes = lab.ask(ListRoutes { namespace: namespace.into() }).await.unwrap();
    routes.iter().map(|r| format!("{} {}", r.destination, r.device)).collect()
}

/// What the bridge plugin does for a pod: `plugins/main/bridge/bridge.go`.
async fn pod(lab: &Lab) {
    lab.ask(link("cni0", LinkKind::Bridge)).await.unwrap();
    lab.ask(address("", "cni0", "10.244.0.1/24")).await.unwrap();
    lab.ask(set("", "cni0", up())).await.unwrap();
    lab.ask(AddNamespace { name: "pod".into() }).await.unwrap();
    let kind = LinkKind::Veth { peer: "eth0".into(), peer_namespace: "pod".into() };
    lab.ask(link("veth1", kind)).await.unwrap();
    lab.ask(set("", "veth1", LinkSettings { master: Some("cni0".into()), ..up() })).await.unwrap();
    lab.ask(set("pod", "eth0", up())).await.unwrap();
    lab.ask(address("pod", "eth0", "10.244.0.5/24")).await.unwrap();
}

#[test]
fn a_pod_on_a_bridge() {
    lab(async |lab| {
        pod(&lab).await;
        assert_eq!(routes(&lab, "").await, ["10.0.0.0/24 eth0", "10.244.0.0/24 cni0", "0.0.0.0/0 eth0"]);
        assert_eq!(routes(&lab, "pod").await, ["10.244.0.0/24 eth0"]);
        let learned = lab.ask(ListFdb { namespace: String::new(), link: "cni0".into() }).await.unwrap();
        let inside = lab.ask(ListLinks { namespace: "pod".into() }).await.unwrap();
        assert_eq!(learned.len(), 1);
        assert_eq!((learned[0].mac, learned[0].port.as_str()), (inside[1].mac, "veth1"));
        assert_eq!(inside[1].kind, LinkKind::Veth { peer: "veth1".into(), peer_namespace: String::new() });
        lab.ask(DeleteNamespace { name: "pod".into() }).await.unwrap();
        let left = lab.ask(ListLinks { namespace: String::new() }).await.unwrap();
        let left: Vec<&str> = left.iter().map(|link| link.name.as_str()).collect();
        assert_eq!(left, ["lo", "eth0", "cni0"]);
    });
}

#[test]
fn a_link_that_moves_loses_its_addresses_and_routes() {
    lab(async |lab| {
        pod(&lab).await;
        let settings = LinkSettings {
            namespace: Some("pod".into()),
            name: Some("net1".into()),
            ..LinkSettings::default()
        };
        lab.ask(set("", "cni0", settings)).await.unwrap();
        assert_eq!(routes(&lab, "").await, ["10.0.0.0/24 eth0", "0.0.0.0/0 eth0"]);
        let moved = lab.ask(ListLinks { namespace: "pod".into() }).await.unwrap();
        let moved = moved.iter().find(|link| link.name == "net1").unwrap();
        assert!(!moved.up && moved.addresses.is_empty());
    });
}

#[test]
fn vxlan_as_flannel_makes_it() {
    lab(async |lab| {
        let vxlan = LinkKind::Vxlan {
            vni: 4096,
            port: 4789,
            local: "10.0.0.10".parse().unwrap(),
            device: "eth0".into(),
        };
        lab.ask(link("flannel.4096", vxlan.clone())).await.unwrap();
        assert_eq!(lab.errno(link("other", vxlan)).await, Some(Errno::EEXIST));
        let links = lab.ask(ListLinks { namespace: String::new() }).await.unwrap();
        assert_eq!(links[2].mtu, 1450);
        let away = route("10.244.1.0/24", "10.244.1.0", "flannel.4096", true);
        assert_eq!(lab.errno(away.clone()).await, Some(Errno::ENETDOWN));
        lab.ask(set("", "flannel.4096", up())).await.unwrap();
        lab.ask(address("", "flannel.4096", "10.244.0.0/32")).await.unwrap();
        let ReplaceRoute { route: mut strict, .. } = away.clone();
        strict.onlink = false;
        let strict = ReplaceRoute { namespace: String::new(), route: strict };
        let fault = lab.ask(strict).await.unwrap_err();
        assert_eq!(fault.to_string(), "Error: Nexthop has invalid gateway. (ENETUNREACH)");
        lab.ask(away).await.unwrap();
        let mac = "00:15:5d:00:00:01".parse().unwrap();
        let to = |destination| AppendFdb {
            namespace: String::new(),
            link: "flannel.4096".into(),
            entry: FdbEntry { mac, destination, port: String::new() },
        };
        assert_eq!(lab.errno(to(None)).await, Some(Errno::EINVAL));
        lab.ask(to("10.0.0.11".parse().ok())).await.unwrap();
        lab.ask(to("10.0.0.12".parse().ok())).await.unwrap();
        let entries =
            lab.ask(ListFdb { namespace: String::new(), link: "flannel.4096".into() }).await.unwrap();
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0].destination, "10.0.0.12".parse().ok());
    });
}

#[test]
fn refusals_of_the_kernel() {
    lab(async |lab| {
        assert_eq!(lab.errno(link("eth0", LinkKind::Bridge)).await, Some(Errno::EEXIST));
        assert_eq!(lab.errno(link("eth1", LinkKind::Physical)).await, Some(Errno::EOPNOTSUPP));
        assert_eq!(lab.errno(link("a-name-that-is-too-long", LinkKind::Dummy)).await, Some(Errno::EINVAL));
        assert_eq!(lab.errno(set("", "nope", up())).await, Some(Errno::ENODEV));
        assert_eq!(lab.errno(address("", "eth0", "10.0.0.10/24")).await, Some(Errno::EEXIST));
        assert_eq!(lab.errno(route("10.9.0.1/24", "10.0.0.1", "eth0", false)).await, Some(Errno::EINVAL));
        assert_eq!(
            lab.errno(route("10.9.0.0/24", "10.0.1.1", "eth0", false)).await,
            Some(Errno::ENETUNREACH)
        );
        assert_eq!(lab.errno(route("10.9.0.0/24", "10.0.0.1", "nope", false)).await, Some(Errno::ENODEV));
        let none: Prefix = "10.9.0.0/24".parse().unwrap();
        let delete = DeleteRoute { namespace: String::new(), destination: none };
        assert_eq!(lab.errno(delete).await, Some(Errno::ESRCH));
        let delete = DeleteLink { namespace: String::new(), name: "eth0".into() };
        assert_eq!(lab.errno(delete).await, Some(Errno::EOPNOTSUPP));
        assert_eq!(lab.errno(ListLinks { namespace: "nope".into() }).await, Some(Errno::ENOENT));
        let neighbour = winlab_host::linux::Neighbour {
            device: String::new(),
            address: "10.0.0.77".parse().unwrap(),
            mac: "02:00:00:00:00:01".parse().unwrap(),
            permanent: true,
        };
        let replace = ReplaceNeighbour { namespace: String::new(), link: "nope".into(), neighbour };
        assert_eq!(lab.errno(replace).await, Some(Errno::ENODEV));
        let met: Vec<&str> = lab.host.unmodelled().iter().map(|(row, _)| row.function).collect();
        assert_eq!(met, ["ip link add"]);
    });
}

#[test]
fn tables_belong_to_their_namespace_and_bad_rules_are_counted() {
    lab(async |lab| {
        lab.ask(AddNamespace { name: "pod".into() }).await.unwrap();
        let restore =
            |rules: &str| RestoreTables { namespace: String::new(), rules: rules.into(), noflush: true };
        lab.ask(restore("*nat\n:KUBE-SERVICES - [0:0]\n-A PREROUTING -j KUBE-SERVICES\nCOMMIT\n"))
            .await
            .unwrap();
        let save = |namespace: &str| SaveTables { namespace: namespace.into(), table: String::new() };
        assert!(lab.ask(save("")).await.unwrap().contains("-A PREROUTING -j KUBE-SERVICES"));
        assert_eq!(lab.ask(save("pod")).await.unwrap(), "");
        let fault = lab.ask(restore("*nat\n-A PREROUTING -m bpf\nCOMMIT\n")).await.unwrap_err();
        assert!(fault.message.contains("Couldn't load match `bpf'"), "{fault}");
        assert_eq!(lab.host.unmodelled()[0].0.function, "iptables-restore");
    });
}

#[test]
fn kernel_parameters() {
    lab(async |lab| {
        let get = |name: &str| GetSysctl { namespace: String::new(), name: name.into() };
        assert_eq!(lab.ask(get("net.ipv4.ip_forward")).await.unwrap(), "0");
        let on =
            SetSysctl { namespace: String::new(), name: "net.ipv4.ip_forward".into(), value: "1".into() };
        lab.ask(on).await.unwrap();
        assert_eq!(lab.ask(get("net.ipv4.ip_forward")).await.unwrap(), "1");
        assert_eq!(lab.ask(get("net.ipv4.conf.cni0.route_localnet")).await.unwrap(), "0");
        let fault = lab.ask(get("dev.raid.speed_limit_min")).await.unwrap_err();
        assert!(fault.message.ends_with("/proc/sys/dev/raid/speed_limit_min: No such file or directory"));
    });
}

#[test]
fn a_reboot_leaves_the_nics_alone() {
    lab(async |lab| {
        pod(&lab).await;
        lab.host.power_off();
        assert_eq!(lab.errno(ListNamespaces {}).await, Some(Errno::ESHUTDOWN));
        lab.host.boot();
        assert!(lab.ask(ListNamespaces {}).await.unwrap().is_empty());
        assert_eq!(routes(&lab, "").await, ["10.0.0.0/24 eth0", "0.0.0.0/0 eth0"]);
    });
}
