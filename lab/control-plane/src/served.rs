//! The embedded API server on sockets.
#![expect(clippy::disallowed_types, reason = "this crate is one of those that may have sockets")]

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::JoinSet;
use winlab_kube_api::{ApiServer, SecureServing, ServingError};
use winlab_kube_client::Identity;
use winlab_pki::{Authority, PkiError, ServerNames};

use crate::control_plane::Endpoint;
use crate::spec::ApiAccess;

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
    addresses: Vec<SocketAddr>,
    _tasks: JoinSet<io::Result<std::convert::Infallible>>,
}

/// Why the API server cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// An address cannot be listened on.
    #[error("the API server cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// Its certificates could not be made.
    #[error(transparent)]
    Serving(#[from] ServingError),
    /// It listens already.
    #[error("the API server listens already")]
    Twice,
}

impl Served {
    /// Listens on every address of `access`. `also` are further addresses it is reached at.
    pub(crate) async fn start(
        server: Arc<ApiServer>,
        authority: Arc<Authority>,
        access: &ApiAccess,
        also: impl IntoIterator<Item = IpAddr>,
    ) -> Result<Self, ServeError> {
        let mut listeners = Vec::new();
        for address in &access.listen {
            let bound = TcpListener::bind(address).await.and_then(|bound| Ok((bound.local_addr()?, bound)));
            let failed = |source| ServeError::Listen { address: *address, source };
            listeners.push(bound.map_err(failed)?);
        }
        let mut addresses: Vec<IpAddr> = access.listen.iter().map(SocketAddr::ip).chain(also).collect();
        addresses.push(IpAddr::V4(Ipv4Addr::LOCALHOST));
        addresses.sort();
        addresses.dedup();
        let reached_as = ServerNames { names: NAMES.map(str::to_owned).to_vec(), addresses };
        let serving = SecureServing::new(server, authority, &reached_as)?;
        let addresses = listeners.iter().map(|(address, _)| *address).collect();
        let mut tasks = JoinSet::new();
        for (_, listener) in listeners {
            let serving = serving.clone();
            tasks.spawn(async move { serving.serve(listener).await });
        }
        Ok(Self { serving, cluster: access.cluster.clone(), addresses, _tasks: tasks })
    }

    /// The first address it listens on.
    pub(crate) fn endpoint(&self) -> Option<Endpoint> {
        let ca_pem = self.serving.authority().certificate_pem();
        self.addresses.first().map(|address| Endpoint { address: *address, ca_pem })
    }

    /// A kubeconfig for the first address.
    pub(crate) fn kubeconfig(&self, identity: &Identity) -> Option<Result<String, PkiError>> {
        let url = self.endpoint()?.url();
        Some(self.serving.kubeconfig(&self.cluster, &url, identity).map(|kubeconfig| kubeconfig.to_string()))
    }
}

impl fmt::Debug for Served {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Served").field("addresses", &self.addresses).finish_non_exhaustive()
    }
}
