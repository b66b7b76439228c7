//! Networks.

use winlab_document::{Document, doc};
use winlab_host::network::{
    CreateNetwork, DeleteNetwork, EnumerateNetworks, ModifyNetwork, OpenNetwork, QueryNetworkProperties,
};
use winlab_host::{Ask, Guid};

use crate::error::HcnError;
use crate::hcn::{Hcn, default_query, failed, filtered, parse};

const INVALID_ID: &str = "invalid network ID";

impl Hcn {
    /// `ListNetworksQuery`
    async fn networks(&self, query: Document) -> Result<Vec<Document>, HcnError> {
        let ids = self.host.ask(EnumerateNetworks { query: query.clone() }).await;
        let mut networks = Vec::new();
        for id in ids.map_err(failed("hcnEnumerateNetworks"))? {
            self.host.ask(OpenNetwork { id }).await.map_err(failed("hcnOpenNetwork"))?;
            networks.push(self.query_network(id, query.clone()).await?);
        }
        Ok(networks)
    }

    async fn query_network(&self, id: Guid, query: Document) -> Result<Document, HcnError> {
        let network = self.host.ask(QueryNetworkProperties { id, query }).await;
        network.map_err(failed("hcnQueryNetworkProperties"))
    }

    /// `GetNetworkByName`: the first of that name.
    ///
    /// # Errors
    /// [`HcnError::NotFound`] if there is none.
    pub async fn network_by_name(&self, name: &str) -> Result<Document, HcnError> {
        let found = self.networks(filtered("Name", name)).await?.into_iter().next();
        found.ok_or_else(|| HcnError::NotFound(format!("Network name {name:?} not found")))
    }

    /// `GetNetworkByID`
    ///
    /// # Errors
    /// [`HcnError::NotFound`] if there is none.
    pub async fn network_by_id(&self, id: &str) -> Result<Document, HcnError> {
        let found = self.networks(filtered("ID", id)).await?.into_iter().next();
        found.ok_or_else(|| HcnError::NotFound(format!("Network ID {id:?} not found")))
    }

    /// `HostComputeNetwork.Create`: the network as HNS then shows it.
    ///
    /// # Errors
    /// As HNS refuses it.
    pub async fn create_network(&self, settings: Document) -> Result<Document, HcnError> {
        let id = self.host.ask(CreateNetwork { id: Guid::NIL, settings }).await;
        self.query_network(id.map_err(failed("hcnCreateNetwork"))?, default_query()).await
    }

    /// `HostComputeNetwork.Delete`
    ///
    /// # Errors
    /// As HNS refuses it.
    pub async fn delete_network(&self, id: &str) -> Result<(), HcnError> {
        let id = parse(id, INVALID_ID)?;
        self.host.ask(DeleteNetwork { id }).await.map_err(failed("hcnDeleteNetwork"))
    }

    /// `AddPolicy` and `RemovePolicy`, told apart by the request: `Add`, `Remove`.
    ///
    /// # Errors
    /// As HNS refuses it.
    pub async fn modify_network_policies(
        &self,
        id: &str,
        request: &str,
        policies: Document,
    ) -> Result<(), HcnError> {
        let id = parse(id, INVALID_ID)?;
        let settings =
            doc!({"ResourceType": "Policy", "RequestType": request, "Settings": {"Policies": policies}});
        self.host.ask(OpenNetwork { id }).await.map_err(failed("hcnOpenNetwork"))?;
        let modified = self.host.ask(ModifyNetwork { id, settings }).await;
        modified.map_err(failed("hcnModifyNetwork"))?;
        self.query_network(id, default_query()).await.map(drop)
    }
}
