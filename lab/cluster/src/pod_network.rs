//! A node's pods, as packets from the node meet them: for the probes of a real kubelet, and for forwarded ports.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use futures::future::{BoxFuture, ready};
use winlab_clock::{Clock, Seed};
use winlab_cri::{HttpAnswer, HttpReplies, PodPort};
use winlab_fabric::{Fabric, Outcome, Probe, Protocol, Source, Target, Verdict};
use winlab_kube_client::api::ListParams;
use winlab_kube_client::k8s::IntOrString;
use winlab_kube_client::k8s::core::{Container, Pod};
use winlab_kube_client::{Api, Client};
use winlab_real::{PodAnswer, PodNetwork};

/// One node's.
pub(crate) struct NodePods {
    pub(crate) node: String,
    pub(crate) is_windows: bool,
    pub(crate) address: IpAddr,
    pub(crate) client: Client,
    pub(crate) fabric: Arc<Fabric>,
    pub(crate) clock: Clock,
    pub(crate) seed: Seed,
}

impl NodePods {
    fn walk(&self, at: SocketAddr, path: &str, protocol: Protocol) -> Verdict {
        let target = Target { host: at.ip().to_string(), port: at.port(), path: path.to_owned() };
        self.send(Probe::new(Source::Node(self.node.clone()), target, protocol))
    }

    fn send(&self, probe: Probe) -> Verdict {
        let now = self.clock.now();
        self.fabric.walk(&probe, self.seed.child(&now.to_string()), now)
    }
}

impl PodNetwork for NodePods {
    fn listening(&self) -> BoxFuture<'_, BTreeSet<SocketAddr>> {
        Box::pin(async move {
            let pods: Api<Pod> = Api::all(self.client.clone());
            let here = ListParams::default().fields(&format!("spec.nodeName={}", self.node));
            // A server that does not answer leaves the probes without one too.
            let Ok(pods) = pods.list(&here).await else { return BTreeSet::new() };
            let asked = pods.items.iter().flat_map(probed).filter(|at| at.ip() != self.address);
            asked.filter(|at| self.walk(*at, "/", Protocol::Tcp).outcome == Outcome::Ok).collect()
        })
    }

    fn get(&self, at: SocketAddr, path: &str) -> PodAnswer {
        let verdict = self.walk(at, path, Protocol::Http);
        match (verdict.outcome, verdict.http) {
            (Outcome::Ok, Some(http)) => PodAnswer::Http { status: http.status, body: http.body },
            (Outcome::Timeout, _) => PodAnswer::Silence,
            _ => PodAnswer::Closed,
        }
    }
}

/// Ports that are forwarded: on Windows the runtime dials the pod's address from the host, on Linux the loopback of the
/// pod's namespace (containerd `internal/cri/server/sandbox_portforward_{windows,linux}.go`).
impl HttpReplies for NodePods {
    fn connect<'a>(&'a self, to: &'a PodPort) -> BoxFuture<'a, Result<(), String>> {
        let probe = self.forwarded(to, "/", Protocol::Tcp);
        let at = format!("dial tcp4 {}:{}", probe.to.host, probe.to.port);
        let refused = match self.is_windows {
            true => "connectex: No connection could be made because the target machine actively refused it.",
            false => "connect: connection refused",
        };
        Box::pin(ready(match self.send(probe).outcome {
            Outcome::Ok => Ok(()),
            Outcome::Refused => Err(format!("{at}: {refused}")),
            _ => Err(format!("{at}: i/o timeout")),
        }))
    }

    fn get<'a>(&'a self, to: &'a PodPort, path: &'a str) -> BoxFuture<'a, Result<HttpAnswer, String>> {
        let verdict = self.send(self.forwarded(to, path, Protocol::Http));
        Box::pin(ready(match (verdict.outcome, verdict.http) {
            (Outcome::Ok, Some(http)) => Ok(HttpAnswer { status: http.status, body: http.body }),
            (outcome, _) => Err(format!("the program gives no answer: {outcome:?}")),
        }))
    }
}

impl NodePods {
    fn forwarded(&self, to: &PodPort, path: &str, protocol: Protocol) -> Probe {
        let node = self.node.clone();
        let (from, host) = if self.is_windows {
            (Source::Node(node), to.ip.as_str())
        } else {
            (Source::Container { node, id: to.pod_sandbox_id.clone() }, "127.0.0.1")
        };
        let target = Target { host: host.to_owned(), port: to.port, path: path.to_owned() };
        Probe::new(from, target, protocol)
    }
}

/// The sockets that a kubelet probes a pod at.
fn probed(pod: &Pod) -> Vec<SocketAddr> {
    let status = pod.status.as_ref();
    let address = status.and_then(|status| status.pod_ip.as_ref()).and_then(|ip| ip.parse::<IpAddr>().ok());
    let (Some(address), Some(spec)) = (address, &pod.spec) else { return Vec::new() };
    spec.containers.iter().flat_map(ports).map(|port| SocketAddr::new(address, port)).collect()
}

fn ports(container: &Container) -> Vec<u16> {
    let probes = [&container.startup_probe, &container.liveness_probe, &container.readiness_probe];
    let asked = probes.into_iter().flatten().filter_map(|probe| {
        let http = probe.http_get.as_ref().map(|http| &http.port);
        http.or(probe.tcp_socket.as_ref().map(|tcp| &tcp.port))
    });
    asked.filter_map(|port| number(port, container)).collect()
}

/// A port by its number, or by its name among the container's.
fn number(port: &IntOrString, container: &Container) -> Option<u16> {
    match port {
        IntOrString::Int(number) => u16::try_from(*number).ok(),
        IntOrString::String(name) => {
            let named = container.ports.iter().flatten().find(|port| port.name.as_ref() == Some(name));
            named.and_then(|port| u16::try_from(port.container_port).ok()).or_else(|| name.parse().ok())
        }
    }
}
