//! flannel with host-gw: L2Bridge networks, routes on the hosts.

use winlab_document::doc;

use super::lab::{Lab, Net, endpoint_for, ip, pod, prefix};
use crate::{ObjectKind, Outcome};

const SERVICE: &str = "http://10.96.0.80:80";

#[test]
fn pods_reach_pods() {
    let lab = Lab::new(Net::HostGw);
    for from in ["c0@lin1", "d0@lin1", "c1@win1", "d1@win1", "c2@win2"] {
        for to in ["c0", "d0", "c1", "d1", "c2"] {
            for scheme in ["http", "udp", "icmp"] {
                let port = match scheme {
                    "icmp" => "",
                    "udp" => ":53",
                    _ => ":8080",
                };
                let verdict = lab.walk(from, &format!("{scheme}://{}{port}", pod(to)));
                assert!(verdict.is_ok(), "{from} to {to} over {scheme}\n{verdict}");
            }
        }
    }
}

#[test]
fn nodes_reach_pods_everywhere() {
    let lab = Lab::new(Net::HostGw);
    for from in ["lin1", "win1", "win2"] {
        for to in ["c0", "c1", "c2"] {
            let verdict = lab.walk(from, &format!("http://{}:8080", pod(to)));
            assert!(verdict.is_ok(), "{from} to {to}\n{verdict}");
        }
    }
    assert!(lab.walk("c1@win1", "icmp://10.0.0.11").is_ok());
    assert!(lab.walk("c1@win1", "icmp://10.0.0.10").outcome == Outcome::Ok);
}

#[test]
fn services_reach_every_backend() {
    for dsr in [false, true] {
        let lab = Lab::new(Net::HostGw);
        lab.service(&["c0", "d1", "c2"], dsr);
        if !dsr {
            without_source_vip(&lab);
        }
        for from in ["c0@lin1", "c1@win1", "lin1"] {
            assert_eq!(lab.backends(from, SERVICE), ["c0", "c2", "d1"], "dsr {dsr} from {from}");
        }
        let seen = lab.walk("c1@win1", SERVICE).backend.unwrap().seen;
        assert_eq!(seen, ip(if dsr { "10.244.1.5" } else { "10.0.0.11" }));
    }
}

#[test]
fn node_ports_from_outside() {
    let lab = Lab::new(Net::HostGw);
    lab.node_port(&["c2"], false);
    without_source_vip(&lab);
    for node in ["10.0.0.10", "10.0.0.11", "10.0.0.12"] {
        let verdict = lab.walk("outside", &format!("http://{node}:30080"));
        assert!(verdict.is_ok(), "{verdict}");
    }
}

#[test]
fn pods_reach_outside_through_their_node() {
    let lab = Lab::new(Net::HostGw);
    let verdict = lab.walk("c1@win1", "http://192.0.2.9:8080");
    assert_eq!(verdict.backend.clone().unwrap().seen, ip("10.0.0.11"), "{verdict}");
}

#[test]
fn host_ports() {
    let lab = Lab::new(Net::HostGw);
    lab.win("win2", |plane| {
        let endpoint = plane.endpoints.iter_mut().find(|e| e.id == endpoint_for(2, "c2")).unwrap();
        endpoint.document.member_mut("Policies").push(doc!({"Type": "PortMapping", "Settings": {
            "Protocol": 6, "InternalPort": 8080, "ExternalPort": 8888,
        }}));
    });
    assert!(lab.walk("outside", "http://10.0.0.12:8888").is_ok());
    assert!(lab.walk("c1@win1", "http://10.0.0.12:8888").is_ok());
    assert_eq!(lab.walk("outside", "http://10.0.0.12:8889").outcome, Outcome::Refused);
}

#[test]
fn the_walk_reads_from_client_to_backend_and_back() {
    let lab = Lab::new(Net::HostGw);
    lab.service(&["c2"], true);
    insta::assert_snapshot!(lab.walk("c1@win1", SERVICE));
}

#[test]
fn each_broken_rule_is_named() {
    type Break = fn(&Lab);
    let all: &[(&str, &str, &str, ObjectKind, &str, Break)] = &[
        ("backend gone", "c1@win1", SERVICE, ObjectKind::LoadBalancer, "has no live backend", |lab| {
            lab.win("win1", |plane| plane.endpoints.retain(|e| e.id != endpoint_for(1, "c2")));
        }),
        ("not plumbed", "c1@win1", SERVICE, ObjectKind::LoadBalancer, "stored but not plumbed", |lab| {
            lab.win("win1", |plane| plane.load_balancers[0].plumbed = false);
        }),
        ("swapped gateway", "c1@win1", SERVICE, ObjectKind::Route, "via 10.0.0.1 dev", |lab| {
            gateway(lab, "10.0.0.1");
        }),
        (
            "gateway nobody has",
            "c1@win1",
            SERVICE,
            ObjectKind::Route,
            "nobody on the underlay answers",
            |lab| {
                gateway(lab, "10.0.0.99");
            },
        ),
        (
            "wrong pod gateway",
            "c1@win1",
            SERVICE,
            ObjectKind::Route,
            "0.0.0.0/0 via 10.244.1.1 of endpoint c1",
            |lab| {
                lab.win("win1", |plane| {
                    let own = plane.endpoints.iter_mut().find(|e| e.id == endpoint_for(1, "c1")).unwrap();
                    let route = doc!({"NextHop": "10.244.1.1", "DestinationPrefix": "0.0.0.0/0"});
                    own.document.set("Routes", doc!([route]));
                });
            },
        ),
        ("no host route", "c1@win1", SERVICE, ObjectKind::Route, "no better route for 10.244.2.5", |lab| {
            lab.win("win1", |plane| plane.host_routes.clear());
        }),
        ("no forwarding", "c1@win1", SERVICE, ObjectKind::Adapter, "does not forward", |lab| {
            lab.win("win1", |plane| plane.forwarding.clear());
        }),
        ("no way back", "c1@win1", SERVICE, ObjectKind::Route, "no better route for 10.244.1.5", |lab| {
            lab.win("win2", |plane| plane.host_routes.clear());
        }),
        (
            "no service exception",
            "c1@win1",
            SERVICE,
            ObjectKind::OutBoundNat,
            "10.96.0.80 is not in",
            |lab| {
                lab.win("win1", |plane| {
                    let own = plane.endpoints.iter_mut().find(|e| e.id == endpoint_for(1, "c1")).unwrap();
                    super::lab::policies(own, "OutBoundNAT", |settings| {
                        settings.set("Exceptions", doc!(["10.244.0.0/16"]));
                        true
                    });
                });
            },
        ),
        ("no linux route", "c0@lin1", SERVICE, ObjectKind::Route, "no better route for 10.244.2.5", |lab| {
            lab.lin(|plane| {
                plane.routes.get_mut("").unwrap().retain(|r| r.destination != prefix("10.244.2.0/24"));
            });
        }),
        ("forward chain", "c0@lin1", SERVICE, ObjectKind::Iptables, "policy DROP", |lab| {
            lab.lin(|plane| {
                let rules = "*filter\n-P FORWARD DROP\nCOMMIT\n";
                plane.netfilter.get_mut("").unwrap().restore(rules, true).unwrap();
            });
        }),
        ("pair down", "c0@lin1", SERVICE, ObjectKind::Link, "its other end is down", |lab| {
            lab.lin(|plane| {
                let links = plane.links.get_mut("").unwrap();
                links.iter_mut().filter(|l| l.name == "veth-c0").for_each(|l| l.up = false);
            });
        }),
    ];
    for (what, from, to, kind, detail, breaks) in all {
        let lab = Lab::new(Net::HostGw);
        lab.service(&["c2"], true);
        let before = lab.walk(from, to);
        assert!(before.is_ok(), "{what}: before\n{before}");
        breaks(&lab);
        let verdict = lab.walk(from, to);
        assert_eq!(verdict.outcome, Outcome::Timeout, "{what}\n{verdict}");
        let decider = verdict.decider().unwrap();
        assert_eq!(decider.object, *kind, "{what}\n{verdict}");
        assert!(decider.to_string().contains(detail), "{what}: {detail}\n{verdict}");
    }
}

#[test]
fn a_service_without_endpoints_is_rejected_on_linux_and_lost_on_windows() {
    let lab = Lab::new(Net::HostGw);
    let reject = "*filter\n:KUBE-SERVICES - [0:0]\n-A FORWARD -j KUBE-SERVICES\n-A KUBE-SERVICES -d 10.96.0.80/32 \
                  -p tcp -m tcp --dport 80 -j REJECT\nCOMMIT\n";
    lab.lin(|plane| plane.netfilter.get_mut("").unwrap().restore(reject, true).unwrap());
    assert_eq!(lab.walk("c0@lin1", SERVICE).outcome, Outcome::Refused);
    assert_eq!(lab.walk("c1@win1", SERVICE).outcome, Outcome::Timeout);
}

#[test]
fn affinity_on_linux_lasts_its_time() {
    let lab = Lab::new(Net::HostGw);
    let rule = |backend: &str, share: &str| {
        let keep = format!("-m recent --name {backend} --rcheck --seconds 60 --reap");
        let to = pod(backend);
        format!(
            "-A KUBE-SVC {keep} -j KUBE-SEP-{backend}\n-A PICK {share} -j KUBE-SEP-{backend}\n\
             -A KUBE-SEP-{backend} -p tcp -m recent --name {backend} --set -j DNAT --to-destination {to}:8080\n"
        )
    };
    let rules = format!(
        "*nat\n:KUBE-SVC - [0:0]\n:PICK - [0:0]\n:KUBE-SEP-c1 - [0:0]\n:KUBE-SEP-c2 - [0:0]\n\
         -A PREROUTING -d 10.96.0.80/32 -p tcp -m tcp --dport 80 -j KUBE-SVC\n{}{}-A KUBE-SVC -j PICK\nCOMMIT\n",
        rule("c1", "-m statistic --mode random --probability 0.5"),
        rule("c2", ""),
    );
    lab.lin(|plane| plane.netfilter.get_mut("").unwrap().restore(&rules, true).unwrap());
    let first = lab.backends("c0@lin1", SERVICE);
    assert_eq!(first.len(), 1, "{first:?}");
    let later = |seed| lab.walk_at("c0@lin1", SERVICE, seed, 100 * (seed + 1)).backend.unwrap().container;
    let mut others: Vec<String> = (0..24).map(later).collect();
    others.sort();
    others.dedup();
    assert_eq!(others, ["c1", "c2"]);
}

#[test]
fn every_third_packet_is_every_third() {
    let lab = Lab::new(Net::HostGw);
    let rules = "*filter\n-A FORWARD -p tcp -m tcp --dport 8080 -m statistic --mode nth --every 3 --packet 1 -j DROP\nCOMMIT\n";
    lab.lin(|plane| plane.netfilter.get_mut("").unwrap().restore(rules, true).unwrap());
    let passed: Vec<bool> =
        (0..6).map(|seed| lab.walk_as("c0@lin1", "10.244.1.5:8080", seed).is_ok()).collect();
    assert_eq!(passed, [true, false, true, true, false, true]);
}

#[test]
fn replies_on_a_bridge_need_its_traffic_shown_to_iptables() {
    let lab = Lab::new(Net::HostGw);
    lab.service(&["d0"], true);
    assert!(lab.walk("c0@lin1", SERVICE).is_ok());
    lab.lin(|plane| {
        plane.sysctls.get_mut("").unwrap().insert("net.bridge.bridge-nf-call-iptables".into(), "0".into());
    });
    let verdict = lab.walk("c0@lin1", SERVICE);
    assert_eq!(verdict.decider().unwrap().object, ObjectKind::Connection, "{verdict}");
}

#[test]
fn a_network_of_another_type_is_not_modelled() {
    let lab = Lab::new(Net::HostGw);
    lab.win("win1", |plane| plane.networks[0].document.set("Type", "Mirrored"));
    let verdict = lab.walk("c1@win1", "10.244.2.5:8080");
    assert_eq!(verdict.outcome, Outcome::NotModelled);
    assert_eq!(verdict.decider().unwrap().detail, "networks of type Mirrored are not modelled");
    assert_eq!(lab.walk("c2@win2", "10.244.1.5:8080").outcome, Outcome::NotModelled);
    assert_eq!(lab.fabric.unmodelled()[0].1, 2);
}

fn gateway(lab: &Lab, to: &str) {
    lab.win("win1", |plane| {
        let to_win2 = plane.host_routes.iter_mut().find(|r| r.destination == prefix("10.244.2.0/24"));
        to_win2.unwrap().gateway = Some(ip(to));
    });
}

fn without_source_vip(lab: &Lab) {
    for node in ["win1", "win2"] {
        lab.win(node, |plane| {
            plane.load_balancers.iter_mut().for_each(|balancer| balancer.document.set("SourceVIP", ""));
        });
    }
}
