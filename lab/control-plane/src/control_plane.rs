//! What a lab needs of a control plane.

use winlab_kube_client::{Client, Identity};
use winlab_profiles::KubeVersion;

/// A Kubernetes control plane, wherever it runs.
pub trait ControlPlane: Send + Sync {
    /// A client that acts as `identity`.
    fn client(&self, identity: Identity) -> Client;

    /// Its version.
    fn version(&self) -> KubeVersion;
}
