//! Load balancers.

use winlab_document::Document;
use winlab_host::network::{
    CreateLoadBalancer, DeleteLoadBalancer, EnumerateLoadBalancers, ModifyLoadBalancer, OpenLoadBalancer,
    QueryLoadBalancerProperties,
};
use winlab_host::{Ask, Guid};

use crate::error::HcnError;
use crate::hcn::{Hcn, default_query, failed, filtered, parse};

const INVALID_ID: &str = "invalid load balancer ID";

impl Hcn {
    async fn load_balancers_by(&self, query: Document) -> Result<Vec<Document>, HcnError> {
        let ids = self.host.ask(EnumerateLoadBalancers { query: query.clone() }).await;
        let mut load_balancers = Vec::new();
        for id in ids.map_err(failed("hcnEnumerateLoadBalancers"))? {
            self.host.ask(OpenLoadBalancer { id }).await.map_err(failed("hcnOpenLoadBalancer"))?;
            load_balancers.push(self.query_load_balancer(id, query.clone()).await?);
        }
        Ok(load_balancers)
    }

    async fn query_load_balancer(&self, id: Guid, query: Document) -> Result<Document, HcnError> {
        let load_balancer = self.host.ask(QueryLoadBalancerProperties { id, query }).await;
        load_balancer.map_err(failed("hcnQueryLoadBalancerProperties"))
    }

    /// `ListLoadBalancers`: every one of the host.
    ///
    /// # Errors
    /// As HNS refuses it; also if one vanishes while the list is made.
    pub async fn load_balancers(&self) -> Result<Vec<Document>, HcnError> {
        self.load_balancers_by(default_query()).await
    }

    /// `GetLoadBalancerByID`. An empty id matches none.
    ///
    /// # Errors
    /// [`HcnError::NotFound`] if there is none.
    pub async fn load_balancer_by_id(&self, id: &str) -> Result<Document, HcnError> {
        let found = self.load_balancers_by(filtered("ID", id)).await?.into_iter().next();
        found.ok_or_else(|| HcnError::NotFound(format!("LoadBalancer ID {id:?} not found")))
    }

    /// `HostComputeLoadBalancer.Create`: the load balancer as HNS then shows it.
    ///
    /// # Errors
    /// As HNS refuses it.
    pub async fn create_load_balancer(&self, settings: Document) -> Result<Document, HcnError> {
        let id = self.host.ask(CreateLoadBalancer { id: Guid::NIL, settings }).await;
        self.query_load_balancer(id.map_err(failed("hcnCreateLoadBalancer"))?, default_query()).await
    }

    /// `HostComputeLoadBalancer.Update`: replaces it in place; the settings are the whole object.
    ///
    /// # Errors
    /// As HNS refuses it: `E_NOTIMPL` where it cannot.
    pub async fn update_load_balancer(&self, id: &str, settings: Document) -> Result<Document, HcnError> {
        let id = parse(id, INVALID_ID)?;
        self.host.ask(OpenLoadBalancer { id }).await.map_err(failed("hcnOpenLoadBalancer"))?;
        let modified = self.host.ask(ModifyLoadBalancer { id, settings }).await;
        modified.map_err(failed("hcnModifyLoadBalancer"))?;
        self.query_load_balancer(id, default_query()).await
    }

    /// `HostComputeLoadBalancer.Delete`
    ///
    /// # Errors
    /// As HNS refuses it.
    pub async fn delete_load_balancer(&self, id: &str) -> Result<(), HcnError> {
        let id = parse(id, INVALID_ID)?;
        self.host.ask(DeleteLoadBalancer { id }).await.map_err(failed("hcnDeleteLoadBalancer"))
    }
}
