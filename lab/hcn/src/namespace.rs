//! Namespaces.

use winlab_document::{Document, doc};
use winlab_host::network::{EnumerateNamespaces, ModifyNamespace, OpenNamespace, QueryNamespaceProperties};
use winlab_host::{Ask, Guid};

use crate::error::HcnError;
use crate::hcn::{Hcn, default_query, failed, filtered, parse};

impl Hcn {
    /// `ListNamespacesQuery`
    async fn namespaces(&self, query: Document) -> Result<Vec<Document>, HcnError> {
        let ids = self.host.ask(EnumerateNamespaces { query: query.clone() }).await;
        let mut namespaces = Vec::new();
        for id in ids.map_err(failed("hcnEnumerateNamespaces"))? {
            self.host.ask(OpenNamespace { id }).await.map_err(failed("hcnOpenNamespace"))?;
            namespaces.push(self.query_namespace(id, query.clone()).await?);
        }
        Ok(namespaces)
    }

    async fn query_namespace(&self, id: Guid, query: Document) -> Result<Document, HcnError> {
        let namespace = self.host.ask(QueryNamespaceProperties { id, query }).await;
        namespace.map_err(failed("hcnQueryNamespaceProperties"))
    }

    /// `GetNamespaceByID`
    ///
    /// # Errors
    /// [`HcnError::NotFound`] if there is none.
    pub async fn namespace_by_id(&self, id: &str) -> Result<Document, HcnError> {
        let found = self.namespaces(filtered("ID", id)).await?.into_iter().next();
        found.ok_or_else(|| HcnError::NotFound(format!("Namespace ID {id:?} not found")))
    }

    /// `AddNamespaceEndpoint` and `RemoveNamespaceEndpoint`, told apart by the request: `Add`, `Remove`.
    ///
    /// # Errors
    /// As HNS refuses it.
    pub async fn modify_namespace_endpoint(
        &self,
        namespace: &str,
        endpoint: &str,
        request: &str,
    ) -> Result<(), HcnError> {
        let id = parse(namespace, "invalid namespace ID")?;
        self.host.ask(OpenNamespace { id }).await.map_err(failed("hcnOpenNamespace"))?;
        let settings = doc!({
            "ResourceType": "Endpoint", "RequestType": request, "Settings": {"EndpointId": endpoint},
        });
        let modified = self.host.ask(ModifyNamespace { id, settings }).await;
        modified.map_err(failed("hcnModifyNamespace"))?;
        self.query_namespace(id, default_query()).await.map(drop)
    }
}
