//! The HNS network of the pods.

use winlab_document::Document;
use winlab_hcn::{Hcn, HcnError};
use winlab_host::linux::Prefix;

/// `hnsNetworkInfo`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct NetworkInfo {
    pub(super) name: String,
    pub(super) id: String,
    kind: String,
    remote_subnets: Vec<RemoteSubnet>,
}

/// Where the pods of another node are (`RemoteSubnetRoute`).
#[derive(Debug, Clone, PartialEq, Eq)]
struct RemoteSubnet {
    prefix: String,
    provider_address: String,
}

impl NetworkInfo {
    /// `getNetworkByName`
    pub(super) async fn by_name(hcn: &Hcn, name: &str) -> Result<Self, HcnError> {
        let network = hcn.network_by_name(name).await?;
        let policies = network.get("Policies").map(Document::items).unwrap_or_default();
        let routes = policies.iter().filter(|policy| policy.text(&["Type"]) == "RemoteSubnetRoute");
        let remote_subnets = routes.map(|policy| RemoteSubnet {
            prefix: policy.text(&["Settings", "DestinationPrefix"]).to_owned(),
            provider_address: policy.text(&["Settings", "ProviderAddress"]).to_owned(),
        });
        let kind = network.text(&["Type"]);
        Ok(Self {
            name: network.text(&["Name"]).to_owned(),
            id: network.text(&["ID"]).to_owned(),
            // HNS leaves out the type of a NAT network.
            kind: if kind.is_empty() { "NAT".to_owned() } else { kind.to_owned() },
            remote_subnets: remote_subnets.collect(),
        })
    }

    pub(super) fn is_overlay(&self) -> bool {
        self.kind.eq_ignore_ascii_case("overlay")
    }

    /// The node that an address belongs to, its pods' or its own; the last route that fits decides.
    pub(super) fn provider_address(&self, address: &str) -> Option<&str> {
        let ip = address.parse().ok();
        let fits = |subnet: &&RemoteSubnet| {
            let inside = subnet.prefix.parse::<Prefix>().ok().zip(ip);
            inside.is_some_and(|(prefix, ip)| prefix.contains(ip)) || subnet.provider_address == address
        };
        self.remote_subnets.iter().rev().find(fits).map(|subnet| subnet.provider_address.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::{NetworkInfo, RemoteSubnet};

    #[test]
    fn pods_and_nodes_have_a_provider_address_the_rest_of_the_world_has_none() {
        let network = NetworkInfo {
            remote_subnets: vec![RemoteSubnet {
                prefix: "10.244.2.0/24".into(),
                provider_address: "192.168.1.12".into(),
            }],
            ..NetworkInfo::default()
        };
        assert_eq!(network.provider_address("10.244.2.9"), Some("192.168.1.12"));
        assert_eq!(network.provider_address("192.168.1.12"), Some("192.168.1.12"));
        assert_eq!(network.provider_address("10.244.3.9"), None);
    }
}
