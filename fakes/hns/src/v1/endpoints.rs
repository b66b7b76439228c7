//! `/endpoints/` and `/endpointstats/`.

use winlab_document::Document;
use winlab_host::{Guid, HResult};

use crate::context::Context;
use crate::hns::Hns;
use crate::members::{Members, Outcome, refuse};
use crate::policy::Policies;
use crate::v1::paths::{done, there};
use crate::v1::update::OF_ENDPOINT;
use crate::v1::{endpoint, policy};

const MISSING: HResult = HResult::HCN_E_ENDPOINT_NOT_FOUND;

impl Hns {
    pub(super) fn v1_endpoint(&self, id: Guid) -> Outcome<Document> {
        Ok(self.endpoint_v1(there(self.endpoints.get(id), MISSING)?))
    }

    pub(super) fn v1_create_endpoint(
        &mut self,
        body: &Document,
        context: &mut dyn Context,
    ) -> Outcome<Document> {
        let id = self.create_endpoint(Guid::NIL, Guid::NIL, body, context)?;
        self.v1_endpoint(id)
    }

    /// Policies, where given, replace all ACLs and every other type they name: Felix posts an endpoint's id and rules
    /// only (Calico `felix/dataplane/windows/policysets`). hcsshim posts all that it has read (`HNSEndpoint.Update`); what
    /// of it would change something else is counted.
    pub(super) fn v1_update_endpoint(&mut self, id: Guid, body: &Document) -> Outcome<Document> {
        let shown = self.v1_endpoint(id)?;
        self.count_passed_over(body, &shown, OF_ENDPOINT);
        if body.has("Policies") {
            let given = policy::to_v2(body.list("Policies"));
            let given = Policies::from(&given[..]);
            let mut policies = there(self.endpoints.get(id), MISSING)?.policies.clone();
            policies.retain(|policy| !policy.string("Type").eq_ignore_ascii_case("ACL"));
            policies.update(&given);
            self.set_endpoint_policies(id, policies)?;
        }
        let dns = endpoint::dns(body);
        if !dns.members().is_empty() {
            let details = there(self.endpoints.get_mut(id), MISSING)?.details_mut();
            for (member, value) in dns.members() {
                details.dns.set(member, value.clone());
            }
            let namespace = details.namespace;
            self.tell_containers(namespace);
        }
        self.v1_endpoint(id)
    }

    pub(super) fn v1_delete_endpoint(&mut self, id: Guid) -> Outcome<Document> {
        there(self.endpoints.get(id), MISSING)?;
        done(self.delete_endpoint(id))
    }

    pub(super) fn v1_stats(&self, id: Guid) -> Outcome<Document> {
        there(self.endpoints.get(id), MISSING)?;
        self.endpoint_stats(id)
    }

    /// `{"SystemType":"Host","CompartmentId":1}`, `{"SystemType":"Container","ContainerId":"…"}` or
    /// `{"SystemType":"VirtualMachine","VirtualNicName":"…"}`.
    pub(super) fn v1_attach(&mut self, id: Guid, body: &Document) -> Outcome<Document> {
        match body.string("SystemType") {
            "Host" => done(self.attach_to_host(id)),
            "Container" => self.attach_to_container(id, body.string("ContainerId")).map(|_| Document::Null),
            "VirtualMachine" => done(self.attach_to_machine(id)),
            _ => refuse(HResult::E_INVALIDARG),
        }
    }

    pub(super) fn v1_detach(&mut self, id: Guid, body: &Document) -> Outcome<Document> {
        match body.string("SystemType") {
            "Host" => done(self.detach_from_host(id)),
            "Container" => done(self.detach_from_container(id, body.string("ContainerId"))),
            "VirtualMachine" => done(self.detach_from_machine(id)),
            _ => refuse(HResult::E_INVALIDARG),
        }
    }
}
