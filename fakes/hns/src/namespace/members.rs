//! What lives in a namespace: endpoints and containers come and go, and with the containers the compartment.

use winlab_document::Document;
use winlab_host::{Guid, HResult};

use crate::effect::{ContainerNetwork, Effect};
use crate::endpoint::EndpointState;
use crate::endpoint::Port;
use crate::handle::known;
use crate::hns::Hns;
use crate::members::{Members, Outcome, refuse, require};
use crate::modify::{ModifyRequest, RequestType};
use crate::unmodelled;

impl Hns {
    /// `HcnModifyNamespace`.
    pub(crate) fn modify_namespace(&mut self, id: Guid, settings: &Document) -> Outcome<()> {
        require(self.namespaces.contains(id), HResult::ERROR_NOT_FOUND)?;
        let request = ModifyRequest::read(settings)?;
        let container = || {
            let container = request.settings.string("ContainerId");
            if container.is_empty() { refuse(HResult::E_INVALIDARG) } else { Ok(container.to_owned()) }
        };
        let endpoint = || match request.settings.guid("EndpointId")? {
            Some(endpoint) => Ok(endpoint),
            None => refuse(HResult::E_INVALIDARG),
        };
        match (request.resource.as_str(), request.kind) {
            ("endpoint" | "container", RequestType::Refresh) => Ok(()),
            ("endpoint", RequestType::Add) => self.add_endpoint(id, endpoint()?),
            ("endpoint", RequestType::Remove) => self.remove_endpoint(id, endpoint()?),
            ("container", RequestType::Add) => self.add_container(id, &container()?).map(drop),
            ("container", RequestType::Remove) => self.remove_container(id, &container()?),
            (_, kind) => {
                if kind == RequestType::Reset {
                    self.gaps.count(unmodelled::RESET);
                }
                refuse(HResult::HCN_E_REQUEST_UNSUPPORTED)
            }
        }
    }

    /// Adding what is there already succeeds: win-bridge does so for every container of a pod.
    pub(crate) fn add_endpoint(&mut self, id: Guid, endpoint: Guid) -> Outcome<()> {
        let namespace = known(self.namespaces.get(id))?;
        let (is_default, lives) = (namespace.is_default, !namespace.containers.is_empty());
        let Some(object) = self.endpoints.get(endpoint) else {
            return refuse(HResult::HCN_E_ENDPOINT_NOT_FOUND);
        };
        require(!object.is_remote(), HResult::HCN_E_INVALID_REMOTE_ENDPOINT_OPERATION)?;
        if object.namespace() == id {
            return Ok(());
        }
        require(object.namespace().is_nil(), HResult::HCN_E_ENDPOINT_NAMESPACE_ALREADY_EXISTS)?;
        require(!object.is_attached(), HResult::HCN_E_ENDPOINT_ALREADY_ATTACHED)?;
        if is_default {
            self.attach_to_host(endpoint)?;
        }
        known(self.namespaces.get_mut(id))?.endpoints.push(endpoint);
        known(self.endpoints.get_mut(endpoint))?.details_mut().namespace = id;
        if lives && !is_default {
            self.attach_members(id)?;
        }
        Ok(())
    }

    /// Removing what is not there is `ERROR_NOT_FOUND`, which CNI plugins tolerate.
    pub(crate) fn remove_endpoint(&mut self, id: Guid, endpoint: Guid) -> Outcome<()> {
        let namespace = known(self.namespaces.get_mut(id))?;
        let at = namespace.endpoints.iter().position(|member| *member == endpoint);
        let Some(at) = at else { return refuse(HResult::ERROR_NOT_FOUND) };
        namespace.endpoints.remove(at);
        if let Some(serial) = self.endpoints.serial(endpoint) {
            self.release_port(serial);
            known(self.endpoints.at_mut(serial))?.details_mut().namespace = Guid::NIL;
        }
        self.tell_containers(id);
        Ok(())
    }

    /// A container starts: the first one makes the compartment, and every endpoint gets its port.
    pub(crate) fn add_container(&mut self, id: Guid, container: &str) -> Outcome<u32> {
        let namespace = known(self.namespaces.get(id))?;
        let compartment = namespace.compartment;
        if namespace.containers.iter().any(|known| known == container) {
            return Ok(compartment);
        }
        let degraded = |endpoint: &Guid| {
            self.endpoints.get(*endpoint).is_none_or(|e| e.details().state == EndpointState::Degraded)
        };
        require(!namespace.endpoints.iter().any(degraded), HResult::HCN_E_NAMESPACE_ATTACH_FAILED)?;
        let compartment = if compartment == 0 { self.free_compartment() } else { compartment };
        let namespace = known(self.namespaces.get_mut(id))?;
        namespace.compartment = compartment;
        namespace.containers.push(container.to_owned());
        self.attach_members(id)?;
        Ok(compartment)
    }

    /// A container has ended; with the last one the ports and the compartment go.
    pub(crate) fn remove_container(&mut self, id: Guid, container: &str) -> Outcome<()> {
        let namespace = known(self.namespaces.get_mut(id))?;
        let at = namespace.containers.iter().position(|known| known == container);
        let Some(at) = at else { return refuse(HResult::ERROR_NOT_FOUND) };
        namespace.containers.remove(at);
        let (last, members) = (namespace.containers.is_empty(), namespace.endpoints.clone());
        let containers = namespace.containers.clone();
        for endpoint in members {
            let Some(serial) = self.endpoints.serial(endpoint) else { continue };
            let Some(object) = self.endpoints.at_mut(serial) else { continue };
            if object.details().port != Port::Namespace {
                continue;
            }
            if last {
                self.release_port(serial);
            } else {
                object.details_mut().containers.clone_from(&containers);
            }
        }
        self.settle(id);
        Ok(())
    }

    /// Gives ports to the endpoints of a namespace in which a container lives.
    fn attach_members(&mut self, id: Guid) -> Outcome<()> {
        let namespace = known(self.namespaces.get(id))?;
        let (members, containers) = (namespace.endpoints.clone(), namespace.containers.clone());
        for endpoint in members {
            let Some(object) = self.endpoints.get_mut(endpoint) else { continue };
            if object.details().port == Port::Host {
                continue;
            }
            let fresh = object.details().port == Port::None;
            object.details_mut().containers.clone_from(&containers);
            if fresh {
                // Containers of a namespace share its endpoints from the first on.
                self.connect_port(endpoint, Port::Namespace, EndpointState::AttachedSharing);
            }
        }
        self.tell_containers(id);
        Ok(())
    }

    /// A compartment without containers is given back, unless a client chose its number.
    pub(crate) fn settle(&mut self, id: Guid) {
        let Some(namespace) = self.namespaces.get_mut(id) else { return };
        if namespace.containers.is_empty() && !namespace.has_fixed_compartment {
            namespace.compartment = 0;
        }
        self.tell_containers(id);
    }

    /// The containers of a namespace see other interfaces now.
    pub(crate) fn tell_containers(&mut self, id: Guid) {
        let Some(namespace) = self.namespaces.get(id) else { return };
        if namespace.containers.is_empty() {
            return;
        }
        let (compartment, containers) = (namespace.compartment, namespace.containers.clone());
        let interfaces = self.interfaces(id);
        for container in containers {
            let interfaces = interfaces.clone();
            let network = ContainerNetwork { container, namespace: id, compartment, interfaces };
            self.effect(Effect::ContainerNetwork(network));
        }
    }

    /// The lowest number that no compartment has.
    pub(crate) fn free_compartment(&self) -> u32 {
        (2..).find(|number| self.is_free_compartment(*number)).unwrap_or_default()
    }

    pub(crate) fn is_free_compartment(&self, number: u32) -> bool {
        !self.namespaces.iter().any(|space| space.compartment == number)
            && !self.v1_compartments.values().any(|taken| *taken == number)
    }
}
