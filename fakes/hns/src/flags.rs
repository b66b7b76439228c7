//! Flags, which HNS writes as numbers and reads as numbers or by their documented names.

use winlab_document::Document;
use winlab_host::HResult;

use crate::members::{Members, Outcome, refuse};

/// `NetworkFlags` of Microsoft's HCN schema.
pub(crate) const NETWORK: &[(&str, u32)] = &[
    ("None", 0),
    ("EnableDnsProxy", 1),
    ("EnableDhcpServer", 2),
    ("EnableMirroring", 4),
    ("EnableNonPersistent", 8),
    ("DisableHostPort", 1024),
    ("EnableIov", 8192),
];
/// Vanishes at a reboot.
pub(crate) const NETWORK_NON_PERSISTENT: u32 = 8;
/// No host vNIC: the adapter's addresses are not taken over.
pub(crate) const NETWORK_DISABLE_HOST_PORT: u32 = 1024;

/// `EndpointFlags`.
pub(crate) const ENDPOINT: &[(&str, u32)] = &[
    ("None", 0),
    ("RemoteEndpoint", 1),
    ("DisableICC", 2),
    ("EnableMirroring", 4),
    ("EnableLowInterfaceMetric", 8),
    ("OverrideDNSServerOrder", 16),
    ("EnableDhcp", 32),
];
/// Lives on another host, or is a service address.
pub(crate) const ENDPOINT_REMOTE: u32 = 1;

/// `LoadBalancerFlags`.
pub(crate) const LOAD_BALANCER: &[(&str, u32)] = &[("None", 0), ("EnableDirectServerReturn", 1), ("IPv6", 2)];
/// Replies go from the backend to the client directly.
pub(crate) const LOAD_BALANCER_DSR: u32 = 1;
/// The load balancer is of the IPv6 family.
pub(crate) const LOAD_BALANCER_IPV6: u32 = 2;

/// `LoadBalancerPortMappingFlags`.
pub(crate) const PORT_MAPPING: &[(&str, u32)] = &[
    ("None", 0),
    ("EnableInternalLoadBalancer", 1),
    ("LocalRoutedVip", 2),
    ("NotUsed", 4),
    ("EnablePreserveDip", 8),
    ("VipExternalIP", 16),
];
/// Reachable through the node's own addresses.
pub(crate) const PORT_MAPPING_ILB: u32 = 1;

/// `SubnetFlags`.
pub(crate) const SUBNET: &[(&str, u32)] = &[("None", 0), ("DoNotReserveGatewayAddress", 1)];
/// The gateway's address may be given to an endpoint.
pub(crate) const SUBNET_FREE_GATEWAY: u32 = 1;

/// `IPSubnetFlags`.
pub(crate) const IP_SUBNET: &[(&str, u32)] =
    &[("None", 0), ("EnableBroadcast", 1), ("ReserveNetworkAddress", 2)];
/// The last address is the broadcast address.
pub(crate) const IP_SUBNET_BROADCAST: u32 = 1;
/// The first address is not given away.
pub(crate) const IP_SUBNET_RESERVE_NETWORK: u32 = 2;
/// What HNS sets where nothing is said.
pub(crate) const IP_SUBNET_DEFAULT: u32 = IP_SUBNET_BROADCAST | IP_SUBNET_RESERVE_NETWORK;

/// Reads `Flags`: a number, a name, or names separated by commas.
///
/// # Errors
/// `E_INVALIDARG` for anything else.
pub(crate) fn read(document: &Document, names: &[(&str, u32)]) -> Outcome<u32> {
    match document.member("Flags") {
        Document::Null => Ok(0),
        Document::Number(n) => n.as_u64().and_then(|n| u32::try_from(n).ok()).map_or_else(invalid, Ok),
        Document::String(text) => text
            .split(',')
            .map(|name| by_name(name.trim(), names))
            .try_fold(0, |flags, flag| flag.map_or_else(invalid, |flag| Ok(flags | flag))),
        _ => invalid(),
    }
}

fn by_name(name: &str, names: &[(&str, u32)]) -> Option<u32> {
    names.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, flag)| *flag)
}

fn invalid() -> Outcome<u32> {
    refuse(HResult::E_INVALIDARG)
}

#[cfg(test)]
mod tests {
    use winlab_document::doc;

    use super::{NETWORK, read};

    #[test]
    fn numbers_and_names() {
        assert_eq!(read(&doc!({"Flags": 8}), NETWORK).unwrap(), 8);
        assert_eq!(read(&doc!({"Flags": "EnableNonPersistent, EnableIov"}), NETWORK).unwrap(), 8200);
        assert_eq!(read(&doc!({}), NETWORK).unwrap(), 0);
        assert!(read(&doc!({"Flags": "Enabled"}), NETWORK).is_err());
        assert!(read(&doc!({"Flags": -1}), NETWORK).is_err());
    }
}
