//! What each version of HNS can do (hcsshim `hcn/hcnglobals.go`, `hcn/hcnsupport.go`; hnslib for the load balancer).

use std::fmt;

/// A version of HNS as `GET /globals/version` reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HnsVersion {
    /// Major: 9 of Server 2019, 13 of Server 2022, 15 of Server 2025.
    pub major: u16,
    /// Minor
    pub minor: u16,
}

impl HnsVersion {
    /// The version `major.minor`.
    #[must_use]
    pub const fn new(major: u16, minor: u16) -> Self {
        Self { major, minor }
    }

    /// Whether this version has a feature.
    #[must_use]
    pub fn has(self, feature: HnsFeature) -> bool {
        feature.ranges().iter().any(|(from, to)| (*from..=*to).contains(&(self.major, self.minor)))
    }
}

impl fmt::Display for HnsVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// Features that clients look for in the version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HnsFeature {
    /// ACLs with address lists, port ranges, rule ids, without a priority for host rules.
    Acl,
    /// The V2 API (computenetwork.dll).
    ApiV2,
    /// `RemoteSubnetRoute` policies.
    RemoteSubnet,
    /// `HostRoute` policies.
    HostRoute,
    /// Direct server return.
    Dsr,
    /// Endpoints with a /32 prefix.
    Slash32EndpointPrefixes,
    /// VXLAN on another port than 4789.
    VxlanPort,
    /// ACLs for protocol 252.
    AclProtocol252,
    /// IPv4 and IPv6 on one network.
    Ipv6DualStack,
    /// Session affinity by client address.
    SessionAffinity,
    /// `SetPolicy`
    SetPolicy,
    /// `L4Proxy`
    L4Proxy,
    /// `L4WfpProxy`
    L4WfpProxy,
    /// `TierAcl`
    TierAcl,
    /// `NetworkACL`
    NetworkAcl,
    /// `SetPolicy` sets of sets.
    NestedIpSet,
    /// The network flag DisableHostPort.
    DisableHostPort,
    /// `HcnModifyLoadBalancer`, which 15.4 carries out without changing the endpoints.
    ModifyLoadBalancer,
    /// Accelerated networking.
    Accelnet,
}

/// A version as a pair, for the table.
type Pair = (u16, u16);

const MAX: u16 = u16::MAX;
const NEWEST: Pair = (MAX, MAX);

impl HnsFeature {
    /// Ranges of versions that have it, both ends included.
    fn ranges(self) -> &'static [(Pair, Pair)] {
        match self {
            Self::Acl => &[((7, 2), NEWEST)],
            Self::ApiV2 | Self::RemoteSubnet | Self::HostRoute => &[((9, 2), NEWEST)],
            Self::Dsr => &[((9, 3), (9, MAX)), ((10, 2), NEWEST)],
            Self::Slash32EndpointPrefixes => &[((9, 3), (9, MAX)), ((10, 4), NEWEST)],
            Self::VxlanPort => &[((10, 3), NEWEST)],
            Self::AclProtocol252 => &[((11, 0), NEWEST)],
            Self::Ipv6DualStack => &[((11, 10), NEWEST)],
            Self::SessionAffinity => &[((12, 0), NEWEST)],
            Self::SetPolicy => &[((13, 0), NEWEST)],
            Self::L4Proxy => &[
                ((9, 5), (9, MAX)),
                ((10, 5), (10, MAX)),
                ((11, 11), (11, MAX)),
                ((12, 1), (12, MAX)),
                ((13, 1), NEWEST),
            ],
            Self::L4WfpProxy => &[((13, 2), NEWEST)],
            Self::TierAcl => &[((14, 0), NEWEST)],
            Self::NetworkAcl | Self::NestedIpSet => &[((15, 0), NEWEST)],
            Self::DisableHostPort => &[((15, 1), NEWEST)],
            Self::ModifyLoadBalancer | Self::Accelnet => &[((15, 4), NEWEST)],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{HnsFeature, HnsVersion};

    #[test]
    fn back_ports_leave_gaps() {
        for (version, dsr) in
            [((9, 2), false), ((9, 3), true), ((10, 1), false), ((10, 2), true), ((15, 5), true)]
        {
            assert_eq!(HnsVersion::new(version.0, version.1).has(HnsFeature::Dsr), dsr, "{version:?}");
        }
        assert!(
            HnsVersion::new(12, 1).has(HnsFeature::L4Proxy)
                && !HnsVersion::new(13, 0).has(HnsFeature::L4Proxy)
        );
    }
}
