//! Which components can be unmodified programs.

use std::fmt;

use winlab_profiles::KubeVersion;

/// A node component that can run as an unmodified program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RealComponent {
    /// `kubelet.exe`
    Kubelet,
    /// `kube-proxy.exe`
    KubeProxy,
    /// `flanneld.exe`
    Flanneld,
    /// `win-bridge.exe`
    WinBridge,
    /// `win-overlay.exe`
    WinOverlay,
    /// `host-local.exe`
    HostLocal,
}

/// The release of the CNI plugins that `cargo xtask peers` builds.
const CNI: &str = "cni-v1.9.1";
/// That of flannel.
const FLANNEL: &str = "flannel-v0.28.10";

impl RealComponent {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Kubelet, Self::KubeProxy, Self::Flanneld, Self::WinBridge, Self::WinOverlay, Self::HostLocal];

    /// Its name, which is its program's too, and its service's.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Kubelet => "kubelet",
            Self::KubeProxy => "kube-proxy",
            Self::Flanneld => "flanneld",
            Self::WinBridge => "win-bridge",
            Self::WinOverlay => "win-overlay",
            Self::HostLocal => "host-local",
        }
    }

    /// The component of that name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|component| component.name() == name)
    }

    /// Its file: `kube-proxy.exe`.
    #[must_use]
    pub fn file(self) -> String {
        format!("{}.exe", self.name())
    }

    /// The folder of its release. Components of Kubernetes have the version that the node has; the others have their own.
    #[must_use]
    pub fn folder(self, version: KubeVersion) -> String {
        self.own_release().map_or_else(|| version.to_string(), str::to_owned)
    }

    /// The release of a component that is none of Kubernetes.
    pub(crate) fn own_release(self) -> Option<&'static str> {
        match self {
            Self::Kubelet | Self::KubeProxy => None,
            Self::Flanneld => Some(FLANNEL),
            Self::WinBridge | Self::WinOverlay | Self::HostLocal => Some(CNI),
        }
    }

    /// Whether it is a CNI plugin, which the container runtime calls, and no service.
    #[must_use]
    pub fn is_plugin(self) -> bool {
        match self {
            Self::Kubelet | Self::KubeProxy | Self::Flanneld => false,
            Self::WinBridge | Self::WinOverlay | Self::HostLocal => true,
        }
    }

    /// What it starts by itself, and so has to be a program too.
    #[must_use]
    pub fn starts(self) -> Option<Self> {
        matches!(self, Self::WinBridge | Self::WinOverlay).then_some(Self::HostLocal)
    }
}

impl fmt::Display for RealComponent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
