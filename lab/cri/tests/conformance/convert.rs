//! The model's messages as a client sends them, and what it reads of the answers.

use winlab_cri::proto;
use winlab_node::cri;

fn mode(mode: cri::NamespaceMode) -> i32 {
    match mode {
        cri::NamespaceMode::Pod => 0,
        cri::NamespaceMode::Container => 1,
        cri::NamespaceMode::Node => 2,
    }
}

pub(crate) fn sandbox(config: cri::PodSandboxConfig) -> proto::PodSandboxConfig {
    let metadata = config.metadata;
    proto::PodSandboxConfig {
        metadata: Some(proto::PodSandboxMetadata {
            name: metadata.name,
            uid: metadata.uid,
            namespace: metadata.namespace,
            attempt: metadata.attempt,
        }),
        hostname: config.hostname,
        log_directory: config.log_directory,
        dns_config: config.dns_config.map(|dns| proto::DnsConfig {
            servers: dns.servers,
            searches: dns.searches,
            options: dns.options,
        }),
        port_mappings: config
            .port_mappings
            .into_iter()
            .map(|port| proto::PortMapping {
                protocol: port.protocol as i32,
                container_port: port.container_port,
                host_port: port.host_port,
                host_ip: port.host_ip,
            })
            .collect(),
        labels: config.labels,
        annotations: config.annotations,
        linux: None,
        windows: config.windows.map(|windows| proto::WindowsPodSandboxConfig {
            security_context: Some(proto::WindowsSandboxSecurityContext {
                run_as_username: windows.run_as_username,
                credential_spec: windows.credential_spec,
                host_process: windows.host_process,
                namespace_options: Some(proto::WindowsNamespaceOption { network: mode(windows.network) }),
            }),
        }),
    }
}

pub(crate) fn image(image: cri::ImageSpec) -> Option<proto::ImageSpec> {
    Some(proto::ImageSpec {
        image: image.image,
        user_specified_image: image.user_specified_image,
        runtime_handler: image.runtime_handler,
        ..Default::default()
    })
}

pub(crate) fn windows(limits: cri::WindowsContainerResources) -> proto::WindowsContainerResources {
    proto::WindowsContainerResources {
        cpu_shares: limits.cpu_shares,
        cpu_count: limits.cpu_count,
        cpu_maximum: limits.cpu_maximum,
        memory_limit_in_bytes: limits.memory_limit_in_bytes,
        rootfs_size_in_bytes: limits.rootfs_size_in_bytes,
        ..Default::default()
    }
}

pub(crate) fn container(config: cri::ContainerConfig) -> proto::ContainerConfig {
    let metadata = proto::ContainerMetadata { name: config.metadata.name, attempt: config.metadata.attempt };
    proto::ContainerConfig {
        metadata: Some(metadata),
        image: image(config.image),
        command: config.command,
        args: config.args,
        working_dir: config.working_dir,
        envs: config
            .envs
            .into_iter()
            .map(|pair| proto::KeyValue { key: pair.key, value: pair.value.into_bytes() })
            .collect(),
        mounts: config
            .mounts
            .into_iter()
            .map(|mount| proto::Mount {
                container_path: mount.container_path,
                host_path: mount.host_path,
                readonly: mount.readonly,
                propagation: mount.propagation as i32,
                ..Default::default()
            })
            .collect(),
        labels: config.labels,
        annotations: config.annotations,
        log_path: config.log_path,
        stdin: config.stdin,
        stdin_once: config.stdin_once,
        tty: config.tty,
        windows: config.windows.map(|own| proto::WindowsContainerConfig {
            resources: Some(windows(own.resources)),
            security_context: Some(proto::WindowsContainerSecurityContext {
                run_as_username: own.security_context.run_as_username,
                credential_spec: own.security_context.credential_spec,
                host_process: own.security_context.host_process,
            }),
        }),
        ..Default::default()
    }
}

fn sandbox_metadata(metadata: Option<proto::PodSandboxMetadata>) -> cri::PodSandboxMetadata {
    let metadata = metadata.unwrap();
    cri::PodSandboxMetadata {
        name: metadata.name,
        uid: metadata.uid,
        namespace: metadata.namespace,
        attempt: metadata.attempt,
    }
}

fn sandbox_state(state: proto::PodSandboxState) -> cri::PodSandboxState {
    match state {
        proto::PodSandboxState::SandboxReady => cri::PodSandboxState::Ready,
        proto::PodSandboxState::SandboxNotready => cri::PodSandboxState::NotReady,
    }
}

pub(crate) fn sandbox_status(status: proto::PodSandboxStatus) -> cri::PodSandboxStatus {
    let state = sandbox_state(status.state());
    let network = status.network.unwrap();
    let first = Some(network.ip).filter(|ip| !ip.is_empty());
    let options = status.linux.unwrap().namespaces.unwrap().options.unwrap();
    cri::PodSandboxStatus {
        id: status.id,
        metadata: sandbox_metadata(status.metadata),
        state,
        created_at: status.created_at,
        ips: first.into_iter().chain(network.additional_ips.into_iter().map(|ip| ip.ip)).collect(),
        host_network: options.network() == proto::NamespaceMode::Node,
        labels: status.labels,
        annotations: status.annotations,
        runtime_handler: status.runtime_handler,
    }
}

pub(crate) fn listed_sandbox(sandbox: proto::PodSandbox) -> cri::ListedPodSandbox {
    cri::ListedPodSandbox {
        state: sandbox_state(sandbox.state()),
        id: sandbox.id,
        metadata: sandbox_metadata(sandbox.metadata),
        created_at: sandbox.created_at,
        labels: sandbox.labels,
        annotations: sandbox.annotations,
        runtime_handler: sandbox.runtime_handler,
    }
}

fn state(state: proto::ContainerState) -> cri::ContainerState {
    match state {
        proto::ContainerState::ContainerCreated => cri::ContainerState::Created,
        proto::ContainerState::ContainerRunning => cri::ContainerState::Running,
        proto::ContainerState::ContainerExited => cri::ContainerState::Exited,
        proto::ContainerState::ContainerUnknown => cri::ContainerState::Unknown,
    }
}

fn metadata(metadata: Option<proto::ContainerMetadata>) -> cri::ContainerMetadata {
    let metadata = metadata.unwrap();
    cri::ContainerMetadata { name: metadata.name, attempt: metadata.attempt }
}

pub(crate) fn listed_container(container: proto::Container) -> cri::ListedContainer {
    cri::ListedContainer {
        state: state(container.state()),
        id: container.id,
        pod_sandbox_id: container.pod_sandbox_id,
        metadata: metadata(container.metadata),
        image: container.image.unwrap().image,
        image_ref: container.image_ref,
        image_id: container.image_id,
        created_at: container.created_at,
        labels: container.labels,
        annotations: container.annotations,
    }
}

pub(crate) fn container_status(status: proto::ContainerStatus) -> cri::ContainerStatus {
    let windows = status.resources.as_ref().and_then(|resources| resources.windows.clone());
    let windows = windows.map(|limits| cri::WindowsContainerResources {
        cpu_shares: limits.cpu_shares,
        cpu_count: limits.cpu_count,
        cpu_maximum: limits.cpu_maximum,
        memory_limit_in_bytes: limits.memory_limit_in_bytes,
        rootfs_size_in_bytes: limits.rootfs_size_in_bytes,
    });
    cri::ContainerStatus {
        state: state(status.state()),
        id: status.id,
        metadata: metadata(status.metadata),
        created_at: status.created_at,
        started_at: status.started_at,
        finished_at: status.finished_at,
        exit_code: status.exit_code,
        image: status.image.unwrap().image,
        image_ref: status.image_ref,
        image_id: status.image_id,
        reason: status.reason,
        message: status.message,
        labels: status.labels,
        annotations: status.annotations,
        mounts: status
            .mounts
            .into_iter()
            .map(|mount| cri::Mount {
                container_path: mount.container_path,
                host_path: mount.host_path,
                readonly: mount.readonly,
                ..Default::default()
            })
            .collect(),
        log_path: status.log_path,
        resources: cri::ContainerResources { linux: None, windows },
        ..Default::default()
    }
}

pub(crate) fn listed_image(image: proto::Image) -> cri::Image {
    cri::Image {
        id: image.id,
        repo_tags: image.repo_tags,
        repo_digests: image.repo_digests,
        size: image.size,
        uid: image.uid.map(|uid| uid.value),
        username: image.username,
        pinned: image.pinned,
    }
}

pub(crate) fn stats(stats: proto::ContainerStats) -> cri::ContainerStats {
    let attributes = stats.attributes.unwrap();
    cri::ContainerStats {
        id: attributes.id,
        metadata: metadata(attributes.metadata),
        memory: cri::MemoryUsage {
            working_set_bytes: stats.memory.unwrap().working_set_bytes.unwrap().value,
            ..Default::default()
        },
        ..Default::default()
    }
}

pub(crate) fn sandbox_stats(stats: proto::PodSandboxStats) -> cri::PodSandboxStats {
    let attributes = stats.attributes.unwrap();
    let windows = stats.windows.unwrap();
    cri::PodSandboxStats {
        id: attributes.id,
        metadata: sandbox_metadata(attributes.metadata),
        process_count: windows.process.unwrap().process_count.unwrap().value,
        interfaces: vec![Default::default(); windows.network.unwrap().interfaces.len()],
        containers: vec![Default::default(); windows.containers.len()],
        ..Default::default()
    }
}
