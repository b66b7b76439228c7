//! Whatever is missing, a walk ends, and says who decided if it did not arrive.

use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, proptest};
use winlab_host::{LinuxDataPlane, NetObject, WindowsDataPlane};

use super::lab::{Lab, Net};
use crate::Outcome;

/// One thing that goes: where, what kind of thing, and which of them.
#[derive(Debug, Clone, Copy)]
struct Loss {
    node: u8,
    kind: u8,
    which: usize,
}

fn losses() -> impl Strategy<Value = Vec<Loss>> {
    let loss =
        (0..3_u8, any::<u8>(), any::<usize>()).prop_map(|(node, kind, which)| Loss { node, kind, which });
    proptest::collection::vec(loss, 0..6)
}

fn lose<T>(list: &mut Vec<T>, which: usize) {
    if !list.is_empty() {
        list.remove(which % list.len());
    }
}

fn lose_policy(objects: &mut [NetObject], which: usize) {
    if objects.is_empty() {
        return;
    }
    let object = &mut objects[which % objects.len()].document;
    let mut policies = object.get("Policies").map(|p| p.items().to_vec()).unwrap_or_default();
    lose(&mut policies, which / 7);
    object.set("Policies", policies);
}

fn lose_on_windows(plane: &mut WindowsDataPlane, loss: Loss) {
    match loss.kind % 9 {
        0 => lose(&mut plane.endpoints, loss.which),
        1 => lose(&mut plane.load_balancers, loss.which),
        2 => lose(&mut plane.host_routes, loss.which),
        3 => lose(&mut plane.adapters, loss.which),
        4 => lose(&mut plane.compartments, loss.which),
        5 => lose(&mut plane.forwarding, loss.which),
        6 => lose_policy(&mut plane.networks, loss.which),
        7 => lose_policy(&mut plane.endpoints, loss.which),
        _ => plane.endpoints.iter_mut().for_each(|endpoint| {
            endpoint.plumbed &= endpoint.id.bits() % 3 != (loss.which % 3) as u128;
        }),
    }
}

fn lose_on_linux(plane: &mut LinuxDataPlane, loss: Loss) {
    let spaces: Vec<String> = plane.links.keys().cloned().collect();
    let space = spaces[loss.which % spaces.len()].clone();
    match loss.kind % 7 {
        0 => lose(plane.links.entry(space).or_default(), loss.which),
        1 => lose(plane.routes.entry(space).or_default(), loss.which),
        2 => plane.neighbours.clear(),
        3 => plane.fdb.clear(),
        4 => plane.sysctls.clear(),
        5 => plane.netfilter.clear(),
        _ => plane.links.entry(space).or_default().iter_mut().for_each(|link| {
            link.up = link.index as usize % 3 != loss.which % 3;
        }),
    }
}

proptest! {
    #[test]
    fn walks_end_and_name_who_decided(overlay in any::<bool>(), dsr in any::<bool>(), losses in losses(), seed in 0..50_u64) {
        let lab = Lab::new(if overlay { Net::Overlay } else { Net::HostGw });
        lab.service(&["c0", "c1", "c2"], dsr);
        for loss in losses {
            match loss.node {
                0 => lab.lin(|plane| lose_on_linux(plane, loss)),
                1 => lab.win("win1", |plane| lose_on_windows(plane, loss)),
                _ => lab.win("win2", |plane| lose_on_windows(plane, loss)),
            }
        }
        for from in ["c0@lin1", "c1@win1", "lin1", "win2", "outside"] {
            for to in ["http://10.96.0.80:80", "http://web", "10.244.1.5:8080", "icmp://10.244.2.5", "10.0.0.11:1"] {
                let verdict = lab.walk_as(from, to, seed);
                prop_assert_eq!(verdict.outcome == Outcome::Ok, verdict.decided_by.is_none(), "{}", verdict);
                prop_assert_eq!(verdict.decider().is_some(), verdict.decided_by.is_some(), "{}", verdict);
                prop_assert!(verdict.hops.len() < 400);
            }
        }
    }
}
