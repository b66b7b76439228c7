//! Start-up (`cmd/kube-proxy/app/server_windows.go`, `NewProxier`).

use std::net::IpAddr;

use winlab_clock::VirtualSpan;
use winlab_component::{Context, WindowsMachine};
use winlab_document::Document;
use winlab_hcn::{Hcn, HcnError, Hns};
use winlab_host::system::GetAdapters;
use winlab_host::{Ask, HResult};
use winlab_profiles::{HnsFeature, HnsVersion, KubeVersion};

use super::network::NetworkInfo;
use super::proxier::Proxier;
use super::service::Wanted;
use crate::family::Family;
use crate::health::HealthServers;
use crate::node::NodeAddresses;
use crate::options::Options;
use crate::quirks::Quirks;
use crate::runner::Pace;
use crate::service::{ServiceChanges, SliceCache};
use crate::source::Sources;

/// Why there is no proxier.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    #[error("Windows kernel is not compatible for Kernel mode")]
    NotCompatible,
    #[error("Windows HNS Api V2 required. This version of windows does not support API V2")]
    NoV2Api,
    #[error("unable to create proxier: Environment variable KUBE_NETWORK and network-flag not initialized")]
    NoNetworkName,
    #[error("unable to create proxier: could not find HNS network {0}")]
    NetworkVanished(String),
    #[error("unable to create proxier: {0} feature gate not enabled")]
    Gate(&'static str),
    #[error("unable to create proxier: platform does not support {0} feature")]
    Unsupported(&'static str),
    #[error("unable to create proxier: source-vip flag not set")]
    NoSourceVip,
    #[error("unable to create proxier: could not find host mac address for {0}")]
    NoHostMac(IpAddr),
}

/// What all proxiers of the node share.
struct Start<'a> {
    context: &'a Context,
    machine: &'a WindowsMachine,
    version: KubeVersion,
    options: &'a Options,
    hns: HnsVersion,
    hcn: Hcn,
    network_name: String,
}

/// RPC_S_UNKNOWN_IF: nobody listens where HNS should, the service is not running.
const RPC_S_UNKNOWN_IF: HResult = HResult::from_win32(0x6b5);

/// `IsHnsNotRunningError`
pub(super) fn is_hns_down(error: &HcnError) -> bool {
    error.code() == Some(RPC_S_UNKNOWN_IF)
}

/// The proxiers of the node, one per family, and their pace. Waits for the HNS network for as long as it takes.
pub(crate) async fn start(
    context: &Context,
    machine: &WindowsMachine,
    version: KubeVersion,
    options: &Options,
    addresses: &NodeAddresses,
    sources: &Sources,
) -> Result<(Vec<Proxier>, Pace), StartError> {
    let v1 = Hns::new(machine.network.clone());
    if v1.call("GET", "/policylists/", Document::Null).await.is_err() {
        return Err(StartError::NotCompatible);
    }
    let hns = v1.version().await.unwrap_or(HnsVersion::new(0, 0));
    let mut start = Start {
        context,
        machine,
        version,
        options,
        hns,
        hcn: Hcn::new(machine.network.clone()),
        network_name: options.network_name.clone(),
    };
    if start.network_name.is_empty() {
        start.network_name = context.environment("KUBE_NETWORK").await.unwrap_or_default();
    }
    let dual_stack = start.is_dual_stack().await?;
    let mut proxiers = Vec::new();
    if dual_stack {
        // The secondary family has no address of its own on Windows (`platformSetup`).
        let of =
            |family| if addresses.primary == family { addresses.of(family) } else { unspecified(family) };
        proxiers.push(start.proxier(Family::V4, of(Family::V4), sources).await?);
        proxiers.push(start.proxier(Family::V6, of(Family::V6), sources).await?);
    } else {
        let family = addresses.primary;
        proxiers.push(start.proxier(family, addresses.of(family), sources).await?);
    }
    let hourly = Quirks::of(version).hourly;
    let max = if hourly { VirtualSpan::from_secs(3600) } else { options.sync_period };
    Ok((proxiers, Pace { min: options.min_sync_period, retry: options.sync_period, max }))
}

fn unspecified(family: Family) -> IpAddr {
    if family.is_v6() { [0_u16; 8].into() } else { [0_u8; 4].into() }
}

impl Start<'_> {
    /// `DualStackCompatible`
    async fn is_dual_stack(&self) -> Result<bool, StartError> {
        if self.version.minor() < 21 || !self.hns.has(HnsFeature::Ipv6DualStack) {
            return Ok(false);
        }
        self.require_v2()?;
        if self.network_name.is_empty() {
            return Ok(false);
        }
        let network = self.network().await;
        let overlay = network.is_overlay() && self.options.gate(self.version, "WinOverlay");
        Ok(!overlay)
    }

    fn require_v2(&self) -> Result<(), StartError> {
        if self.hns.has(HnsFeature::ApiV2) { Ok(()) } else { Err(StartError::NoV2Api) }
    }

    /// `getNetworkInfo`: looks again every second.
    async fn network(&self) -> NetworkInfo {
        loop {
            match NetworkInfo::by_name(&self.hcn, &self.network_name).await {
                Ok(network) => return network,
                Err(error) => self.context.log.error(format_args!(
                    "Unable to find HNS Network specified, please check network name and CNI deployment \
                     hnsNetworkName={}: {error}",
                    self.network_name
                )),
            }
            self.context.clock.sleep(VirtualSpan::from_secs(1)).await;
        }
    }

    /// `newProxierInternal`
    async fn proxier(
        &self,
        family: Family,
        node_ip: IpAddr,
        sources: &Sources,
    ) -> Result<Proxier, StartError> {
        self.require_v2()?;
        if self.network_name.is_empty() {
            return Err(StartError::NoNetworkName);
        }
        self.delete_all_load_balancers().await;
        let mut network = self.network().await;
        if network.is_overlay() {
            // Its remote subnets and its management address may not be there yet.
            self.context.clock.sleep(VirtualSpan::from_secs(10)).await;
            let again = NetworkInfo::by_name(&self.hcn, &self.network_name).await;
            network = again.map_err(|_| StartError::NetworkVanished(self.network_name.clone()))?;
        }
        let options = self.options;
        let has_dsr = self.hns.has(HnsFeature::Dsr);
        if options.enable_dsr && !options.gate(self.version, "WinDSR") {
            return Err(StartError::Gate("WinDSR"));
        }
        if options.enable_dsr && !has_dsr {
            return Err(StartError::Unsupported("Direct Server Return (DSR)"));
        }
        let mut host_mac = String::new();
        if network.is_overlay() {
            host_mac = self.check_overlay(node_ip).await?;
        }
        let quirks = Quirks::of(self.version);
        Ok(Proxier {
            family,
            quirks,
            log: self.context.log.clone(),
            hcn: self.hcn.clone(),
            sources: sources.clone(),
            queues: sources.queues(),
            service_changes: ServiceChanges::new(family, move |service, port, base| {
                Wanted::of(service, port, base, has_dsr, quirks)
            }),
            slices: SliceCache::new(&self.context.node, family, quirks.doubled),
            services: std::collections::BTreeMap::new(),
            backends: std::collections::BTreeMap::new(),
            references: super::references::References::default(),
            stale: std::collections::BTreeSet::new(),
            terminated: std::collections::BTreeSet::new(),
            source_vip: if network.is_overlay() { options.source_vip.clone() } else { String::new() },
            network,
            node_ip,
            host_mac,
            dsr: options.enable_dsr,
            session_affinity: self.hns.has(HnsFeature::SessionAffinity),
            modifies: quirks.modifies_load_balancers(self.hns),
            forward_health_check_vip: options.forward_health_check_vip,
            root_endpoint: options.root_hns_endpoint_name.clone(),
            healthz_port: options.healthz_port,
            health: HealthServers::start(self.context.endpoints.clone(), options.healthz_port),
        })
    }

    /// What overlay networks ask for; the MAC of the adapter with the node's address.
    async fn check_overlay(&self, node_ip: IpAddr) -> Result<String, StartError> {
        if !self.options.gate(self.version, "WinOverlay") {
            return Err(StartError::Gate("WinOverlay"));
        }
        if !self.hns.has(HnsFeature::RemoteSubnet) {
            return Err(StartError::Unsupported("Remote Subnet"));
        }
        if self.options.source_vip.is_empty() {
            return Err(StartError::NoSourceVip);
        }
        let adapters = self.machine.system.ask(GetAdapters {}).await.unwrap_or_default();
        let has_it = |adapter: &&winlab_host::Adapter| {
            adapter.addresses.iter().any(|address| address.address == node_ip)
        };
        let found = adapters.iter().rev().find(has_it);
        found.map(|adapter| adapter.mac.to_string()).ok_or(StartError::NoHostMac(node_ip))
    }

    /// `DeleteAllHnsLoadBalancerPolicy`: whatever is there is not ours to trust.
    async fn delete_all_load_balancers(&self) {
        let Ok(all) = self.hcn.load_balancers().await else { return };
        for load_balancer in all {
            if let Err(error) = self.hcn.delete_load_balancer(load_balancer.text(&["ID"])).await {
                self.context.log.error(format_args!("Error deleting existing loadbalancer: {error}"));
            }
        }
    }
}
