//! hcsshim's V1 calls as far as the plugins use them (`internal/hns`).

use winlab_document::{Document, doc};
use winlab_host::compute::{ModifyComputeSystem, OpenComputeSystem};
use winlab_host::network::HnsCall;
use winlab_host::{Ask, HResult, HostCompute, HostNetwork};

use crate::error::CniError;

/// `hnsCall`: one request and its `Output`.
pub(crate) async fn call(
    host: &HostNetwork,
    method: &str,
    path: &str,
    body: Document,
) -> Result<Document, CniError> {
    let request = HnsCall { method: method.into(), path: path.into(), body };
    let response =
        host.ask(request).await.map_err(|fault| CniError::new(format!("hnsCall failed: {fault}")))?;
    if response.get("Success").and_then(Document::as_bool) == Some(true) {
        return Ok(response.get("Output").cloned().unwrap_or_default());
    }
    Err(CniError::new(format!("hnsCall failed: {}", response.text(&["Error"]).trim_end())))
}

/// `GetHNSNetworkByName`
pub(crate) async fn network_by_name(host: &HostNetwork, name: &str) -> Result<Document, CniError> {
    let networks = call(host, "GET", "/networks/", Document::Null).await?;
    let found = networks.items().iter().find(|network| network.text(&["Name"]) == name);
    found.cloned().ok_or_else(|| CniError::new(format!("Network {name} not found")))
}

/// `GetHNSEndpointByName`; `None` where hcsshim answers `EndpointNotFoundError`.
pub(crate) async fn endpoint_by_name(host: &HostNetwork, name: &str) -> Result<Option<Document>, CniError> {
    let endpoints = call(host, "GET", "/endpoints/", Document::Null).await?;
    Ok(endpoints.items().iter().find(|endpoint| endpoint.text(&["Name"]) == name).cloned())
}

/// What became of a hot attach.
pub(crate) enum Attach {
    Done,
    NoSystem,
    Failed(String),
}

/// `HotAttachEndpoint`: nothing to do where the container shares the endpoint already, else a change of the running
/// compute system.
pub(crate) async fn hot_attach(
    network: &HostNetwork,
    compute: &HostCompute,
    container: &str,
    endpoint: &str,
) -> Attach {
    let found = match call(network, "GET", &format!("/endpoints/{endpoint}"), Document::Null).await {
        Ok(found) => found,
        Err(error) => return Attach::Failed(error.msg),
    };
    if is_shared_with(&found, container) {
        Attach::Done
    } else {
        modify(compute, container, endpoint, "Add").await
    }
}

/// `HotDetachEndpoint`; its errors are ignored by every caller.
pub(crate) async fn hot_detach(
    network: &HostNetwork,
    compute: &HostCompute,
    container: &str,
    endpoint: &str,
) {
    if let Ok(found) = call(network, "GET", &format!("/endpoints/{endpoint}"), Document::Null).await
        && is_shared_with(&found, container)
    {
        modify(compute, container, endpoint, "Remove").await;
    }
}

fn is_shared_with(endpoint: &Document, container: &str) -> bool {
    let shared = endpoint.get("SharedContainers").map(Document::items).unwrap_or_default();
    shared.iter().any(|id| id.as_str() == Some(container))
}

async fn modify(compute: &HostCompute, container: &str, endpoint: &str, request: &str) -> Attach {
    let id = container.to_owned();
    let opened = compute.ask(OpenComputeSystem { id: id.clone() }).await;
    let done = match opened {
        Ok(()) => {
            let configuration =
                doc!({"ResourceType": "Network", "RequestType": request, "Settings": endpoint});
            compute.ask(ModifyComputeSystem { id, configuration }).await
        }
        other => other,
    };
    match done {
        Ok(()) => Attach::Done,
        Err(fault)
            if matches!(
                fault.code,
                HResult::ERROR_VMCOMPUTE_SYSTEM_NOT_FOUND
                    | HResult::HCS_E_SYSTEM_NOT_FOUND
                    | HResult::ERROR_NOT_FOUND
            ) =>
        {
            Attach::NoSystem
        }
        Err(fault) => Attach::Failed(fault.to_string()),
    }
}
