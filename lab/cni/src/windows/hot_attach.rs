//! Attaching an endpoint to a running container, dockershim's way (hcsshim `hnsendpoint.go`).

use winlab_component::WindowsMachine;
use winlab_document::{Document, doc};
use winlab_hcn::{Hns, HnsError};
use winlab_host::compute::{
    CloseComputeSystem, GetComputeSystemProperties, ModifyComputeSystem, OpenComputeSystem,
};
use winlab_host::{Ask, Fault, HResult};

/// Why a container was not changed.
#[derive(Debug, thiserror::Error)]
pub(super) enum ChangeContainerError {
    /// `ErrComputeSystemDoesNotExist`
    #[error("{}", HResult::HCS_E_SYSTEM_NOT_FOUND.message())]
    NoSystem,
    /// The endpoint could not be looked at.
    #[error("{0}")]
    Endpoint(#[from] HnsError),
    /// HCS refused.
    #[error("{}", .0.message)]
    Refused(Fault),
}

/// `HotAttachEndpoint`: nothing to do where the container has the endpoint already.
pub(super) async fn hot_attach(
    machine: &WindowsMachine,
    container: &str,
    endpoint: &str,
) -> Result<(), ChangeContainerError> {
    let hns = Hns::new(machine.network.clone());
    look(&hns, endpoint).await?;
    // A look that fails is taken for 'not attached'.
    if is_attached(&hns, container, endpoint).await.unwrap_or(false) {
        return Ok(());
    }
    modify(machine, container, endpoint, "Add").await
}

/// `HotDetachEndpoint`
pub(super) async fn hot_detach(
    machine: &WindowsMachine,
    container: &str,
    endpoint: &str,
) -> Result<(), ChangeContainerError> {
    let hns = Hns::new(machine.network.clone());
    look(&hns, endpoint).await?;
    if !is_attached(&hns, container, endpoint).await? {
        return Ok(());
    }
    modify(machine, container, endpoint, "Remove").await
}

async fn look(hns: &Hns, endpoint: &str) -> Result<Document, HnsError> {
    hns.call("GET", &format!("/endpoints/{endpoint}"), Document::Null).await
}

/// `IsAttached`: whether the text of the member has the id somewhere.
async fn is_attached(hns: &Hns, container: &str, endpoint: &str) -> Result<bool, HnsError> {
    let found = look(hns, endpoint).await?;
    let shared = found.get("SharedContainers").map(ToString::to_string).unwrap_or_default();
    Ok(shared.to_lowercase().contains(&container.to_lowercase()))
}

async fn modify(
    machine: &WindowsMachine,
    container: &str,
    endpoint: &str,
    request: &str,
) -> Result<(), ChangeContainerError> {
    let id = container.to_owned();
    if let Err(fault) = machine.compute.ask(OpenComputeSystem { id: id.clone() }).await {
        let is_absent =
            matches!(fault.code, HResult::ERROR_VMCOMPUTE_SYSTEM_NOT_FOUND | HResult::HCS_E_SYSTEM_NOT_FOUND);
        let is_absent = is_absent || fault.code == HResult::ERROR_NOT_FOUND;
        return Err(if is_absent {
            ChangeContainerError::NoSystem
        } else {
            ChangeContainerError::Refused(fault)
        });
    }
    let modified = modify_open(machine, &id, endpoint, request).await;
    // Upstream drops the outcome.
    let _ = machine.compute.ask(CloseComputeSystem { id }).await;
    modified.map_err(ChangeContainerError::Refused)
}

/// What hcsshim does with the handle: it asks what it is (`getCachedProperties`) before anything else.
async fn modify_open(
    machine: &WindowsMachine,
    container: &str,
    endpoint: &str,
    request: &str,
) -> Result<(), Fault> {
    let (id, query) = (container.to_owned(), Document::empty_object());
    machine.compute.ask(GetComputeSystemProperties { id: id.clone(), query }).await?;
    let configuration = doc!({"ResourceType": "Network", "RequestType": request, "Settings": endpoint});
    machine.compute.ask(ModifyComputeSystem { id, configuration }).await
}
