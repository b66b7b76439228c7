//! Who sends a probe.

use futures::future::BoxFuture;
use winlab_clock::VirtualSpan;

/// A probe that leaves the node as packets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeRequest {
    /// The node it leaves from.
    pub node: String,
    /// Where it goes.
    pub target: ProbeTarget,
    /// How long the answer may take.
    pub timeout: VirtualSpan,
}

/// Where a probe goes, and what it asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProbeTarget {
    /// A GET; 200 to 399 is success.
    Http {
        /// `http` or `https`
        scheme: String,
        /// Address or name
        host: String,
        /// Port
        port: u16,
        /// Path with query
        path: String,
        /// Headers beside the probe's own
        headers: Vec<(String, String)>,
    },
    /// A connection is success.
    Tcp {
        /// Address or name
        host: String,
        /// Port
        port: u16,
    },
    /// `grpc.health.v1.Health/Check`
    Grpc {
        /// Address
        host: String,
        /// Port
        port: u16,
        /// Service asked about
        service: String,
    },
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProbeOutcome {
    /// It worked.
    Success,
    /// It worked, but: a redirect to another host.
    Warning(String),
    /// It did not: the text of Go's client, `HTTP probe failed with statuscode: 503`,
    /// `dial tcp 10.244.1.5:80: connect: connection refused`.
    Failure(String),
}

/// Sends probes and lifecycle hooks: the lab's network, or real sockets.
pub trait Prober: Send + Sync {
    /// Sends one and waits for its answer, at most for its timeout.
    fn probe(&self, request: ProbeRequest) -> BoxFuture<'_, ProbeOutcome>;
}
