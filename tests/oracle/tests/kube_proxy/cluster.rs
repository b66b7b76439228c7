//! A cluster as far as kube-proxy looks at it: nodes, services and their endpoints.

use std::collections::BTreeMap;

/// What the API server holds beside the node under test.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Cluster {
    /// Other nodes by number: their names and their pods' subnets follow from it.
    pub(crate) peers: BTreeMap<u8, Peer>,
    /// Services by number: their names, addresses and node ports follow from it.
    pub(crate) services: BTreeMap<u16, Service>,
}

/// Another node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Peer {
    /// The last number of its address.
    pub(crate) address: u8,
    pub(crate) zone: Option<&'static str>,
}

/// An IP family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    V4,
    V6,
}

/// A service with its slices.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Service {
    pub(crate) kind: Kind,
    /// `ipFamilies`, the primary one first.
    pub(crate) families: &'static [Family],
    pub(crate) ports: Vec<Port>,
    pub(crate) external_ip: bool,
    pub(crate) internal_local: bool,
    pub(crate) external_local: bool,
    pub(crate) sticky: bool,
    pub(crate) traffic_distribution: Option<&'static str>,
    pub(crate) annotation: Option<(&'static str, &'static str)>,
    pub(crate) slices: Vec<Slice>,
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

/// An EndpointSlice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Slice {
    /// `addressType`
    pub(crate) family: Family,
    pub(crate) endpoints: Vec<Endpoint>,
}

/// An endpoint of a slice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) place: Place,
    pub(crate) state: State,
    pub(crate) hints: Option<Hints>,
}

/// Where an endpoint is, with the last number of its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A pod of this node.
    Here(u8),
    /// A pod of another node, which may be there or not.
    There { node: u8, last: u8 },
    /// A node itself, as a pod in its host's network is; 1 is this one.
    Host(u8),
    /// Beyond the cluster.
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

/// `hints`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hints {
    pub(crate) zones: &'static [&'static str],
    /// The number of a node.
    pub(crate) node: Option<u8>,
}
