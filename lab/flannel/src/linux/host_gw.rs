//! host-gw on Linux: a route per node (`pkg/backend/route_network.go`).

use std::sync::Arc;

use winlab_clock::{Clock, VirtualSpan};
use winlab_component::{Context, Log};
use winlab_host::linux::{DeleteRoute, ListRoutes, Prefix, ReplaceRoute, Route};
use winlab_host::{Ask, HostLinux};

use crate::error::{FlannelError, register};
use crate::iface::ExternalInterface;
use crate::subnet::{Lease, LeaseEvent, LeaseWatch, SubnetManager};

/// How often lost routes are looked for.
const CHECK: VirtualSpan = VirtualSpan::from_secs(10);

/// A registered network.
pub(super) struct HostGw {
    clock: Clock,
    log: Log,
    host: Arc<HostLinux>,
    device: String,
    lease: Lease,
    wanted: Vec<Route>,
    watch: LeaseWatch,
}

fn is_same(a: &Route, b: &Route) -> bool {
    a.destination == b.destination && a.gateway == b.gateway && a.device == b.device
}

impl HostGw {
    pub(super) async fn register(
        context: &Context,
        host: &Arc<HostLinux>,
        manager: &SubnetManager,
        external: &ExternalInterface,
    ) -> Result<Self, FlannelError> {
        if external.public != external.address {
            return Err(register(
                "your PublicIP differs from interface IP, meaning that probably you're on a NAT, which is not \
                 supported by host-gw backend",
            ));
        }
        let lease = manager.acquire("host-gw", external.public, "null").await?;
        Ok(Self {
            clock: context.clock,
            log: context.log.clone(),
            host: Arc::clone(host),
            device: external.name.clone(),
            wanted: Vec::new(),
            watch: manager.watch(lease.clone()),
            lease,
        })
    }

    pub(super) fn subnet(&self) -> Prefix {
        self.lease.subnet
    }

    pub(super) async fn run(mut self) {
        let mut check = self.clock.now() + CHECK;
        loop {
            let left = check.since(self.clock.now());
            match self.clock.within(left, self.watch.next()).await {
                Ok(events) => {
                    for event in events {
                        self.handle(event).await;
                    }
                }
                Err(_) => {
                    self.recover().await;
                    check = self.clock.now() + CHECK;
                }
            }
        }
    }

    async fn handle(&mut self, event: LeaseEvent) {
        let (LeaseEvent::Added(lease) | LeaseEvent::Removed(lease)) = &event;
        if lease.backend_type != "host-gw" {
            self.log.warning(format_args!("Ignoring non-host-gw subnet: type={}", lease.backend_type));
            return;
        }
        let route = Route {
            destination: lease.subnet,
            gateway: Some(lease.public_ip),
            device: self.device.clone(),
            source: None,
            metric: 0,
            onlink: false,
        };
        match event {
            LeaseEvent::Added(lease) => {
                self.log.info(format_args!("Subnet added: {} via {}", lease.subnet, lease.public_ip));
                self.add(route).await;
            }
            LeaseEvent::Removed(lease) => {
                self.log.info(format_args!("Subnet removed: {}", lease.subnet));
                self.wanted.retain(|wanted| !is_same(wanted, &route));
                self.delete(lease.subnet).await;
            }
        }
    }

    async fn routes(&self) -> Vec<Route> {
        match self.host.ask(ListRoutes { namespace: String::new() }).await {
            Ok(routes) => routes,
            Err(error) => {
                self.log.warning(format_args!("Unable to list routes: {error}"));
                Vec::new()
            }
        }
    }

    async fn add(&mut self, route: Route) {
        if !self.wanted.iter().any(|wanted| is_same(wanted, &route)) {
            self.wanted.push(route.clone());
        }
        let routes = self.routes().await;
        let existing = routes.iter().find(|existing| existing.destination == route.destination);
        if let Some(existing) = existing {
            if is_same(existing, &route) {
                return;
            }
            self.log.warning(format_args!("Replacing existing route to {}", route.destination));
            self.delete(route.destination).await;
            self.wanted.retain(|wanted| !is_same(wanted, existing));
        }
        let (destination, call) = (route.destination, ReplaceRoute { namespace: String::new(), route });
        if let Err(error) = self.host.ask(call).await {
            self.log.error(format_args!("Error adding route to {destination}: {error}"));
        }
    }

    async fn delete(&self, destination: Prefix) {
        if let Err(error) = self.host.ask(DeleteRoute { namespace: String::new(), destination }).await {
            self.log.error(format_args!("Error deleting route to {destination}: {error}"));
        }
    }

    async fn recover(&self) {
        let routes = self.routes().await;
        for route in &self.wanted {
            if routes.iter().any(|existing| is_same(existing, route)) {
                continue;
            }
            let call = ReplaceRoute { namespace: String::new(), route: route.clone() };
            match self.host.ask(call).await {
                Ok(()) => self.log.info(format_args!("Route recovered {}", route.destination)),
                Err(error) => {
                    self.log.error(format_args!("Error recovering route to {}: {error}", route.destination));
                }
            }
        }
    }
}
