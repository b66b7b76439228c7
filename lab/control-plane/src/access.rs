//! How programs outside this process reach an API server.
//!
//! A lab with Windows programs has a network of its own, which the terminals of whoever runs it are not in. A socket belongs
//! to the network that its thread was in when it was made: so those that other terminals reach are opened first, and go
//! on listening where they were opened.
#![expect(clippy::disallowed_types, reason = "this crate is one of those that may have sockets")]

use std::fmt;
use std::io;
use std::net::SocketAddr;

use tokio::net::TcpListener;

/// Where an API server listens for programs outside this process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiAccess {
    /// What kubeconfigs call the cluster.
    pub cluster: String,
    /// Where it listens; nowhere if there is nothing in it. Port 0 asks for a free port. Kubeconfigs name the first.
    pub listen: Vec<SocketAddr>,
}

/// From where an API server is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// From the lab's own network, where its nodes are.
    Lab,
    /// From other terminals of this machine.
    Outside,
}

/// Sockets that listen already.
#[derive(Default)]
pub struct Listeners(pub(crate) Vec<(SocketAddr, TcpListener)>);

/// An address cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[error("the API server cannot listen on {address}")]
pub struct ListenError {
    /// The address.
    pub address: SocketAddr,
    /// What the operating system said.
    pub source: io::Error,
}

impl Default for ApiAccess {
    /// Nowhere, under kubeadm's name.
    fn default() -> Self {
        Self { cluster: "kubernetes".to_owned(), listen: Vec::new() }
    }
}

impl Listeners {
    /// Listens in the network that this thread is in. Call it inside the lab's runtime.
    ///
    /// # Errors
    /// The first address that cannot be listened on.
    pub async fn open(addresses: &[SocketAddr]) -> Result<Self, ListenError> {
        let mut opened = Vec::new();
        for address in addresses {
            let bound = TcpListener::bind(address).await.and_then(|bound| Ok((bound.local_addr()?, bound)));
            opened.push(bound.map_err(|source| ListenError { address: *address, source })?);
        }
        Ok(Self(opened))
    }

    /// Where they listen.
    #[must_use]
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.0.iter().map(|(address, _)| *address).collect()
    }
}

impl fmt::Debug for Listeners {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Listeners").field(&self.addresses()).finish()
    }
}
