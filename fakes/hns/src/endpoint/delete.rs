//! Removing endpoints.

use winlab_host::{Guid, HResult};

use crate::endpoint::ports;
use crate::hns::Hns;
use crate::members::{Outcome, require};

impl Hns {
    /// `HcnDeleteEndpoint`: allowed in any state; load balancers, routes and namespaces lose it.
    pub(crate) fn delete_endpoint(&mut self, id: Guid) -> Outcome<()> {
        require(self.endpoints.contains(id), HResult::ERROR_NOT_FOUND)?;
        self.forget_endpoint(id);
        Ok(())
    }

    /// Removes an endpoint whatever the service's state.
    pub(crate) fn forget_endpoint(&mut self, id: Guid) {
        let Some(serial) = self.endpoints.serial(id) else { return };
        let Some(endpoint) = self.endpoints.at(serial) else { return };
        let namespace = endpoint.namespace();
        if endpoint.is_attached() {
            self.release_port(serial);
        }
        if let Some(space) = self.namespaces.get_mut(namespace) {
            space.endpoints.retain(|member| *member != id);
            self.settle(namespace);
        }
        self.remove_backend(id);
        for route in self.routes.iter_mut() {
            route.endpoints.retain(|member| *member != id);
        }
        let Some(endpoint) = self.endpoints.remove(serial) else { return };
        self.ports.unmap(&ports::mappings(&endpoint.policies));
        if let Some(names) = self.endpoint_names.get_mut(&endpoint.name) {
            names.remove(&serial);
            if names.is_empty() {
                self.endpoint_names.remove(&endpoint.name);
            }
        }
        let Some(network) = self.networks.at_mut(endpoint.network) else { return };
        network.endpoints.remove(&serial);
        if !endpoint.is_remote() {
            for host in endpoint.hosts() {
                network.addresses.remove(&host);
            }
            network.macs.give(endpoint.mac);
        }
    }
}
