//! What a lab is to be.

use std::collections::{BTreeMap, BTreeSet};

use winlab_control_plane::{ApiAccess, ControlPlaneSpec};
use winlab_host::Program;
use winlab_host::system::StartType;
use winlab_profiles::{KubeVersion, NetworkFamily, WindowsVersion};
use winlab_real::{Means, RealComponent};

/// A lab.
#[derive(Clone, Debug)]
pub struct LabSpec {
    /// Version of the control plane.
    pub kube: KubeVersion,
    /// Where the control plane comes from.
    pub control_plane: ControlPlaneSpec,
    /// How programs outside this process reach the API server.
    pub access: ApiAccess,
    /// Where unmodified programs and what runs them are on this machine.
    pub means: Means,
    /// The pod network.
    pub network: NetworkFamily,
    /// How it is set up.
    pub setup: ClusterSetup,
    /// Its nodes, in the order of their addresses.
    pub nodes: Vec<NodeSpec>,
    /// Images besides the built-in ones: reference and content. One of the same reference replaces a built-in one.
    pub images: Vec<(String, ImageSpec)>,
}

/// How a cluster is set up: what is in it before the first node joins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClusterSetup {
    /// Network and kube-proxy are services of each node.
    #[default]
    Services,
    /// kubeadm's: network and kube-proxy are DaemonSets, and nodes join by `kubeadm join`.
    Kubeadm,
}

/// A node.
#[derive(Clone, Debug)]
pub struct NodeSpec {
    /// Its name.
    pub name: String,
    /// Its operating system.
    pub os: NodeOs,
    /// Labels its kubelet registers it with.
    pub labels: BTreeMap<String, String>,
    /// Taints its kubelet registers it with: `key=value:Effect`.
    pub taints: Vec<String>,
    /// Version of its kubelet.
    pub kubelet: KubeVersion,
    /// Version of its kube-proxy.
    pub kube_proxy: KubeVersion,
    /// Whether kube-proxy is given `--enable-dsr`.
    pub dsr: bool,
    /// Its components that are unmodified programs; Windows only.
    pub real: BTreeSet<RealComponent>,
    /// Start types of its services that are not automatic.
    pub start_types: BTreeMap<String, StartType>,
}

impl NodeSpec {
    /// The version of Kubernetes that one of its real components is of, or goes with.
    pub(crate) fn version(&self, component: RealComponent) -> KubeVersion {
        match component {
            RealComponent::Kubelet
            | RealComponent::Flanneld
            | RealComponent::WinBridge
            | RealComponent::WinOverlay
            | RealComponent::HostLocal => self.kubelet,
            RealComponent::KubeProxy => self.kube_proxy,
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

/// An image.
#[derive(Clone, Debug)]
pub struct ImageSpec {
    /// Platforms in its index.
    pub platforms: Vec<ImagePlatform>,
    /// What its program does; `os` and `os_version` are filled in by platform.
    pub program: Program,
    /// Files beside its program, by path: executables that are copied out of it, say.
    pub files: BTreeMap<String, String>,
}

/// A platform of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImagePlatform {
    /// linux/amd64
    Linux,
    /// windows/amd64 with this `os.version`: `10.0.20348.2582`
    Windows(String),
}

/// How a node joins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JoinMethod {
    /// In the order of the SIG-Windows scripts, each step waiting for the one before.
    Scripts,
    /// By `kubeadm join`, network and kube-proxy as DaemonSets.
    Kubeadm,
    /// Just these components in this order, without waiting for anything.
    Components(Vec<String>),
}
