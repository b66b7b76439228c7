//! Windows' resolver: which full names it asks for.
//!
//! A name with a dot is taken as complete; a name without one gets one suffix only, the endpoint's DNS domain or the
//! first of its search list (Kubernetes' `dns-pod-service.md`, DNS on Windows). Servers come from the HNS endpoint, not
//! from a file.

use std::net::IpAddr;

use winlab_document::Document;
use winlab_host::{Guid, WindowsDataPlane};

use super::policy::{HnsObject as _, texts};
use super::view::find;
use crate::verdict::ObjectKind;
use crate::walk::{Object, Plan};

pub(crate) fn of_endpoint(plane: &WindowsDataPlane, endpoint: Guid, name: &str) -> Plan {
    let endpoint = find(&plane.endpoints, endpoint);
    let object =
        endpoint.map_or_else(|| Object::named(ObjectKind::Endpoint, ""), |e| e.object(ObjectKind::Endpoint));
    let dns = endpoint.and_then(|endpoint| endpoint.document.get("Dns")).unwrap_or(&Document::Null);
    let suffix = match dns.text(&["Domain"]) {
        "" => texts(dns, "Search").next().unwrap_or_default(),
        domain => domain,
    };
    let servers = texts(dns, "ServerList").filter_map(|text| text.parse().ok()).collect();
    plan(name, suffix, servers, object)
}

pub(crate) fn of_host(plane: &WindowsDataPlane, name: &str) -> Plan {
    let servers: Vec<IpAddr> = plane.adapters.iter().flat_map(|adapter| adapter.dns.clone()).collect();
    plan(name, "", servers, Object::named(ObjectKind::Resolver, "adapters"))
}

fn plan(name: &str, suffix: &str, servers: Vec<IpAddr>, object: Object) -> Plan {
    let lower = name.trim_end_matches('.').to_ascii_lowercase();
    let (full, why) = if name.contains('.') {
        (lower, "a name with a dot is taken as complete".to_owned())
    } else if suffix.is_empty() {
        (lower, "no suffix is set".to_owned())
    } else {
        (format!("{lower}.{}", suffix.trim_matches('.').to_ascii_lowercase()), format!("suffix {suffix}"))
    };
    Plan { names: vec![full], servers, object, why }
}
