//! Namespaces.

use winlab_document::{Document, doc};
use winlab_host::network::{ModifyNamespace, OpenNamespace, QueryNamespaceProperties};
use winlab_host::{Ask, Guid};

use crate::error::HcnError;
use crate::hcn::{Hcn, default_query, failed, parse};

impl Hcn {
    async fn open_namespace(&self, id: &str) -> Result<Guid, HcnError> {
        // An endpoint that is in none has no id of one; HNS knows no namespace with the nil GUID.
        let id = if id.is_empty() { Guid::NIL } else { parse(id, "invalid namespace ID")? };
        self.host.ask(OpenNamespace { id }).await.map_err(failed("hcnOpenNamespace"))?;
        Ok(id)
    }

    /// `GetNamespaceByID`
    ///
    /// # Errors
    /// As HNS refuses it: [`HcnError::is_not_found`] if there is none.
    pub async fn namespace_by_id(&self, id: &str) -> Result<Document, HcnError> {
        let id = self.open_namespace(id).await?;
        let namespace = self.host.ask(QueryNamespaceProperties { id, query: default_query() }).await;
        namespace.map_err(failed("hcnQueryNamespaceProperties"))
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
        let id = self.open_namespace(namespace).await?;
        let settings = doc!({
            "ResourceType": "Endpoint", "RequestType": request, "Settings": {"EndpointId": endpoint},
        });
        let modified = self.host.ask(ModifyNamespace { id, settings }).await;
        modified.map_err(failed("hcnModifyNamespace"))
    }
}
