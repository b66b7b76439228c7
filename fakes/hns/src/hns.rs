//! The state of one host's HNS.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use winlab_document::Document;
use winlab_host::network::{Notification, NotificationKind};
use winlab_host::{Adapter, Guid, WindowsDataPlane};
use winlab_profiles::{HnsFeature, HnsVersion};

use crate::base::Base;
use crate::config::HnsConfig;
use crate::context::Context;
use crate::effect::Effect;
use crate::endpoint::Endpoint;
use crate::guest::GuestService;
use crate::load_balancer::{Frontend, LoadBalancer};
use crate::members::{Members as _, Outcome};
use crate::namespace::Namespace;
use crate::network::Network;
use crate::policy::Shared;
use crate::ports::HostPorts;
use crate::route::Route;
use crate::service::ServiceState;
use crate::store::{Serial, Store};
use crate::switch::Switches;
use crate::unmodelled::Gaps;
use crate::version;

/// One host's Host Networking Service.
#[derive(Debug, Clone)]
pub struct Hns {
    pub(crate) config: HnsConfig,
    pub(crate) service: ServiceState,
    pub(crate) networks: Store<Network>,
    pub(crate) endpoints: Store<Endpoint>,
    pub(crate) endpoint_names: BTreeMap<Arc<str>, BTreeSet<Serial>>,
    pub(crate) namespaces: Store<Namespace>,
    pub(crate) load_balancers: Store<LoadBalancer>,
    pub(crate) frontends: BTreeMap<Frontend, Guid>,
    /// Load balancers by the endpoints they lead to.
    pub(crate) backends: BTreeMap<Guid, BTreeSet<Guid>>,
    pub(crate) routes: Store<Route>,
    pub(crate) guests: Store<GuestService>,
    pub(crate) switches: Switches,
    pub(crate) adapters: Vec<Adapter>,
    pub(crate) next_interface: u32,
    pub(crate) ports: HostPorts,
    pub(crate) shared: Shared,
    /// Containers attached the V1 way, by id, with their compartments.
    pub(crate) v1_compartments: BTreeMap<String, u32>,
    pub(crate) accelnet: Vec<Document>,
    pub(crate) gaps: Gaps,
    pub(crate) plane: OnceLock<WindowsDataPlane>,
    notifications: Vec<Notification>,
    effects: Vec<Effect>,
}

impl Hns {
    /// HNS as a host first starts it: no networks, and the default namespace, which is the host's own compartment.
    #[must_use]
    pub fn new(config: HnsConfig, context: &mut dyn Context) -> Self {
        let adapters = config.adapters.clone();
        let next_interface = adapters.iter().map(|adapter| adapter.index).max().unwrap_or_default() + 1;
        let mut hns = Self {
            config,
            service: ServiceState::Running,
            networks: Store::default(),
            endpoints: Store::default(),
            endpoint_names: BTreeMap::new(),
            namespaces: Store::default(),
            load_balancers: Store::default(),
            frontends: BTreeMap::new(),
            backends: BTreeMap::new(),
            routes: Store::default(),
            guests: Store::default(),
            switches: Switches::default(),
            adapters,
            next_interface,
            ports: HostPorts::default(),
            shared: Shared::default(),
            v1_compartments: BTreeMap::new(),
            accelnet: Vec::new(),
            gaps: Gaps::default(),
            plane: OnceLock::new(),
            notifications: Vec::new(),
            effects: Vec::new(),
        };
        hns.add_default_namespace(context);
        hns
    }

    /// What to tell listeners, in order; empties the list.
    #[must_use]
    pub fn take_notifications(&mut self) -> Vec<Notification> {
        std::mem::take(&mut self.notifications)
    }

    /// What the host has to carry out, in order; empties the list.
    #[must_use]
    pub fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// The host's adapters as its own compartment sees them now, in the order of their indices.
    #[must_use]
    pub fn adapters(&self) -> &[Adapter] {
        &self.adapters
    }

    /// The host it runs on, as it was described.
    #[must_use]
    pub fn config(&self) -> &HnsConfig {
        &self.config
    }

    /// What clients asked for that is not modelled, with how often.
    #[must_use]
    pub fn unmodelled(&self) -> &BTreeMap<&'static str, u64> {
        self.gaps.counts()
    }

    /// Call before every change: the cached data plane is stale.
    pub(crate) fn changes(&mut self) {
        self.plane.take();
    }

    pub(crate) fn version(&self) -> HnsVersion {
        self.config.windows.hns()
    }

    pub(crate) fn has(&self, feature: HnsFeature) -> bool {
        self.version().has(feature)
    }

    /// The members every object shows.
    pub(crate) fn base(&self) -> Base {
        Base { version: version::number(self.version()) }
    }

    /// The moment as a FILETIME.
    pub(crate) fn filetime(&self, context: &dyn Context) -> u64 {
        self.config.epoch + context.now().as_nanos() / 100
    }

    pub(crate) fn notify(&mut self, kind: NotificationKind, id: Guid, data: Document) {
        self.notifications.push(Notification { kind, id, data });
    }

    pub(crate) fn effect(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// The id of a new object: the call's, else the settings' `ID`, else a fresh one.
    pub(crate) fn choose_id(id: Guid, settings: &Document, context: &mut dyn Context) -> Outcome<Guid> {
        if !id.is_nil() {
            return Ok(id);
        }
        match settings.guid("ID")? {
            Some(given) if !given.is_nil() => Ok(given),
            _ => Ok(context.guid()),
        }
    }
}
