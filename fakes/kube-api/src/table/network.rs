//! Services, endpoints, ingresses and network policies.

use std::collections::BTreeSet;

use winlab_document::Document;

use super::cell::{bare, first_three, or};
use super::{Printer, Row};

pub(super) const PRINTERS: &[Printer] = &[
    Printer {
        group: "",
        kind: "Service",
        columns: "Name|Type|Cluster-IP|External-IP|Port(s)|Age|+Selector",
        cells: service,
    },
    Printer {
        group: "",
        kind: "Endpoints",
        columns: "Name|Endpoints|Age",
        cells: |row| vec![row.name(), endpoints(row).into(), row.age()],
    },
    Printer {
        group: "discovery.k8s.io",
        kind: "EndpointSlice",
        columns: "Name|AddressType|Ports|Endpoints|Age",
        cells: |row| {
            let ports: Vec<String> = row.items(&["ports"]).iter().map(slice_port).collect();
            let addresses = row.items(&["endpoints"]).iter();
            let addresses: Vec<String> = addresses
                .flat_map(|endpoint| endpoint.get("addresses").map(Document::items).unwrap_or_default())
                .map(bare)
                .collect();
            vec![
                row.name(),
                row.text(&["addressType"]).into(),
                first_three(&ports, "<unset>").into(),
                first_three(&addresses, "<unset>").into(),
                row.age(),
            ]
        },
    },
    Printer {
        group: "networking.k8s.io",
        kind: "ServiceCIDR",
        columns: "Name|CIDRs|Age",
        cells: |row| {
            let cidrs: Vec<&str> =
                row.items(&["spec", "cidrs"]).iter().filter_map(Document::as_str).collect();
            vec![row.name(), cidrs.join(",").into(), row.age()]
        },
    },
    // A real server's table has an age in its rows and no column for it.
    Printer {
        group: "networking.k8s.io",
        kind: "IPAddress",
        columns: "Name|ParentRef",
        cells: |row| vec![row.name(), parent(row).into()],
    },
    Printer {
        group: "networking.k8s.io",
        kind: "Ingress",
        columns: "Name|Class|Hosts|Address|Ports|Age",
        cells: |row| {
            let hosts = row.items(&["spec", "rules"]).iter().map(|rule| rule.text(&["host"]).to_owned());
            let hosts: Vec<String> = hosts.filter(|host| !host.is_empty()).collect();
            let ports = if row.items(&["spec", "tls"]).is_empty() { "80" } else { "80, 443" };
            vec![
                row.name(),
                row.text_or(&["spec", "ingressClassName"], "<none>"),
                first_three(&hosts, "*").into(),
                balancer(row).into(),
                ports.into(),
                row.age(),
            ]
        },
    },
    Printer {
        group: "networking.k8s.io",
        kind: "IngressClass",
        columns: "Name|Controller|Parameters|Age",
        cells: |row| {
            let of = |member| row.text(&["spec", "parameters", member]);
            let group =
                if of("apiGroup").is_empty() { String::new() } else { format!(".{}", of("apiGroup")) };
            let parameters = match of("kind") {
                "" => "<none>".to_owned(),
                kind => format!("{kind}{group}/{}", of("name")),
            };
            vec![row.name(), row.text(&["spec", "controller"]).into(), parameters.into(), row.age()]
        },
    },
    Printer {
        group: "networking.k8s.io",
        kind: "NetworkPolicy",
        columns: "Name|Pod-Selector|Age",
        cells: |row| vec![row.name(), row.selector(&["spec", "podSelector"]), row.age()],
    },
];

/// `services/default/web`
fn parent(row: &Row<'_>) -> String {
    let part = |name: &str| row.text(&["spec", "parentRef", name]);
    let resource = match part("group") {
        "" => part("resource").to_owned(),
        group => format!("{}.{group}", part("resource")),
    };
    let parts = [resource.as_str(), part("namespace"), part("name")];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/")
}

fn service(row: &Row<'_>) -> Vec<Document> {
    let ip = row.items(&["spec", "clusterIPs"]).first().map_or_else(|| "<none>".to_owned(), bare);
    let port = |port: &Document| {
        let number = |member: &str| port.get(member).and_then(Document::as_i64).unwrap_or(0);
        let protocol = port.text(&["protocol"]);
        match number("nodePort") {
            0 => format!("{}/{protocol}", number("port")),
            node_port => format!("{}:{node_port}/{protocol}", number("port")),
        }
    };
    let ports: Vec<String> = row.items(&["spec", "ports"]).iter().map(port).collect();
    vec![
        row.name(),
        row.text(&["spec", "type"]).into(),
        ip.into(),
        external_ip(row).into(),
        or(&ports.join(","), "<none>").into(),
        row.age(),
        row.labels(&["spec", "selector"]),
    ]
}

fn external_ip(row: &Row<'_>) -> String {
    let external: Vec<String> = row.items(&["spec", "externalIPs"]).iter().map(bare).collect();
    match row.text(&["spec", "type"]) {
        "ClusterIP" | "NodePort" => or(&external.join(","), "<none>"),
        "LoadBalancer" => {
            let given = balancer(row);
            let all: Vec<String> =
                std::iter::once(given).filter(|one| !one.is_empty()).chain(external).collect();
            or(&all.join(","), "<pending>")
        }
        "ExternalName" => row.text(&["spec", "externalName"]).to_owned(),
        _ => "<unknown>".to_owned(),
    }
}

/// Addresses or names that a load balancer was given.
fn balancer(row: &Row<'_>) -> String {
    let ingress = row.items(&["status", "loadBalancer", "ingress"]).iter();
    let all: BTreeSet<String> = ingress
        .map(|one| or(one.text(&["ip"]), one.text(&["hostname"])))
        .filter(|one| !one.is_empty())
        .collect();
    all.into_iter().collect::<Vec<_>>().join(",")
}

fn endpoints(row: &Row<'_>) -> String {
    let mut all = Vec::new();
    for subset in row.items(&["subsets"]) {
        let items = |member: &str| subset.get(member).map(Document::items).unwrap_or_default();
        let (addresses, ports) = (items("addresses"), items("ports"));
        if ports.is_empty() {
            all.extend(addresses.iter().map(|address| address.text(&["ip"]).to_owned()));
        }
        for port in ports {
            let port = port.get("port").and_then(Document::as_i64).unwrap_or(0);
            all.extend(addresses.iter().map(|address| match address.text(&["ip"]) {
                ip if ip.contains(':') => format!("[{ip}]:{port}"),
                ip => format!("{ip}:{port}"),
            }));
        }
    }
    first_three(&all, "<none>")
}

fn slice_port(port: &Document) -> String {
    match port.get("port").and_then(Document::as_i64) {
        Some(number) => number.to_string(),
        None => or(port.text(&["name"]), "*"),
    }
}
