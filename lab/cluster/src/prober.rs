//! Probes of kubelets: packets from the node through the fabric.

use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use winlab_clock::{Clock, Seed, VirtualSpan};
use winlab_fabric::{Fabric, Outcome, Probe, Protocol, Source, Target, Verdict};
use winlab_node::kubelet::{ProbeOutcome, ProbeRequest, ProbeTarget, Prober};

/// Sends probes through the lab's fabric.
pub(crate) struct FabricProber {
    pub(crate) fabric: Arc<Fabric>,
    pub(crate) clock: Clock,
    pub(crate) seed: Seed,
}

impl Prober for FabricProber {
    fn probe(&self, request: ProbeRequest) -> BoxFuture<'_, ProbeOutcome> {
        async move {
            let (probe, what) = match packet(&request) {
                Ok(packet) => packet,
                Err(text) => return ProbeOutcome::Failure(text),
            };
            let seed = self.seed.child(&format!("{}/{}", request.node, self.clock.now()));
            let verdict = self.fabric.walk(&probe, seed, self.clock.now());
            let waits = if verdict.outcome == Outcome::Timeout { request.timeout } else { verdict.elapsed };
            if waits > VirtualSpan::ZERO {
                self.clock.sleep(waits.min(request.timeout)).await;
            }
            judge(&verdict, &probe, &what)
        }
        .boxed()
    }
}

/// The flow a probe is, and how Go's clients name it in errors.
fn packet(request: &ProbeRequest) -> Result<(Probe, String), String> {
    let from = Source::Node(request.node.clone());
    let target =
        |host: &str, port: u16, path: &str| Target { host: host.to_owned(), port, path: path.to_owned() };
    Ok(match &request.target {
        ProbeTarget::Http { scheme, host, port, path, .. } => {
            let path = if path.is_empty() { "/" } else { path };
            let what = format!("Get \"{scheme}://{host}:{port}{path}\"");
            (Probe::new(from, target(host, *port, path), Protocol::Http), what)
        }
        ProbeTarget::Tcp { host, port } => {
            (Probe::new(from, target(host, *port, "/"), Protocol::Tcp), format!("dial tcp {host}:{port}"))
        }
        ProbeTarget::Grpc { host, port, .. } => {
            return Err(format!("gRPC probes are not modelled: {host}:{port}"));
        }
    })
}

fn judge(verdict: &Verdict, probe: &Probe, what: &str) -> ProbeOutcome {
    let address = format!("{}", probe.to);
    match (verdict.outcome, &verdict.http) {
        (Outcome::Ok, Some(http)) if !(200..400).contains(&http.status) => {
            ProbeOutcome::Failure(format!("HTTP probe failed with statuscode: {}", http.status))
        }
        (Outcome::Ok, _) => ProbeOutcome::Success,
        (Outcome::Refused, _) if what.starts_with("Get") => {
            ProbeOutcome::Failure(format!("{what}: dial tcp {address}: connect: connection refused"))
        }
        (Outcome::Refused, _) => ProbeOutcome::Failure(format!("{what}: connect: connection refused")),
        (Outcome::NoName, _) => {
            ProbeOutcome::Failure(format!("{what}: lookup {}: no such host", probe.to.host))
        }
        _ if what.starts_with("Get") => ProbeOutcome::Failure(format!(
            "{what}: context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
        )),
        _ => ProbeOutcome::Failure(format!("{what}: i/o timeout")),
    }
}
