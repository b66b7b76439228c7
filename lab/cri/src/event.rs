//! What an event tells beside itself.

use winlab_node::cri::{ContainerFilter, ContainerStatus, Cri};

/// The containers of a sandbox, as an event shows them.
pub(crate) async fn statuses(cri: &dyn Cri, sandbox: &str) -> Vec<ContainerStatus> {
    let filter = ContainerFilter { pod_sandbox_id: sandbox.to_owned(), ..Default::default() };
    let mut statuses = Vec::new();
    for container in cri.list_containers(filter).await.unwrap_or_default() {
        // One that was removed meanwhile is no part of it any more.
        statuses.extend(cri.container_status(&container.id).await.ok());
    }
    statuses
}
