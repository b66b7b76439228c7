//! Names of chains.

use sha2::{Digest, Sha256};

use crate::service::{Endpoint, ServicePortName};

/// The top-level chains.
pub(super) const SERVICES: &str = "KUBE-SERVICES";
pub(super) const EXTERNAL_SERVICES: &str = "KUBE-EXTERNAL-SERVICES";
pub(super) const NODE_PORTS: &str = "KUBE-NODEPORTS";
pub(super) const POSTROUTING: &str = "KUBE-POSTROUTING";
pub(super) const MARK_MASQ: &str = "KUBE-MARK-MASQ";
pub(super) const FORWARD: &str = "KUBE-FORWARD";
pub(super) const PROXY_FIREWALL: &str = "KUBE-PROXY-FIREWALL";
/// The kubelet's; kube-proxy writes the same rule into it.
pub(super) const KUBELET_FIREWALL: &str = "KUBE-FIREWALL";
/// Whoever flushes the tables takes this one too.
pub(super) const CANARY: &str = "KUBE-PROXY-CANARY";

const PREFIXES: [&str; 5] = ["KUBE-SVC-", "KUBE-SVL-", "KUBE-SEP-", "KUBE-FW-", "KUBE-EXT-"];

/// Whether a chain is one of a service or of an endpoint.
pub(super) fn is_of_service(chain: &str) -> bool {
    PREFIXES.iter().any(|prefix| chain.starts_with(prefix))
}

/// The chains of one service port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ServiceChains {
    /// `KUBE-SVC-`: any endpoint.
    pub(super) cluster: String,
    /// `KUBE-SVL-`: endpoints on this node.
    pub(super) local: String,
    /// `KUBE-FW-`: source ranges of a load balancer.
    pub(super) firewall: String,
    /// `KUBE-EXT-`: everything that comes from outside.
    pub(super) external: String,
}

impl ServiceChains {
    pub(super) fn of(name: &ServicePortName) -> Self {
        let hash = hash(&format!("{name}{}", name.protocol.lower()));
        Self {
            cluster: format!("KUBE-SVC-{hash}"),
            local: format!("KUBE-SVL-{hash}"),
            firewall: format!("KUBE-FW-{hash}"),
            external: format!("KUBE-EXT-{hash}"),
        }
    }
}

/// `KUBE-SEP-`: one endpoint of one service port.
pub(super) fn endpoint(name: &ServicePortName, endpoint: &Endpoint) -> String {
    format!("KUBE-SEP-{}", hash(&format!("{name}{}{endpoint}", name.protocol.lower())))
}

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The first 16 characters of the base 32 form of a SHA-256: names must be shorter than 29 characters.
fn hash(text: &str) -> String {
    let digest = Sha256::digest(text);
    let bits = digest[..10].iter().fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
    let digit = |at: u32| usize::try_from(bits >> (75 - 5 * at) & 31).unwrap_or_default();
    (0..16).map(|at| char::from(BASE32[digit(at)])).collect()
}

#[cfg(test)]
mod tests {
    use winlab_kube_client::ObjectKey;

    use super::{ServiceChains, is_of_service};
    use crate::service::{Protocol, ServicePortName};

    /// Well known from every cluster: the chain of the API server's own service.
    #[test]
    fn the_chain_of_the_kubernetes_service() {
        let name = ServicePortName {
            service: ObjectKey::namespaced("default", "kubernetes"),
            port: "https".into(),
            protocol: Protocol::Tcp,
        };
        let chains = ServiceChains::of(&name);
        assert_eq!(chains.cluster, "KUBE-SVC-NPX46M4PTMTKRN6Y");
        assert!(is_of_service(&chains.external) && !is_of_service("KUBE-SERVICES"));
    }

    #[test]
    fn the_chain_of_cluster_dns() {
        let name = ServicePortName {
            service: ObjectKey::namespaced("kube-system", "kube-dns"),
            port: "dns".into(),
            protocol: Protocol::Udp,
        };
        assert_eq!(ServiceChains::of(&name).cluster, "KUBE-SVC-TCOU7JCQXEZGVUNU");
    }
}
