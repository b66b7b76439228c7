//! Routes of a Windows host to the other nodes' pods (`pkg/backend/route_network_windows.go`).

use std::sync::Arc;

use winlab_clock::{Clock, VirtualInstant, VirtualSpan};
use winlab_component::Log;
use winlab_host::linux::Route;
use winlab_host::system::{CreateRoute, DeleteRoute, ListRoutes};
use winlab_host::{Ask, HostSystem};

use crate::subnet::{Lease, LeaseEvent, LeaseWatch};

/// The routes that should be there, and what keeps them so.
pub(super) struct Routes {
    pub(super) clock: Clock,
    pub(super) log: Log,
    pub(super) system: Arc<HostSystem>,
    /// The adapter they lead through.
    pub(super) device: String,
    pub(super) wanted: Vec<Route>,
}

/// `New-NetRoute`'s metric unless told otherwise.
const METRIC: u32 = 256;
/// How often lost routes are looked for.
const CHECK: VirtualSpan = VirtualSpan::from_secs(10);

/// Destination, gateway and interface: what flannel compares.
fn is_same(a: &Route, b: &Route) -> bool {
    a.destination == b.destination && a.gateway == b.gateway && a.device == b.device
}

impl Routes {
    /// Follows leases for ever, and puts lost routes back every ten seconds.
    pub(super) async fn follow(mut self, mut watch: LeaseWatch) {
        let mut check: VirtualInstant = self.clock.now() + CHECK;
        loop {
            let left = check.since(self.clock.now());
            match self.clock.within(left, watch.next()).await {
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

    fn route(&self, lease: &Lease) -> Route {
        Route {
            destination: lease.subnet,
            gateway: Some(lease.public_ip),
            device: self.device.clone(),
            source: None,
            metric: METRIC,
            onlink: false,
        }
    }

    async fn handle(&mut self, event: LeaseEvent) {
        let (LeaseEvent::Added(lease) | LeaseEvent::Removed(lease)) = &event;
        if !lease.backend_type.eq_ignore_ascii_case("host-gw") {
            self.log.warning(format_args!(
                "Ignoring non-host-gw subnet({}): type={}",
                lease.subnet, lease.backend_type
            ));
            return;
        }
        let wanted = self.route(lease);
        let existing = self.existing(&wanted).await;
        match event {
            LeaseEvent::Added(lease) => {
                self.log.info(format_args!("Subnet added: {} via {}", lease.subnet, lease.public_ip));
                self.add(wanted, existing).await;
            }
            LeaseEvent::Removed(lease) => {
                self.log.info(format_args!("Subnet removed: {}", lease.subnet));
                if let Some(existing) = existing.filter(|existing| is_same(existing, &wanted))
                    && let Err(error) = self.system.ask(DeleteRoute { route: existing }).await
                {
                    self.log.warning(format_args!("Error removing route: {error}"));
                }
                self.wanted.retain(|route| !is_same(route, &wanted));
            }
        }
    }

    async fn add(&mut self, wanted: Route, existing: Option<Route>) {
        if let Some(existing) = existing {
            // Upstream does not take it into its list either: nobody puts it back if it is lost.
            if is_same(&existing, &wanted) {
                return;
            }
            self.log.warning(format_args!("Replacing existing route {}", wanted.destination));
            if let Err(error) = self.system.ask(DeleteRoute { route: existing }).await {
                self.log.error(format_args!("Error removing route: {error}"));
                return;
            }
        }
        if let Err(error) = self.system.ask(CreateRoute { route: wanted.clone() }).await {
            self.log.error(format_args!("Error creating route: {error}"));
            return;
        }
        if !self.wanted.iter().any(|route| is_same(route, &wanted)) {
            self.wanted.push(wanted);
        }
    }

    /// A route to the same destination through the same adapter.
    async fn existing(&self, wanted: &Route) -> Option<Route> {
        let routes = self.system.ask(ListRoutes {}).await.ok()?;
        routes.into_iter().find(|r| r.destination == wanted.destination && r.device == wanted.device)
    }

    async fn recover(&self) {
        let routes = match self.system.ask(ListRoutes {}).await {
            Ok(routes) => routes,
            Err(error) => {
                self.log.error(format_args!("Error enumerating routes: {error}"));
                return;
            }
        };
        for route in &self.wanted {
            if routes.iter().any(|existing| is_same(existing, route)) {
                continue;
            }
            match self.system.ask(CreateRoute { route: route.clone() }).await {
                Ok(()) => self.log.info(format_args!("Recovered route to {}", route.destination)),
                Err(error) => {
                    self.log.warning(format_args!("Error recovering route to {}: {error}", route.destination))
                }
            }
        }
    }
}
