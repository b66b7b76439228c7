//! Containers.

use tonic::Status;
use winlab_node::cri;

use super::{image_spec, resources};
use crate::error::missing;
use crate::proto;

/// `ContainerConfig`
pub(crate) fn container_config(config: proto::ContainerConfig) -> Result<cri::ContainerConfig, Status> {
    let metadata = config.metadata.ok_or_else(|| missing("container config metadata"))?;
    Ok(cri::ContainerConfig {
        metadata: cri::ContainerMetadata { name: metadata.name, attempt: metadata.attempt },
        image: image_spec(config.image.ok_or_else(|| missing("container config image"))?),
        command: config.command,
        args: config.args,
        working_dir: config.working_dir,
        envs: config.envs.into_iter().map(key_value).collect(),
        mounts: config.mounts.into_iter().map(mount).collect(),
        labels: config.labels,
        annotations: config.annotations,
        log_path: config.log_path,
        stdin: config.stdin,
        stdin_once: config.stdin_once,
        tty: config.tty,
        linux: config.linux.map(linux),
        windows: config.windows.map(windows),
    })
}

/// Values are bytes from cri-api 1.36 on and were text before, which is the same on the wire.
fn key_value(pair: proto::KeyValue) -> cri::KeyValue {
    cri::KeyValue { key: pair.key, value: String::from_utf8_lossy(&pair.value).into_owned() }
}

fn mount(mount: proto::Mount) -> cri::Mount {
    let propagation = match mount.propagation() {
        proto::MountPropagation::PropagationPrivate => cri::MountPropagation::Private,
        proto::MountPropagation::PropagationHostToContainer => cri::MountPropagation::HostToContainer,
        proto::MountPropagation::PropagationBidirectional => cri::MountPropagation::Bidirectional,
    };
    cri::Mount {
        container_path: mount.container_path,
        host_path: mount.host_path,
        readonly: mount.readonly,
        propagation,
    }
}

fn linux(linux: proto::LinuxContainerConfig) -> cri::LinuxContainerConfig {
    let context = linux.security_context.unwrap_or_default();
    let capabilities = context.capabilities.unwrap_or_default();
    cri::LinuxContainerConfig {
        resources: linux.resources.map(resources::linux).unwrap_or_default(),
        security_context: cri::LinuxContainerSecurityContext {
            network: super::namespace_mode(context.namespace_options.unwrap_or_default().network),
            privileged: context.privileged,
            run_as_user: context.run_as_user.map(|user| user.value),
            run_as_group: context.run_as_group.map(|group| group.value),
            readonly_rootfs: context.readonly_rootfs,
            add_capabilities: capabilities.add_capabilities,
            drop_capabilities: capabilities.drop_capabilities,
            no_new_privs: context.no_new_privs,
        },
    }
}

fn windows(windows: proto::WindowsContainerConfig) -> cri::WindowsContainerConfig {
    let context = windows.security_context.unwrap_or_default();
    cri::WindowsContainerConfig {
        resources: windows.resources.map(resources::windows).unwrap_or_default(),
        security_context: cri::WindowsSecurityContext {
            run_as_username: context.run_as_username,
            credential_spec: context.credential_spec,
            host_process: context.host_process,
            ..Default::default()
        },
    }
}

/// `ContainerFilter`
pub(crate) fn container_filter(filter: proto::ContainerFilter) -> cri::ContainerFilter {
    cri::ContainerFilter {
        id: filter.id,
        state: filter.state.map(|state| match state.state() {
            proto::ContainerState::ContainerCreated => cri::ContainerState::Created,
            proto::ContainerState::ContainerRunning => cri::ContainerState::Running,
            proto::ContainerState::ContainerExited => cri::ContainerState::Exited,
            proto::ContainerState::ContainerUnknown => cri::ContainerState::Unknown,
        }),
        pod_sandbox_id: filter.pod_sandbox_id,
        label_selector: filter.label_selector,
    }
}

pub(super) fn metadata(metadata: cri::ContainerMetadata) -> proto::ContainerMetadata {
    proto::ContainerMetadata { name: metadata.name, attempt: metadata.attempt }
}

fn state(state: cri::ContainerState) -> i32 {
    match state {
        cri::ContainerState::Created => proto::ContainerState::ContainerCreated,
        cri::ContainerState::Running => proto::ContainerState::ContainerRunning,
        cri::ContainerState::Exited => proto::ContainerState::ContainerExited,
        cri::ContainerState::Unknown => proto::ContainerState::ContainerUnknown,
    }
    .into()
}

fn named(image: String) -> Option<proto::ImageSpec> {
    Some(proto::ImageSpec { image, ..Default::default() })
}

/// `Container`
pub(crate) fn listed_container(container: cri::ListedContainer) -> proto::Container {
    proto::Container {
        id: container.id,
        pod_sandbox_id: container.pod_sandbox_id,
        metadata: Some(metadata(container.metadata)),
        image: named(container.image),
        image_ref: container.image_ref,
        state: state(container.state),
        created_at: container.created_at,
        labels: container.labels,
        annotations: container.annotations,
        image_id: container.image_id,
    }
}

/// `ContainerStatus`
pub(crate) fn container_status(status: cri::ContainerStatus) -> proto::ContainerStatus {
    proto::ContainerStatus {
        id: status.id,
        metadata: Some(metadata(status.metadata)),
        state: state(status.state),
        created_at: status.created_at,
        started_at: status.started_at,
        finished_at: status.finished_at,
        exit_code: status.exit_code,
        image: named(status.image),
        image_ref: status.image_ref,
        reason: status.reason,
        message: status.message,
        labels: status.labels,
        annotations: status.annotations,
        mounts: status.mounts.into_iter().map(mount_of).collect(),
        log_path: status.log_path,
        resources: Some(resources::to_proto(status.resources)),
        image_id: status.image_id,
        ..Default::default()
    }
}

fn mount_of(mount: cri::Mount) -> proto::Mount {
    let propagation = match mount.propagation {
        cri::MountPropagation::Private => proto::MountPropagation::PropagationPrivate,
        cri::MountPropagation::HostToContainer => proto::MountPropagation::PropagationHostToContainer,
        cri::MountPropagation::Bidirectional => proto::MountPropagation::PropagationBidirectional,
    };
    proto::Mount {
        container_path: mount.container_path,
        host_path: mount.host_path,
        readonly: mount.readonly,
        propagation: propagation.into(),
        ..Default::default()
    }
}
