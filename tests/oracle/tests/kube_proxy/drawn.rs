//! Clusters that are drawn.

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::select;

use crate::cluster::{Cluster, Endpoint, Kind, Place, Port, Service, State, Target};

/// A cluster.
pub(crate) fn cluster() -> impl Strategy<Value = Cluster> {
    btree_map(0_u16..5, service(), 0..5)
}

fn service() -> impl Strategy<Value = Service> {
    let kind = prop_oneof![
        1 => Just(Kind::Headless),
        4 => Just(Kind::ClusterIp),
        2 => Just(Kind::NodePort),
        3 => any::<bool>().prop_map(|ingress| Kind::LoadBalancer { ingress }),
    ];
    let annotation = option::weighted(
        0.2,
        select(vec![("winProxyOptimization", "DISABLED"), ("preserve-destination", "true")]),
    );
    let one_in = |n: u32| proptest::bool::weighted(1.0 / f64::from(n));
    let switches = (one_in(4), one_in(4), one_in(2), one_in(4));
    (kind, vec(port(), 1..4), switches, annotation, slices()).prop_map(
        |(kind, ports, (external_ip, internal_local, external_local, sticky), annotation, slices)| Service {
            kind,
            ports,
            external_ip: external_ip && kind != Kind::Headless,
            internal_local,
            external_local: external_local && matches!(kind, Kind::NodePort | Kind::LoadBalancer { .. }),
            sticky,
            annotation,
            slices,
        },
    )
}

fn port() -> impl Strategy<Value = Port> {
    let target = prop_oneof![
        3 => select(vec![80_u16, 8080]).prop_map(Target::Number),
        1 => Just(Target::Name),
    ];
    (proptest::bool::weighted(0.3), target).prop_map(|(udp, target)| Port { udp, target })
}

/// Slices that share no address: of one that two have, the order of a Go map decides which counts
/// (`endpointslicecache.go`, addEndpoints).
fn slices() -> impl Strategy<Value = Vec<Vec<Endpoint>>> {
    vec(vec(endpoint(), 0..5), 0..3).prop_map(|mut slices| {
        let mut places = Vec::new();
        for slice in &mut slices {
            slice.retain(|endpoint| {
                let is_new = !places.contains(&endpoint.place);
                places.push(endpoint.place);
                is_new
            });
        }
        slices
    })
}

fn endpoint() -> impl Strategy<Value = Endpoint> {
    let place = prop_oneof![
        // .5 to .8 are pods that are there; .9 has no endpoint in HNS yet.
        4 => (5_u8..=9).prop_map(Place::Here),
        4 => (5_u8..9).prop_map(Place::There),
        1 => (5_u8..7).prop_map(Place::Beyond),
    ];
    let state = prop_oneof![
        6 => Just(State::Ready),
        1 => Just(State::NotReady),
        1 => any::<bool>().prop_map(|serving| State::Terminating { serving }),
    ];
    (place, state).prop_map(|(place, state)| Endpoint { place, state })
}
