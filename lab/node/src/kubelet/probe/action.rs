//! From a probe's or hook's specification to what is sent (`pkg/probe`).

use winlab_kube_client::k8s::IntOrString;
use winlab_kube_client::k8s::core::{Container, HTTPGetAction};

use super::prober::ProbeTarget;

/// A port by number, by number in text, or by the name of a container port.
pub(crate) fn resolve_port(port: &IntOrString, container: &Container) -> Result<u16, String> {
    let number = match port {
        IntOrString::Int(number) => *number,
        IntOrString::String(name) => {
            let ports = container.ports.as_deref().unwrap_or_default();
            let named = ports.iter().find(|port| port.name.as_deref() == Some(name.as_str()));
            match (named, name.parse::<i32>()) {
                (Some(port), _) => port.container_port,
                (None, Ok(number)) => number,
                (None, Err(_)) => return Err(format!("strconv.Atoi: parsing {name:?}: invalid syntax")),
            }
        }
    };
    u16::try_from(number)
        .ok()
        .filter(|port| *port > 0)
        .ok_or_else(|| format!("invalid port number: {number}"))
}

/// An HTTP probe or hook; without a host it goes to the pod.
pub(crate) fn http_request(
    action: &HTTPGetAction,
    container: &Container,
    pod_ip: &str,
) -> Result<ProbeTarget, String> {
    let host = action.host.as_deref().filter(|host| !host.is_empty()).unwrap_or(pod_ip);
    let path = action.path.as_deref().unwrap_or_default();
    let headers = action.http_headers.iter().flatten();
    Ok(ProbeTarget::Http {
        scheme: action.scheme.as_deref().unwrap_or("HTTP").to_ascii_lowercase(),
        host: host.to_owned(),
        port: resolve_port(&action.port, container)?,
        path: if path.starts_with('/') { path.to_owned() } else { format!("/{path}") },
        headers: headers.map(|header| (header.name.clone(), header.value.clone())).collect(),
    })
}
