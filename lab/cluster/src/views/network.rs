//! HNS objects of a node.

use winlab_document::{Document, doc};
use winlab_host::Ask;
use winlab_host::network::{
    EnumerateEndpoints, EnumerateLoadBalancers, EnumerateNamespaces, EnumerateNetworks, EnumerateSdnRoutes,
    QueryEndpointProperties, QueryLoadBalancerProperties, QueryNamespaceProperties, QueryNetworkProperties,
    QuerySdnRouteProperties,
};

use crate::error::LabError;
use crate::lab::Lab;

/// All objects of a kind, as `hnsdiag list` goes through them.
macro_rules! list {
    ($hns:expr, $enumerate:ident, $query:ident) => {{
        let mut found = Vec::new();
        for id in $hns.ask($enumerate { query: Document::Null }).await? {
            // An object that goes away between the two calls is not in the list.
            if let Ok(document) = $hns.ask($query { id, query: doc!({}) }).await {
                found.push(document);
            }
        }
        Ok::<_, winlab_host::Fault>(found)
    }};
}

impl Lab {
    /// HNS objects of a Windows node in their V2 form: `networks`, `endpoints`, `namespaces`, `loadbalancers`,
    /// `routes`.
    ///
    /// # Errors
    /// That the node has no HNS, or HNS's own words.
    pub async fn hns(&self, node: &str, kind: &str) -> Result<Vec<Document>, LabError> {
        let node = self.node(node)?;
        let what = format!("looking at the HNS {kind} of {}", node.spec.name);
        let Some(host) = node.host.windows() else {
            return Err(LabError::new(what, "the node runs Linux, HNS is a part of Windows"));
        };
        let hns = host.network();
        let found = async {
            match kind {
                "networks" => list!(hns, EnumerateNetworks, QueryNetworkProperties),
                "endpoints" => list!(hns, EnumerateEndpoints, QueryEndpointProperties),
                "namespaces" => list!(hns, EnumerateNamespaces, QueryNamespaceProperties),
                "loadbalancers" => list!(hns, EnumerateLoadBalancers, QueryLoadBalancerProperties),
                _ => list!(hns, EnumerateSdnRoutes, QuerySdnRouteProperties),
            }
        };
        found.await.map_err(|fault| LabError::new(what, fault))
    }
}
