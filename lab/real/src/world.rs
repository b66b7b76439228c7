//! What a lab's real programs share: the thread's network, Wine, and the server that answers for the boundaries.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use tokio::task::AbortHandle;
use winlab_clock::{Clock, Seed};
use winlab_component::WindowsMachine;
use winlab_fake_wire::{Address, Host, Limits, Listener, Server};
use winlab_wine::{Lacking, NetworkError, Nic, NodeConfig, Probe, Segment, StartNodeError, Wine, World};

use crate::causes::with_causes;
use crate::means::Means;
use crate::node::{RealNode, RealNodeConfig};

/// Why there is no room for programs.
#[derive(Debug, thiserror::Error)]
pub enum RealWorldError {
    /// Wine or what it needs is not there.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Lacking(Vec<Lacking>),
    /// No network of the lab's own.
    #[error("the lab has no network of its own: {0}")]
    Network(#[source] NetworkError),
    /// The boundaries are not served.
    #[error("the boundaries cannot be served at {address}: {source}")]
    Serve {
        /// Where.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// A node has no prefix or no Wine.
    #[error("{}", with_causes(.0))]
    Node(StartNodeError),
}

/// The world of a lab with real programs. It belongs to the thread that entered it, and takes it back when it is dropped.
pub struct RealWorld {
    network: World,
    wine: Wine,
    means: Means,
    server: Server,
    address: SocketAddr,
    token: String,
    clock: Clock,
    ip: PathBuf,
    serving: AbortHandle,
}

impl RealWorld {
    /// Puts this thread into a network of its own and serves boundaries in it, at an address of the lab's own side. Call
    /// it inside the lab's runtime, before anything else makes sockets.
    ///
    /// # Errors
    /// What is missing or refused.
    pub async fn enter(
        means: &Means,
        segment: &Segment,
        at: IpAddr,
        clock: Clock,
        seed: Seed,
    ) -> Result<Self, RealWorldError> {
        let probe = Probe::look(&means.wine);
        let wine = probe.runner().map_err(RealWorldError::Lacking)?;
        let ip = probe.network().map_err(|lacking| RealWorldError::Lacking(vec![lacking]))?;
        let network = World::enter(&probe, segment).map_err(RealWorldError::Network)?;
        let address = SocketAddr::new(at, 0);
        let refused = |source| RealWorldError::Serve { address, source };
        let listener = Listener::bind(&Address::Tcp(address)).await.map_err(refused)?;
        let Address::Tcp(address) = listener.address() else {
            return Err(refused(io::ErrorKind::AddrNotAvailable.into()));
        };
        let token = format!("{:016x}", seed.child("wire-token").number());
        let server = Server::new(clock, Limits::default(), Some(token.clone()));
        let serves = server.clone();
        let serving = tokio::spawn(async move { serves.serve(listener).await }).abort_handle();
        Ok(Self { network, wine, means: means.clone(), server, address, token, clock, ip, serving })
    }

    /// A node for programs: its prefix, its network, its Wine.
    ///
    /// # Errors
    /// What could not be made.
    pub async fn node(&self, config: &RealNodeConfig) -> Result<Arc<RealNode>, RealWorldError> {
        let nic = Nic {
            name: "Ethernet".to_owned(),
            address: config.address,
            mac: config.mac,
            gateway: Some(config.gateway),
            mtu: 1500,
        };
        let network = self.network.node(&config.name, &nic).map_err(RealWorldError::Network)?;
        let host = NodeConfig {
            name: config.name.clone(),
            windows: config.windows,
            server: self.address.to_string(),
            host: config.name.clone(),
            token: Some(self.token.clone()),
            clock: self.clock,
        };
        let wine = self.wine.node(host, Some(network)).await.map_err(RealWorldError::Node)?;
        Ok(Arc::new(RealNode::new(wine, self.means.clone(), self.ip.clone())))
    }

    /// Answers the node's programs over these boundaries from now on.
    pub fn serve(&self, node: &RealNode, machine: &WindowsMachine) {
        let WindowsMachine { network, compute, system } = machine.clone();
        self.server.host(node.name(), Host::windows(network, compute, system));
    }
}

impl std::fmt::Debug for RealWorld {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RealWorld").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Drop for RealWorld {
    fn drop(&mut self) {
        self.serving.abort();
    }
}
