//! The underlay's troubles, and sources that are not there.

use winlab_clock::VirtualSpan;

use super::lab::{Lab, Net, ip, prefix, route};
use crate::{ObjectKind, Outcome, Probe, Source};

const PEER: &str = "http://10.244.2.5:8080";

#[test]
fn partitions_have_a_direction() {
    let lab = Lab::new(Net::Overlay);
    lab.fabric.underlay(|underlay| underlay.partition("win2", "win1"));
    let verdict = lab.walk("c1@win1", PEER);
    let decider = verdict.decider().unwrap();
    assert_eq!((decider.name.as_str(), decider.leg.word()), ("win2 → win1", "reply"), "{verdict}");
    lab.fabric.underlay(crate::Underlay::heal);
    assert!(lab.walk("c1@win1", PEER).is_ok());
}

#[test]
fn loss_takes_its_share() {
    let lab = Lab::new(Net::Overlay);
    lab.fabric.underlay(|underlay| underlay.trouble("win1", "win2", |trouble| trouble.loss = 0.5));
    let answered = (0..100).filter(|seed| lab.walk_as("c1@win1", PEER, *seed).is_ok()).count();
    assert!((25..75).contains(&answered), "{answered}");
}

#[test]
fn delay_adds_up_until_the_client_gives_up() {
    let lab = Lab::new(Net::Overlay);
    let delay = |secs| {
        lab.fabric.underlay(|underlay| {
            underlay.trouble("win1", "win2", |trouble| trouble.delay = VirtualSpan::from_secs(secs));
        });
    };
    delay(2);
    assert_eq!(lab.walk("c1@win1", PEER).elapsed, VirtualSpan::from_secs(2));
    delay(20);
    assert_eq!(lab.walk("c1@win1", PEER).outcome, Outcome::Timeout);
}

#[test]
fn a_small_mtu_loses_large_packets_only() {
    let lab = Lab::new(Net::Overlay);
    lab.fabric.underlay(|underlay| underlay.trouble("win1", "win2", |trouble| trouble.mtu = Some(1400)));
    assert!(lab.walk("c1@win1", PEER).is_ok());
    let from = Source::Container { node: "win1".into(), id: "c1".into() };
    let large = Probe { payload_bytes: 100_000, ..Probe::to(from, PEER).unwrap() };
    let verdict = lab.fabric.walk(&large, winlab_clock::Seed::new(1), winlab_clock::VirtualInstant::START);
    assert_eq!(verdict.decider().unwrap().detail, "a packet of 1500 bytes, and 1400 fit", "{verdict}");
}

#[test]
fn a_doubled_address_takes_some_flows() {
    let lab = Lab::new(Net::Overlay);
    lab.fabric.underlay(|underlay| underlay.duplicate_address(ip("10.0.0.12"), "printer"));
    let answered = (0..40).filter(|seed| lab.walk_as("c1@win1", PEER, *seed).is_ok()).count();
    assert!((5..35).contains(&answered), "{answered}");
}

#[test]
fn a_cable_can_be_out() {
    let lab = Lab::new(Net::Overlay);
    lab.fabric.disconnect("win2");
    assert_eq!(lab.walk("c1@win1", PEER).decider().unwrap().object, ObjectKind::RemoteSubnet);
    assert_eq!(lab.walk("c2@win2", "10.244.1.5:8080").decider().unwrap().detail, "its cable is out");
}

#[test]
fn sources_that_are_not_there() {
    let lab = Lab::new(Net::Overlay);
    for from in ["nope@win1", "c1@nope", "nope"] {
        assert_eq!(lab.walk(from, PEER).outcome, Outcome::NoSource, "{from}");
    }
    let gone = Probe::to(Source::External("nowhere".into()), PEER).unwrap();
    let verdict = lab.fabric.walk(&gone, winlab_clock::Seed::new(1), winlab_clock::VirtualInstant::START);
    assert_eq!(verdict.outcome, Outcome::NoSource);
}

#[test]
fn a_loop_between_nodes_ends() {
    let lab = Lab::new(Net::HostGw);
    let nowhere = "10.244.9.0/24";
    lab.win("win1", |p| p.host_routes.push(route(nowhere, Some("10.0.0.12"), "vEthernet (Ethernet)")));
    lab.win("win2", |p| p.host_routes.push(route(nowhere, Some("10.0.0.11"), "vEthernet (Ethernet)")));
    let verdict = lab.walk("c1@win1", "10.244.9.9:80");
    assert!(verdict.decider().unwrap().detail.ends_with("a loop"), "{verdict}");
}

#[test]
fn an_external_address_can_be_routed_to_a_node() {
    let lab = Lab::new(Net::Overlay);
    lab.win("win1", |plane| {
        let ids = vec![super::lab::endpoint_for(1, "c1").to_string().into()];
        plane.load_balancers.push(super::lab::load_balancer(1, &["203.0.113.7"], 80, ids, true));
    });
    assert!(!lab.walk("outside", "http://203.0.113.7:80").is_ok());
    lab.fabric.underlay(|underlay| underlay.routes.push((prefix("203.0.113.7/32"), "win1".into())));
    let verdict = lab.walk("outside", "http://203.0.113.7:80");
    assert!(verdict.is_ok(), "{verdict}");
}
