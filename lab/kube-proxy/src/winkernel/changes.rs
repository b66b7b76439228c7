//! Taking in what has changed: what HNS has of changed services is removed, or kept to be changed.

use super::backend::Backend;
use super::endpoints;
use super::load_balancer;
use super::proxier::Proxier;
use super::service::{External, ServiceInfo};
use crate::quirks::Terminated;
use crate::service::{EndpointsChange, ServicePortName};

impl Proxier {
    /// `svcPortMap.Update` and `endpointsMap.Update`
    pub(super) async fn apply_changes(&mut self) {
        for (_, change) in self.service_changes.take() {
            let gone: Vec<_> =
                change.previous.keys().filter(|name| !change.current.contains_key(name)).collect();
            for name in change.current.keys().chain(gone.iter().copied()) {
                self.clean_up(name, false).await;
            }
            for name in gone {
                self.services.remove(name);
            }
            let new = change.current.into_iter().map(|(name, wanted)| (name, ServiceInfo::new(wanted)));
            self.services.extend(new);
        }
        for (_, change) in self.slices.take() {
            self.endpoints_changed(&change).await;
            for name in change.previous.keys() {
                self.backends.remove(name);
            }
            let backends = |endpoints: Vec<_>| endpoints.into_iter().map(Backend::new).collect();
            let new = change.current.into_iter().map(|(name, endpoints)| (name, backends(endpoints)));
            self.backends.extend(new);
        }
    }

    /// `endpointsMapChange`
    async fn endpoints_changed(&mut self, change: &EndpointsChange) {
        if self.quirks.terminated == Terminated::OfLastChange {
            self.terminated.clear();
        }
        for (name, endpoints) in &change.previous {
            for endpoint in endpoints.iter().filter(|endpoint| !endpoint.local) {
                self.terminated.insert(endpoint.ip.to_string());
            }
            self.backends_changed(name, false).await;
        }
        for (name, endpoints) in &change.current {
            for endpoint in endpoints.iter().filter(|endpoint| !endpoint.local) {
                self.terminated.remove(&endpoint.ip.to_string());
            }
            self.backends_changed(name, change.previous.contains_key(name)).await;
        }
    }

    /// `onEndpointsMapChange`; `again`: the service was cleaned up a moment ago.
    async fn backends_changed(&mut self, name: &ServicePortName, again: bool) {
        match self.services.get(name) {
            Some(service) if service.wanted.optimised && again => {}
            Some(_) => self.clean_up(name, true).await,
            None => {
                let mut backends = self.backends.remove(name).unwrap_or_default();
                for backend in &mut backends {
                    self.release(backend).await;
                }
                self.backends.insert(name.clone(), backends);
            }
        }
    }

    /// `serviceInfo.cleanupAllPolicies`
    async fn clean_up(&mut self, name: &ServicePortName, endpoints_only: bool) {
        let Some(mut service) = self.services.remove(name) else { return };
        let mut backends = self.backends.remove(name).unwrap_or_default();
        let keep = endpoints_only && service.wanted.optimised;
        if !keep {
            self.delete_load_balancers(&mut service).await;
        }
        for backend in &mut backends {
            if keep {
                if !backend.endpoint.local {
                    self.references.lend(&backend.reference);
                }
            } else {
                self.release(backend).await;
            }
        }
        if let Some(vip) = &mut service.vip_endpoint
            && self.references.release(&mut vip.reference)
        {
            match endpoints::delete(&self.hcn, &vip.id).await {
                Ok(()) => vip.id.clear(),
                Err(error) => self.log.error(format_args!("Endpoint deletion failed: {error}")),
            }
        }
        service.applied = false;
        self.services.insert(name.clone(), service);
        self.backends.insert(name.clone(), backends);
    }

    /// `Proxier.cleanupAllPolicies`: the network is not what it was.
    pub(super) async fn clean_up_all(&mut self) {
        let names: Vec<_> = self.services.keys().cloned().collect();
        for name in names {
            self.clean_up(&name, false).await;
        }
    }

    /// `endpointInfo.Cleanup`: local endpoints belong to others.
    async fn release(&mut self, backend: &mut Backend) {
        if backend.endpoint.local || !self.references.release(&mut backend.reference) {
            return;
        }
        match endpoints::delete(&self.hcn, &backend.id).await {
            Ok(()) => backend.id.clear(),
            Err(error) => {
                self.log.error(format_args!("Endpoint deletion failed ip={}: {error}", backend.endpoint.ip));
            }
        }
    }

    /// `deleteLoadBalancerPolicy`
    pub(super) async fn delete_load_balancers(&mut self, service: &mut ServiceInfo) {
        self.delete_load_balancer(&mut service.id).await;
        self.delete_load_balancer(&mut service.node_port_id).await;
        for External { id, .. } in &mut service.external_ips {
            // Upstream before 1.37 marks these stale before it knows.
            if !self.quirks.skips_empty_ids {
                self.stale.insert(id.clone());
            }
            self.delete_load_balancer(id).await;
        }
        for External { id, health_id, .. } in &mut service.ingress_ips {
            self.delete_load_balancer(id).await;
            if !health_id.is_empty() {
                self.delete_load_balancer(health_id).await;
            }
        }
    }

    async fn delete_load_balancer(&mut self, id: &mut String) {
        if id.is_empty() && self.quirks.skips_empty_ids {
            return;
        }
        match load_balancer::delete(&self.hcn, id, &self.quirks).await {
            Ok(()) => id.clear(),
            Err(error) => {
                self.stale.insert(id.clone());
                self.log.error(format_args!(
                    "Error deleting Hns loadbalancer policy resource hnsID={id}: {error}"
                ));
            }
        }
    }

    /// `cleanupStaleLoadbalancers`: at most twenty of them.
    pub(super) async fn clean_up_stale(&mut self) {
        let some: Vec<_> = self.stale.iter().take(20).cloned().collect();
        for id in some {
            if load_balancer::delete(&self.hcn, &id, &self.quirks).await.is_ok() {
                self.stale.remove(&id);
            }
        }
    }
}
