//! The embedded API server on sockets.
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::task::JoinSet;
use winlab_kube_api::{ApiServer, SecureServing, ServingError};
use winlab_kube_client::Identity;
use winlab_pki::{Authority, PkiError, ServerNames};

use crate::access::{ListenError, Listeners, Side};
use crate::control_plane::Endpoint;

/// Names of the service `kubernetes`, which every pod reaches the server by.
const NAMES: [&str; 6] = [
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    "kubernetes.default.svc.cluster.local",
    "localhost",
    "kube-apiserver",
];

/// An API server that listens; it stops when this is dropped.
pub(crate) struct Served {
    serving: SecureServing,
    cluster: String,
    /// In the lab's network, then outside it.
    inside: Vec<SocketAddr>,
    outside: Vec<SocketAddr>,
    _tasks: JoinSet<io::Result<std::convert::Infallible>>,
}

/// Why the API server cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// An address cannot be listened on.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// Its certificates could not be made.
    #[error(transparent)]
    Serving(#[from] ServingError),
    /// It listens already.
    #[error("the API server listens already")]
    Twice,
}

impl Served {
    /// Serves what comes by sockets of the lab's network and by those outside it. `also` are further addresses it is
    /// reached at.
    pub(crate) fn start(
        server: Arc<ApiServer>,
        authority: Arc<Authority>,
        cluster: &str,
        (of_lab, of_outside): (Listeners, Listeners),
        also: impl IntoIterator<Item = IpAddr>,
    ) -> Result<Self, ServeError> {
        let (inside, outside) = (of_lab.addresses(), of_outside.addresses());
        let mut addresses: Vec<IpAddr> =
            inside.iter().chain(&outside).map(SocketAddr::ip).chain(also).collect();
        addresses.push(IpAddr::V4(Ipv4Addr::LOCALHOST));
        addresses.sort();
        addresses.dedup();
        let reached_as = ServerNames { names: NAMES.map(str::to_owned).to_vec(), addresses };
        let serving = SecureServing::new(server, authority, &reached_as)?;
        let mut tasks = JoinSet::new();
        for (_, listener) in of_lab.0.into_iter().chain(of_outside.0) {
            let serving = serving.clone();
            tasks.spawn(async move { serving.serve(listener).await });
        }
        Ok(Self { serving, cluster: cluster.to_owned(), inside, outside, _tasks: tasks })
    }

    /// The first address of a side; where that has none, of the other: they are one network then.
    pub(crate) fn endpoint(&self, side: Side) -> Option<Endpoint> {
        let (first, then) = match side {
            Side::Lab => (&self.inside, &self.outside),
            Side::Outside => (&self.outside, &self.inside),
        };
        let ca_pem = self.serving.authority().certificate_pem();
        first.first().or(then.first()).map(|address| Endpoint { address: *address, ca_pem })
    }

    /// A kubeconfig for that address.
    pub(crate) fn kubeconfig(&self, identity: &Identity, side: Side) -> Option<Result<String, PkiError>> {
        let url = self.endpoint(side)?.url();
        Some(self.serving.kubeconfig(&self.cluster, &url, identity).map(|kubeconfig| kubeconfig.to_string()))
    }
}

impl fmt::Debug for Served {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Served")
            .field("inside", &self.inside)
            .field("outside", &self.outside)
            .finish_non_exhaustive()
    }
}
