//! Programming one service port: its endpoints in HNS, then its load balancers.

use super::backend::HnsEndpoint;
use super::endpoints::{self, NewEndpoint};
use super::mac::conjure_mac;
use super::network::NetworkInfo;
use super::proxier::Proxier;
use super::service::{ServiceInfo, VipEndpoint};
use super::sync::Snapshot;
use crate::service::ServicePortName;

/// The network vanished in the middle of a sync.
#[derive(Debug)]
pub(super) struct NetworkLost;

/// The endpoints of a service port that traffic may be sent to.
#[derive(Debug, Default)]
pub(super) struct Usable {
    pub(super) all: Vec<HnsEndpoint>,
    pub(super) local: Vec<HnsEndpoint>,
    /// Some are nodes, or outside the cluster: then the source of translated packets is the node.
    pub(super) beyond: bool,
}

/// Of services with an ingress address: whether endpoints serve.
#[derive(Debug, Clone, Copy)]
pub(super) struct Health {
    pub(super) all_terminating: bool,
    pub(super) none_serving: bool,
}

impl Proxier {
    /// Programs one service port. Failures are logged; the port is tried again at the next sync.
    pub(super) async fn program_service(
        &mut self,
        name: &ServicePortName,
        snapshot: &mut Snapshot,
    ) -> Result<(), NetworkLost> {
        let Some(mut service) = self.services.remove(name) else { return Ok(()) };
        let done = self.try_service(name, &mut service, snapshot).await;
        service.applied = matches!(done, Ok(true));
        self.services.insert(name.clone(), service);
        done.map(drop)
    }

    async fn try_service(
        &mut self,
        name: &ServicePortName,
        service: &mut ServiceInfo,
        snapshot: &mut Snapshot,
    ) -> Result<bool, NetworkLost> {
        if self.network.is_overlay() && !self.ensure_vip(service, snapshot).await {
            return Ok(false);
        }
        let health = self.health_of(name, service);
        let usable = self.usable(name, service, health, snapshot).await?;
        if usable.all.is_empty() {
            if service.wanted.optimised {
                self.delete_load_balancers(service).await;
            }
            self.log.error(format_args!(
                "Endpoint information not available for service, not applying any policy serviceName={name}"
            ));
            return Ok(false);
        }
        Ok(self.balance(name, service, &usable, health, snapshot).await)
    }

    /// The remote endpoint that stands for the cluster address. Whether it is there.
    async fn ensure_vip(&mut self, service: &mut ServiceInfo, snapshot: &mut Snapshot) -> bool {
        let ip = service.wanted.base.cluster_ip.to_string();
        if snapshot.endpoints.get(&ip).is_some() {
            return true;
        }
        let new = NewEndpoint {
            ip: &ip,
            mac: &self.host_mac,
            local: false,
            provider_address: &self.node_ip.to_string(),
        };
        match endpoints::create(&self.hcn, &self.network.name, new).await {
            Ok(made) => {
                let reference = self.references.take(&made.id);
                service.vip_endpoint = Some(VipEndpoint { id: made.id.clone(), reference });
                snapshot.endpoints.remember(&made);
                true
            }
            Err(error) => {
                self.log.error(format_args!("Remote endpoint creation failed for service VIP: {error}"));
                false
            }
        }
    }

    /// `isAllEndpointsTerminating`, `isAllEndpointsNonServing`: asked of services with an ingress address only.
    fn health_of(&self, name: &ServicePortName, service: &ServiceInfo) -> Health {
        if service.ingress_ips.is_empty() || !self.quirks.terminating {
            return Health { all_terminating: false, none_serving: false };
        }
        let backends = self.backends.get(name).map(Vec::as_slice).unwrap_or_default();
        let local_only = service.wanted.local_traffic_dsr;
        let mut counted =
            backends.iter().map(|backend| &backend.endpoint).filter(|endpoint| endpoint.local || !local_only);
        let all_terminating = counted.clone().all(|endpoint| endpoint.terminating || !endpoint.ready);
        let none_serving = counted.all(|endpoint| !endpoint.serving);
        Health { all_terminating, none_serving }
    }

    async fn usable(
        &mut self,
        name: &ServicePortName,
        service: &mut ServiceInfo,
        health: Health,
        snapshot: &mut Snapshot,
    ) -> Result<Usable, NetworkLost> {
        let mut usable = Usable::default();
        let mut backends = self.backends.remove(name).unwrap_or_default();
        let wanted = &service.wanted;
        for backend in &mut backends {
            let endpoint = &backend.endpoint;
            if wanted.internal_local && wanted.local_traffic_dsr && !endpoint.local {
                continue;
            }
            let ready = endpoint.ready || (health.all_terminating && self.quirks.terminating);
            if !health.none_serving && !(ready && (endpoint.serving || !self.quirks.terminating)) {
                continue;
            }
            if service.target_port == 0 || (self.quirks.port_of_slice && service.target_port != endpoint.port)
            {
                service.target_port = endpoint.port;
            }
            let ip = endpoint.ip.to_string();
            let known = snapshot.endpoints.get(&backend.id).filter(|_| !backend.id.is_empty());
            let known = known.or_else(|| snapshot.endpoints.get(&ip)).cloned();
            let found = match known {
                Some(found) => found,
                None => match self.make(endpoint.local, &ip, snapshot).await {
                    Ok(Some(made)) => made,
                    Ok(None) => continue,
                    Err(lost) => {
                        self.backends.insert(name.clone(), backends);
                        return Err(lost);
                    }
                },
            };
            if self.network.is_overlay() && !backend.endpoint.local {
                let provider = self.network.provider_address(&ip);
                usable.beyond |= provider.is_none_or(|provider| provider == ip);
            }
            if found.local {
                usable.local.push(found.clone());
            } else {
                backend.reference = self.references.take(&found.id);
            }
            backend.id.clone_from(&found.id);
            usable.all.push(found);
        }
        self.backends.insert(name.clone(), backends);
        Ok(usable)
    }

    /// A remote endpoint for a pod of another node. Pods of this node have theirs from their CNI plugin, or none yet.
    async fn make(
        &mut self,
        local: bool,
        ip: &str,
        snapshot: &mut Snapshot,
    ) -> Result<Option<HnsEndpoint>, NetworkLost> {
        let network = self.network.name.clone();
        if local {
            self.log
                .error(format_args!("Local endpoint not found: on network ip={ip} hnsNetworkName={network}"));
            return Ok(None);
        }
        let mut provider_address = String::new();
        if self.network.is_overlay() {
            match NetworkInfo::by_name(&self.hcn, &network).await {
                Ok(updated) => self.network = updated,
                Err(error) => {
                    self.log.error(format_args!(
                        "Unable to find HNS Network specified, please check network name and CNI deployment \
                         hnsNetworkName={network}: {error}"
                    ));
                    return Err(NetworkLost);
                }
            }
            let found = self.network.provider_address(ip).map(str::to_owned);
            provider_address = found.unwrap_or_else(|| self.node_ip.to_string());
        }
        let mac = ip.parse().map(|ip| conjure_mac("02-11", ip)).unwrap_or_default();
        let new = NewEndpoint { ip, mac: &mac, local: false, provider_address: &provider_address };
        match endpoints::create(&self.hcn, &network, new).await {
            Ok(made) => {
                if self.quirks.optimised {
                    snapshot.endpoints.remember(&made);
                }
                Ok(Some(made))
            }
            Err(error) => {
                self.log.error(format_args!("Remote endpoint creation failed ip={ip}: {error}"));
                Ok(None)
            }
        }
    }
}
