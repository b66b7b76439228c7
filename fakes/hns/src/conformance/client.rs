//! Calls in the sequences hcsshim makes them in.

use winlab_document::{Document, doc};
use winlab_host::network::{
    CreateEndpoint, CreateLoadBalancer, CreateNamespace, CreateNetwork, CreateSdnRoute, DeleteEndpoint,
    DeleteLoadBalancer, DeleteNamespace, DeleteNetwork, DeleteSdnRoute, EnumerateEndpoints,
    EnumerateLoadBalancers, EnumerateNamespaces, EnumerateNetworks, EnumerateSdnRoutes, HnsCall,
    ModifyEndpoint, ModifyLoadBalancer, ModifyNamespace, ModifyNetwork, ModifySdnRoute, OpenEndpoint,
    OpenLoadBalancer, OpenNamespace, OpenNetwork, OpenSdnRoute, QueryEndpointProperties,
    QueryLoadBalancerProperties, QueryNamespaceProperties, QueryNetworkProperties, QuerySdnRouteProperties,
};
use winlab_host::{Ask as _, Fault, Guid, HResult, HostNetwork};

/// A client of the boundary with hcsshim's habits.
#[derive(Clone, Copy)]
pub struct Hcn<'a>(
    /// The host.
    pub &'a HostNetwork,
);

impl std::fmt::Debug for Hcn<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hcn").finish_non_exhaustive()
    }
}

/// The id in a document.
pub(super) fn id(document: &Document) -> Guid {
    document.text(&["ID"]).parse().unwrap_or_default()
}

/// A query for objects whose members are these.
pub(super) fn filter(members: &Document) -> Document {
    doc!({"SchemaVersion": {"Major": 2, "Minor": 0}, "Flags": 0, "Filter": members.to_string()})
}

/// A query for everything.
pub(super) fn everything() -> Document {
    doc!({"SchemaVersion": {"Major": 2, "Minor": 0}, "Flags": 0})
}

macro_rules! objects {
    ($( $list:ident, $create:ident, $modify:ident, $delete:ident, $get:ident:
        $enumerate:ident, $open:ident, $query:ident, $make:ident, $change:ident, $remove:ident; )*) => {
        impl Hcn<'_> { $(
            /// The documents that match a query: enumerate, then open and query each with the same query.
            ///
            /// # Errors
            /// The first call's that fails.
            pub async fn $list(&self, query: &Document) -> Result<Vec<Document>, Fault> {
                let mut found = Vec::new();
                for id in self.0.ask($enumerate { query: query.clone() }).await? {
                    self.0.ask($open { id }).await?;
                    found.push(self.0.ask($query { id, query: query.clone() }).await?);
                }
                Ok(found)
            }

            /// Creates an object with a nil id and reads it back.
            ///
            /// # Errors
            /// The first call's that fails.
            pub async fn $create(&self, settings: &Document) -> Result<Document, Fault> {
                let id = self.0.ask($make { id: Guid::NIL, settings: settings.clone() }).await?;
                self.$get(id).await
            }

            /// Opens an object, modifies it and reads it back.
            ///
            /// # Errors
            /// The first call's that fails.
            pub async fn $modify(&self, id: Guid, settings: &Document) -> Result<Document, Fault> {
                self.0.ask($open { id }).await?;
                self.0.ask($change { id, settings: settings.clone() }).await?;
                self.$get(id).await
            }

            /// Removes an object.
            ///
            /// # Errors
            /// The call's.
            pub async fn $delete(&self, id: Guid) -> Result<(), Fault> {
                self.0.ask($remove { id }).await
            }

            /// Reads an object.
            ///
            /// # Errors
            /// The call's.
            pub async fn $get(&self, id: Guid) -> Result<Document, Fault> {
                self.0.ask($query { id, query: everything() }).await
            }
        )* }
    };
}

/// Endpoints are created on a network, so their row of the table has other arguments.
struct MakeEndpoint {
    id: Guid,
    settings: Document,
}

impl winlab_host::Request<winlab_host::network::Network> for MakeEndpoint {
    type Output = Guid;

    fn into_call(self) -> winlab_host::network::Call {
        let network = self.settings.text(&["HostComputeNetwork"]).parse().unwrap_or_default();
        CreateEndpoint { network, id: self.id, settings: self.settings }.into_call()
    }

    fn output(answer: winlab_host::network::Answer) -> Option<Guid> {
        CreateEndpoint::output(answer)
    }
}

objects! {
    networks, create_network, modify_network, delete_network, network:
        EnumerateNetworks, OpenNetwork, QueryNetworkProperties, CreateNetwork, ModifyNetwork, DeleteNetwork;
    endpoints, create_endpoint_on, modify_endpoint, delete_endpoint, endpoint:
        EnumerateEndpoints, OpenEndpoint, QueryEndpointProperties, MakeEndpoint, ModifyEndpoint, DeleteEndpoint;
    namespaces, create_namespace, modify_namespace, delete_namespace, namespace:
        EnumerateNamespaces, OpenNamespace, QueryNamespaceProperties, CreateNamespace, ModifyNamespace,
        DeleteNamespace;
    load_balancers, create_load_balancer, modify_load_balancer, delete_load_balancer, load_balancer:
        EnumerateLoadBalancers, OpenLoadBalancer, QueryLoadBalancerProperties, CreateLoadBalancer,
        ModifyLoadBalancer, DeleteLoadBalancer;
    routes, create_route, modify_route, delete_route, route:
        EnumerateSdnRoutes, OpenSdnRoute, QuerySdnRouteProperties, CreateSdnRoute, ModifySdnRoute, DeleteSdnRoute;
}

impl Hcn<'_> {
    /// Creates an endpoint on a network.
    ///
    /// # Errors
    /// The first call's that fails.
    pub async fn create_endpoint(&self, network: &Document, settings: &Document) -> Result<Document, Fault> {
        let network = id(network);
        self.0.ask(OpenNetwork { id: network }).await?;
        self.create_endpoint_on(&settings.clone().with("HostComputeNetwork", network)).await
    }

    /// A V1 call's output; its failures as faults.
    ///
    /// # Errors
    /// The call's, or that in its response.
    pub async fn v1(&self, method: &str, path: &str, body: Document) -> Result<Document, Fault> {
        let response = self.0.ask(HnsCall { method: method.into(), path: path.into(), body }).await?;
        if response.get("Success").and_then(Document::as_bool) == Some(true) {
            return Ok(response.get("Output").cloned().unwrap_or_default());
        }
        let code =
            response.get("ErrorCode").and_then(Document::as_u64).and_then(|code| u32::try_from(code).ok());
        Err(Fault::because(code.map_or(HResult::E_FAIL, HResult), response.text(&["Error"]).trim()))
    }

    /// Removes the network of a name, if there is one: hcsshim's tests begin so.
    ///
    /// # Errors
    /// The first call's that fails.
    pub async fn clean_up(&self, name: &str) -> Result<(), Fault> {
        for network in self.networks(&filter(&doc!({"Name": name}))).await? {
            self.delete_network(id(&network)).await?;
        }
        Ok(())
    }
}
