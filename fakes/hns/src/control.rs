//! What only a lab can do: beside the boundary, never part of it.

use std::collections::BTreeSet;
use std::net::IpAddr;

use winlab_host::network::Answer;
use winlab_host::{Adapter, Fault, Guid};

use crate::effect::Interface;
use crate::hns::Hns;
use crate::store::Identified as _;

/// A port that a program of the host listens on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct BoundPort {
    /// The IP protocol: 6 or 17.
    pub protocol: u8,
    /// The port.
    pub port: u16,
}

/// Traffic that passed an endpoint, for its counters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Bytes the endpoint received.
    pub bytes_received: u64,
    /// Bytes it sent.
    pub bytes_sent: u64,
    /// Packets it received.
    pub packets_received: u64,
    /// Packets it sent.
    pub packets_sent: u64,
    /// Incoming packets that a rule dropped.
    pub dropped_incoming: u64,
    /// Outgoing packets that a rule dropped.
    pub dropped_outgoing: u64,
}

impl Hns {
    /// Marks an object as stored but not plumbed: clients see it, packets do not. `false` if there is none.
    pub fn unplumb(&mut self, id: Guid) -> bool {
        self.set_plumbed(id, false)
    }

    /// Plumbs an object again. `false` if there is none.
    pub fn replumb(&mut self, id: Guid) -> bool {
        self.set_plumbed(id, true)
    }

    fn set_plumbed(&mut self, id: Guid, plumbed: bool) -> bool {
        self.changes();
        let flags = [
            self.networks.get_mut(id).map(|object| &mut object.plumbed),
            self.endpoints.get_mut(id).map(|object| &mut object.plumbed),
            self.namespaces.get_mut(id).map(|object| &mut object.plumbed),
            self.load_balancers.get_mut(id).map(|object| &mut object.plumbed),
            self.routes.get_mut(id).map(|object| &mut object.plumbed),
        ];
        let mut any = false;
        for flag in flags.into_iter().flatten() {
            *flag = plumbed;
            any = true;
        }
        any
    }

    /// Marks an endpoint as degraded: attaching its namespace fails until it is deleted. `false` if there is none.
    pub fn degrade(&mut self, endpoint: Guid) -> bool {
        self.changes();
        let Some(object) = self.endpoints.get_mut(endpoint) else { return false };
        object.details_mut().state = crate::endpoint::EndpointState::Degraded;
        true
    }

    /// Removes an object of any kind as if somebody else had, running service or not. `false` if there is none.
    pub fn remove_out_of_band(&mut self, id: Guid) -> bool {
        self.changes();
        if self.networks.contains(id) {
            self.forget_network(id);
        } else if self.endpoints.contains(id) {
            self.forget_endpoint(id);
        } else if self.load_balancers.contains(id) {
            self.forget_load_balancer(id);
        } else if self.namespaces.get(id).is_some_and(|space| !space.is_default) {
            self.forget_namespace(id);
        } else if let Some(serial) = self.routes.serial(id) {
            self.routes.remove(serial);
        } else {
            return false;
        }
        true
    }

    /// Counts traffic of an endpoint. `false` if there is none.
    pub fn count_traffic(&mut self, endpoint: Guid, traffic: Traffic) -> bool {
        self.changes();
        let Some(object) = self.endpoints.get_mut(endpoint) else { return false };
        object.details_mut().stats.add(traffic);
        true
    }

    /// Tells what programs of the host listen on, on any address: Server 2019 refuses load balancers on these ports.
    pub fn set_bound_ports(&mut self, bound: BTreeSet<BoundPort>) {
        self.ports.set_bound(bound);
    }

    /// Changes an adapter of the host, as an administrator or DHCP would; a physical one that is new is added. What
    /// networks took over stays with their host vNICs.
    pub fn set_adapter(&mut self, adapter: Adapter) {
        self.changes();
        match self.adapters.iter_mut().find(|known| known.name == adapter.name) {
            Some(known) => *known = adapter,
            None => self.adapters.push(adapter),
        }
        self.next_interface = self
            .adapters
            .iter()
            .map(|adapter| adapter.index + 1)
            .max()
            .unwrap_or_default()
            .max(self.next_interface);
    }

    /// A container starts in a namespace, as HCS tells HNS: its endpoints are attached, a compartment is made if there
    /// is none yet. The compartment's number.
    ///
    /// # Errors
    /// `ERROR_NOT_FOUND` for an unknown namespace, `HCN_E_NAMESPACE_ATTACH_FAILED` where an endpoint is degraded.
    pub fn attach_container(&mut self, namespace: Guid, container: &str) -> Result<u32, Fault> {
        self.changes();
        self.require_running()?;
        self.add_container(namespace, container)
    }

    /// A container of a namespace has ended. The last one takes the compartment with it.
    ///
    /// # Errors
    /// `ERROR_NOT_FOUND` for an unknown namespace or container.
    pub fn detach_container(&mut self, namespace: Guid, container: &str) -> Result<(), Fault> {
        self.changes();
        self.require_running()?;
        self.remove_container(namespace, container)
    }

    /// HCS hot-adds an endpoint to a container that was made the V1 way (`HcsModifyComputeSystem` with resource type
    /// `Network`). The compartment's number.
    ///
    /// # Errors
    /// As V1's `POST /endpoints/<id>/attach`.
    pub fn attach_endpoint(&mut self, endpoint: Guid, container: &str) -> Result<u32, Fault> {
        self.changes();
        self.require_running()?;
        self.attach_to_container(endpoint, container)
    }

    /// HCS removes an endpoint from a container, or the container has ended.
    ///
    /// # Errors
    /// As V1's `POST /endpoints/<id>/detach`.
    pub fn detach_endpoint(&mut self, endpoint: Guid, container: &str) -> Result<(), Fault> {
        self.changes();
        self.require_running()?;
        self.detach_from_container(endpoint, container)
    }

    /// The interfaces that a namespace's compartment shows.
    #[must_use]
    pub fn interfaces(&self, namespace: Guid) -> Vec<Interface> {
        let Some(space) = self.namespaces.get(namespace) else { return Vec::new() };
        space.endpoints.iter().filter_map(|id| self.interface(*id)).collect()
    }

    /// The namespace an endpoint is in.
    #[must_use]
    pub fn namespace_of(&self, endpoint: Guid) -> Option<Guid> {
        Some(self.endpoints.get(endpoint)?.namespace()).filter(|namespace| !namespace.is_nil())
    }

    /// The compartment of a namespace; 0 while no container lives in it.
    #[must_use]
    pub fn compartment_of(&self, namespace: Guid) -> Option<u32> {
        self.namespaces.get(namespace).map(|space| space.compartment)
    }

    /// The default namespace: the host's own compartment.
    #[must_use]
    pub fn default_namespace(&self) -> Guid {
        self.namespaces.iter().find(|space| space.is_default).map(|space| space.id()).unwrap_or_default()
    }

    /// The management address of a network, where it has one.
    #[must_use]
    pub fn management_address(&self, network: Guid) -> Option<IpAddr> {
        self.networks.get(network)?.management
    }

    /// Whether an answer is a success; V1 answers carry their failures inside.
    #[must_use]
    pub fn succeeded(answer: &Answer) -> bool {
        if let Answer::HnsCall(response) = answer {
            return response.get("Success").and_then(winlab_document::Document::as_bool).unwrap_or_default();
        }
        true
    }
}
