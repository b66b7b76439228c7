//! Checks and probes.

use crate::cel::Cel;
use crate::span::{Span, Spanned};
use crate::yaml::Node;

/// What must be true of one target.
#[derive(Clone, Debug)]
pub struct Check {
    /// When.
    pub mode: CheckMode,
    /// The whole check.
    pub span: Span,
    /// Of what.
    pub target: Spanned<Target>,
    /// A part of each document.
    pub matches: Option<Node>,
    /// Which documents.
    pub filter: Option<Spanned<Cel>>,
    /// What must hold for each of them.
    pub that: Option<Spanned<Cel>>,
    /// How many there are.
    pub count: Option<Spanned<Count>>,
    /// The author's words.
    pub say: Option<String>,
}

impl Check {
    /// The place of what the check says, or of its target.
    #[must_use]
    pub fn said_at(&self) -> Span {
        let matches = self.matches.as_ref().map(|node| node.span);
        let that = self.that.as_ref().map(|that| that.span);
        let count = self.count.as_ref().map(|count| count.span);
        matches.or(that).or(count).unwrap_or(self.target.span)
    }
}

/// When a check must be true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckMode {
    /// It must become true.
    Expect,
    /// It must stay true.
    Always,
    /// It must not become true.
    Never,
    /// It is only shown.
    Show,
}

/// How many documents there are.
#[derive(Clone, Debug)]
pub enum Count {
    /// Just so many.
    Exactly(u64),
    /// As many as this says of the number `it`.
    That(Cel),
}

/// What a check looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// API objects.
    K8s(ObjectRef),
    /// HNS objects: node and kind (`networks`, `endpoints`, `namespaces`, `loadbalancers`, `routes`).
    Hns(String, String),
    /// HCS: node and kind (`systems`, `processes`).
    Hcs(String, String),
    /// CRI: node and kind (`pods`, `containers`, `images`).
    Cri(String, String),
    /// A service: node and name.
    Service(String, String),
    /// A registry key: node, pod if it is a container's, key.
    Registry {
        /// The node.
        node: String,
        /// The pod's namespace.
        namespace: String,
        /// The pod, or empty for the host's registry.
        pod: String,
        /// The key; one that ends in `\*` stands for each key below.
        key: String,
    },
    /// Log lines of a node's component.
    Log(String, String),
    /// Log lines of a pod.
    PodLog(PodRef),
    /// Boundary calls since the step began: node and service.
    Calls(String, String),
    /// Events about an object.
    Event(ObjectRef),
    /// A number the lab counts.
    Metric(String),
    /// What a name resolves to from a pod.
    Dns(PodRef, String),
}

impl Target {
    /// The key it stands under.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::K8s(_) => "k8s",
            Self::Hns(..) => "hns",
            Self::Hcs(..) => "hcs",
            Self::Cri(..) => "cri",
            Self::Service(..) => "service",
            Self::Registry { .. } => "registry",
            Self::Log(..) | Self::PodLog(_) => "log",
            Self::Calls(..) => "calls",
            Self::Event(_) => "event",
            Self::Metric(_) => "metric",
            Self::Dns(..) => "dns",
        }
    }
}

/// API objects: `deployment/web`, `pods`, `kube-system/deployment/coredns`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectRef {
    /// Namespace; `default` unless given; without meaning for kinds that have none.
    pub namespace: String,
    /// Kind as the author wrote it: a kind, a plural or a short name.
    pub kind: String,
    /// Name; empty: all of the kind.
    pub name: String,
}

impl std::fmt::Display for ObjectRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.namespace != "default" {
            write!(f, "{}/", self.namespace)?;
        }
        f.write_str(&self.kind)?;
        if self.name.is_empty() { Ok(()) } else { write!(f, "/{}", self.name) }
    }
}

/// Pods: `pod/web@win1` is every pod on win1 that is named `web` or owned by a controller `web`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodRef {
    /// Namespace.
    pub namespace: String,
    /// Name, or the name of a controller.
    pub name: String,
    /// The node; empty: any.
    pub node: String,
}

impl std::fmt::Display for PodRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.namespace != "default" {
            write!(f, "{}/", self.namespace)?;
        }
        write!(f, "pod/{}", self.name)?;
        if self.node.is_empty() { Ok(()) } else { write!(f, "@{}", self.node) }
    }
}

/// One flow and what it must come to.
#[derive(Clone, Debug)]
pub struct Probe {
    /// Who asks.
    pub from: Spanned<Source>,
    /// Whom.
    pub to: Spanned<Flow>,
    /// What it must come to.
    pub is: Spanned<FlowResult>,
    /// What the packet must have met.
    pub via: Option<Spanned<String>>,
    /// Text the reply must contain.
    pub body: Option<Spanned<String>>,
    /// The author's words.
    pub say: Option<String>,
}

/// Who starts a flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Pods.
    Pod(PodRef),
    /// A node's own programs.
    Node(String),
    /// A host beyond the cluster's edge.
    Outside,
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Pod(pod) => pod.fmt(f),
            Self::Node(node) => write!(f, "node/{node}"),
            Self::Outside => f.write_str("outside"),
        }
    }
}

/// Where a flow goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flow {
    /// A URL.
    Url(String),
    /// A service's cluster IP and port: `service/web:80`.
    Service {
        /// The service.
        service: ObjectRef,
        /// The port.
        port: u16,
    },
    /// Pods' addresses and port: `pod/web@win1:80`; port 0 asks with ICMP.
    Pod {
        /// The pods.
        pod: PodRef,
        /// The port.
        port: u16,
    },
    /// A node port: `nodeport/web@win1:80`: the node port of the service's port, at the node's address.
    NodePort {
        /// The service.
        service: ObjectRef,
        /// The node.
        node: String,
        /// The service's port.
        port: u16,
    },
    /// A node's address: `node/win1:10250`; port 0 asks with ICMP.
    Node {
        /// The node.
        node: String,
        /// The port.
        port: u16,
    },
    /// An address or a name: `tcp/10.0.0.1:80`, `udp/…`, `icmp/10.0.0.1`.
    Address {
        /// `tcp`, `udp`, `icmp`
        protocol: String,
        /// Address or name.
        host: String,
        /// Port; 0 with ICMP.
        port: u16,
    },
    /// A name to resolve: `dns/web.default.svc`.
    Name(String),
    /// A host beyond the cluster's edge.
    Outside,
}

/// What a flow comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowResult {
    /// Answered.
    Ok,
    /// Answered by so many distinct back ends.
    OkFrom(u32),
    /// Refused by the far end.
    Refused,
    /// No answer.
    Timeout,
    /// The name does not resolve.
    NoName,
    /// Answered over HTTP with this status, 400 or above.
    Http(u16),
}

impl std::fmt::Display for FlowResult {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ok => f.write_str("ok"),
            Self::OkFrom(count) => write!(f, "ok x{count}"),
            Self::Refused => f.write_str("refused"),
            Self::Timeout => f.write_str("timeout"),
            Self::NoName => f.write_str("no-name"),
            Self::Http(status) => write!(f, "http-{status}"),
        }
    }
}
