//! What a containerd of a lab is given beside its command line.

use std::fmt;
use std::sync::Arc;

use winlab_cni::CniRunner;

use super::images::ImageRegistry;

/// Version, registry and CNI plugins.
#[derive(Clone)]
pub struct ContainerdOptions {
    /// `1.7.27`, `2.1.4`: decides the default pause image and how image indexes are read.
    pub version: String,
    /// Where images come from.
    pub registry: Arc<dyn ImageRegistry>,
    /// Who runs CNI plugins.
    pub cni: Arc<dyn CniRunner>,
}

impl ContainerdOptions {
    /// The major version.
    #[must_use]
    pub fn major(&self) -> u32 {
        self.part(0)
    }

    /// The minor version.
    #[must_use]
    pub fn minor(&self) -> u32 {
        self.part(1)
    }

    /// Whether it is `major`.`minor` or later.
    #[must_use]
    pub fn is_at_least(&self, major: u32, minor: u32) -> bool {
        (self.major(), self.minor()) >= (major, minor)
    }

    fn part(&self, at: usize) -> u32 {
        self.version
            .trim_start_matches('v')
            .split('.')
            .nth(at)
            .and_then(|part| part.parse().ok())
            .unwrap_or(0)
    }

    /// The sandbox image where the configuration names none (containerd `pkg/cri/config`, by release).
    #[must_use]
    pub fn default_sandbox_image(&self) -> &'static str {
        match (self.major(), self.minor()) {
            (0, _) | (1, 0..=4) => "k8s.gcr.io/pause:3.2",
            (1, 5) => "k8s.gcr.io/pause:3.5",
            (1, 6) => "registry.k8s.io/pause:3.6",
            (1, _) => "registry.k8s.io/pause:3.8",
            (2, 0 | 1) => "registry.k8s.io/pause:3.10",
            _ => "registry.k8s.io/pause:3.10.1",
        }
    }
}

impl fmt::Debug for ContainerdOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContainerdOptions").field("version", &self.version).finish_non_exhaustive()
    }
}
