//! Names of services and of their endpoints.

use winlab_kube_client::ObjectKey;
use winlab_kube_client::k8s::core::ServiceSpec;
use winlab_kube_client::k8s::discovery::{Endpoint, EndpointSlice};

use crate::question::Question;
use crate::zone::{Findings, Found, Zone};

impl Zone {
    pub(crate) fn find_service(&self, question: &Question<'_>) -> Findings {
        let service = self.data.services.get_namespaced(question.namespace, question.service)?;
        let spec = service.spec.as_ref()?;
        let owner = format!("{}.{}.svc.{}", question.service, question.namespace, self.domain);
        if spec.type_.as_deref() == Some("ExternalName") {
            return of_external_name(spec, question, owner);
        }
        let headless = cluster_ips(spec).first().is_none_or(|ip| ip == "None");
        let found = if headless || !question.endpoint.is_empty() {
            self.of_endpoints(question, &owner)
        } else {
            of_cluster_ips(spec, question, &owner)
        };
        Some(found).filter(|found| !found.is_empty())
    }

    /// Ready endpoints, one finding for each of their ports.
    fn of_endpoints(&self, question: &Question<'_>, owner: &str) -> Vec<Found> {
        let key = ObjectKey::namespaced(question.namespace, question.service);
        let mut found = Vec::new();
        for slice in self.data.slices.list_namespace(question.namespace) {
            if service_of(&slice).as_ref() != Some(&key) {
                continue;
            }
            for (endpoint, address) in ready(&slice) {
                let name = hostname(endpoint, address);
                if !question.endpoint.is_empty() && !question.endpoint.eq_ignore_ascii_case(&name) {
                    continue;
                }
                let owner = format!("{name}.{owner}");
                for (port_name, protocol, port) in ports(&slice) {
                    if question.means(port_name, protocol) {
                        found.push(Found { host: address.to_owned(), port, owner: owner.clone() });
                    }
                }
            }
        }
        found
    }
}

fn of_external_name(spec: &ServiceSpec, question: &Question<'_>, owner: String) -> Findings {
    if [question.endpoint, question.port, question.protocol].iter().any(|part| !part.is_empty()) {
        return None;
    }
    // An address is no name: CoreDNS gives no record for it.
    let host = spec.external_name.clone().filter(|name| name.parse::<std::net::IpAddr>().is_err())?;
    Some(vec![Found { host, port: None, owner }])
}

fn of_cluster_ips(spec: &ServiceSpec, question: &Question<'_>, owner: &str) -> Vec<Found> {
    let mut listed: Vec<(&str, &str, Option<u16>)> = Vec::new();
    for port in spec.ports.as_deref().unwrap_or_default() {
        let name = port.name.as_deref().unwrap_or_default();
        let protocol = port.protocol.as_deref().unwrap_or("TCP");
        listed.push((name, protocol, u16::try_from(port.port).ok()));
    }
    if listed.is_empty() {
        listed.push(("", "", None));
    }
    let meant = listed.into_iter().filter(|(name, protocol, _)| question.means(name, protocol));
    let with_addresses = meant.flat_map(|(_, _, port)| {
        let found = move |ip: String| Found { host: ip, port, owner: owner.to_owned() };
        cluster_ips(spec).into_iter().map(found)
    });
    with_addresses.collect()
}

fn cluster_ips(spec: &ServiceSpec) -> Vec<String> {
    match spec.cluster_ips.clone().filter(|ips| !ips.is_empty()) {
        Some(ips) => ips,
        None => spec.cluster_ip.clone().into_iter().filter(|ip| !ip.is_empty()).collect(),
    }
}

/// The service that a slice belongs to.
pub(crate) fn service_of(slice: &EndpointSlice) -> Option<ObjectKey> {
    let name = slice.metadata.labels.as_ref()?.get("kubernetes.io/service-name")?;
    Some(ObjectKey::namespaced(slice.metadata.namespace.clone().unwrap_or_default(), name))
}

/// Ready endpoints, each with each of its addresses.
pub(crate) fn ready(slice: &EndpointSlice) -> impl Iterator<Item = (&Endpoint, &str)> {
    let endpoints = slice.endpoints.as_deref().unwrap_or_default().iter();
    let ready = endpoints.filter(|endpoint| {
        let conditions = endpoint.conditions.as_ref();
        conditions.and_then(|conditions| conditions.ready).unwrap_or(true)
    });
    ready.flat_map(|endpoint| endpoint.addresses.iter().map(move |address| (endpoint, address.as_str())))
}

fn ports(slice: &EndpointSlice) -> Vec<(&str, &str, Option<u16>)> {
    let listed = slice.ports.as_deref().unwrap_or_default();
    if listed.is_empty() {
        return vec![("", "", None)];
    }
    let part = |port: &winlab_kube_client::k8s::discovery::EndpointPort| {
        port.port.and_then(|port| u16::try_from(port).ok())
    };
    let text = Option::as_deref;
    listed
        .iter()
        .map(|port| {
            (text(&port.name).unwrap_or_default(), text(&port.protocol).unwrap_or_default(), part(port))
        })
        .collect()
}

/// An endpoint's label: its host name, else its address with dashes.
pub(crate) fn hostname(endpoint: &Endpoint, address: &str) -> String {
    match endpoint.hostname.as_deref().filter(|hostname| !hostname.is_empty()) {
        Some(hostname) => hostname.to_owned(),
        None => address.replace(['.', ':'], "-"),
    }
}
