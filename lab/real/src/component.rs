//! Which components can be unmodified programs.

use std::fmt;

/// A node component that can run as an unmodified program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RealComponent {
    /// `kubelet.exe`
    Kubelet,
    /// `kube-proxy.exe`
    KubeProxy,
}

impl RealComponent {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Kubelet, Self::KubeProxy];

    /// Its name, which is its service's and its program's too.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Kubelet => "kubelet",
            Self::KubeProxy => "kube-proxy",
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
}

impl fmt::Display for RealComponent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
