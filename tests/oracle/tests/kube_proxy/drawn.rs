//! Clusters that are drawn.

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::select;

use crate::addresses::THIS;
use crate::cluster::{
    Cluster, Endpoint, Family, Hints, Kind, Peer, Place, Port, Service, Slice, State, Target,
};

/// A cluster of 1.`minor`.
pub(crate) fn cluster(minor: u32) -> impl Strategy<Value = Cluster> {
    let peers = btree_map(2_u8..=4, (any::<bool>(), option::of(zone())), 0..=3).prop_map(|peers| {
        let peer = |(number, (moved, zone))| {
            let address: u8 = if moved { 20 + number } else { 10 + number };
            (number, Peer { address, zone })
        };
        peers.into_iter().map(peer).collect()
    });
    let services = btree_map(1_u16..6, service(minor), 0..5);
    (peers, services).prop_map(|(peers, services)| Cluster { peers, services })
}

fn zone() -> impl Strategy<Value = &'static str> {
    select(vec!["a", "b"])
}

fn service(minor: u32) -> impl Strategy<Value = Service> {
    let annotations = [
        ("winProxyOptimization", "DISABLED"),
        ("preserve-destination", "true"),
        ("service.kubernetes.io/topology-mode", "Auto"),
    ];
    let annotation = option::weighted(0.25, select(annotations.to_vec()));
    let distributions: &[&str] = match minor {
        34.. => &["PreferClose", "PreferSameZone", "PreferSameNode"],
        _ => &["PreferClose"],
    };
    let distribution = option::weighted(0.25, select(distributions));
    (kind(), families(), vec(port(), 1..4), switches(), (annotation, distribution), slices(minor)).prop_map(
        |(kind, families, ports, switches, (annotation, traffic_distribution), slices)| Service {
            kind,
            families,
            ports,
            external_ip: switches[0] && kind != Kind::Headless,
            internal_local: switches[1],
            external_local: switches[2] && matches!(kind, Kind::NodePort | Kind::LoadBalancer { .. }),
            sticky: switches[3],
            traffic_distribution,
            annotation,
            slices,
        },
    )
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        1 => Just(Kind::Headless),
        4 => Just(Kind::ClusterIp),
        2 => Just(Kind::NodePort),
        3 => any::<bool>().prop_map(|ingress| Kind::LoadBalancer { ingress }),
    ]
}

fn families() -> impl Strategy<Value = &'static [Family]> {
    prop_oneof![
        4 => Just(&[Family::V4] as &[Family]),
        3 => Just(&[Family::V4, Family::V6] as &[Family]),
        1 => Just(&[Family::V6, Family::V4] as &[Family]),
        1 => Just(&[Family::V6] as &[Family]),
    ]
}

fn switches() -> impl Strategy<Value = [bool; 4]> {
    [4.0, 4.0, 2.0, 4.0].map(|one_in| proptest::bool::weighted(1.0 / one_in))
}

fn port() -> impl Strategy<Value = Port> {
    let target = prop_oneof![
        3 => select(vec![80_u16, 8080]).prop_map(Target::Number),
        1 => Just(Target::Name),
    ];
    (proptest::bool::weighted(0.3), target).prop_map(|(udp, target)| Port { udp, target })
}

/// Slices of either family, whether the service has it or not; the hints of all endpoints, of some or of none.
fn slices(minor: u32) -> impl Strategy<Value = Vec<Slice>> {
    let family = prop_oneof![3 => Just(Family::V4), 2 => Just(Family::V6)];
    let slice = (family, vec(endpoint(), 0..5)).prop_map(|(family, endpoints)| Slice { family, endpoints });
    let hinted = select(vec![Hinted::None, Hinted::None, Hinted::Some, Hinted::All]);
    (vec(slice, 0..4), hinted, option::weighted(0.2, state())).prop_map(move |(mut slices, hinted, twice)| {
        list_once(&mut slices);
        for endpoint in slices.iter_mut().flat_map(|slice| &mut slice.endpoints) {
            match hinted {
                Hinted::None => endpoint.hints = None,
                Hinted::Some => {}
                Hinted::All => {
                    endpoint.hints.get_or_insert(Hints { zones: &["a"], node: None });
                }
            }
        }
        if let Some(state) = twice {
            list_twice(&mut slices, state, minor);
        }
        slices
    })
}

#[derive(Clone, Copy, Debug)]
enum Hinted {
    None,
    Some,
    All,
}

/// No endpoint is listed twice: of one that two slices have, the order of a Go map decides which counts
/// (`endpointslicecache.go`, addEndpoints).
fn list_once(slices: &mut [Slice]) {
    let mut listed = Vec::new();
    for slice in slices {
        slice.endpoints.retain(|endpoint| {
            let one = (slice.family, endpoint.place);
            let is_new = !listed.contains(&one);
            listed.push(one);
            is_new
        });
    }
}

/// An address that is given to another pod while the one before is still ending: in the same slice, where the order
/// decides, or from 1.36 on in another, where it is decided by which of them terminates.
fn list_twice(slices: &mut [Slice], state: State, minor: u32) {
    let Some((first, rest)) = slices.split_first_mut() else { return };
    let Some(endpoint) = first.endpoints.first().copied() else { return };
    let other = rest.iter_mut().find(|slice| slice.family == first.family);
    match (other, endpoint.state, state) {
        (Some(other), State::Terminating { .. }, _) if minor >= 36 => {
            other.endpoints.push(Endpoint { state: State::Ready, ..endpoint });
        }
        (Some(other), _, State::Terminating { .. }) if minor >= 36 => {
            other.endpoints.push(Endpoint { state, ..endpoint });
        }
        _ => first.endpoints.push(Endpoint { state, ..endpoint }),
    }
}

fn endpoint() -> impl Strategy<Value = Endpoint> {
    let place = prop_oneof![
        // .5 to .8 are pods that are there; .9 has no endpoint in HNS yet.
        8 => (5_u8..=9).prop_map(Place::Here),
        8 => (2_u8..=4, 5_u8..8).prop_map(|(node, last)| Place::There { node, last }),
        2 => (THIS..=3).prop_map(Place::Host),
        2 => (5_u8..7).prop_map(Place::Beyond),
    ];
    (place, state(), option::of(hints())).prop_map(|(place, state, hints)| Endpoint { place, state, hints })
}

fn state() -> impl Strategy<Value = State> {
    prop_oneof![
        6 => Just(State::Ready),
        1 => Just(State::NotReady),
        1 => any::<bool>().prop_map(|serving| State::Terminating { serving }),
    ]
}

fn hints() -> impl Strategy<Value = Hints> {
    let zones = select(vec![&["a"] as &[&str], &["b"], &["a", "b"], &[]]);
    (zones, option::of(THIS..=3)).prop_map(|(zones, node)| Hints { zones, node })
}
