//! A pod's HNS namespace (containerd `pkg/netns/netns_windows.go`).

use winlab_document::doc;
use winlab_host::network::{CreateNamespace, DeleteNamespace, OpenNamespace};
use winlab_host::{Ask, Guid, HResult, HostNetwork};

use crate::cri::CriError;

/// `NewNetNS`: its GUID as text, which CNI gets as network namespace.
pub(super) async fn create(host: &HostNetwork) -> Result<String, CriError> {
    let settings = doc!({"SchemaVersion": {"Major": 2, "Minor": 0}});
    let made = host.ask(CreateNamespace { id: Guid::NIL, settings }).await;
    let id =
        made.map_err(|fault| CriError::unknown(format!("hcnCreateNamespace failed in Win32: {fault}")))?;
    Ok(id.to_string())
}

/// `NetNS.Remove`: one that is gone already is fine.
pub(super) async fn delete(host: &HostNetwork, id: &str) -> Result<(), CriError> {
    let Ok(id) = id.parse::<Guid>() else { return Ok(()) };
    let done = match host.ask(OpenNamespace { id }).await {
        Ok(()) => host.ask(DeleteNamespace { id }).await,
        other => other,
    };
    match done {
        Err(fault) if fault.code != HResult::ERROR_NOT_FOUND => {
            Err(CriError::unknown(format!("hcnDeleteNamespace failed in Win32: {fault}")))
        }
        _ => Ok(()),
    }
}
