//! Who asks whom: from the file's words to probes of the fabric.

use std::net::IpAddr;

use winlab_document::Document;
use winlab_fabric::{Probe, Protocol, Resolved, Source as From, Target as To};
use winlab_scenario::{Flow, ObjectRef, Source, Spanned};

use crate::kinds;
use crate::pods::Pod;
use crate::world::World;

/// Where a flow begins.
pub(super) struct Begin {
    /// As reports name it: `pod/client-7d4f@win1`.
    pub(super) text: String,
    /// The node, if it begins on one.
    pub(super) node: Option<String>,
    pub(super) source: From,
}

/// Where a flow goes.
pub(super) struct End {
    pub(super) to: To,
    pub(super) protocol: Protocol,
}

impl End {
    fn new(host: impl ToString, port: u16, protocol: Protocol) -> Self {
        Self { to: To { host: host.to_string(), port, path: "/".to_owned() }, protocol }
    }

    /// A TCP port, or an echo request where there is none.
    fn tcp(host: impl ToString, port: u16) -> Self {
        Self::new(host, port, if port == 0 { Protocol::Icmp } else { Protocol::Tcp })
    }

    /// The probe from there to here. Who wants to see a body asks over HTTP.
    pub(super) fn from(&self, begin: &Begin, wants_body: bool) -> Probe {
        let protocol = match self.protocol {
            Protocol::Tcp if wants_body => Protocol::Http,
            protocol => protocol,
        };
        Probe::new(begin.source.clone(), self.to.clone(), protocol)
    }
}

impl World<'_> {
    /// `pod/client@win1 -> service/web:80`, as the file has it.
    pub(crate) fn flow_text(&self, from: &Spanned<Source>, to: &Spanned<Flow>) -> String {
        format!("{} -> {}", self.sources().excerpt(from.span), self.words_of(to))
    }

    pub(super) fn words_of<T>(&self, spanned: &Spanned<T>) -> String {
        self.sources().excerpt(spanned.span).trim_matches(['"', '\'']).to_owned()
    }

    /// Everybody who is meant, or why nobody is.
    pub(super) async fn begins(&self, source: &Source) -> Result<Vec<Begin>, String> {
        let wanted = match source {
            Source::Node(node) => {
                let (text, source) = (format!("node/{node}"), From::Node(node.clone()));
                return Ok(vec![Begin { text, node: Some(node.clone()), source }]);
            }
            Source::Outside => {
                let (text, source) = ("outside".to_owned(), From::External("outside".to_owned()));
                return Ok(vec![Begin { text, node: None, source }]);
            }
            Source::Pod(pod) => pod,
        };
        let found = self.living_pods(wanted).await.map_err(|error| error.to_string())?;
        if found.is_empty() {
            return Err(format!("there is no {wanted}"));
        }
        let mut begins = Vec::new();
        for pod in found {
            let source = self.lab.pod_source(&pod.namespace, &pod.name).await;
            let source = source.map_err(|error| error.to_string())?;
            begins.push(Begin { text: pod.to_string(), node: Some(pod.node), source });
        }
        Ok(begins)
    }

    /// Every place that is meant, or why there is none.
    pub(super) async fn ends(&self, flow: &Flow) -> Result<Vec<End>, String> {
        let one = |end| Ok(vec![end]);
        match flow {
            Flow::Url(url) => {
                let nobody = From::External(String::new());
                let probe = Probe::to(nobody, url).map_err(|error| error.to_string())?;
                one(End { to: probe.to, protocol: probe.protocol })
            }
            Flow::Service { service, port } => {
                let (object, found) = self.service_port(service, *port).await?;
                match object.text(&["spec", "clusterIP"]) {
                    "" | "None" => Err(format!("{service} has no cluster IP")),
                    address => one(End::new(address, *port, protocol_of(&found))),
                }
            }
            Flow::Pod { pod, port } => {
                let found = self.living_pods(pod).await.map_err(|error| error.to_string())?;
                match found.iter().find(|pod| pod.address.is_empty()) {
                    _ if found.is_empty() => Err(format!("there is no {pod}")),
                    Some(pod) => Err(format!("{pod} has no address yet")),
                    None => Ok(found.iter().map(|pod| End::tcp(&pod.address, *port)).collect()),
                }
            }
            Flow::NodePort { service, node, port } => {
                let (_, found) = self.service_port(service, *port).await?;
                let node_port = found.get("nodePort").and_then(Document::as_u64);
                let node_port = node_port.and_then(|port| u16::try_from(port).ok());
                let Some(node_port) = node_port else { return Err(format!("{service} has no node port")) };
                one(End::new(self.address_of(node)?, node_port, protocol_of(&found)))
            }
            Flow::Node { node, port } => one(End::tcp(self.address_of(node)?, *port)),
            Flow::Address { protocol, host, port } => one(match protocol.as_str() {
                "udp" => End::new(host, *port, Protocol::Udp),
                "icmp" => End::new(host, 0, Protocol::Icmp),
                _ => End::new(host, *port, Protocol::Tcp),
            }),
            Flow::Name(name) => one(End::new(name, 0, Protocol::Dns)),
            Flow::Outside => one(End::tcp(self.lab.outside_address(), 80)),
        }
    }

    fn address_of(&self, node: &str) -> Result<IpAddr, String> {
        self.lab.node_address(node).ok_or_else(|| format!("node {node} has no address"))
    }

    /// A service and its port of that number.
    async fn service_port(&self, service: &ObjectRef, port: u16) -> Result<(Document, Document), String> {
        let kind = kinds::by_word("service").expect("services are a built-in kind");
        let object = self.stored(kind, &service.namespace, &service.name).await;
        let object =
            object.map_err(|error| error.to_string())?.ok_or_else(|| format!("there is no {service}"))?;
        let ports = object.path(&["spec", "ports"]).map(Document::items).unwrap_or_default();
        let is = |found: &&Document| found.get("port").and_then(Document::as_u64) == Some(port.into());
        let found = ports.iter().find(is).cloned();
        let found = found.ok_or_else(|| format!("{service} has no port {port}"))?;
        Ok((object, found))
    }

    /// Looks a name up from a pod.
    pub(crate) async fn resolve_name(&self, pod: &Pod, name: &str) -> Result<Resolved, String> {
        let source = self.lab.pod_source(&pod.namespace, &pod.name).await;
        let source = source.map_err(|error| error.to_string())?;
        let to = To { host: name.to_owned(), port: 0, path: "/".to_owned() };
        let verdict = self.lab.probe(&Probe::new(source, to, Protocol::Dns), self.next_walk());
        match verdict.resolved.clone() {
            Some(resolved) if verdict.is_ok() => Ok(resolved),
            _ => Err(format!("{} ({})", verdict.word(), verdict.reason())),
        }
    }
}

fn protocol_of(port: &Document) -> Protocol {
    if port.text(&["protocol"]) == "UDP" { Protocol::Udp } else { Protocol::Tcp }
}
