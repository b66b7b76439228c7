//! What a lab needs of a control plane.

use std::net::SocketAddr;
use std::sync::Arc;

use futures::future::BoxFuture;
use winlab_document::Document;
use winlab_kube_api::kinds::Kind;
use winlab_kube_api::kubelet::Kubelets;
use winlab_kube_client::{Client, Error, Identity};
use winlab_profiles::KubeVersion;

use crate::access::Side;
use crate::faults::ApiFaults;
use crate::observe::Observer;

/// A Kubernetes control plane, wherever it runs.
pub trait ControlPlane: Send + Sync {
    /// A client that acts as `identity`.
    fn client(&self, identity: Identity) -> Client;

    /// Its version.
    fn version(&self) -> KubeVersion;

    /// Where programs reach it from a side; none while it listens nowhere.
    fn endpoint(&self, side: Side) -> Option<Endpoint>;

    /// The certificate of the authority that signs for its nodes, in PEM.
    fn authority_pem(&self) -> String;

    /// A complete kubeconfig document for a program on a side that acts as `identity`.
    ///
    /// # Errors
    /// That it listens nowhere, or cannot make the identity's certificate.
    fn kubeconfig(&self, identity: &Identity, side: Side) -> Result<String, KubeconfigError>;

    /// An object as it is stored: a lab's look at it, whatever becomes of clients' requests.
    fn stored<'a>(
        &'a self,
        kind: &'static Kind,
        namespace: &'a str,
        name: &'a str,
    ) -> BoxFuture<'a, Result<Option<Document>, Error>>;

    /// The stored objects of a kind, by namespace and name; none of a kind that is not served.
    fn stored_all(&self, kind: &'static Kind) -> BoxFuture<'_, Result<Vec<Document>, Error>>;

    /// One more observer, which is told of writes from now on.
    fn observe(&self, observer: Arc<dyn Observer>);

    /// The kubelets that are models, which answer for logs and exec. Only an API server in this process can ask them:
    /// for any other they are nodes whose kubelet is away.
    fn set_kubelets(&self, kubelets: Arc<dyn Kubelets>);

    /// What a lab can do to it that no client can, if it is a plane that lets this be done.
    fn faults(&self) -> Option<&dyn ApiFaults>;

    /// Ends it in order and waits until it has ended. Dropping it ends it as well, without waiting.
    fn stop(&self) -> BoxFuture<'_, ()>;
}

/// Where an API server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The socket.
    pub address: SocketAddr,
    /// The certificate authority that its certificate is of, in PEM.
    pub ca_pem: String,
}

impl Endpoint {
    /// `https://192.168.0.2:6443`
    #[must_use]
    pub fn url(&self) -> String {
        format!("https://{}", self.address)
    }
}

/// Why there is no kubeconfig.
#[derive(Debug, thiserror::Error)]
pub enum KubeconfigError {
    /// No real program can reach this plane.
    #[error("the control plane listens nowhere")]
    NotServed,
    /// The identity's certificate could not be made.
    #[error("no certificate for user {user}")]
    Certificate {
        /// The user.
        user: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}
