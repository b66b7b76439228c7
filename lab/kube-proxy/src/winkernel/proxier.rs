//! The proxier of one family.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use winlab_component::Log;
use winlab_hcn::Hcn;

use super::backend::Backend;
use super::network::NetworkInfo;
use super::references::References;
use super::service::{ServiceInfo, Wanted};
use crate::family::Family;
use crate::health::HealthServers;
use crate::quirks::Quirks;
use crate::service::{ServiceChanges, ServicePortMap, ServicePortName, SliceCache};
use crate::source::{ChangeQueues, Sources};

/// `Proxier`
pub(crate) struct Proxier {
    pub(super) family: Family,
    pub(super) quirks: Quirks,
    pub(super) log: Log,
    pub(super) hcn: Hcn,

    pub(super) sources: Sources,
    pub(super) queues: ChangeQueues,
    pub(super) service_changes: ServiceChanges<Wanted>,
    pub(super) slices: SliceCache,

    pub(super) services: ServicePortMap<ServiceInfo>,
    pub(super) backends: BTreeMap<ServicePortName, Vec<Backend>>,
    pub(super) references: References,
    /// Ids of load balancers that could not be deleted.
    pub(super) stale: BTreeSet<String>,
    /// Addresses of remote endpoints that have gone.
    pub(super) terminated: BTreeSet<String>,

    pub(super) network: NetworkInfo,
    pub(super) node_ip: IpAddr,
    pub(super) source_vip: String,
    pub(super) host_mac: String,
    pub(super) dsr: bool,
    pub(super) session_affinity: bool,
    /// Whether load balancers are changed in place; off for good once HNS says that it cannot.
    pub(super) modifies: bool,
    pub(super) forward_health_check_vip: bool,
    pub(super) root_endpoint: String,
    pub(super) healthz_port: u16,
    pub(super) health: HealthServers,
}

impl std::fmt::Debug for Proxier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Proxier").field("family", &self.family).finish_non_exhaustive()
    }
}
