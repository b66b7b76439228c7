//! Removing networks.

use std::collections::BTreeSet;

use winlab_document::Document;
use winlab_host::network::NotificationKind;
use winlab_host::{Guid, HResult};

use crate::handle::known;
use crate::hns::Hns;
use crate::members::{Outcome, require};
use crate::store::Identified as _;

impl Hns {
    /// `HcnDeleteNetwork`: its endpoints and their load balancers go with it; the last network of a switch takes the
    /// switch along, and the host's addresses return to the adapter.
    pub(crate) fn delete_network(&mut self, id: Guid) -> Outcome<()> {
        require(self.networks.contains(id), HResult::ERROR_NOT_FOUND)?;
        self.notify(NotificationKind::NetworkPreDelete, id, Document::Null);
        self.forget_network(id);
        Ok(())
    }

    /// Removes a network whatever the service's state.
    pub(crate) fn forget_network(&mut self, id: Guid) {
        let Ok(serial) = known(self.networks.serial(id)) else { return };
        let Some(network) = self.networks.at(serial) else { return };
        let endpoints: BTreeSet<Guid> =
            network.endpoints.iter().filter_map(|serial| Some(self.endpoints.at(*serial)?.id())).collect();
        for balancer in self.load_balancers_within(&endpoints) {
            self.forget_load_balancer(balancer);
        }
        for endpoint in endpoints {
            self.forget_endpoint(endpoint);
        }
        let Some(network) = self.networks.remove(serial) else { return };
        if let Some((nic, _)) = &network.gateway_nic {
            self.remove_host_nic(nic);
        }
        self.leave_switch(network.switch, id);
        self.notify(NotificationKind::NetworkDelete, id, Document::Null);
    }
}
