//! Flags of load balancers.

/// `loadBalancerFlags`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Flags {
    pub(super) dsr: bool,
    pub(super) vip_external_ip: bool,
    pub(super) local_routed_vip: bool,
    pub(super) use_mux: bool,
    pub(super) preserve_dip: bool,
    pub(super) session_affinity: bool,
    pub(super) ipv6: bool,
}

impl Flags {
    /// `Flags` of the load balancer: 1 EnableDirectServerReturn, 2 IPv6.
    pub(super) fn of_load_balancer(self) -> u32 {
        u32::from(self.dsr) | u32::from(self.ipv6) << 1
    }

    /// `Flags` of its port mapping: 2 LocalRoutedVIP, 4 UseMux, 8 PreserveDIP, 16 VipExternalIP.
    pub(super) fn of_port_mapping(self) -> u32 {
        u32::from(self.local_routed_vip) << 1
            | u32::from(self.use_mux) << 2
            | u32::from(self.preserve_dip) << 3
            | u32::from(self.vip_external_ip) << 4
    }

    /// `DistributionType`: 2 keeps a client address with its endpoint.
    pub(super) fn distribution(self) -> u32 {
        if self.session_affinity { 2 } else { 0 }
    }
}
