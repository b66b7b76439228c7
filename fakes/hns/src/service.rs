//! The service's own life: stop, start, and what a reboot leaves.
//!
//! Stored networks come back from HNS.data; ones with `EnableNonPersistent` (8) do not survive a reboot, and NAT
//! networks do not on Server 2019 and later (Microsoft, "Windows container networking", network persistence).

use winlab_document::Document;
use winlab_host::network::NotificationKind;
use winlab_host::{Fault, Guid, HResult};
use winlab_profiles::WindowsVersion;

use crate::flags;
use crate::hns::Hns;
use crate::network::{Network, NetworkKind};
use crate::store::Identified as _;

/// Whether the service answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ServiceState {
    Running,
    Stopping,
    Stopped,
}

/// What a restarted service finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rehydration {
    /// Everything, as current builds do.
    Rehydrate,
    /// Networks and namespaces only: endpoints and load balancers are forgotten while their containers run on
    /// (docker/for-win#12425).
    Forget,
    /// The documents, but the switch does not have them: stored and not plumbed.
    Unplumbed,
}

impl Rehydration {
    /// What a build does. Everything comes back in kubernetes#139519, nothing in docker/for-win#12425; which update of
    /// Windows is between them is not known, and Server 2022 as a whole is taken for newer.
    #[must_use]
    pub fn of(windows: WindowsVersion) -> Self {
        if windows.build() >= 20348 { Self::Rehydrate } else { Self::Forget }
    }
}

/// The first build whose NAT networks do not survive a reboot: Server 2019.
const NAT_FORGOTTEN_SINCE: u32 = 17763;

impl Hns {
    /// The service begins to stop: calls fail with `HCN_E_MANAGER_STOPPED` until [`Hns::stop`].
    pub fn begin_stop(&mut self) {
        self.service = ServiceState::Stopping;
    }

    /// The service stops: its listeners are disconnected and calls fail with `RPC_S_UNKNOWN_IF`, as its interface is no
    /// longer there (kubernetes, `pkg/proxy/winkernel/hns.go`, `errorCodeHnsNotRunning`).
    pub fn stop(&mut self) {
        self.service = ServiceState::Stopped;
        self.notify(NotificationKind::ServiceDisconnect, Guid::NIL, Document::Null);
    }

    /// The service starts again and reads what it had stored.
    pub fn start(&mut self, rehydration: Rehydration) {
        self.changes();
        self.service = ServiceState::Running;
        match rehydration {
            Rehydration::Rehydrate => {}
            Rehydration::Forget => self.forget_endpoints(),
            Rehydration::Unplumbed => {
                let ids: Vec<Guid> =
                    self.endpoints.ids().into_iter().chain(self.load_balancers.ids()).collect();
                for id in ids {
                    self.unplumb(id);
                }
            }
        }
    }

    /// Stops and starts the service.
    pub fn restart(&mut self, rehydration: Rehydration) {
        self.stop();
        self.start(rehydration);
    }

    /// Whether the service answers calls.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.service == ServiceState::Running
    }

    /// The host reboots: containers are gone, namespaces but the default one with them, and so are the networks that
    /// are not kept. The service runs again afterwards.
    pub fn reboot(&mut self) {
        self.changes();
        self.stop();
        self.start(Rehydration::Rehydrate);
        for namespace in self.namespaces.iter_mut() {
            namespace.containers.clear();
        }
        self.v1_compartments.clear();
        for serial in self.endpoints.entries().map(|(serial, _)| serial).collect::<Vec<_>>() {
            self.release_port(serial);
        }
        let namespaces: Vec<Guid> =
            self.namespaces.iter().filter(|space| !space.is_default).map(|space| space.id()).collect();
        for id in namespaces {
            self.forget_namespace(id);
        }
        let build = self.config.windows.build();
        let lost: Vec<Guid> =
            self.networks.iter().filter(|network| !survives(network, build)).map(|n| n.id()).collect();
        for id in lost {
            self.forget_network(id);
        }
        self.ports.forget_bound();
    }

    /// Fails calls while the service does not run.
    pub(crate) fn require_running(&self) -> Result<(), Fault> {
        match self.service {
            ServiceState::Running => Ok(()),
            ServiceState::Stopping => Err(Fault::new(HResult::HCN_E_MANAGER_STOPPED)),
            ServiceState::Stopped => Err(Fault::new(HResult::RPC_S_UNKNOWN_IF)),
        }
    }

    fn forget_endpoints(&mut self) {
        for id in self.load_balancers.ids() {
            self.forget_load_balancer(id);
        }
        for id in self.endpoints.ids() {
            self.forget_endpoint(id);
        }
    }
}

fn survives(network: &Network, build: u32) -> bool {
    let kept = network.flags & flags::NETWORK_NON_PERSISTENT == 0;
    kept && (network.kind != NetworkKind::Nat || build < NAT_FORGOTTEN_SINCE)
}
