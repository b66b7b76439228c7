//! A network that is on the host before the program starts.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use winlab_document::{Document, doc};
use winlab_host::linux::Prefix;

/// The types of HNS networks, as HNS spells them (hcsshim `hcn/hcnnetwork.go`).
const TYPES: [&str; 8] =
    ["NAT", "L2Bridge", "Overlay", "Transparent", "L2Tunnel", "Internal", "Private", "ICS"];

/// The pod CIDR of a cluster's second node, where none is given.
const PREFIX: &str = "10.244.1.0/24";

/// The VXLAN network identifier that flannel uses on Windows.
const VNI: u32 = 4096;

/// A network to be made: `cbr0=L2Bridge` or `cbr0=L2Bridge,10.244.3.0/24`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkSpec {
    name: String,
    kind: &'static str,
    prefix: Prefix,
}

/// Text that is not a [`NetworkSpec`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NetworkSpecError {
    /// There is no `=`, or nothing before it.
    Form,
    /// HNS has no such type.
    Type(String),
    /// What is behind the comma is no IPv4 prefix with room for a gateway.
    Prefix(String),
}

impl fmt::Display for NetworkSpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form => {
                f.write_str("a network is given as NAME=TYPE or NAME=TYPE,PREFIX, such as cbr0=L2Bridge")
            }
            Self::Type(given) => {
                write!(f, "HNS has no network type `{given}`; its types are {}", TYPES.join(", "))
            }
            Self::Prefix(given) => write!(f, "`{given}` is not an IPv4 prefix such as {PREFIX}"),
        }
    }
}

impl std::error::Error for NetworkSpecError {}

impl FromStr for NetworkSpec {
    type Err = NetworkSpecError;

    fn from_str(text: &str) -> Result<Self, NetworkSpecError> {
        let (name, rest) =
            text.split_once('=').filter(|(name, _)| !name.is_empty()).ok_or(NetworkSpecError::Form)?;
        let (kind, prefix) = rest.split_once(',').unwrap_or((rest, PREFIX));
        let known = TYPES.into_iter().find(|known| known.eq_ignore_ascii_case(kind));
        let kind = known.ok_or_else(|| NetworkSpecError::Type(kind.to_owned()))?;
        let parsed: Option<Prefix> = prefix.parse().ok();
        let prefix = parsed
            .filter(|prefix| prefix.address.is_ipv4() && prefix.length <= 30)
            .ok_or_else(|| NetworkSpecError::Prefix(prefix.to_owned()))?;
        Ok(Self { name: name.to_owned(), kind, prefix })
    }
}

impl NetworkSpec {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The settings for `HcnCreateNetwork`.
    pub(crate) fn settings(&self) -> Document {
        let policies: Vec<Document> = if self.kind == "Overlay" {
            vec![doc!({"Type": "VSID", "Settings": {"IsolationId": VNI}})]
        } else {
            Vec::new()
        };
        let routes = vec![doc!({"NextHop": self.gateway().to_string(), "DestinationPrefix": "0.0.0.0/0"})];
        let subnet =
            doc!({"IpAddressPrefix": self.prefix.to_string(), "Policies": policies, "Routes": routes});
        doc!({
            "Name": self.name.as_str(),
            "Type": self.kind,
            "Ipams": [{"Type": "Static", "Subnets": [subnet]}],
            "SchemaVersion": {"Major": 2, "Minor": 0},
        })
    }

    /// The subnet's first address.
    fn gateway(&self) -> IpAddr {
        match self.prefix.address {
            IpAddr::V4(address) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.prefix.length)).unwrap_or_default();
                IpAddr::V4(((u32::from(address) & mask) + 1).into())
            }
            other @ IpAddr::V6(_) => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{NetworkSpec, NetworkSpecError};

    #[test]
    fn written_forms() {
        let spec: NetworkSpec = "cbr0=l2bridge".parse().unwrap();
        let settings = spec.settings();
        assert_eq!((spec.name(), settings.text(&["Type"])), ("cbr0", "L2Bridge"));
        let spec: NetworkSpec = "vx=Overlay,10.9.7.0/24".parse().unwrap();
        assert_eq!(spec.gateway().to_string(), "10.9.7.1");
        for (text, error) in [
            ("cbr0", NetworkSpecError::Form),
            ("=nat", NetworkSpecError::Form),
            ("a=bridge", NetworkSpecError::Type("bridge".into())),
            ("a=nat,10.0.0.0", NetworkSpecError::Prefix("10.0.0.0".into())),
            ("a=nat,fd00::/64", NetworkSpecError::Prefix("fd00::/64".into())),
        ] {
            assert_eq!(text.parse::<NetworkSpec>(), Err(error), "{text}");
        }
    }
}
