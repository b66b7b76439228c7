//! Which manifest of an image index fits a node (containerd `platforms/defaults_windows.go` and
//! `platform_windows_compat.go`).

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};
use winlab_profiles::{Isolation, container_runs};

use super::registry::ImageManifest;

/// The platform of a manifest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Platform {
    /// `linux` or `windows`
    pub os: String,
    /// `amd64`
    pub architecture: String,
    /// Windows: `10.0.17763.1234`
    pub os_version: String,
}

/// How a runtime tells whether a manifest fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlatformMatcher {
    /// Linux: system and architecture.
    Linux,
    /// Windows with containerd 1.x: the same build (`10.0.17763.` is a prefix of the version); newest revision first.
    WindowsSameBuild(
        /// The host's build.
        u32,
    ),
    /// Windows with containerd 2: what Windows itself can run side by side; newest build, then revision first.
    WindowsCompatible(
        /// The host's build.
        u32,
    ),
    /// Hyper-V isolation: the same build or an older one; newest first.
    WindowsHypervisor(
        /// The host's build.
        u32,
    ),
}

impl PlatformMatcher {
    /// The manifest that is used: the best of those that fit.
    #[must_use]
    pub fn choose<'a>(&self, manifests: &'a [ImageManifest]) -> Option<&'a ImageManifest> {
        let fitting = manifests.iter().filter(|manifest| self.fits(&manifest.platform));
        // `min_by_key` keeps the first of equals, as a stable sort does.
        fitting.min_by_key(|manifest| Reverse(version(&manifest.platform.os_version)))
    }

    /// Whether a platform fits.
    #[must_use]
    pub fn fits(&self, platform: &Platform) -> bool {
        let windows = platform.os == "windows";
        if platform.architecture != "amd64" || windows == (*self == Self::Linux) {
            return false;
        }
        let (build, _) = version(&platform.os_version);
        match self {
            Self::Linux => platform.os == "linux",
            Self::WindowsSameBuild(host) => build == *host,
            Self::WindowsCompatible(host) => {
                platform.os_version.is_empty() || container_runs(*host, build, Isolation::Process)
            }
            Self::WindowsHypervisor(host) => {
                platform.os_version.is_empty() || container_runs(*host, build, Isolation::HyperV)
            }
        }
    }
}

/// Build and revision of `10.0.<build>.<revision>`.
fn version(text: &str) -> (u32, u32) {
    let mut parts = text.split('.').skip(2).map(|part| part.parse().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::{ImageManifest, Platform, PlatformMatcher};

    fn index(versions: &[&str]) -> Vec<ImageManifest> {
        let manifest = |version: &&str| ImageManifest {
            digest: format!("sha256:{version}"),
            platform: Platform {
                os: if version.is_empty() { "linux" } else { "windows" }.into(),
                architecture: "amd64".into(),
                os_version: (*version).to_owned(),
            },
            ..ImageManifest::default()
        };
        versions.iter().map(manifest).collect()
    }

    fn chosen(matcher: &PlatformMatcher, versions: &[&str]) -> Option<String> {
        matcher.choose(&index(versions)).map(|manifest| manifest.platform.os_version.clone())
    }

    #[test]
    fn one_x_takes_the_same_build_with_the_newest_revision() {
        let matcher = PlatformMatcher::WindowsSameBuild(20348);
        let all = ["", "10.0.17763.5", "10.0.20348.1", "10.0.20348.9", "10.0.26100.1"];
        assert_eq!(chosen(&matcher, &all).as_deref(), Some("10.0.20348.9"));
        assert_eq!(chosen(&matcher, &["10.0.17763.5"]), None);
        assert_eq!(chosen(&PlatformMatcher::Linux, &all).as_deref(), Some(""));
    }

    #[test]
    fn two_takes_what_windows_can_run() {
        let on = |host, versions: &[&str]| chosen(&PlatformMatcher::WindowsCompatible(host), versions);
        assert_eq!(on(26100, &["10.0.20348.1"]).as_deref(), Some("10.0.20348.1"));
        assert_eq!(on(26100, &["10.0.20348.1", "10.0.26100.1"]).as_deref(), Some("10.0.26100.1"));
        assert_eq!(on(20348, &["10.0.17763.1"]), None);
        assert_eq!(on(17763, &["10.0.20348.1"]), None);
        assert_eq!(on(25398, &["10.0.20348.1"]).as_deref(), Some("10.0.20348.1"));
        assert_eq!(on(26200, &["10.0.20348.1"]), None);
        let hypervisor = PlatformMatcher::WindowsHypervisor(20348);
        assert_eq!(chosen(&hypervisor, &["10.0.17763.1", "10.0.26100.1"]).as_deref(), Some("10.0.17763.1"));
    }
}
