//! hcsshim's `hcn` package as far as the plugins use it: the same calls in the same order.

use winlab_document::{Document, doc};
use winlab_host::network::{
    CreateEndpoint, DeleteEndpoint, EnumerateEndpoints, EnumerateNetworks, ModifyNamespace, OpenEndpoint,
    OpenNamespace, OpenNetwork, QueryEndpointProperties, QueryNamespaceProperties, QueryNetworkProperties,
};
use winlab_host::{Ask, Fault, Guid, HResult, HostNetwork};

use crate::error::CniError;

/// How a call of the package fails.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum HcnError {
    /// `NetworkNotFoundError`, `EndpointNotFoundError`, or HNS's own ERROR_NOT_FOUND.
    NotFound(String),
    /// Anything else.
    Failed(String),
}

impl From<HcnError> for CniError {
    fn from(error: HcnError) -> Self {
        match error {
            HcnError::NotFound(text) | HcnError::Failed(text) => Self::new(text),
        }
    }
}

impl HcnError {
    /// As `checkForErrors` builds it: title, Windows's text, code, error record (`hcn/hcnerrors.go`).
    pub(crate) fn of(title: &str, fault: &Fault) -> Self {
        let code = match fault.code.0 {
            code if code & 0xffff_0000 == 0x8007_0000 => code & 0xffff,
            code => code,
        };
        let text = format!("{title} failed in Win32: {} ({code:#x}) {}", fault.message, fault.error_record());
        if fault.code == HResult::ERROR_NOT_FOUND { Self::NotFound(text) } else { Self::Failed(text) }
    }

    pub(crate) fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound(_))
    }
}

/// A query without filter.
pub(crate) fn default_query() -> Document {
    doc!({"SchemaVersion": {"Major": 2, "Minor": 0}})
}

fn name_query(name: &str) -> Document {
    default_query().with("Filter", doc!({"Name": name}).to_string())
}

/// `GetNetworkByName`
pub(crate) async fn network_by_name(host: &HostNetwork, name: &str) -> Result<Document, HcnError> {
    let query = name_query(name);
    let ids = host.ask(EnumerateNetworks { query: query.clone() }).await;
    let ids = ids.map_err(|fault| HcnError::of("hcnEnumerateNetworks", &fault))?;
    let id = *ids.first().ok_or_else(|| HcnError::NotFound(format!("Network name {name:?} not found")))?;
    host.ask(OpenNetwork { id }).await.map_err(|fault| HcnError::of("hcnOpenNetwork", &fault))?;
    let network = host.ask(QueryNetworkProperties { id, query }).await;
    network.map_err(|fault| HcnError::of("hcnQueryNetworkProperties", &fault))
}

/// `GetEndpointByName`
pub(crate) async fn endpoint_by_name(host: &HostNetwork, name: &str) -> Result<Document, HcnError> {
    let query = name_query(name);
    let ids = host.ask(EnumerateEndpoints { query: query.clone() }).await;
    let ids = ids.map_err(|fault| HcnError::of("hcnEnumerateEndpoints", &fault))?;
    let id = *ids.first().ok_or_else(|| HcnError::NotFound(format!("Endpoint name {name:?} not found")))?;
    host.ask(OpenEndpoint { id }).await.map_err(|fault| HcnError::of("hcnOpenEndpoint", &fault))?;
    let endpoint = host.ask(QueryEndpointProperties { id, query }).await;
    endpoint.map_err(|fault| HcnError::of("hcnQueryEndpointProperties", &fault))
}

/// `GetNamespaceByID`
pub(crate) async fn namespace_by_id(host: &HostNetwork, id: &str) -> Result<Document, HcnError> {
    let id = parse(id)?;
    host.ask(OpenNamespace { id }).await.map_err(|fault| HcnError::of("hcnOpenNamespace", &fault))?;
    let namespace = host.ask(QueryNamespaceProperties { id, query: default_query() }).await;
    namespace.map_err(|fault| HcnError::of("hcnQueryNamespaceProperties", &fault))
}

/// `HostComputeEndpoint.Create`
pub(crate) async fn create_endpoint(host: &HostNetwork, settings: Document) -> Result<Document, HcnError> {
    let network = parse(settings.text(&["HostComputeNetwork"]))?;
    let opened = host.ask(OpenNetwork { id: network }).await;
    opened.map_err(|fault| HcnError::of("hcnOpenNetwork", &fault))?;
    let id = host.ask(CreateEndpoint { network, id: Guid::NIL, settings }).await;
    let id = id.map_err(|fault| HcnError::of("hcnCreateEndpoint", &fault))?;
    let endpoint = host.ask(QueryEndpointProperties { id, query: default_query() }).await;
    endpoint.map_err(|fault| HcnError::of("hcnQueryEndpointProperties", &fault))
}

/// `HostComputeEndpoint.Delete`
pub(crate) async fn delete_endpoint(host: &HostNetwork, id: &str) -> Result<(), HcnError> {
    let id = parse(id)?;
    host.ask(DeleteEndpoint { id }).await.map_err(|fault| HcnError::of("hcnDeleteEndpoint", &fault))
}

/// `AddNamespaceEndpoint` and `RemoveNamespaceEndpoint`, told apart by the request: `Add`, `Remove`.
pub(crate) async fn modify_namespace_endpoint(
    host: &HostNetwork,
    namespace: &str,
    endpoint: &str,
    request: &str,
) -> Result<(), HcnError> {
    let id = parse(namespace)?;
    host.ask(OpenNamespace { id }).await.map_err(|fault| HcnError::of("hcnOpenNamespace", &fault))?;
    let settings = doc!({
        "ResourceType": "Endpoint", "RequestType": request, "Settings": {"EndpointId": endpoint},
    });
    let modified = host.ask(ModifyNamespace { id, settings }).await;
    modified.map_err(|fault| HcnError::of("hcnModifyNamespace", &fault))
}

fn parse(id: &str) -> Result<Guid, HcnError> {
    if id.is_empty() {
        return Ok(Guid::NIL);
    }
    id.parse().map_err(|_| HcnError::Failed(format!("Invalid GUID {id:?}")))
}

#[cfg(test)]
mod tests {
    use winlab_host::{Fault, HResult};

    use super::HcnError;

    #[test]
    fn errors_read_as_hcsshim_prints_them() {
        let error = HcnError::of("hcnCreateEndpoint", &Fault::new(HResult::E_INVALIDARG));
        assert_eq!(
            error,
            HcnError::Failed(
                r#"hcnCreateEndpoint failed in Win32: The parameter is incorrect. (0x57) {"Success":false,"Error":"The parameter is incorrect. ","ErrorCode":2147942487}"#.into()
            )
        );
        assert!(HcnError::of("hcnOpenNamespace", &Fault::new(HResult::ERROR_NOT_FOUND)).is_not_found());
    }
}
