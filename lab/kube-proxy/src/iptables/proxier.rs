//! The proxier.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use winlab_clock::{Clock, VirtualInstant, VirtualSpan};
use winlab_component::Log;
use winlab_host::linux::{RestoreTables, SaveTables};
use winlab_host::{Ask, HostLinux};
use winlab_kube_client::ObjectKey;

use super::capture::Plan;
use super::detector::Detector;
use super::lines::Text;
use super::names::{self, ServiceChains};
use super::traffic::Surroundings;
use super::{base, jumps};
use crate::health::HealthServers;
use crate::runner::{Outcome, Sync};
use crate::service::{
    EndpointsMap, Place, ServiceChanges, ServicePort, ServicePortMap, SliceCache, categorize,
};
use crate::source::{ChangeQueues, Sources};

/// What does not change while kube-proxy runs.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    /// `0x00004000`: marks packets whose source is to be translated.
    pub(super) mark: String,
    pub(super) masquerade_all: bool,
    pub(super) localhost_node_ports: bool,
    /// None: every local address.
    pub(super) node_port_addresses: Option<Vec<IpAddr>>,
    pub(super) conntrack_liberal: bool,
    pub(super) detector: Detector,
    pub(super) node_ip: IpAddr,
    pub(super) place: Place,
}

/// `Proxier`
pub(crate) struct Proxier {
    pub(super) clock: Clock,
    pub(super) log: Log,
    pub(super) host: Arc<HostLinux>,
    pub(super) settings: Settings,
    pub(super) sources: Sources,
    pub(super) queues: ChangeQueues,
    pub(super) service_changes: ServiceChanges<ServicePort>,
    pub(super) slices: SliceCache,
    pub(super) services: ServicePortMap<ServicePort>,
    pub(super) endpoints: EndpointsMap,
    pub(super) health: HealthServers,
    /// Something has changed since the last sync.
    pub(super) due: bool,
    pub(super) need_full_sync: bool,
    pub(super) last_full_sync: VirtualInstant,
    pub(super) first: bool,
}

/// Everything is written anew after an hour.
const FULL_SYNC: VirtualSpan = VirtualSpan::from_secs(3600);
/// More endpoints than this, and rules go without comments.
const LARGE: usize = 1000;

impl Sync for Proxier {
    fn gather(&mut self) -> bool {
        let Self { queues, service_changes, slices, .. } = self;
        let due = queues.drain(
            |before, now| service_changes.update(before, now),
            |slice, removed| slices.update(slice, removed),
        );
        self.due |= due;
        self.due
    }

    async fn changed(&mut self) {
        self.sources.changed().await;
    }

    async fn sync(&mut self) -> Outcome {
        let old = self.clock.now().since(self.last_full_sync) > FULL_SYNC;
        if !self.first && !self.due && !old && !self.need_full_sync {
            // Only the sync period is over: what upstream's monitor looks for.
            if jumps::canaries_live(&self.host).await {
                return Outcome::Done;
            }
            self.log.info("iptables canary deleted");
            self.need_full_sync = true;
        }
        self.first = false;
        self.due = false;
        let full = self.need_full_sync || old;
        if self.write(full).await {
            self.need_full_sync = false;
            if full {
                self.last_full_sync = self.clock.now();
            }
            self.publish_health();
            Outcome::Done
        } else {
            self.log.info("Sync failed");
            // What had changed is forgotten by now.
            self.need_full_sync = true;
            Outcome::Failed
        }
    }
}

impl Proxier {
    /// `syncProxyRules`; a partial one writes the chains of changed services only. Whether it went well.
    async fn write(&mut self, full: bool) -> bool {
        let changed = self.apply_changes();
        if full && !self.ensure().await {
            return false;
        }
        let mut text = Text::default();
        base::begin(&mut text, &self.settings);
        let total: usize =
            self.services.keys().filter_map(|name| self.endpoints.get(name)).map(Vec::len).sum();
        for (name, port) in &self.services {
            let all = self.endpoints.get(name).map(Vec::as_slice).unwrap_or_default();
            let categories = categorize(all, port, &self.settings.place);
            let chains = ServiceChains::of(name);
            let plan = Plan::new(name, port, &chains, &categories);
            plan.capture(&mut text);
            let write = |text: &mut Text| {
                let around = Surroundings {
                    detector: &self.settings.detector,
                    masquerade_all: self.settings.masquerade_all,
                    node_ip: self.settings.node_ip,
                };
                plan.direct(text, around);
                plan.spread(text, all, total <= LARGE);
            };
            if full || changed.contains(&name.service) {
                write(&mut text);
            } else {
                // Only to know which chains are in use.
                let mut skipped = Text::default();
                write(&mut skipped);
                text.active.append(&mut skipped.active);
            }
        }
        self.remove_unused(&mut text).await;
        base::end(&mut text, &self.settings);
        let rules = text.to_restore();
        match self.host.ask(RestoreTables { namespace: String::new(), rules, noflush: true }).await {
            Ok(()) => true,
            Err(error) => {
                self.log.error(format_args!("Failed to execute iptables-restore: {error}"));
                false
            }
        }
    }

    /// The services that changed.
    fn apply_changes(&mut self) -> BTreeSet<ObjectKey> {
        let mut changed = BTreeSet::new();
        for (service, change) in self.service_changes.take() {
            for name in change.previous.keys() {
                self.services.remove(name);
            }
            self.services.extend(change.current);
            changed.insert(service);
        }
        for (service, change) in self.slices.take() {
            for name in change.previous.keys() {
                self.endpoints.remove(name);
            }
            self.endpoints.extend(change.current);
            changed.insert(service);
        }
        changed
    }

    async fn ensure(&self) -> bool {
        let done = match jumps::ensure(&self.host).await {
            Ok(()) => jumps::set_canaries(&self.host).await,
            Err(error) => Err(error),
        };
        if let Err(error) = &done {
            self.log.error(format_args!("Failed to ensure chain jumps: {error}"));
        }
        done.is_ok()
    }

    /// Chains of services and endpoints that are in nobody's use are emptied and removed.
    async fn remove_unused(&self, text: &mut Text) {
        let save = SaveTables { namespace: String::new(), table: "nat".to_owned() };
        let saved = match self.host.ask(save).await {
            Ok(saved) => saved,
            Err(error) => {
                self.log.error(format_args!(
                    "Failed to execute iptables-save: stale chains will not be deleted: {error}"
                ));
                return;
            }
        };
        let names = saved.lines().filter_map(|line| line.strip_prefix(':')?.split(' ').next());
        for chain in names.filter(|name| names::is_of_service(name) && !text.active.contains(*name)) {
            text.nat_chains.chain(chain);
            text.nat_rules.write(&["-X", chain]);
        }
    }

    fn publish_health(&self) {
        let mut local: BTreeMap<&ObjectKey, BTreeSet<IpAddr>> = BTreeMap::new();
        for (name, endpoints) in &self.endpoints {
            let ready = endpoints.iter().filter(|endpoint| endpoint.ready && endpoint.local);
            local.entry(&name.service).or_default().extend(ready.map(|endpoint| endpoint.ip));
        }
        let ports = self.services.iter().filter(|(_, port)| port.health_check_node_port != 0);
        let ports = ports.map(|(name, port)| {
            let endpoints = local.get(&name.service).map_or(0, BTreeSet::len);
            (port.health_check_node_port, (name.service.clone(), endpoints))
        });
        self.health.sync(ports.collect());
    }
}
