//! One sync (`syncProxyRules`).

use std::collections::{BTreeMap, BTreeSet};

use winlab_kube_client::ObjectKey;

use super::backend::HnsEndpoint;
use super::endpoints::{self, NewEndpoint, Queried};
use super::load_balancer::{self, Known, ListError};
use super::network::NetworkInfo;
use super::proxier::Proxier;
use crate::quirks::Terminated;
use crate::runner::{Outcome, Sync};

/// What HNS has at the beginning of a sync, kept up to date through it.
#[derive(Debug)]
pub(super) struct Snapshot {
    pub(super) endpoints: Queried,
    pub(super) load_balancers: Known,
    /// Of `--forward-healthcheck-vip`: the endpoint that health checks are sent to.
    pub(super) gateway: Option<HnsEndpoint>,
}

impl Sync for Proxier {
    fn gather(&mut self) -> bool {
        let Self { queues, service_changes, slices, .. } = self;
        queues.drain(
            |before, now| service_changes.update(before, now),
            |slice, removed| slices.update(slice, removed),
        )
    }

    async fn changed(&mut self) {
        self.sources.changed().await;
    }

    /// Upstream's sync never says that it failed: what could not be done is tried again at the next.
    async fn sync(&mut self) -> Outcome {
        let mut gateway = None;
        if self.forward_health_check_vip {
            gateway = endpoints::by_name(&self.hcn, &self.root_endpoint).await.ok();
        }
        if !self.network_is_there().await {
            return Outcome::Done;
        }
        if self.quirks.terminated == Terminated::OfSync {
            self.terminated.clear();
        }
        self.apply_changes().await;
        match self.query(gateway).await {
            Ok(mut snapshot) => {
                self.program(&mut snapshot).await;
                self.delete_doubled(&snapshot).await;
                Outcome::Done
            }
            Err(outcome) => outcome,
        }
    }
}

impl Proxier {
    /// Whether the network is as it was; if not, everything of it is forgotten.
    async fn network_is_there(&mut self) -> bool {
        let found = match NetworkInfo::by_name(&self.hcn, &self.network.name).await {
            Ok(found) => Some(found),
            Err(error) if self.quirks.heeds_hns_down && super::start::is_hns_down(&error) => {
                self.log.error(format_args!(
                    "HNS is not running. Unable to read network. Skipping sync: {error}"
                ));
                return false;
            }
            Err(_) => None,
        };
        if found.as_ref().is_some_and(|found| found.id == self.network.id) {
            return true;
        }
        self.log.info(format_args!(
            "The HNS network is not present or has changed since the last sync, please check the CNI deployment \
             hnsNetworkName={}",
            self.network.name
        ));
        self.clean_up_all().await;
        if let Some(found) = found {
            self.network = found;
        }
        false
    }

    /// Remote endpoints whose address a local one has too.
    async fn delete_doubled(&self, snapshot: &Snapshot) {
        for id in &snapshot.endpoints.doubled {
            if let Err(error) = endpoints::delete(&self.hcn, id).await {
                self.log.error(format_args!(
                    "Failed to delete stale remote endpoint with duplicate IP hnsID={id}: {error}"
                ));
            }
        }
    }

    /// What HNS has; how the sync ends if it cannot be asked, or the source VIP cannot be had.
    async fn query(&mut self, gateway: Option<HnsEndpoint>) -> Result<Snapshot, Outcome> {
        let name = self.network.name.clone();
        let endpoints = match Queried::list(&self.hcn, &name, self.quirks.same_address).await {
            Ok(endpoints) => endpoints,
            Err(error) => {
                self.log.error(format_args!("Querying HNS for endpoints failed: {error}"));
                return Err(Outcome::Done);
            }
        };
        let load_balancers = match load_balancer::list(&self.hcn, &self.quirks).await {
            Ok(load_balancers) => load_balancers,
            Err(ListError::Hcn(error)) => {
                self.log.error(format_args!("Querying HNS for load balancers failed: {error}"));
                return Err(Outcome::Done);
            }
            Err(ListError::NoPorts) => {
                self.log.fatal("panic: runtime error: index out of range [0] with length 0");
                return Err(Outcome::Crashed);
            }
        };
        if self.network.is_overlay() && endpoints.get(&self.source_vip).is_none() {
            let source_vip = NewEndpoint {
                ip: &self.source_vip,
                mac: &self.host_mac,
                local: true,
                provider_address: &self.node_ip.to_string(),
            };
            if let Err(error) = endpoints::create(&self.hcn, &name, source_vip).await {
                self.log.error(format_args!("Source Vip endpoint creation failed: {error}"));
                return Err(Outcome::Done);
            }
        }
        Ok(Snapshot { endpoints, load_balancers, gateway })
    }

    async fn program(&mut self, snapshot: &mut Snapshot) {
        let names: Vec<_> = self.services.keys().cloned().collect();
        for name in names {
            if self.services.get(&name).is_some_and(|service| service.applied) {
                continue;
            }
            if self.program_service(&name, snapshot).await.is_err() {
                self.clean_up_all().await;
                return;
            }
        }
        self.publish_health();
        if self.quirks.terminated != Terminated::Untracked {
            self.delete_terminated(snapshot).await;
        }
        self.clean_up_stale().await;
    }

    /// Remote endpoints that have gone and that nobody uses any more.
    async fn delete_terminated(&self, snapshot: &Snapshot) {
        for ip in &self.terminated {
            let Some(endpoint) = snapshot.endpoints.get(ip) else { continue };
            if endpoint.local || !self.references.is_free(&endpoint.id) {
                continue;
            }
            if let Err(error) = endpoints::delete(&self.hcn, &endpoint.id).await {
                let id = &endpoint.id;
                self.log
                    .error(format_args!("Deleting unreferenced remote endpoint failed hnsID={id}: {error}"));
            }
        }
    }

    fn publish_health(&self) {
        let mut local: BTreeMap<&ObjectKey, BTreeSet<_>> = BTreeMap::new();
        for (name, backends) in &self.backends {
            let ready = backends.iter().map(|backend| &backend.endpoint).filter(|ep| ep.ready && ep.local);
            local.entry(&name.service).or_default().extend(ready.map(|endpoint| endpoint.ip));
        }
        let ports = self.services.iter().filter_map(|(name, service)| {
            let port = service.wanted.base.health_check_node_port;
            let endpoints = local.get(&name.service).map_or(0, BTreeSet::len);
            (port != 0).then(|| (port, (name.service.clone(), endpoints)))
        });
        self.health.sync(ports.collect());
    }
}
