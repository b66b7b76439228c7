//! `net-conf.json`.

use std::net::IpAddr;

use winlab_document::Document;
use winlab_host::linux::Prefix;

use crate::error::FlannelError;

/// What all nodes agree on. Member names count whatever their case, as Go's decoder reads them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NetConf {
    /// The pods of the whole cluster.
    pub(crate) network: Prefix,
    /// `Backend`, with its `Type`.
    pub(crate) backend: Document,
}

impl NetConf {
    pub(crate) fn parse(text: &str) -> Result<Self, FlannelError> {
        let conf = Document::parse(text).map_err(|error| FlannelError::Config(error.to_string()))?;
        let flag = |name: &str| conf.get_ignore_case(name).and_then(Document::as_bool);
        if flag("EnableIPv6") == Some(true) || flag("EnableIPv4") == Some(false) {
            return Err(FlannelError::NotModelled("IPv6 (EnableIPv6)"));
        }
        if flag("EnableNFTables") == Some(true) {
            return Err(FlannelError::NotModelled("nftables (EnableNFTables)"));
        }
        let network = conf.get_ignore_case("Network").and_then(Document::as_str).unwrap_or("0.0.0.0/0");
        let network = network
            .parse::<Prefix>()
            .map_err(|_| FlannelError::Config(format!("invalid CIDR address: {network}")))?;
        let backend = conf.get_ignore_case("Backend").cloned().unwrap_or_default();
        Ok(Self { network: network.network(), backend })
    }

    /// The backend's type; `udp` where nothing is said.
    pub(crate) fn backend_type(&self) -> &str {
        self.text("Type").unwrap_or(if self.backend.is_null() { "udp" } else { "" })
    }

    /// A text of the backend's configuration.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.backend.get_ignore_case(name)?.as_str()
    }

    /// A number of the backend's configuration.
    pub(crate) fn number(&self, name: &str) -> Option<u32> {
        u32::try_from(self.backend.get_ignore_case(name)?.as_u64()?).ok()
    }

    /// A switch of the backend's configuration.
    pub(crate) fn is_on(&self, name: &str) -> bool {
        self.backend.get_ignore_case(name).and_then(Document::as_bool).unwrap_or_default()
    }

    /// Whether a node's pods are pods of the cluster.
    pub(crate) fn holds(&self, pods: Prefix) -> bool {
        self.network.length != 0 && self.network.length <= pods.length && self.network.contains(pods.address)
    }
}

/// The address so many after the first of a prefix.
pub(crate) fn nth(prefix: Prefix, n: u32) -> IpAddr {
    match prefix.network().address {
        IpAddr::V4(address) => IpAddr::V4((address.to_bits().wrapping_add(n)).into()),
        IpAddr::V6(address) => IpAddr::V6((address.to_bits().wrapping_add(n.into())).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::{NetConf, nth};

    #[test]
    fn the_file_of_a_mixed_cluster() {
        let conf = NetConf::parse(
            r#"{"Network": "10.244.0.0/16", "Backend": {"type": "vxlan", "VNI": 4096, "Port": 4789}}"#,
        )
        .unwrap();
        assert_eq!((conf.backend_type(), conf.number("vni")), ("vxlan", Some(4096)));
        assert!(conf.holds("10.244.7.0/24".parse().unwrap()) && !conf.holds("10.0.0.0/8".parse().unwrap()));
        assert_eq!(nth("10.244.7.0/24".parse().unwrap(), 2).to_string(), "10.244.7.2");
    }

    #[test]
    fn what_is_not_modelled_says_so() {
        let error = NetConf::parse(r#"{"Network": "10.244.0.0/16", "EnableIPv6": true}"#).unwrap_err();
        assert!(error.to_string().starts_with("not modelled"), "{error}");
        assert!(NetConf::parse("{").is_err());
    }
}
