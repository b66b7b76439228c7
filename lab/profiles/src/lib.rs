//! Versions as data: what a Windows build, a Kubernetes minor or an HNS version brings. No behaviour lives here, only
//! tables with their sources and the look-ups over them.

mod container_compat;
mod feature_gates;
mod hns_features;
mod kube_version;
mod kubelet_flags;
mod network;
mod node_rules;
mod pause_image;
mod skew;
mod windows_builds;
mod windows_version;

pub use container_compat::{Isolation, container_runs};
pub use feature_gates::{GateState, Stage, feature_gate, known_gates};
pub use hns_features::{HnsFeature, HnsVersion};
pub use kube_version::{KubeVersion, NEWEST_MINOR, OLDEST_MINOR, VersionError};
pub use kubelet_flags::{removed_kube_proxy_flag, removed_kubelet_flag};
pub use network::NetworkFamily;
pub use node_rules::NodeRules;
pub use pause_image::{PauseImages, pause_images};
pub use skew::{Component, KUBEADM_SKEW_POLICY, SKEW_POLICY, SkewProblem, skew};
pub use windows_builds::{BUILDS, DEFAULT_BUILD, WindowsBuild};
pub use windows_version::{WindowsVersion, WindowsVersionError};
