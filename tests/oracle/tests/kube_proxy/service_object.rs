//! A service as an object of the API.

use winlab_document::{Document, doc};

use crate::addresses;
use crate::cluster::{Family, Kind, Port, Service, Target};

/// Its name.
pub(crate) fn name(number: u16) -> String {
    format!("service{number}")
}

/// The Service object.
pub(crate) fn service(number: u16, service: &Service) -> Document {
    let ports: Document = service
        .ports
        .iter()
        .enumerate()
        .map(|(place, port)| port_of(number, place, *port, service.kind))
        .collect();
    let kind = match service.kind {
        Kind::Headless | Kind::ClusterIp => "ClusterIP",
        Kind::NodePort => "NodePort",
        Kind::LoadBalancer { .. } => "LoadBalancer",
    };
    let mut spec = doc!({"type": kind, "ports": ports, "selector": {"app": name(number)}});
    families(&mut spec, number, service);
    if service.external_ip {
        let both = [Family::V4, Family::V6].map(|family| addresses::external(family, number));
        spec.set("externalIPs", both.into_iter().collect::<Document>());
    }
    if service.internal_local {
        spec.set("internalTrafficPolicy", "Local");
    }
    if service.external_local {
        spec.set("externalTrafficPolicy", "Local");
    }
    if service.sticky {
        spec.set("sessionAffinity", "ClientIP");
    }
    if let Some(distribution) = service.traffic_distribution {
        spec.set("trafficDistribution", distribution);
    }
    let mut metadata = doc!({"name": name(number)});
    if let Some((annotation, value)) = service.annotation {
        metadata.set("annotations", doc!({(annotation): value}));
    }
    doc!({"metadata": metadata, "spec": spec})
}

fn families(spec: &mut Document, number: u16, service: &Service) {
    let words: Document = service.families.iter().map(|family| word(*family)).collect();
    spec.set("ipFamilies", words);
    spec.set("ipFamilyPolicy", if service.families.len() > 1 { "RequireDualStack" } else { "SingleStack" });
    let addresses: Vec<String> = match service.kind {
        Kind::Headless => vec!["None".to_owned()],
        _ => service.families.iter().map(|family| addresses::cluster_ip(*family, number)).collect(),
    };
    spec.set("clusterIP", addresses[0].as_str());
    spec.set("clusterIPs", addresses.into_iter().collect::<Document>());
}

/// `IPv4`, `IPv6`
pub(crate) fn word(family: Family) -> &'static str {
    match family {
        Family::V4 => "IPv4",
        Family::V6 => "IPv6",
    }
}

fn port_of(number: u16, place: usize, port: Port, kind: Kind) -> Document {
    let offset = u16::try_from(place).unwrap_or_default();
    let target = match port.target {
        Target::Number(number) => Document::from(number),
        Target::Name => Document::from("web"),
    };
    let mut document = doc!({
        "name": format!("p{place}"), "port": 80 + offset, "targetPort": target, "protocol": protocol(port),
    });
    if matches!(kind, Kind::NodePort | Kind::LoadBalancer { .. }) {
        document.set("nodePort", 30000 + number * 10 + offset);
    }
    document
}

/// `TCP`, `UDP`
pub(crate) fn protocol(port: Port) -> &'static str {
    if port.udp { "UDP" } else { "TCP" }
}
