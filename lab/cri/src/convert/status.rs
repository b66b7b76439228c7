//! What the runtime says of itself.

use std::collections::BTreeMap;

use winlab_node::cri;

use super::sandbox_status;
use crate::proto;

/// `StatusResponse`
pub(crate) fn runtime_status(
    status: cri::StatusResponse,
    info: BTreeMap<String, String>,
) -> proto::StatusResponse {
    let conditions = status.conditions.into_iter().map(|condition| proto::RuntimeCondition {
        r#type: condition.kind,
        status: condition.status,
        reason: condition.reason,
        message: condition.message,
    });
    let handlers = status.runtime_handlers.into_iter();
    proto::StatusResponse {
        status: Some(proto::RuntimeStatus { conditions: conditions.collect() }),
        info,
        runtime_handlers: handlers
            .map(|name| proto::RuntimeHandler { name, features: Some(Default::default()) })
            .collect(),
        features: None,
    }
}

/// `ContainerEventResponse`
pub(crate) fn container_event(
    event: cri::ContainerEventResponse,
    containers: Vec<cri::ContainerStatus>,
) -> proto::ContainerEventResponse {
    let kind = match event.container_event_type {
        cri::ContainerEventType::Created => proto::ContainerEventType::ContainerCreatedEvent,
        cri::ContainerEventType::Started => proto::ContainerEventType::ContainerStartedEvent,
        cri::ContainerEventType::Stopped => proto::ContainerEventType::ContainerStoppedEvent,
        cri::ContainerEventType::Deleted => proto::ContainerEventType::ContainerDeletedEvent,
    };
    proto::ContainerEventResponse {
        container_id: event.container_id,
        container_event_type: kind.into(),
        created_at: event.created_at,
        pod_sandbox_status: Some(sandbox_status(event.pod_sandbox_status)),
        containers_statuses: containers.into_iter().map(super::container_status).collect(),
    }
}
