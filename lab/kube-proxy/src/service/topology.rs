//! Which endpoints a node uses (`pkg/proxy/topology.go`).

use super::endpoint::Endpoint;
use super::port::ServicePort;

/// A service port's usable endpoints, by position among all of them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Categories {
    /// For the policy `Cluster`.
    pub(crate) cluster: Vec<usize>,
    /// For the policy `Local`.
    pub(crate) local: Vec<usize>,
    /// Both.
    pub(crate) reachable: Vec<usize>,
    /// Whether any node has a usable endpoint.
    pub(crate) any: bool,
}

/// Where this node is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) node: String,
    /// `topology.kubernetes.io/zone`
    pub(crate) zone: String,
    /// Whether hints by node count: `PreferSameTrafficDistribution`, on from 1.34.
    pub(crate) node_hints: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Anywhere,
    SameNode,
    SameZone,
}

/// Ready endpoints; failing these, those that serve although they terminate, for each policy on its own.
pub(crate) fn categorize(all: &[Endpoint], port: &ServicePort, place: &Place) -> Categories {
    let mut found = Categories::default();
    if all.is_empty() {
        return found;
    }
    let keep = |wanted: &dyn Fn(&Endpoint) -> bool| -> Vec<usize> {
        (0..all.len()).filter(|at| wanted(&all[*at])).collect()
    };
    let mut mode = Mode::Anywhere;
    if port.uses_cluster_endpoints() {
        mode = mode_of(all, place);
        found.cluster = keep(&|ep| ep.ready && is_available(ep, mode, place));
        if found.cluster.is_empty() {
            found.cluster = keep(&|ep| ep.serving && ep.terminating);
        }
        found.any = !found.cluster.is_empty();
    }
    if !port.uses_local_endpoints() {
        found.reachable.clone_from(&found.cluster);
        return found;
    }
    found.any |= all.iter().any(|ep| ep.ready || (ep.serving && ep.terminating));
    found.local = keep(&|ep| ep.local && ep.ready);
    let mut terminating = false;
    if found.local.is_empty() {
        found.local = keep(&|ep| ep.local && !ep.ready && ep.serving && ep.terminating);
        terminating = !found.local.is_empty();
    }
    if !port.uses_cluster_endpoints() {
        found.reachable.clone_from(&found.local);
    } else if mode == Mode::Anywhere && !terminating {
        found.reachable.clone_from(&found.cluster);
    } else {
        found.reachable = found.cluster.iter().chain(&found.local).copied().collect();
        found.reachable.sort_unstable();
        found.reachable.dedup();
    }
    found
}

/// Hints count only if every ready endpoint has one, and one of them is for this place.
fn mode_of(all: &[Endpoint], place: &Place) -> Mode {
    let ready = || all.iter().filter(|ep| ep.ready);
    let nodes = ready().all(|ep| !ep.node_hints.is_empty());
    if place.node_hints && nodes && ready().any(|ep| ep.node_hints.contains(&place.node)) {
        return Mode::SameNode;
    }
    let zones = ready().all(|ep| !ep.zone_hints.is_empty());
    if zones && ready().any(|ep| ep.zone_hints.contains(&place.zone)) {
        return Mode::SameZone;
    }
    Mode::Anywhere
}

fn is_available(endpoint: &Endpoint, mode: Mode, place: &Place) -> bool {
    match mode {
        Mode::Anywhere => true,
        Mode::SameNode => endpoint.node_hints.contains(&place.node),
        Mode::SameZone => endpoint.zone_hints.contains(&place.zone),
    }
}

#[cfg(test)]
mod tests {
    use super::{Categories, Place, categorize};
    use crate::service::{Endpoint, Protocol, ServicePort};

    fn port(internal_local: bool, external_local: bool) -> ServicePort {
        ServicePort {
            cluster_ip: [10, 96, 0, 7].into(),
            port: 80,
            protocol: Protocol::Tcp,
            node_port: 30080,
            load_balancer_vips: Vec::new(),
            sticky_seconds: None,
            external_ips: Vec::new(),
            source_ranges: Vec::new(),
            health_check_node_port: 0,
            external_local,
            internal_local,
        }
    }

    /// `l` local, `r` ready, `t` serving and terminating, `z` with a hint for zone `a`.
    fn endpoint(last: u8, words: &str) -> Endpoint {
        let terminating = words.contains('t');
        Endpoint {
            ip: [10, 244, 1, last].into(),
            port: 8080,
            local: words.contains('l'),
            ready: words.contains('r'),
            serving: words.contains('r') || terminating,
            terminating,
            zone_hints: words.contains('z').then(|| "a".to_owned()).into_iter().collect(),
            node_hints: Default::default(),
        }
    }

    fn of(words: &[&str], port: &ServicePort) -> Categories {
        let all: Vec<_> = (1..).zip(words).map(|(last, words)| endpoint(last, words)).collect();
        let place = Place { node: "n".into(), zone: "a".into(), node_hints: false };
        categorize(&all, port, &place)
    }

    #[test]
    fn ready_endpoints_and_terminating_ones_in_their_stead() {
        let found = of(&["r", "lr", "l"], &port(false, false));
        assert_eq!((found.cluster, found.local, found.reachable), (vec![0, 1], vec![], vec![0, 1]));
        let found = of(&["t", "l"], &port(false, false));
        assert_eq!((found.cluster, found.any), (vec![0], true));
        assert!(!of(&["", "l"], &port(false, false)).any);
    }

    #[test]
    fn local_policies() {
        let found = of(&["r", "lr"], &port(false, true));
        assert_eq!((found.cluster, found.local, found.reachable), (vec![0, 1], vec![1], vec![0, 1]));
        let found = of(&["r", "lt"], &port(false, true));
        assert_eq!((found.cluster, found.local, found.reachable), (vec![0], vec![1], vec![0, 1]));
        let found = of(&["r"], &port(true, false));
        assert_eq!((found.local.len(), found.any), (0, true));
    }

    #[test]
    fn zone_hints_count_only_if_all_have_one() {
        assert_eq!(of(&["rz", "r"], &port(false, false)).cluster, [0, 1]);
        assert_eq!(of(&["rz", "z"], &port(false, false)).cluster, [0]);
    }
}
