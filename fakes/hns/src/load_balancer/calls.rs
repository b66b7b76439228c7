//! The calls about load balancers.

use std::collections::BTreeSet;

use winlab_document::Document;
use winlab_host::{Fault, Guid, HResult};
use winlab_profiles::HnsFeature;

use crate::context::Context;
use crate::handle::known;
use crate::hns::Hns;
use crate::load_balancer::LoadBalancer;
use crate::members::{Outcome, refuse, require};
use crate::query::Query;
use crate::unmodelled;
use crate::version;

/// The build on which a load balancer cannot have a port that a program of the host listens on: Server 2019, where
/// kube-proxy's own health check port gets in its way.
const PORTS_SHARED_WITH_HOST: u32 = 17763;
/// The build from which on blocks of ports are shared better (KB4551853), which is not modelled.
const BLOCKS_SHARED_SINCE: (u32, u32) = (17763, 1217);

impl Hns {
    /// `HcnCreateLoadBalancer`.
    pub(crate) fn create_load_balancer(
        &mut self,
        id: Guid,
        settings: &Document,
        context: &mut dyn Context,
    ) -> Outcome<Guid> {
        let id = Self::choose_id(id, settings, context)?;
        require(!self.load_balancers.contains(id), HResult::ERROR_ALREADY_EXISTS)?;
        let mut balancer = LoadBalancer::read(id, settings, self.version())?;
        self.check_backends(&balancer)?;
        self.check_frontends(&balancer)?;
        if balancer.needs_block() {
            balancer.block = Some(self.take_block()?);
        }
        balancer.since = self.filetime(context);
        self.index(&balancer);
        self.load_balancers.insert(balancer);
        Ok(id)
    }

    /// `HcnModifyLoadBalancer`: the settings are the whole object. 15.4 says yes and leaves the endpoints as they were
    /// (kubernetes#131506).
    pub(crate) fn modify_load_balancer(&mut self, id: Guid, settings: &Document) -> Outcome<()> {
        require(self.has(HnsFeature::ModifyLoadBalancer), HResult::E_NOTIMPL)?;
        let version = self.version();
        let old = known(self.load_balancers.get(id))?;
        let mut balancer = LoadBalancer::read(id, settings, version)?;
        (balancer.since, balancer.block, balancer.plumbed) = (old.since, old.block, old.plumbed);
        self.check_backends(&balancer)?;
        self.check_frontends(&balancer)?;
        match (balancer.needs_block(), balancer.block) {
            (true, None) => balancer.block = Some(self.take_block()?),
            (false, Some(block)) => {
                self.ports.give_block(block);
                balancer.block = None;
            }
            _ => {}
        }
        let old = known(self.load_balancers.get(id))?.clone();
        if version::keeps_backends_on_modify(version) {
            balancer.endpoints.clone_from(&old.endpoints);
            balancer.render(self.base());
        }
        self.unindex(&old);
        self.index(&balancer);
        *known(self.load_balancers.get_mut(id))? = balancer;
        Ok(())
    }

    /// `HcnDeleteLoadBalancer`.
    pub(crate) fn delete_load_balancer(&mut self, id: Guid) -> Outcome<()> {
        require(self.load_balancers.contains(id), HResult::ERROR_NOT_FOUND)?;
        self.forget_load_balancer(id);
        Ok(())
    }

    /// Removes a load balancer whatever the service's state.
    pub(crate) fn forget_load_balancer(&mut self, id: Guid) {
        let Some(serial) = self.load_balancers.serial(id) else { return };
        let Some(balancer) = self.load_balancers.remove(serial) else { return };
        self.unindex(&balancer);
        if let Some(block) = balancer.block {
            self.ports.give_block(block);
        }
    }

    /// A backend is gone: load balancers lose it without a word.
    pub(crate) fn remove_backend(&mut self, endpoint: Guid) {
        let base = self.base();
        for id in self.backends.remove(&endpoint).unwrap_or_default() {
            let Some(balancer) = self.load_balancers.get_mut(id) else { continue };
            balancer.endpoints.retain(|member| *member != endpoint);
            balancer.render(base);
        }
    }

    /// Load balancers that have no endpoint besides these.
    pub(crate) fn load_balancers_within(&self, endpoints: &BTreeSet<Guid>) -> Vec<Guid> {
        let within = |balancer: &&LoadBalancer| {
            !balancer.endpoints.is_empty()
                && balancer.endpoints.iter().all(|member| endpoints.contains(member))
        };
        self.load_balancers.iter().filter(within).map(|balancer| balancer.id).collect()
    }

    /// `HcnEnumerateLoadBalancers`.
    pub(crate) fn enumerate_load_balancers(&self, query: &Document) -> Outcome<Vec<Guid>> {
        let mut query = Query::read(query)?;
        let found: Vec<&LoadBalancer> = match query.take_id(&["ID"]) {
            Some(id) => id.and_then(|id| self.load_balancers.get(id)).into_iter().collect(),
            None => self.load_balancers.iter().collect(),
        };
        let fits = |balancer: &&LoadBalancer| {
            query.is_open() || query.matches(&balancer.v2(), || balancer.v1(self.base()))
        };
        Ok(found.into_iter().filter(fits).map(|balancer| balancer.id).collect())
    }

    /// `HcnQueryLoadBalancerProperties`.
    pub(crate) fn query_load_balancer(&self, id: Guid, query: &Document) -> Outcome<Document> {
        let query = Query::read(query)?;
        let balancer = known(self.load_balancers.get(id))?;
        Ok(if query.v1 { balancer.v1(self.base()) } else { balancer.v2() })
    }

    fn check_backends(&self, balancer: &LoadBalancer) -> Outcome<()> {
        let known = balancer.endpoints.iter().all(|endpoint| self.endpoints.contains(*endpoint));
        require(known, HResult::HCN_E_ENDPOINT_NOT_FOUND)
    }

    fn check_frontends(&self, balancer: &LoadBalancer) -> Outcome<()> {
        for frontend in &balancer.frontends {
            let owner = self.frontends.get(frontend);
            if owner.is_some_and(|owner| *owner != balancer.id) {
                return refuse(if version::reports_doubled_load_balancer_as_existing(self.version()) {
                    HResult::ERROR_ALREADY_EXISTS
                } else {
                    HResult::HCN_E_PORT_ALREADY_EXISTS
                });
            }
            let (_, port, protocol, _) = *frontend;
            let clash =
                self.config.windows.build() == PORTS_SHARED_WITH_HOST && self.ports.is_bound(protocol, port);
            require(!clash, HResult::HCN_E_PORT_ALREADY_EXISTS)?;
        }
        Ok(())
    }

    fn take_block(&mut self) -> Result<crate::ports::Block, Fault> {
        if (self.config.windows.build(), self.config.windows.revision()) >= BLOCKS_SHARED_SINCE
            && self.ports.blocks_left() < 64
        {
            self.gaps.count(unmodelled::PORT_BLOCKS_SHARED);
        }
        self.ports.take_block()
    }

    fn index(&mut self, balancer: &LoadBalancer) {
        self.frontends.extend(balancer.frontends.iter().map(|frontend| (*frontend, balancer.id)));
        for endpoint in &balancer.endpoints {
            self.backends.entry(*endpoint).or_default().insert(balancer.id);
        }
    }

    fn unindex(&mut self, balancer: &LoadBalancer) {
        for frontend in &balancer.frontends {
            self.frontends.remove(frontend);
        }
        for endpoint in &balancer.endpoints {
            if let Some(balancers) = self.backends.get_mut(endpoint) {
                balancers.remove(&balancer.id);
                if balancers.is_empty() {
                    self.backends.remove(endpoint);
                }
            }
        }
    }
}
