//! The load balancers of one service port: of its cluster address, node port, external and ingress addresses.

use super::backend::HnsEndpoint;
use super::flags::Flags;
use super::load_balancer::{self, Settings};
use super::programming::{Health, Usable};
use super::proxier::Proxier;
use super::service::ServiceInfo;
use super::sync::Snapshot;
use crate::quirks::LookUp;
use crate::service::ServicePortName;

/// One load balancer wanted.
#[derive(Debug, Clone, Copy)]
struct Wish<'a> {
    /// `ClusterIP`, `Nodeport`, `ExternalIP`, `IngressIP`, `Healthcheck loadbalancer`: for logs.
    what: &'static str,
    settings: Settings<'a>,
    /// The endpoints that a version looks the present one up by.
    looked_up_by: &'a [HnsEndpoint],
    /// Whether one that is there may be changed in place.
    update: bool,
    /// Whether one that is missing is made.
    create: bool,
    optimised: bool,
}

impl Proxier {
    /// Whether the service counts as applied: upstream gives up on the first failure of cluster address or node port,
    /// and does not come back to failed external addresses until the service changes.
    pub(super) async fn balance(
        &mut self,
        name: &ServicePortName,
        service: &mut ServiceInfo,
        usable: &Usable,
        health: Health,
        snapshot: &mut Snapshot,
    ) -> bool {
        let node_ip = self.node_ip.to_string();
        let source_vip = if usable.beyond { node_ip } else { self.source_vip.clone() };
        let available = !health.all_terminating && !health.none_serving;
        let affinity = service.wanted.base.sticky_seconds.is_some();
        if affinity && !self.session_affinity {
            self.log.info("Session Affinity is not supported on this version of Windows");
        }
        let flags = Flags { session_affinity: affinity, ipv6: self.family.is_v6(), ..Flags::default() };
        let common = Settings {
            endpoints: &usable.all,
            flags,
            source_vip: &source_vip,
            vip: "",
            protocol: service.wanted.base.protocol.number(),
            internal_port: service.target_port,
            external_port: service.wanted.base.port,
        };
        self.balance_cluster_ip(name, service, usable, common, snapshot).await
            && self.balance_node_port(name, service, usable, common, available, snapshot).await
            && {
                self.balance_external_ips(name, service, usable, common, available, snapshot).await;
                self.balance_ingress_ips(name, service, usable, common, available, snapshot).await;
                true
            }
    }

    async fn balance_cluster_ip(
        &mut self,
        name: &ServicePortName,
        service: &mut ServiceInfo,
        usable: &Usable,
        common: Settings<'_>,
        snapshot: &mut Snapshot,
    ) -> bool {
        let vip = service.wanted.base.cluster_ip.to_string();
        let endpoints = if service.wanted.internal_local { &usable.local } else { &usable.all };
        let all = self.quirks.look_up == LookUp::ByAllEndpoints;
        let wish = Wish {
            what: "ClusterIP",
            settings: Settings {
                endpoints,
                vip: &vip,
                flags: Flags { dsr: self.dsr, ..common.flags },
                ..common
            },
            looked_up_by: if all { &usable.all } else { endpoints },
            update: true,
            create: !endpoints.is_empty(),
            optimised: service.wanted.optimised,
        };
        self.fulfil(name, &mut service.id, wish, snapshot).await
    }

    async fn balance_node_port(
        &mut self,
        name: &ServicePortName,
        service: &mut ServiceInfo,
        usable: &Usable,
        common: Settings<'_>,
        available: bool,
        snapshot: &mut Snapshot,
    ) -> bool {
        let wanted = &service.wanted;
        if wanted.base.node_port == 0 {
            return true;
        }
        let local = wanted.preserve_dip || wanted.local_traffic_dsr;
        let endpoints = if local { &usable.local } else { &usable.all };
        let flags = Flags {
            vip_external_ip: self.quirks.vip_external_ip,
            dsr: wanted.local_traffic_dsr,
            local_routed_vip: true,
            ..common.flags
        };
        let wish = Wish {
            what: "Nodeport",
            settings: Settings { endpoints, flags, external_port: wanted.base.node_port, ..common },
            looked_up_by: endpoints,
            update: available,
            create: !endpoints.is_empty() && available,
            optimised: wanted.optimised,
        };
        self.fulfil(name, &mut service.node_port_id, wish, snapshot).await
    }

    async fn balance_external_ips(
        &mut self,
        name: &ServicePortName,
        service: &mut ServiceInfo,
        usable: &Usable,
        common: Settings<'_>,
        available: bool,
        snapshot: &mut Snapshot,
    ) {
        let dsr = service.wanted.local_traffic_dsr;
        let endpoints = if dsr { &usable.local } else { &usable.all };
        let flags = Flags { vip_external_ip: self.quirks.vip_external_ip, dsr, ..common.flags };
        for external in &mut service.external_ips {
            let wish = Wish {
                what: "ExternalIP",
                settings: Settings { endpoints, flags, vip: &external.ip, ..common },
                looked_up_by: endpoints,
                update: available,
                create: !endpoints.is_empty() && available,
                optimised: service.wanted.optimised,
            };
            self.fulfil(name, &mut external.id, wish, snapshot).await;
        }
    }

    async fn balance_ingress_ips(
        &mut self,
        name: &ServicePortName,
        service: &mut ServiceInfo,
        usable: &Usable,
        common: Settings<'_>,
        available: bool,
        snapshot: &mut Snapshot,
    ) {
        let preserve_dip = service.wanted.preserve_dip;
        let dsr = preserve_dip || service.wanted.local_traffic_dsr;
        let endpoints = if dsr { &usable.local } else { &usable.all };
        let mux = Flags { use_mux: preserve_dip, preserve_dip, ..Flags::default() };
        let flags = Flags {
            vip_external_ip: self.quirks.vip_external_ip,
            dsr,
            use_mux: preserve_dip,
            preserve_dip,
            ..common.flags
        };
        let gateway = snapshot.gateway.clone().filter(|_| available);
        let gateway: Vec<_> = gateway.into_iter().collect();
        let health_port = match service.wanted.base.health_check_node_port {
            0 => self.healthz_port,
            port => port,
        };
        for ingress in &mut service.ingress_ips {
            let wish = Wish {
                what: "IngressIP",
                settings: Settings { endpoints, flags, vip: &ingress.ip, ..common },
                looked_up_by: endpoints,
                update: true,
                create: !endpoints.is_empty(),
                optimised: service.wanted.optimised,
            };
            if !self.fulfil(name, &mut ingress.id, wish, snapshot).await || gateway.is_empty() {
                continue;
            }
            let health = Wish {
                what: "Healthcheck loadbalancer",
                settings: Settings {
                    endpoints: &gateway,
                    flags: mux,
                    internal_port: health_port,
                    external_port: health_port,
                    ..wish.settings
                },
                looked_up_by: &gateway,
                update: true,
                create: true,
                optimised: wish.optimised,
            };
            self.fulfil(name, &mut ingress.health_id, health, snapshot).await;
        }
    }

    /// Changes, keeps, replaces or makes a load balancer. Whether all went well.
    async fn fulfil(
        &mut self,
        name: &ServicePortName,
        id: &mut String,
        wish: Wish<'_>,
        snapshot: &mut Snapshot,
    ) -> bool {
        let known = &mut snapshot.load_balancers;
        let in_place = !id.is_empty() && !wish.settings.endpoints.is_empty();
        if self.modifies && in_place && wish.update {
            match load_balancer::update(&self.hcn, id, wish.settings, known, &self.quirks).await {
                Ok(()) => {}
                Err(error) if error.is_not_implemented() => {
                    self.log
                        .warning(format_args!("Update loadbalancer policies is not implemented. hnsID={id}"));
                    self.modifies = false;
                }
                Err(error) => {
                    self.log.error(format_args!("Update loadbalancer policy failed hnsID={id}: {error}"));
                    return false;
                }
            }
        }
        if self.modifies && in_place {
            return true;
        }
        if wish.optimised && !id.is_empty() && !self.is_as_wanted(wish, snapshot) {
            self.delete_replaced(id).await;
        }
        if !wish.create {
            return true;
        }
        let known = &mut snapshot.load_balancers;
        match load_balancer::get_or_create(&self.hcn, wish.settings, known, &self.quirks).await {
            Ok(made) => *id = made,
            Err(error) => {
                let what = wish.what;
                self.log.error(format_args!("{what} policy creation failed serviceName={name}: {error}"));
                return false;
            }
        }
        true
    }

    /// Whether HNS already has what is wanted, as far as this version's look-up can tell.
    fn is_as_wanted(&self, wish: Wish<'_>, snapshot: &Snapshot) -> bool {
        if self.quirks.look_up == LookUp::BySourceVip {
            return false;
        }
        let looked_up = Settings { endpoints: wish.looked_up_by, ..wish.settings };
        let identity = looked_up.identity(self.family.is_v6(), &self.quirks);
        snapshot.load_balancers.contains_key(&identity)
    }

    async fn delete_replaced(&mut self, id: &mut String) {
        if let Err(error) = load_balancer::delete(&self.hcn, id, &self.quirks).await {
            self.log.error(format_args!(
                "LoadBalancer deletion failed. Adding to stale loadbalancers. hnsID={id}: {error}"
            ));
            self.stale.insert(id.clone());
        }
        id.clear();
    }
}
