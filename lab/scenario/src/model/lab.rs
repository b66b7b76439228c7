//! The cluster.

use std::collections::BTreeMap;

use winlab_clock::VirtualSpan;
use winlab_profiles::{KubeVersion, NetworkFamily, WindowsVersion};

use crate::model::{Fault, FaultPlace};
use crate::span::{Span, Spanned};

/// The cluster before the first step.
#[derive(Clone, Debug)]
pub struct Lab {
    /// Version of the control plane.
    pub kube: Spanned<KubeVersion>,
    /// The pod network.
    pub network: Spanned<NetworkFamily>,
    /// Where the API comes from.
    pub control_plane: Spanned<ControlPlane>,
    /// Nodes in written order; those with a count are numbered.
    pub nodes: Vec<NodeSpec>,
    /// Images besides the built-in ones.
    pub images: BTreeMap<String, Image>,
    /// Faults that are there all the time.
    pub faults: Vec<Spanned<Fault>>,
}

impl Lab {
    /// The nodes that a fault at this place is put on: the one it names, or each that has the part; one without a name for
    /// `api`.
    #[must_use]
    pub fn nodes_at<'a>(&'a self, at: &'a FaultPlace) -> Vec<&'a str> {
        if at.node != "*" {
            return vec![&at.node];
        }
        let nodes = self.nodes.iter().filter(|node| at.is_on(node.os.value));
        nodes.map(|node| node.name.value.as_str()).collect()
    }
}

/// Where the API comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ControlPlane {
    /// The API server in this process.
    Embedded,
    /// etcd, kube-apiserver and the rest from a folder.
    Binaries,
    /// In containers.
    Container,
    /// Somebody's cluster.
    Kubeconfig,
}

impl ControlPlane {
    /// Its word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::Binaries => "binaries",
            Self::Container => "container",
            Self::Kubeconfig => "kubeconfig",
        }
    }
}

/// A node's operating system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeOs {
    /// Linux
    Linux,
    /// Windows of a build and revision
    Windows(WindowsVersion),
}

/// A node.
#[derive(Clone, Debug)]
pub struct NodeSpec {
    /// Its name.
    pub name: Spanned<String>,
    /// Its operating system.
    pub os: Spanned<NodeOs>,
    /// Labels it registers with.
    pub labels: BTreeMap<String, String>,
    /// Taints it registers with.
    pub taints: Vec<String>,
    /// How it joins before the first step; none: later.
    pub join: Option<crate::model::JoinMethod>,
    /// Whether the file says how it joins; if not, it joins as the others do.
    pub join_given: bool,
    /// Components that run as unmodified programs.
    pub real: Vec<Spanned<String>>,
    /// Start types of services.
    pub services: BTreeMap<String, StartMode>,
    /// Its kubelet.
    pub kubelet: Spanned<KubeVersion>,
    /// Its kube-proxy.
    pub kube_proxy: Spanned<KubeVersion>,
    /// Whether kube-proxy is given `--enable-dsr`.
    pub dsr: bool,
}

/// When a service starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartMode {
    /// With the system
    Auto,
    /// When asked
    Manual,
    /// Never
    Disabled,
}

/// An image.
#[derive(Clone, Debug)]
pub struct Image {
    /// Where it was declared.
    pub span: Span,
    /// The platforms in its index.
    pub platforms: Vec<ImagePlatform>,
    /// The account its program runs as.
    pub user: String,
    /// Its entry point.
    pub command: Vec<String>,
    /// What its program does.
    pub does: Does,
}

/// A platform of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImagePlatform {
    /// linux/amd64
    Linux,
    /// windows/amd64 with this `os.version`
    Windows(String),
}

/// What a program does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Does {
    /// Sockets: `tcp/8080`.
    pub listen: Vec<String>,
    /// Replies by path.
    pub http: BTreeMap<String, Reply>,
    /// Lines it writes at its start.
    pub logs: Vec<String>,
    /// Exit code and time, if it ends by itself.
    pub exit: Option<(i32, VirtualSpan)>,
    /// How long until it listens.
    pub ready_after: VirtualSpan,
    /// Whether it goes on after a polite request to end.
    pub ignores_shutdown: bool,
    /// Working set in bytes.
    pub memory: u64,
}

/// An HTTP reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Status code.
    pub status: u16,
    /// Body.
    pub body: String,
    /// A URL the program asks first.
    pub fetches: Option<String>,
}
