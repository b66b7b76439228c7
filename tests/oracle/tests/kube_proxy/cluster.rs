//! A cluster as far as kube-proxy looks at it: services and their endpoints.

use std::collections::BTreeMap;

/// Services by number: their names, addresses and node ports follow from it.
pub(crate) type Cluster = BTreeMap<u16, Service>;

/// A service with its slices.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Service {
    pub(crate) kind: Kind,
    pub(crate) ports: Vec<Port>,
    pub(crate) external_ip: bool,
    pub(crate) internal_local: bool,
    pub(crate) external_local: bool,
    pub(crate) sticky: bool,
    pub(crate) annotation: Option<(&'static str, &'static str)>,
    pub(crate) slices: Vec<Vec<Endpoint>>,
}

/// `type`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Headless,
    ClusterIp,
    NodePort,
    /// With an ingress address, or without one yet.
    LoadBalancer {
        ingress: bool,
    },
}

/// A port; its name and number follow from its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Port {
    pub(crate) udp: bool,
    pub(crate) target: Target,
}

/// `targetPort`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Number(u16),
    Name,
}

/// An endpoint of a slice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) place: Place,
    pub(crate) state: State,
}

/// Where an endpoint is: on this node, on another, or beyond the cluster, with the last number of its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Here(u8),
    There(u8),
    Beyond(u8),
}

/// `conditions`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Ready,
    NotReady,
    /// Terminating, and serving still or not.
    Terminating {
        serving: bool,
    },
}
