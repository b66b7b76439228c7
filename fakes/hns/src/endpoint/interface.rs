//! An endpoint as the interface its compartment shows.

use winlab_host::Guid;

use crate::effect::Interface;
use crate::hns::Hns;
use crate::members::Members;
use crate::network::NetworkKind;

/// Without an encapsulation overhead.
const MTU: u32 = 1500;
/// What VXLAN puts around each packet.
const VXLAN_OVERHEAD: u64 = 50;

impl Hns {
    /// The interface of an endpoint.
    pub(crate) fn interface(&self, id: Guid) -> Option<Interface> {
        let endpoint = self.endpoints.get(id)?;
        let details = endpoint.details();
        let gateways = details
            .routes
            .items()
            .iter()
            .filter(|route| matches!(route.string("DestinationPrefix"), "0.0.0.0/0" | "::/0"));
        let setting = |policy: &str, member: &str| {
            endpoint.policies.of(policy).next().and_then(|p| p.member("Settings").integer(member))
        };
        let network = self.networks.at(endpoint.network)?;
        let overlay = if network.kind == NetworkKind::Overlay { VXLAN_OVERHEAD } else { 0 };
        let overhead = setting("EncapOverhead", "Overhead").unwrap_or(overlay);
        let mtu = setting("InterfaceParameters", "Mtu").unwrap_or(u64::from(MTU)).saturating_sub(overhead);
        let suffix = details.dns.string("Domain");
        let suffix = if suffix.is_empty() { details.dns.string("Suffix") } else { suffix };
        Some(Interface {
            endpoint: id,
            name: format!("vEthernet ({})", endpoint.name),
            mac: endpoint.mac,
            addresses: endpoint.addresses().copied().collect(),
            gateways: gateways.filter_map(|route| route.string("NextHop").parse().ok()).collect(),
            dns_domain: suffix.to_owned(),
            dns_search: details.dns.strings("Search"),
            dns_servers: details.dns.strings("ServerList"),
            mtu: u32::try_from(mtu).unwrap_or(MTU),
        })
    }
}
