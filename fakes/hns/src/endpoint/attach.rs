//! Attaching endpoints: to the host, to containers the V1 way, to virtual machines; and detaching them.

use winlab_document::{Document, doc};
use winlab_host::network::NotificationKind;
use winlab_host::{Guid, HResult};

use crate::effect::{Attachment, ContainerNetwork, Effect};
use crate::endpoint::object::{EndpointState, Port};
use crate::handle::known;
use crate::hns::Hns;
use crate::members::{Outcome, refuse, require};
use crate::store::Serial;
use crate::unmodelled;

/// The host's own compartment.
pub(crate) const HOST_COMPARTMENT: u32 = 1;

impl Hns {
    /// The endpoint becomes a vNIC of the host, with its address.
    pub(crate) fn attach_to_host(&mut self, id: Guid) -> Outcome<()> {
        self.require_attachable(id)?;
        let interface = known(self.interface(id))?;
        let gateway = interface.gateways.first().copied();
        let dns = interface.dns_servers.iter().filter_map(|server| server.parse().ok()).collect();
        self.add_host_nic(&interface.name, interface.mac, interface.addresses, gateway, dns);
        let details = known(self.endpoints.get_mut(id))?.details_mut();
        details.host_nic = Some(interface.name);
        details.compartment = HOST_COMPARTMENT;
        self.connect_port(id, Port::Host, EndpointState::Attached);
        Ok(())
    }

    /// The V1 way into a container; several containers may share one endpoint.
    pub(crate) fn attach_to_container(&mut self, id: Guid, container: &str) -> Outcome<u32> {
        require(!container.is_empty(), HResult::E_INVALIDARG)?;
        let endpoint = match self.endpoints.get(id) {
            Some(endpoint) => endpoint,
            None => return refuse(HResult::HCN_E_ENDPOINT_NOT_FOUND),
        };
        let details = endpoint.details();
        let doubled = details.containers.iter().any(|known| known == container);
        let elsewhere = !matches!(details.port, Port::None | Port::Containers);
        require(!doubled && !elsewhere, HResult::HCN_E_ENDPOINT_ALREADY_ATTACHED)?;
        require(!endpoint.is_remote(), HResult::HCN_E_INVALID_REMOTE_ENDPOINT_OPERATION)?;
        require(details.state != EndpointState::Degraded, HResult::HCN_E_DEGRADED_OPERATION)?;
        let shared = details.containers.first().and_then(|first| self.v1_compartments.get(first)).copied();
        let own = self.v1_compartments.get(container).copied();
        let compartment = own.or(shared).unwrap_or_else(|| self.free_compartment());
        self.v1_compartments.insert(container.to_owned(), compartment);
        let details = known(self.endpoints.get_mut(id))?.details_mut();
        details.containers.push(container.to_owned());
        details.compartment = compartment;
        if details.containers.len() > 1 {
            details.state = EndpointState::AttachedSharing;
        } else {
            self.connect_port(id, Port::Containers, EndpointState::Attached);
        }
        self.tell_v1_container(container);
        Ok(compartment)
    }

    pub(crate) fn detach_from_container(&mut self, id: Guid, container: &str) -> Outcome<()> {
        let serial = self.require_endpoint(id)?;
        let details = known(self.endpoints.at_mut(serial))?.details_mut();
        let at = details.containers.iter().position(|known| known == container);
        let (Some(at), Port::Containers) = (at, details.port) else {
            return refuse(HResult::HCN_E_ENDPOINT_NOT_ATTACHED);
        };
        details.containers.remove(at);
        let last = details.containers.is_empty();
        if last {
            self.release_port(serial);
        }
        self.tell_v1_container(container);
        let still = |endpoint: &crate::endpoint::Endpoint| {
            endpoint.details().port == Port::Containers
                && endpoint.details().containers.iter().any(|known| known == container)
        };
        if !self.endpoints.iter().any(still) {
            self.v1_compartments.remove(container);
        }
        Ok(())
    }

    /// The virtual machine's side is not modelled; the endpoint shows as attached.
    pub(crate) fn attach_to_machine(&mut self, id: Guid) -> Outcome<()> {
        self.require_attachable(id)?;
        self.gaps.count(unmodelled::VIRTUAL_MACHINE);
        self.connect_port(id, Port::VirtualMachine, EndpointState::Attached);
        Ok(())
    }

    pub(crate) fn detach_from_host(&mut self, id: Guid) -> Outcome<()> {
        self.detach(id, Port::Host)
    }

    pub(crate) fn detach_from_machine(&mut self, id: Guid) -> Outcome<()> {
        self.detach(id, Port::VirtualMachine)
    }

    fn detach(&mut self, id: Guid, port: Port) -> Outcome<()> {
        let serial = self.require_endpoint(id)?;
        let attached = known(self.endpoints.at(serial))?.details().port == port;
        require(attached, HResult::HCN_E_ENDPOINT_NOT_ATTACHED)?;
        self.release_port(serial);
        Ok(())
    }

    fn require_endpoint(&self, id: Guid) -> Outcome<Serial> {
        self.endpoints.serial(id).ok_or_else(|| HResult::HCN_E_ENDPOINT_NOT_FOUND.into())
    }

    fn require_attachable(&self, id: Guid) -> Outcome<()> {
        let serial = self.require_endpoint(id)?;
        let endpoint = known(self.endpoints.at(serial))?;
        require(!endpoint.is_remote(), HResult::HCN_E_INVALID_REMOTE_ENDPOINT_OPERATION)?;
        require(!endpoint.is_attached(), HResult::HCN_E_ENDPOINT_ALREADY_ATTACHED)?;
        require(endpoint.details().state != EndpointState::Degraded, HResult::HCN_E_DEGRADED_OPERATION)
    }

    /// The switch gives the endpoint its port.
    pub(crate) fn connect_port(&mut self, id: Guid, port: Port, state: EndpointState) {
        let Some(endpoint) = self.endpoints.get_mut(id) else { return };
        let details = endpoint.details_mut();
        (details.port, details.state) = (port, state);
        let Some(attachment) = self.attachment(id) else { return };
        self.notify(NotificationKind::NetworkEndpointAttached, id, namespace_data(&attachment));
        self.effect(Effect::EndpointAttached(attachment));
    }

    /// The endpoint loses its port, if it has one.
    pub(crate) fn release_port(&mut self, serial: Serial) {
        let Some(endpoint) = self.endpoints.at(serial) else { return };
        if !endpoint.is_attached() {
            return;
        }
        let id = endpoint.id;
        let attachment = self.attachment(id);
        let Some(endpoint) = self.endpoints.at_mut(serial) else { return };
        let details = endpoint.details_mut();
        let nic = details.host_nic.take();
        details.port = Port::None;
        details.compartment = 0;
        details.containers.clear();
        if details.state != EndpointState::Degraded {
            details.state = EndpointState::Detached;
        }
        if let Some(nic) = nic {
            self.remove_host_nic(&nic);
        }
        let Some(attachment) = attachment else { return };
        self.notify(NotificationKind::NetworkEndpointDetached, id, namespace_data(&attachment));
        self.effect(Effect::EndpointDetached(attachment));
    }

    fn attachment(&self, id: Guid) -> Option<Attachment> {
        let endpoint = self.endpoints.get(id)?;
        let details = endpoint.details();
        let space = self.namespaces.get(details.namespace);
        Some(Attachment {
            endpoint: id,
            namespace: details.namespace,
            compartment: space.map_or(details.compartment, |space| space.compartment),
            containers: details.containers.clone(),
        })
    }

    /// The settings of a container that was attached the V1 way.
    fn tell_v1_container(&mut self, container: &str) {
        let Some(compartment) = self.v1_compartments.get(container).copied() else { return };
        let shows = |endpoint: &&crate::endpoint::Endpoint| {
            endpoint.details().port == Port::Containers
                && endpoint.details().containers.iter().any(|known| known == container)
        };
        let ids: Vec<Guid> = self.endpoints.iter().filter(shows).map(|endpoint| endpoint.id).collect();
        let interfaces = ids.into_iter().filter_map(|id| self.interface(id)).collect();
        self.effect(Effect::ContainerNetwork(ContainerNetwork {
            container: container.to_owned(),
            namespace: Guid::NIL,
            compartment,
            interfaces,
        }));
    }
}

fn namespace_data(attachment: &Attachment) -> Document {
    if attachment.namespace.is_nil() { Document::Null } else { doc!({"NamespaceId": attachment.namespace}) }
}
