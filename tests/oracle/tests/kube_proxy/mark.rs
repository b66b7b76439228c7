//! The node's service that says which cluster has been seen: its port counts.

use crate::cluster::{Endpoint, Family, Kind, Place, Port, Service, Slice, State, Target};
use crate::setting::Setting;

/// Its number.
pub(crate) const MARK: u16 = 200;
/// The last number of an address beyond the cluster that no drawn endpoint has.
const BEYOND: u8 = 200;

/// The service after that many clusters. It has a pod of this node in the first family, and an address beyond the cluster
/// in the other, which any network takes.
pub(crate) fn service(count: u16, setting: &Setting) -> Service {
    let slice = |family, place| {
        let endpoints = vec![Endpoint { place, state: State::Ready, hints: None }];
        Slice { family, endpoints }
    };
    Service {
        kind: Kind::ClusterIp,
        families: match setting.primary {
            Family::V4 => &[Family::V4, Family::V6],
            Family::V6 => &[Family::V6, Family::V4],
        },
        ports: vec![Port { udp: false, target: Target::Number(port(count)) }],
        external_ip: false,
        internal_local: false,
        external_local: false,
        sticky: false,
        traffic_distribution: None,
        annotation: None,
        slices: vec![slice(Family::V4, Place::Here(5)), slice(Family::V6, Place::Beyond(BEYOND))],
    }
}

/// Whether what HNS holds is from after that many clusters, in every family.
pub(crate) fn is_in(state: &str, count: u16, setting: &Setting) -> bool {
    let mark = format!(r#""InternalPort":{}"#, port(count));
    state.matches(&mark).count() == setting.proxied.len()
}

fn port(count: u16) -> u16 {
    20_000 + count
}
