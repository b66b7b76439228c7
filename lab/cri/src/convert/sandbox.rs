//! Pod sandboxes.

use tonic::Status;
use winlab_node::cri;

use super::namespace_mode;
use crate::error::missing;
use crate::proto;

/// `PodSandboxConfig`
pub(crate) fn sandbox_config(config: proto::PodSandboxConfig) -> Result<cri::PodSandboxConfig, Status> {
    let metadata = config.metadata.ok_or_else(|| missing("sandbox config metadata"))?;
    Ok(cri::PodSandboxConfig {
        metadata: cri::PodSandboxMetadata {
            name: metadata.name,
            uid: metadata.uid,
            namespace: metadata.namespace,
            attempt: metadata.attempt,
        },
        hostname: config.hostname,
        log_directory: config.log_directory,
        dns_config: config.dns_config.map(|dns| cri::DnsConfig {
            servers: dns.servers,
            searches: dns.searches,
            options: dns.options,
        }),
        port_mappings: config.port_mappings.into_iter().map(port_mapping).collect(),
        labels: config.labels,
        annotations: config.annotations,
        linux: config.linux.map(linux_security),
        windows: config.windows.and_then(|windows| windows.security_context).map(windows_security),
    })
}

fn port_mapping(mapping: proto::PortMapping) -> cri::PortMapping {
    let protocol = match mapping.protocol() {
        proto::Protocol::Tcp => cri::Protocol::Tcp,
        proto::Protocol::Udp => cri::Protocol::Udp,
        proto::Protocol::Sctp => cri::Protocol::Sctp,
    };
    cri::PortMapping {
        protocol,
        container_port: mapping.container_port,
        host_port: mapping.host_port,
        host_ip: mapping.host_ip,
    }
}

fn linux_security(linux: proto::LinuxPodSandboxConfig) -> cri::LinuxSandboxSecurityContext {
    let context = linux.security_context.unwrap_or_default();
    let namespaces = context.namespace_options.unwrap_or_default();
    cri::LinuxSandboxSecurityContext {
        network: namespace_mode(namespaces.network),
        pid: namespace_mode(namespaces.pid),
        ipc: namespace_mode(namespaces.ipc),
        run_as_user: context.run_as_user.map(|user| user.value),
        privileged: context.privileged,
    }
}

fn windows_security(context: proto::WindowsSandboxSecurityContext) -> cri::WindowsSecurityContext {
    cri::WindowsSecurityContext {
        run_as_username: context.run_as_username,
        credential_spec: context.credential_spec,
        host_process: context.host_process,
        network: namespace_mode(context.namespace_options.unwrap_or_default().network),
    }
}

/// `PodSandboxFilter`
pub(crate) fn sandbox_filter(filter: proto::PodSandboxFilter) -> cri::PodSandboxFilter {
    cri::PodSandboxFilter {
        id: filter.id,
        state: filter.state.map(|state| match state.state() {
            proto::PodSandboxState::SandboxReady => cri::PodSandboxState::Ready,
            proto::PodSandboxState::SandboxNotready => cri::PodSandboxState::NotReady,
        }),
        label_selector: filter.label_selector,
    }
}

pub(super) fn metadata(metadata: cri::PodSandboxMetadata) -> proto::PodSandboxMetadata {
    proto::PodSandboxMetadata {
        name: metadata.name,
        uid: metadata.uid,
        namespace: metadata.namespace,
        attempt: metadata.attempt,
    }
}

fn state(state: cri::PodSandboxState) -> i32 {
    match state {
        cri::PodSandboxState::Ready => proto::PodSandboxState::SandboxReady,
        cri::PodSandboxState::NotReady => proto::PodSandboxState::SandboxNotready,
    }
    .into()
}

/// `PodSandbox`
pub(crate) fn listed_sandbox(sandbox: cri::ListedPodSandbox) -> proto::PodSandbox {
    proto::PodSandbox {
        id: sandbox.id,
        metadata: Some(metadata(sandbox.metadata)),
        state: state(sandbox.state),
        created_at: sandbox.created_at,
        labels: sandbox.labels,
        annotations: sandbox.annotations,
        runtime_handler: sandbox.runtime_handler,
    }
}

/// `PodSandboxStatus`
pub(crate) fn sandbox_status(sandbox: cri::PodSandboxStatus) -> proto::PodSandboxStatus {
    let mut ips = sandbox.ips.into_iter();
    let network = if sandbox.host_network { proto::NamespaceMode::Node } else { proto::NamespaceMode::Pod };
    let options = proto::NamespaceOption { network: network.into(), ..Default::default() };
    proto::PodSandboxStatus {
        id: sandbox.id,
        metadata: Some(metadata(sandbox.metadata)),
        state: state(sandbox.state),
        created_at: sandbox.created_at,
        network: Some(proto::PodSandboxNetworkStatus {
            ip: ips.next().unwrap_or_default(),
            additional_ips: ips.map(|ip| proto::PodIp { ip }).collect(),
        }),
        linux: Some(proto::LinuxPodSandboxStatus {
            namespaces: Some(proto::Namespace { options: Some(options) }),
        }),
        labels: sandbox.labels,
        annotations: sandbox.annotations,
        runtime_handler: sandbox.runtime_handler,
    }
}
