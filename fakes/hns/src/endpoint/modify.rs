//! Changing endpoints.

use winlab_document::Document;
use winlab_host::{Guid, HResult};

use crate::endpoint::ports;
use crate::handle::known;
use crate::hns::Hns;
use crate::members::{Members, Outcome, refuse, require};
use crate::modify::{ModifyRequest, RequestType};
use crate::policy::{self, Policies, Target};
use crate::unmodelled;

impl Hns {
    /// `HcnModifyEndpoint`.
    pub(crate) fn modify_endpoint(&mut self, id: Guid, settings: &Document) -> Outcome<()> {
        require(self.endpoints.contains(id), HResult::ERROR_NOT_FOUND)?;
        let request = ModifyRequest::read(settings)?;
        match request.kind {
            RequestType::Refresh => return Ok(()),
            RequestType::Reset => {
                self.gaps.count(unmodelled::RESET);
                return refuse(HResult::HCN_E_REQUEST_UNSUPPORTED);
            }
            RequestType::Add | RequestType::Remove | RequestType::Update => {}
        }
        match request.resource.as_str() {
            "policy" => {
                let given = Policies::from(request.settings.list("Policies"));
                self.modify_endpoint_policies(id, request.kind, &given)
            }
            "port" => {
                let attach = request.kind != RequestType::Remove;
                if attach { self.attach_to_machine(id) } else { self.detach_from_machine(id) }
            }
            _ => refuse(HResult::HCN_E_REQUEST_UNSUPPORTED),
        }
    }

    fn modify_endpoint_policies(&mut self, id: Guid, kind: RequestType, given: &Policies) -> Outcome<()> {
        let mut policies = known(self.endpoints.get(id))?.policies.clone();
        match kind {
            RequestType::Add => policies.append(given),
            RequestType::Remove => require(policies.subtract(given), HResult::HCN_E_POLICY_NOT_FOUND)?,
            _ => policies.update(given),
        }
        self.set_endpoint_policies(id, policies)
    }

    /// Gives an endpoint another list of policies; its host ports follow.
    ///
    /// # Errors
    /// As creating it with that list.
    pub(crate) fn set_endpoint_policies(&mut self, id: Guid, mut policies: Policies) -> Outcome<()> {
        let endpoint = known(self.endpoints.get(id))?;
        let kind = known(self.networks.at(endpoint.network))?.kind;
        policy::validate(&policies, Target::Endpoint(kind), self.version())?;
        policy::count_gaps(&policies, &mut self.gaps);
        let old = ports::mappings(&endpoint.policies);
        self.ports.unmap(&old);
        let taken = ports::choose(&mut policies, &self.ports)
            .and_then(|_| self.ports.map(&ports::mappings(&policies)));
        if let Err(fault) = taken {
            self.ports.map(&old)?;
            return Err(fault);
        }
        let policies = self.shared.policies(policies.items());
        known(self.endpoints.get_mut(id))?.policies = policies;
        let namespace = known(self.endpoints.get(id))?.namespace();
        self.tell_containers(namespace);
        Ok(())
    }
}
