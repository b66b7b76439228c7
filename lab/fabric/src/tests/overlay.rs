//! flannel with VXLAN.

use winlab_document::doc;

use super::lab::{Lab, Net, balancer_id, endpoint_for, load_balancer, pod, policies};
use crate::{ObjectKind, Outcome};

const SERVICE: &str = "http://10.96.0.80:80";

/// Every pod to every other pod.
#[test]
fn pods_reach_pods() {
    let lab = Lab::new(Net::Overlay);
    for from in ["c0@lin1", "d0@lin1", "c1@win1", "d1@win1", "c2@win2"] {
        for to in ["c0", "d0", "c1", "d1", "c2"] {
            for scheme in ["http", "tcp", "udp", "icmp"] {
                let port = match scheme {
                    "icmp" => "",
                    "udp" => ":53",
                    _ => ":8080",
                };
                let verdict = lab.walk(from, &format!("{scheme}://{}{port}", pod(to)));
                assert!(verdict.is_ok(), "{from} to {to} over {scheme}\n{verdict}");
                if scheme == "http" {
                    assert_eq!(verdict.http.unwrap().body, to);
                }
            }
        }
    }
}

#[test]
fn a_port_nobody_listens_on_is_refused() {
    let lab = Lab::new(Net::Overlay);
    for from in ["c0@lin1", "c1@win1", "c2@win2"] {
        for to in ["c0", "c1", "c2"] {
            let verdict = lab.walk(from, &format!("{}:81", pod(to)));
            assert_eq!(verdict.outcome, Outcome::Refused, "{verdict}");
        }
    }
}

#[test]
fn services_reach_every_backend_with_and_without_dsr() {
    for dsr in [false, true] {
        let lab = Lab::new(Net::Overlay);
        lab.service(&["c0", "d1", "c2"], dsr);
        for from in ["c0@lin1", "d0@lin1", "c1@win1", "c2@win2", "lin1"] {
            // A Windows pod that is its own backend needs a loopback policy under DSR.
            let expected = if from == "c2@win2" && dsr { vec!["c0", "d1"] } else { vec!["c0", "c2", "d1"] };
            let mut found = lab.backends(from, SERVICE);
            found.retain(|name| name.len() == 2);
            assert_eq!(found, expected, "dsr {dsr} from {from}");
        }
    }
}

#[test]
fn dsr_keeps_the_source_and_without_it_the_source_vip_is_seen() {
    for (dsr, seen) in [(true, "10.244.1.5"), (false, "10.244.1.2")] {
        let lab = Lab::new(Net::Overlay);
        lab.service(&["c2"], dsr);
        let verdict = lab.walk("c1@win1", SERVICE);
        assert_eq!(verdict.backend.clone().unwrap().seen.to_string(), seen, "{verdict}");
    }
}

#[test]
fn affinity_keeps_a_client_with_its_backend() {
    let lab = Lab::new(Net::Overlay);
    lab.service(&["c0", "d1", "c2"], false);
    lab.win("win1", |plane| {
        let mapping = doc!({
            "Protocol": 6, "InternalPort": 8080, "ExternalPort": 80, "DistributionType": 2, "Flags": 0,
        });
        plane.load_balancers[0].document.set("PortMappings", doc!([mapping]));
    });
    assert_eq!(lab.backends("c1@win1", SERVICE).len(), 1);
    lab.win("win1", |plane| plane.hns_version = (9, 5));
    assert_eq!(lab.backends("c1@win1", SERVICE).len(), 3);
}

#[test]
fn a_node_reaches_its_pods_and_no_services() {
    let lab = Lab::new(Net::Overlay);
    lab.service(&["c1"], false);
    assert!(lab.walk("win1", "http://10.244.1.5:8080").is_ok());
    assert!(lab.walk("c1@win1", "icmp://10.0.0.11").is_ok());
    let verdict = lab.walk("win1", SERVICE);
    let decider = verdict.decider().unwrap();
    assert_eq!((verdict.outcome, decider.object), (Outcome::Timeout, ObjectKind::LoadBalancer), "{verdict}");
    assert!(decider.detail.starts_with("a node's own traffic meets no load balancer"), "{decider}");
}

#[test]
fn pods_reach_outside_over_tcp_and_not_with_icmp() {
    let lab = Lab::new(Net::Overlay);
    for from in ["c0@lin1", "c1@win1"] {
        let verdict = lab.walk(from, "http://192.0.2.9:8080");
        assert!(verdict.is_ok(), "{verdict}");
        assert!(verdict.backend.unwrap().seen.to_string().starts_with("10.0.0.1"));
    }
    assert!(lab.walk("c0@lin1", "icmp://192.0.2.9").is_ok());
    let verdict = lab.walk("c1@win1", "icmp://192.0.2.9");
    assert_eq!(verdict.decider().unwrap().object, ObjectKind::OutBoundNat, "{verdict}");
}

#[test]
fn node_ports_from_outside() {
    for dsr in [false, true] {
        let lab = Lab::new(Net::Overlay);
        lab.node_port(&["c1"], dsr);
        let verdict = lab.walk("outside", "http://10.0.0.11:30080");
        assert!(verdict.is_ok(), "dsr {dsr}\n{verdict}");
        let seen = verdict.backend.unwrap().seen.to_string();
        assert_eq!(seen, if dsr { "192.0.2.9" } else { "10.244.1.2" });
        assert!(lab.walk("outside", "http://10.0.0.10:30080").is_ok());
        let elsewhere = lab.walk("outside", "http://10.0.0.12:30080");
        assert_eq!(elsewhere.is_ok(), !dsr, "{elsewhere}");
        // Not from the node itself.
        assert!(!lab.walk("win1", "http://10.0.0.11:30080").is_ok());
    }
}

#[test]
fn a_walk_is_the_same_every_time() {
    let lab = Lab::new(Net::Overlay);
    lab.service(&["c0", "d1", "c2"], false);
    let twin = Lab::new(Net::Overlay);
    twin.service(&["c0", "d1", "c2"], false);
    for seed in 0..10 {
        assert_eq!(lab.walk_as("c1@win1", SERVICE, seed), twin.walk_as("c1@win1", SERVICE, seed));
    }
}

#[test]
fn the_walk_reads_from_client_to_backend_and_back() {
    let lab = Lab::new(Net::Overlay);
    lab.service(&["c2"], false);
    insta::assert_snapshot!(lab.walk("c1@win1", SERVICE));
    insta::assert_snapshot!(lab.walk("c0@lin1", SERVICE));
}

/// One rule broken at a time: the verdict, and the object that is named.
#[test]
fn each_broken_rule_is_named() {
    type Break = fn(&Lab);
    let all: &[(&str, &str, &str, ObjectKind, &str, Break)] = &[
        ("backend gone", "c1@win1", SERVICE, ObjectKind::LoadBalancer, "has no live backend", |lab| {
            lab.win("win1", |plane| plane.endpoints.retain(|e| e.id != endpoint_for(1, "c2")))
        }),
        ("balancer gone", "c1@win1", SERVICE, ObjectKind::LoadBalancer, "none has the frontend", |lab| {
            lab.win("win1", |plane| plane.load_balancers.clear());
        }),
        ("not plumbed", "c1@win1", SERVICE, ObjectKind::LoadBalancer, "stored but not plumbed", |lab| {
            lab.win("win1", |plane| plane.load_balancers[0].plumbed = false);
        }),
        ("wrong port", "c1@win1", SERVICE, ObjectKind::LoadBalancer, "this address has 81/6", |lab| {
            lab.win("win1", |plane| {
                let ids = vec![endpoint_for(1, "c2").to_string().into()];
                plane.load_balancers = vec![load_balancer(1, &["10.96.0.80"], 81, ids, false)];
            });
        }),
        ("wrong VNI", "c1@win1", SERVICE, ObjectKind::RemoteSubnet, "VNI 4097 on UDP 4789 ≠ win2", |lab| {
            lab.win("win1", |plane| {
                policies(&mut plane.networks[0], "RemoteSubnetRoute", |settings| {
                    settings.set("IsolationId", 4097);
                    true
                });
            });
        }),
        ("wrong UDP port", "c1@win1", SERVICE, ObjectKind::RemoteSubnet, "UDP 8472 ≠ win2", |lab| {
            lab.win("win1", |plane| {
                let network = &mut plane.networks[0].document;
                network.member_mut("Policies").push(doc!({"Type": "VxlanPort", "Settings": {"Port": 8472}}));
            });
        }),
        ("wrong MAC", "c1@win1", SERVICE, ObjectKind::RemoteSubnet, "the distributed router's MAC", |lab| {
            lab.win("win1", |plane| {
                policies(&mut plane.networks[0], "RemoteSubnetRoute", |settings| {
                    settings.set("DistributedRouterMacAddress", "00-15-5D-00-00-77");
                    true
                });
            });
        }),
        ("wrong provider", "c1@win1", SERVICE, ObjectKind::Endpoint, "ProviderAddress 10.0.0.77", |lab| {
            lab.win("win1", |plane| {
                let remote = plane.endpoints.iter_mut().find(|e| e.id == endpoint_for(1, "c2")).unwrap();
                policies(remote, "ProviderAddress", |settings| {
                    settings.set("ProviderAddress", "10.0.0.77");
                    true
                });
            });
        }),
        (
            "no remote subnet",
            "c1@win1",
            "10.244.2.5:8080",
            ObjectKind::RemoteSubnet,
            "no RemoteSubnetRoute policy covers 10.244.2.5",
            |lab| {
                lab.win("win1", |plane| policies(&mut plane.networks[0], "RemoteSubnetRoute", |_| false));
            },
        ),
        (
            "no way back",
            "c1@win1",
            "10.244.2.5:8080",
            ObjectKind::RemoteSubnet,
            "no RemoteSubnetRoute policy covers 10.244.1.5",
            |lab| {
                lab.win("win2", |plane| policies(&mut plane.networks[0], "RemoteSubnetRoute", |_| false));
            },
        ),
        (
            "no service exception",
            "c1@win1",
            SERVICE,
            ObjectKind::OutBoundNat,
            "10.96.0.80 is not in",
            |lab| {
                exceptions(lab, &["10.244.0.0/16"]);
            },
        ),
        ("no pod exception", "c1@win1", "10.244.2.5:8080", ObjectKind::Route, "0.0.0.0/0 via", |lab| {
            exceptions(lab, &["10.96.0.0/12"]);
        }),
        ("no source VIP", "c1@win1", SERVICE, ObjectKind::Network, "no plumbed local endpoint", |lab| {
            lab.win("win1", |plane| plane.endpoints.retain(|e| e.document.text(&["Name"]) != "source-vip"));
        }),
        ("no host route", "win1", "10.244.1.5:8080", ObjectKind::Network, "no HostRoute policy", |lab| {
            lab.win("win1", |plane| policies(&mut plane.networks[0], "HostRoute", |_| false));
        }),
        ("blocked in", "c1@win1", SERVICE, ObjectKind::Acl, "tcp 10.244.1.2", |lab| {
            acl(lab, "win2", "c2", "In", 100);
        }),
        ("blocked out", "c1@win1", SERVICE, ObjectKind::Acl, "→ 10.244.2.5:8080", |lab| {
            acl(lab, "win1", "c1", "Out", 100);
        }),
        ("no container", "c1@win1", SERVICE, ObjectKind::Endpoint, "no running container", |lab| {
            lab.win("win2", |plane| plane.compartments.truncate(1));
        }),
        ("container ended", "c1@win1", SERVICE, ObjectKind::Endpoint, "no running container", |lab| {
            lab.win("win2", |plane| plane.compartments.iter_mut().for_each(|c| c.programs.clear()));
        }),
        (
            "endpoint not plumbed",
            "c1@win1",
            SERVICE,
            ObjectKind::Network,
            "no plumbed local endpoint",
            |lab| {
                lab.win("win2", |plane| plane.endpoints.iter_mut().for_each(|e| e.plumbed = false));
            },
        ),
        ("no neighbour", "c0@lin1", SERVICE, ObjectKind::Neighbour, "no entry", |lab| {
            lab.lin(|plane| plane.neighbours.clear());
        }),
        ("no fdb", "c0@lin1", SERVICE, ObjectKind::Fdb, "the host of 10.244.2.0 is not known", |lab| {
            lab.lin(|plane| plane.fdb.clear());
        }),
        (
            "no route",
            "c0@lin1",
            "10.244.2.5:8080",
            ObjectKind::Route,
            "no better route for 10.244.2.5",
            |lab| {
                lab.lin(|plane| {
                    plane.routes.get_mut("").unwrap().retain(|r| r.device != "flannel.4096");
                });
            },
        ),
        (
            "no rule",
            "c0@lin1",
            SERVICE,
            ObjectKind::Iptables,
            "no rule translates tcp 10.96.0.80:80",
            |lab| {
                lab.lin(|plane| {
                    let netfilter = plane.netfilter.get_mut("").unwrap();
                    netfilter.restore("*nat\n:KUBE-SERVICES - [0:0]\nCOMMIT\n", true).unwrap();
                });
            },
        ),
        ("link down", "c0@lin1", SERVICE, ObjectKind::Link, "is down or gone", |lab| {
            lab.lin(|plane| {
                plane.links.get_mut("").unwrap().iter_mut().filter(|l| l.name == "flannel.4096").for_each(
                    |l| {
                        l.up = false;
                    },
                );
            });
        }),
        ("no forwarding", "c0@lin1", SERVICE, ObjectKind::Sysctl, "is 0", |lab| {
            lab.lin(|plane| {
                plane.sysctls.get_mut("").unwrap().insert("net.ipv4.ip_forward".into(), "0".into());
            });
        }),
        (
            "linux tunnel",
            "c1@win1",
            "10.244.0.5:8080",
            ObjectKind::RemoteSubnet,
            "that of flannel.4096 on lin1",
            |lab| {
                lab.lin(|plane| {
                    let tunnel =
                        plane.links.get_mut("").unwrap().iter_mut().find(|l| l.name == "flannel.4096");
                    tunnel.unwrap().mac = "02:00:00:00:00:77".parse().unwrap();
                });
            },
        ),
    ];
    for (what, from, to, kind, detail, breaks) in all {
        let lab = Lab::new(Net::Overlay);
        lab.service(&["c2"], false);
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
fn the_guid_of_the_load_balancer_is_named() {
    let lab = Lab::new(Net::Overlay);
    lab.service(&["c2"], false);
    lab.win("win1", |plane| plane.load_balancers[0].plumbed = false);
    let verdict = lab.walk("c1@win1", SERVICE);
    assert_eq!(verdict.decider().unwrap().id, balancer_id(1, 80).to_string());
}

#[test]
fn of_two_backends_a_missing_one_loses_its_share() {
    let lab = Lab::new(Net::Overlay);
    lab.service(&["c2", "d1"], false);
    lab.win("win1", |plane| plane.endpoints.retain(|e| e.id != endpoint_for(1, "c2")));
    let outcomes: Vec<bool> = (0..24).map(|seed| lab.walk_as("c1@win1", SERVICE, seed).is_ok()).collect();
    assert!(outcomes.contains(&true) && outcomes.contains(&false));
}

#[test]
fn hairpin_under_dsr_needs_the_loopback_policy() {
    let lab = Lab::new(Net::Overlay);
    lab.service(&["c1"], true);
    let verdict = lab.walk("c1@win1", SERVICE);
    let decider = verdict.decider().unwrap();
    assert!(decider.detail.contains("chose the client itself"), "{verdict}");
    lab.win("win1", |plane| {
        let own = plane.endpoints.iter_mut().find(|e| e.id == endpoint_for(1, "c1")).unwrap();
        let loopback = doc!({"Type": "OutBoundNAT", "Settings": {"Destinations": ["10.244.1.5"]}});
        own.document.member_mut("Policies").push(loopback);
    });
    let verdict = lab.walk("c1@win1", SERVICE);
    assert!(verdict.is_ok(), "{verdict}");
}

#[test]
fn what_is_not_modelled_shows() {
    let lab = Lab::new(Net::Overlay);
    lab.service(&["c2"], false);
    lab.win("win1", |plane| {
        let own = plane.endpoints.iter_mut().find(|e| e.id == endpoint_for(1, "c1")).unwrap();
        own.document.member_mut("Policies").push(doc!({"Type": "TierAcl", "Settings": {}}));
    });
    let verdict = lab.walk("c1@win1", SERVICE);
    assert!(verdict.is_ok() && verdict.hops.iter().any(|hop| hop.name == "TierAcl of c1"), "{verdict}");
    lab.win("win1", |plane| {
        let mapping = doc!({"Protocol": 6, "InternalPort": 8080, "ExternalPort": 80, "Flags": 8});
        plane.load_balancers[0].document.set("PortMappings", doc!([mapping]));
    });
    assert_eq!(lab.walk("c1@win1", SERVICE).outcome, Outcome::NotModelled);
    // The policy by both walks, the frontend by the second.
    assert_eq!(lab.fabric.unmodelled().iter().map(|(_, count)| count).sum::<u64>(), 3);
}

#[test]
fn allow_rules_and_priorities() {
    let lab = Lab::new(Net::Overlay);
    acl(&lab, "win2", "c2", "In", 200);
    assert!(!lab.walk("c1@win1", "10.244.2.5:8080").is_ok());
    lab.win("win2", |plane| {
        let endpoint = plane.endpoints.iter_mut().find(|e| e.id == endpoint_for(2, "c2")).unwrap();
        endpoint.document.member_mut("Policies").push(doc!({"Type": "ACL", "Settings": {
            "Action": "Allow", "Direction": "In", "Protocols": "6", "RemoteAddresses": "10.244.1.0/24,10.9.9.9",
            "LocalPorts": "80,8000-8100", "Priority": 100,
        }}));
    });
    assert!(lab.walk("c1@win1", "10.244.2.5:8080").is_ok());
    assert!(!lab.walk("c0@lin1", "10.244.2.5:8080").is_ok());
    assert!(!lab.walk("c1@win1", "udp://10.244.2.5:53").is_ok());
    // What c2 itself begins is no business of an In rule.
    assert!(lab.walk("c2@win2", "10.244.1.5:8080").is_ok());
}

fn acl(lab: &Lab, node: &str, container: &str, direction: &str, priority: u32) {
    let n = if node == "win1" { 1 } else { 2 };
    lab.win(node, |plane| {
        let endpoint = plane.endpoints.iter_mut().find(|e| e.id == endpoint_for(n, container)).unwrap();
        endpoint.document.member_mut("Policies").push(doc!({"Type": "ACL", "Settings": {
            "Action": "Block", "Direction": direction, "Protocols": "256", "Priority": priority,
        }}));
    });
}

fn exceptions(lab: &Lab, list: &[&str]) {
    lab.win("win1", |plane| {
        let endpoint = plane.endpoints.iter_mut().find(|e| e.id == endpoint_for(1, "c1")).unwrap();
        policies(endpoint, "OutBoundNAT", |settings| {
            let list: winlab_document::Document = list.iter().copied().collect();
            settings.set("Exceptions", list);
            true
        });
    });
}
