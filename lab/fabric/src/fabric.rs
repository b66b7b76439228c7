//! The fabric itself.

use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use winlab_clock::{Seed, VirtualInstant};
use winlab_host::DataPlaneView;

use crate::probe::Probe;
use crate::servers::ServerPrograms;
use crate::tracking::Tracking;
use crate::underlay::Underlay;
use crate::unmodelled::{Counters, Unmodelled};
use crate::verdict::Verdict;
use crate::walk::Walk;

/// A node as the fabric sees it.
#[derive(Clone)]
pub struct FabricNode {
    /// Its name.
    pub name: String,
    /// Its addresses on the underlay; the first is the one it is known by.
    pub addresses: Vec<IpAddr>,
    /// What was programmed on it.
    pub view: Arc<dyn DataPlaneView>,
}

impl fmt::Debug for FabricNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FabricNode")
            .field("name", &self.name)
            .field("addresses", &self.addresses)
            .finish_non_exhaustive()
    }
}

pub(crate) struct State {
    pub(crate) nodes: Vec<FabricNode>,
    pub(crate) underlay: Underlay,
    pub(crate) tracking: Tracking,
    pub(crate) unmodelled: Counters,
}

/// The network between and inside nodes.
pub struct Fabric {
    state: Mutex<State>,
    servers: Arc<dyn ServerPrograms>,
}

impl fmt::Debug for Fabric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        f.debug_struct("Fabric")
            .field("nodes", &state.nodes)
            .field("underlay", &state.underlay)
            .finish_non_exhaustive()
    }
}

impl Fabric {
    /// A fabric without nodes. `servers` answers for the DNS servers that run in the lab.
    #[must_use]
    pub fn new(underlay: Underlay, servers: Arc<dyn ServerPrograms>) -> Self {
        let state = State {
            nodes: Vec::new(),
            underlay,
            tracking: Tracking::default(),
            unmodelled: Counters::default(),
        };
        Self { state: Mutex::new(state), servers }
    }

    /// Plugs a node in; one of the same name is replaced, and what its connections were is forgotten.
    pub fn connect(&self, node: FabricNode) {
        let state = &mut *self.lock();
        match state.nodes.iter().position(|known| known.name == node.name) {
            Some(at) => {
                state.nodes[at] = node;
                state.tracking.forget(at);
            }
            None => state.nodes.push(node),
        }
    }

    /// Takes a node's cable out: its addresses answer no more. Connecting it again brings it back.
    pub fn disconnect(&self, name: &str) {
        for node in self.lock().nodes.iter_mut().filter(|node| node.name == name) {
            node.addresses.clear();
        }
    }

    /// Forgets a node's connections, as its reboot does.
    pub fn forget_connections(&self, name: &str) {
        let state = &mut *self.lock();
        if let Some(at) = state.nodes.iter().position(|node| node.name == name) {
            state.tracking.forget(at);
        }
    }

    /// Looks at or changes the network between the nodes.
    pub fn underlay<T>(&self, change: impl FnOnce(&mut Underlay) -> T) -> T {
        change(&mut self.lock().underlay)
    }

    /// What walks met that is not modelled, and how often.
    #[must_use]
    pub fn unmodelled(&self) -> Vec<(Unmodelled, u64)> {
        self.lock().unmodelled.all()
    }

    /// Sends a probe. The same state, probe, seed and moment give the same verdict; another seed is another flow, which
    /// may meet another backend.
    #[must_use]
    pub fn walk(&self, probe: &Probe, seed: Seed, now: VirtualInstant) -> Verdict {
        let state = &mut *self.lock();
        Walk::new(state, self.servers.as_ref(), seed, now).run(probe)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
