//! A host and its services.

use std::fmt;
use std::sync::Arc;

use tokio::sync::RwLock;
use winlab_host::compute::CloseComputeSystem;
use winlab_host::network::ReleaseGuestNetworkServicePortReservation;
use winlab_host::system::CloseJobObject;
use winlab_host::{Ask as _, HostCompute, HostLinux, HostNetwork, HostSystem};

use crate::held::Held;

/// What answers for a host: any implementations of the boundary.
#[derive(Clone, Default)]
pub struct Host {
    pub(super) network: Option<Arc<HostNetwork>>,
    pub(super) compute: Option<Arc<HostCompute>>,
    pub(super) system: Option<Arc<HostSystem>>,
    pub(super) linux: Option<Arc<HostLinux>>,
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.services()).finish()
    }
}

impl Host {
    /// A Windows host.
    #[must_use]
    pub fn windows(network: Arc<HostNetwork>, compute: Arc<HostCompute>, system: Arc<HostSystem>) -> Self {
        Self { network: Some(network), compute: Some(compute), system: Some(system), linux: None }
    }

    /// A Windows host of which only HCS is there.
    #[must_use]
    pub fn compute_only(compute: Arc<HostCompute>) -> Self {
        Self { compute: Some(compute), ..Self::default() }
    }

    /// A Windows host of which only HNS is there.
    #[must_use]
    pub fn network_only(network: Arc<HostNetwork>) -> Self {
        Self { network: Some(network), ..Self::default() }
    }

    /// A Linux host.
    #[must_use]
    pub fn linux(linux: Arc<HostLinux>) -> Self {
        Self { linux: Some(linux), ..Self::default() }
    }

    /// Names of its services.
    pub(super) fn services(&self) -> impl Iterator<Item = &'static str> {
        let has = [
            ("hns", self.network.is_some()),
            ("hcs", self.compute.is_some()),
            ("system", self.system.is_some()),
            ("linux", self.linux.is_some()),
        ];
        has.into_iter().filter(|(_, is_there)| *is_there).map(|(name, _)| name)
    }
}

/// A host as the server keeps it.
pub(super) struct HostEntry {
    pub(super) name: String,
    pub(super) host: Host,
    /// Shared by calls after which a client holds something, alone for those that give back: what one client is about
    /// to hold must not end because another closes it.
    pub(super) gate: RwLock<()>,
}

impl HostEntry {
    pub(super) fn new(name: String, host: Host) -> Self {
        Self { name, host, gate: RwLock::new(()) }
    }

    /// Gives back what a client held that is gone. What is gone itself by then is no matter.
    pub(super) async fn release(&self, held: Held) {
        match (held, &self.host) {
            (Held::System(id), Host { compute: Some(compute), .. }) => {
                let _ = compute.ask(CloseComputeSystem { id }).await;
            }
            (Held::Job(name), Host { system: Some(system), .. }) => {
                let _ = system.ask(CloseJobObject { name }).await;
            }
            (Held::Reservation(reservation), Host { network: Some(network), .. }) => {
                let _ = network.ask(ReleaseGuestNetworkServicePortReservation { reservation }).await;
            }
            (Held::System(_) | Held::Job(_) | Held::Reservation(_), _) => {}
        }
    }
}
