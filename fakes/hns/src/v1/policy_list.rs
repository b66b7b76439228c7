//! Policy lists: load balancers (`ELB`) and routes (`ROUTE`) the V1 way.

use winlab_document::{Document, ObjectBuilder};
use winlab_host::{Guid, HResult};

use crate::base::Base;
use crate::context::Context;
use crate::hns::Hns;
use crate::load_balancer::from_elb;
use crate::members::{Members, Outcome, refuse, require, upper};
use crate::v1;

/// `State` of a policy list whose policies are applied.
const APPLIED: u16 = 1;

/// A policy list's document.
pub(crate) fn view(
    (id, since): (Guid, u64),
    endpoints: &[Guid],
    policies: Document,
    base: Base,
    unknown: &Document,
) -> Document {
    let mut object = ObjectBuilder::with_capacity(12);
    object.set("ID", upper(id));
    object.set("References", endpoints.iter().map(|id| format!("/endpoints/{id:#}")).collect::<Document>());
    object.set("Policies", policies);
    object.set("ActivityId", upper(id));
    object.set("Flags", 0);
    object.set("IsApplied", true);
    object.set("Resources", v1::resources(id, APPLIED, since));
    base.finish_v1(object, APPLIED, since, unknown)
}

impl Hns {
    /// `GET /policylists/`: load balancers, then routes.
    pub(crate) fn policy_lists(&self) -> Document {
        let base = self.base();
        let balancers = self.load_balancers.iter().map(|balancer| balancer.v1(base));
        balancers.chain(self.routes.iter().map(|route| route.v1(base))).collect()
    }

    /// `GET /policylists/<id>`.
    pub(crate) fn policy_list(&self, id: Guid) -> Outcome<Document> {
        let base = self.base();
        let balancer = self.load_balancers.get(id).map(|balancer| balancer.v1(base));
        match balancer.or_else(|| self.routes.get(id).map(|route| route.v1(base))) {
            Some(list) => Ok(list),
            None => refuse(HResult::ERROR_NOT_FOUND),
        }
    }

    /// `POST /policylists/`.
    pub(crate) fn create_policy_list(
        &mut self,
        body: &Document,
        context: &mut dyn Context,
    ) -> Outcome<Document> {
        require(body.is_object(), HResult::HCN_E_INVALID_JSON)?;
        let mut endpoints = Vec::new();
        for reference in body.list("References") {
            endpoints.push(self.read_reference(reference.as_str().unwrap_or_default())?);
        }
        let id = body.guid("ID")?.unwrap_or_default();
        let endpoints: Document = endpoints.into_iter().collect();
        let policies = body.list("Policies");
        let all = |name: &str| policies.iter().all(|policy| policy.string("Type").eq_ignore_ascii_case(name));
        require(!policies.is_empty(), HResult::HCN_E_INVALID_POLICY)?;
        let id = if all("ELB") {
            self.create_load_balancer(id, &from_elb(policies, endpoints), context)?
        } else if all("ROUTE") {
            let mut routes = policies.to_vec();
            for route in &mut routes {
                route.remove("Type");
            }
            let settings = winlab_document::doc!({"HostComputeEndpoints": endpoints, "Setting": routes});
            self.create_route(id, &settings, context)?
        } else {
            return refuse(HResult::HCN_E_INVALID_POLICY_TYPE);
        };
        self.policy_list(id)
    }

    /// `DELETE /policylists/<id>`.
    pub(crate) fn delete_policy_list(&mut self, id: Guid) -> Outcome<()> {
        if self.load_balancers.contains(id) { self.delete_load_balancer(id) } else { self.delete_route(id) }
    }

    fn read_reference(&self, text: &str) -> Outcome<Guid> {
        let id = text.strip_prefix("/endpoints/").and_then(|id| id.parse().ok());
        match id.filter(|id| self.endpoints.contains(*id)) {
            Some(id) => Ok(id),
            None => refuse(HResult::HCN_E_INVALID_JSON_REFERENCE),
        }
    }
}
