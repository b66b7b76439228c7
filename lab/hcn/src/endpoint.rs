//! Endpoints.

use winlab_document::Document;
use winlab_host::network::{
    CreateEndpoint, DeleteEndpoint, EnumerateEndpoints, OpenEndpoint, OpenNetwork, QueryEndpointProperties,
};
use winlab_host::{Ask, Guid};

use crate::error::HcnError;
use crate::hcn::{Hcn, default_query, failed, filtered, parse};

impl Hcn {
    /// `ListEndpointsQuery`
    async fn endpoints(&self, query: Document) -> Result<Vec<Document>, HcnError> {
        let ids = self.host.ask(EnumerateEndpoints { query: query.clone() }).await;
        let mut endpoints = Vec::new();
        for id in ids.map_err(failed("hcnEnumerateEndpoints"))? {
            self.host.ask(OpenEndpoint { id }).await.map_err(failed("hcnOpenEndpoint"))?;
            endpoints.push(self.query_endpoint(id, query.clone()).await?);
        }
        Ok(endpoints)
    }

    async fn query_endpoint(&self, id: Guid, query: Document) -> Result<Document, HcnError> {
        let endpoint = self.host.ask(QueryEndpointProperties { id, query }).await;
        endpoint.map_err(failed("hcnQueryEndpointProperties"))
    }

    /// `ListEndpointsOfNetwork`; the filter has V1's member name.
    ///
    /// # Errors
    /// As HNS refuses it; also if an endpoint vanishes while the list is made.
    pub async fn endpoints_of_network(&self, network: &str) -> Result<Vec<Document>, HcnError> {
        self.endpoints(filtered("VirtualNetwork", network)).await
    }

    /// `GetEndpointByID`
    ///
    /// # Errors
    /// [`HcnError::NotFound`] if there is none.
    pub async fn endpoint_by_id(&self, id: &str) -> Result<Document, HcnError> {
        let found = self.endpoints(filtered("ID", id)).await?.into_iter().next();
        found.ok_or_else(|| HcnError::NotFound(format!("Endpoint ID {id:?} not found")))
    }

    /// `GetEndpointByName`: the first of that name.
    ///
    /// # Errors
    /// [`HcnError::NotFound`] if there is none.
    pub async fn endpoint_by_name(&self, name: &str) -> Result<Document, HcnError> {
        let found = self.endpoints(filtered("Name", name)).await?.into_iter().next();
        found.ok_or_else(|| HcnError::NotFound(format!("Endpoint name {name:?} not found")))
    }

    /// `HostComputeNetwork.CreateEndpoint`: the endpoint as HNS then shows it.
    ///
    /// # Errors
    /// As HNS refuses it.
    pub async fn create_endpoint(&self, network: &str, settings: Document) -> Result<Document, HcnError> {
        let network = parse(network, "invalid network ID")?;
        self.host.ask(OpenNetwork { id: network }).await.map_err(failed("hcnOpenNetwork"))?;
        let id = self.host.ask(CreateEndpoint { network, id: Guid::NIL, settings }).await;
        self.query_endpoint(id.map_err(failed("hcnCreateEndpoint"))?, default_query()).await
    }

    /// `HostComputeEndpoint.Delete`
    ///
    /// # Errors
    /// As HNS refuses it.
    pub async fn delete_endpoint(&self, id: &str) -> Result<(), HcnError> {
        let id = parse(id, "invalid endpoint ID")?;
        self.host.ask(DeleteEndpoint { id }).await.map_err(failed("hcnDeleteEndpoint"))
    }
}
