//! Types of networks.

use winlab_host::{Fault, HResult};
use winlab_profiles::HnsVersion;

use crate::members::Outcome;

/// `NetworkType` of Microsoft's HCN schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NetworkKind {
    Nat,
    Ics,
    ConstrainedIcs,
    Transparent,
    L2Bridge,
    L2Tunnel,
    Overlay,
    Private,
    Internal,
    Mirrored,
    Infiniband,
}

/// Types by the spelling HNS shows, with the first version that has them: Mirrored and Infiniband came with schema
/// 2.4, ConstrainedICS with 2.10.
const KINDS: &[(NetworkKind, &str, HnsVersion)] = &[
    (NetworkKind::Nat, "NAT", HnsVersion::new(0, 0)),
    (NetworkKind::Ics, "ICS", HnsVersion::new(0, 0)),
    (NetworkKind::ConstrainedIcs, "ConstrainedICS", HnsVersion::new(13, 0)),
    (NetworkKind::Transparent, "Transparent", HnsVersion::new(0, 0)),
    (NetworkKind::L2Bridge, "L2Bridge", HnsVersion::new(0, 0)),
    (NetworkKind::L2Tunnel, "L2Tunnel", HnsVersion::new(0, 0)),
    (NetworkKind::Overlay, "Overlay", HnsVersion::new(0, 0)),
    (NetworkKind::Private, "Private", HnsVersion::new(0, 0)),
    (NetworkKind::Internal, "Internal", HnsVersion::new(0, 0)),
    (NetworkKind::Mirrored, "Mirrored", HnsVersion::new(10, 0)),
    (NetworkKind::Infiniband, "Infiniband", HnsVersion::new(10, 0)),
];

impl NetworkKind {
    /// The type of that name in any case.
    ///
    /// # Errors
    /// `HCN_E_INVALID_NETWORK_TYPE`.
    pub(crate) fn read(text: &str, version: HnsVersion) -> Outcome<Self> {
        KINDS
            .iter()
            .find(|(_, name, since)| name.eq_ignore_ascii_case(text) && version >= *since)
            .map(|(kind, ..)| *kind)
            .ok_or_else(|| Fault::new(HResult::HCN_E_INVALID_NETWORK_TYPE))
    }

    /// The spelling that clients compare with.
    pub(crate) fn name(self) -> &'static str {
        KINDS.iter().find(|(kind, ..)| *kind == self).map_or("NAT", |(_, name, _)| name)
    }

    /// Whether its switch has the host's NIC as uplink.
    pub(crate) fn is_external(self) -> bool {
        matches!(self, Self::Transparent | Self::L2Bridge | Self::L2Tunnel | Self::Overlay)
    }

    /// Whether its switch runs the Virtual Filtering Platform; such switches are shared.
    pub(crate) fn uses_vfp(self) -> bool {
        matches!(self, Self::L2Bridge | Self::L2Tunnel | Self::Overlay)
    }

    /// Whether the host is its gateway, on a vNIC of its own.
    pub(crate) fn has_host_gateway(self) -> bool {
        matches!(self, Self::Nat | Self::Ics | Self::Internal)
    }

    /// Whether HNS chooses a prefix where none is given.
    pub(crate) fn chooses_prefix(self) -> bool {
        matches!(self, Self::Nat | Self::Ics)
    }

    /// Whether it inherits the host's DNS servers.
    pub(crate) fn inherits_dns(self) -> bool {
        !matches!(self, Self::Overlay | Self::Private | Self::Internal)
    }

    /// Whether the management address shows as a `ProviderAddress` policy.
    pub(crate) fn shows_provider_address(self) -> bool {
        self.uses_vfp()
    }

    /// Whether endpoints get an `L2Driver` policy by themselves.
    pub(crate) fn adds_l2_driver(self) -> bool {
        matches!(self, Self::L2Bridge | Self::L2Tunnel)
    }

    /// Whether port mappings work on it.
    pub(crate) fn maps_ports(self) -> bool {
        matches!(self, Self::Nat | Self::Ics | Self::L2Bridge | Self::L2Tunnel | Self::Overlay)
    }

    /// Whether endpoints may be without an address of HNS: their segment has DHCP, or they have none.
    pub(crate) fn allows_no_subnet(self) -> bool {
        !matches!(self, Self::Nat | Self::Ics | Self::L2Bridge | Self::L2Tunnel | Self::Overlay)
    }

    /// Whether it carries traffic in this HNS.
    pub(crate) fn is_modelled(self) -> bool {
        !matches!(self, Self::Mirrored | Self::ConstrainedIcs | Self::Infiniband)
    }
}
