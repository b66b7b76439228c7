//! Which addresses and ports stand behind a service; shared by Endpoints and EndpointSlice.

use winlab_kube_client::ResourceExt;
use winlab_kube_client::k8s::IntOrString;
use winlab_kube_client::k8s::core::{ObjectReference, Pod, Service, ServicePort};

use crate::pod_state::{is_ready, is_terminal};

/// One pod behind a service.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Backend {
    /// Its addresses, the primary first.
    pub(crate) addresses: Vec<String>,
    pub(crate) node: Option<String>,
    pub(crate) hostname: Option<String>,
    pub(crate) target: ObjectReference,
    /// May take new connections.
    pub(crate) ready: bool,
    /// Is Ready, terminating or not.
    pub(crate) serving: bool,
    pub(crate) terminating: bool,
    /// Ports as this pod names them; a named port it lacks is missing.
    pub(crate) ports: Vec<BackendPort>,
}

/// A port of a backend.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct BackendPort {
    pub(crate) name: String,
    pub(crate) protocol: String,
    pub(crate) port: i32,
    pub(crate) app_protocol: Option<String>,
}

/// The backend a pod is for a service; none while it has no address, or has ended.
pub(crate) fn backend(service: &Service, pod: &Pod) -> Option<Backend> {
    let status = pod.status.as_ref()?;
    let addresses: Vec<String> = match &status.pod_ips {
        Some(ips) if !ips.is_empty() => ips.iter().map(|ip| ip.ip.clone()).collect(),
        _ => status.pod_ip.iter().filter(|ip| !ip.is_empty()).cloned().collect(),
    };
    if addresses.is_empty() || is_terminal(pod) {
        return None;
    }
    let spec = service.spec.as_ref()?;
    let terminating = pod.metadata.deletion_timestamp.is_some();
    let publish = spec.publish_not_ready_addresses == Some(true);
    let serving = publish || is_ready(pod);
    let pod_spec = pod.spec.as_ref()?;
    let named = pod_spec.subdomain.as_deref() == service.metadata.name.as_deref();
    Some(Backend {
        addresses,
        node: pod_spec.node_name.clone(),
        hostname: pod_spec.hostname.clone().filter(|_| named),
        target: ObjectReference {
            kind: Some("Pod".to_owned()),
            namespace: pod.namespace(),
            name: Some(pod.name_any()),
            uid: pod.uid(),
            ..ObjectReference::default()
        },
        ready: publish || (serving && !terminating),
        serving,
        terminating,
        ports: spec.ports.iter().flatten().filter_map(|port| backend_port(port, pod)).collect(),
    })
}

fn backend_port(port: &ServicePort, pod: &Pod) -> Option<BackendPort> {
    let protocol = port.protocol.clone().unwrap_or_else(|| "TCP".to_owned());
    let number = match &port.target_port {
        None => port.port,
        Some(IntOrString::Int(0)) => port.port,
        Some(IntOrString::Int(number)) => *number,
        Some(IntOrString::String(name)) if name.is_empty() => port.port,
        Some(IntOrString::String(name)) => container_port(pod, name, &protocol)?,
    };
    Some(BackendPort {
        name: port.name.clone().unwrap_or_default(),
        protocol,
        port: number,
        app_protocol: port.app_protocol.clone(),
    })
}

fn container_port(pod: &Pod, name: &str, protocol: &str) -> Option<i32> {
    let spec = pod.spec.as_ref()?;
    let ports = spec.containers.iter().flat_map(|container| container.ports.iter().flatten());
    let named = |port: &&winlab_kube_client::k8s::core::ContainerPort| {
        port.name.as_deref() == Some(name) && port.protocol.as_deref().unwrap_or("TCP") == protocol
    };
    ports.into_iter().find(named).map(|port| port.container_port)
}
