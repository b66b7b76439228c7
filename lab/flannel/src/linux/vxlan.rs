//! vxlan on Linux: a link, and for each other node a route, a neighbour and a forwarding entry
//! (`pkg/backend/vxlan/{device,vxlan,vxlan_network}.go`).

use std::net::IpAddr;
use std::sync::Arc;

use winlab_clock::{Clock, Seed};
use winlab_component::{Context, Log};
use winlab_host::linux::{
    AddAddress, AddLink, AppendFdb, DeleteAddress, DeleteFdb, DeleteLink, DeleteNeighbour, DeleteRoute,
    Errno, FdbEntry, Link, LinkKind, LinkSettings, LinuxFault, ListLinks, Neighbour, Prefix,
    ReplaceNeighbour, ReplaceRoute, Route, SetLink,
};
use winlab_host::{Ask, HostLinux, MacAddress};

use crate::error::{FlannelError, register};
use crate::iface::{self, ExternalInterface};
use crate::poll::Retry;
use crate::subnet::{Lease, LeaseEvent, LeaseWatch, SubnetManager, Vtep};

/// Bytes that VXLAN adds to each packet.
const OVERHEAD: u32 = 50;
/// The kernel's port unless told otherwise; Windows needs 4789.
const KERNEL_PORT: u16 = 8472;

/// A registered network.
pub(super) struct Vxlan {
    clock: Clock,
    log: Log,
    host: Arc<HostLinux>,
    /// The link's name.
    name: String,
    mtu: u32,
    direct_routing: bool,
    machine: winlab_component::Machine,
    lease: Lease,
    watch: LeaseWatch,
}

impl Vxlan {
    pub(super) async fn register(
        context: &Context,
        host: &Arc<HostLinux>,
        manager: &SubnetManager,
        external: &ExternalInterface,
    ) -> Result<Self, FlannelError> {
        let conf = manager.conf();
        if conf.is_on("GBP") {
            return Err(FlannelError::NotModelled("GBP of the vxlan backend"));
        }
        let vni = conf.number("VNI").unwrap_or(1);
        let port = conf.number("Port").and_then(|port| u16::try_from(port).ok()).filter(|port| *port != 0);
        let mtu = conf.number("MTU").unwrap_or(external.mtu);
        let stored = manager.stored_backend_data().await.and_then(|data| Vtep::parse(&data).ok());
        let mac = stored.and_then(|vtep| vtep.mac).unwrap_or_else(|| random_mac(context.seed.child("vtep")));
        let device = Device {
            host,
            name: format!("flannel.{vni}"),
            kind: LinkKind::Vxlan {
                vni,
                port: port.unwrap_or(KERNEL_PORT),
                local: external.public,
                device: external.name.clone(),
            },
            mac,
            mtu: mtu.saturating_sub(OVERHEAD),
        };
        let link = device
            .ensure()
            .await
            .map_err(|error| register(format!("failed to create vxlan device: {}", error.message)))?;
        let vtep = Vtep { vni, mac: Some(link.mac) };
        let lease = manager.acquire("vxlan", external.public, &vtep.text()).await?;
        device.configure(&link, lease.subnet, conf.network).await.map_err(|error| {
            register(format!("failed to configure interface {}: {}", device.name, error.message))
        })?;
        Ok(Self {
            clock: context.clock,
            log: context.log.clone(),
            host: Arc::clone(host),
            mtu: device.mtu,
            name: device.name,
            direct_routing: conf.is_on("DirectRouting"),
            machine: context.machine.clone(),
            watch: manager.watch(lease.clone()),
            lease,
        })
    }

    pub(super) fn subnet(&self) -> Prefix {
        self.lease.subnet
    }

    pub(super) fn mtu(&self) -> u32 {
        self.mtu
    }

    pub(super) async fn run(mut self) {
        loop {
            for event in self.watch.next().await {
                self.handle(event).await;
            }
        }
    }

    async fn handle(&self, event: LeaseEvent) {
        let (LeaseEvent::Added(lease) | LeaseEvent::Removed(lease)) = &event;
        if lease.backend_type != "vxlan" {
            self.log.warning(format_args!(
                "ignoring non-vxlan v4Subnet({}): type={}",
                lease.subnet, lease.backend_type
            ));
            return;
        }
        let mac = match Vtep::parse(&lease.backend_data) {
            Ok(vtep) => vtep.mac.unwrap_or_default(),
            Err(error) => {
                self.log.error(format_args!("error decoding subnet lease JSON: {error}"));
                return;
            }
        };
        let direct = if self.direct_routing { self.direct(lease).await } else { None };
        match (event, direct) {
            (LeaseEvent::Added(_), Some(route)) => {
                self.try_hard("Error adding route", &Change::Route(route)).await;
            }
            (LeaseEvent::Removed(lease), Some(_)) => {
                self.try_hard("Error deleting route", &Change::NoRoute(lease.subnet)).await;
            }
            (LeaseEvent::Added(lease), None) => self.add(&lease, mac).await,
            (LeaseEvent::Removed(lease), None) => {
                self.try_hard("DelARP failed", &Change::NoNeighbour(lease.subnet.address)).await;
                self.try_hard("DelFDB failed", &Change::NoEntry(mac)).await;
                self.try_hard("failed to delete vxlanRoute", &Change::NoRoute(lease.subnet)).await;
            }
        }
    }

    /// Neighbour, forwarding entry, and last the route: the kernel would ask for the gateway's MAC before.
    async fn add(&self, lease: &Lease, mac: MacAddress) {
        let gateway = lease.subnet.address;
        let device = self.name.clone();
        let neighbour = Neighbour { device: device.clone(), address: gateway, mac, permanent: true };
        let entry = FdbEntry { mac, destination: Some(lease.public_ip), port: String::new() };
        let route = Route {
            destination: lease.subnet,
            gateway: Some(gateway),
            device,
            source: None,
            metric: 0,
            onlink: true,
        };
        if !self.try_hard("AddARP failed", &Change::Neighbour(neighbour)).await {
            return;
        }
        if !self.try_hard("AddFDB failed", &Change::Entry(entry)).await {
            self.try_hard("DelARP failed", &Change::NoNeighbour(gateway)).await;
            return;
        }
        if !self.try_hard("failed to add vxlanRoute", &Change::Route(route)).await {
            for change in [Change::NoNeighbour(gateway), Change::NoEntry(mac)] {
                if let Err(error) = self.apply(&change).await {
                    self.log.error(format_args!("DelARP failed: {error}"));
                }
            }
        }
    }

    /// With `DirectRouting`: the route to a node that is on the same network.
    async fn direct(&self, lease: &Lease) -> Option<Route> {
        let links = self.host.ask(ListLinks { namespace: String::new() }).await.ok()?;
        let device = links.iter().find(|link| {
            link.name != self.name && link.addresses.iter().any(|own| own.contains(lease.public_ip))
        })?;
        let own = iface::by_address(&self.machine, lease.public_ip).await.is_some();
        (!own).then(|| Route {
            destination: lease.subnet,
            gateway: Some(lease.public_ip),
            device: device.name.clone(),
            source: None,
            metric: 0,
            onlink: false,
        })
    }

    async fn try_hard(&self, problem: &str, change: &Change) -> bool {
        let mut retry = Retry::new(self.clock);
        let mut last = None;
        while retry.again().await {
            match self.apply(change).await {
                Ok(()) => return true,
                Err(error) => last = Some(error),
            }
        }
        if let Some(error) = last {
            self.log.error(format_args!("{problem}: {error}"));
        }
        false
    }

    async fn apply(&self, change: &Change) -> Result<(), LinuxFault> {
        let (namespace, link) = (String::new(), self.name.clone());
        match change.clone() {
            Change::Neighbour(neighbour) => {
                self.host.ask(ReplaceNeighbour { namespace, link, neighbour }).await
            }
            Change::NoNeighbour(address) => self.host.ask(DeleteNeighbour { namespace, link, address }).await,
            Change::Entry(entry) => self.host.ask(AppendFdb { namespace, link, entry }).await,
            Change::NoEntry(mac) => self.host.ask(DeleteFdb { namespace, link, mac }).await,
            Change::Route(route) => self.host.ask(ReplaceRoute { namespace, route }).await,
            Change::NoRoute(destination) => self.host.ask(DeleteRoute { namespace, destination }).await,
        }
    }
}

/// One change of the host's tables.
#[derive(Debug, Clone)]
enum Change {
    Neighbour(Neighbour),
    NoNeighbour(IpAddr),
    Entry(FdbEntry),
    NoEntry(MacAddress),
    Route(Route),
    NoRoute(Prefix),
}

/// Locally administered and unicast (`pkg/mac`).
fn random_mac(seed: Seed) -> MacAddress {
    let mut bytes: [u8; 6] = seed.rng().bytes();
    bytes[0] = bytes[0] & 0xfe | 0x02;
    MacAddress(bytes)
}

/// Making the link.
struct Device<'a> {
    host: &'a HostLinux,
    name: String,
    kind: LinkKind,
    mac: MacAddress,
    mtu: u32,
}

impl Device<'_> {
    /// `ensureLink`: one that is there stays if it is alike.
    async fn ensure(&self) -> Result<Link, LinuxFault> {
        let made = self.add().await;
        match made {
            Ok(()) => {}
            Err(error) if error.errno == Errno::EEXIST => {
                let existing = self.find().await?;
                if existing.kind == self.kind {
                    return Ok(existing);
                }
                let (namespace, name) = (String::new(), self.name.clone());
                self.host.ask(DeleteLink { namespace, name }).await?;
                self.add().await?;
            }
            Err(error) => return Err(error),
        }
        self.find().await
    }

    async fn add(&self) -> Result<(), LinuxFault> {
        let (namespace, name) = (String::new(), self.name.clone());
        self.host.ask(AddLink { namespace, name, kind: self.kind.clone() }).await?;
        self.set(LinkSettings { mac: Some(self.mac), mtu: Some(self.mtu), ..LinkSettings::default() }).await
    }

    async fn set(&self, settings: LinkSettings) -> Result<(), LinuxFault> {
        let (namespace, name) = (String::new(), self.name.clone());
        self.host.ask(SetLink { namespace, name, settings }).await
    }

    async fn find(&self) -> Result<Link, LinuxFault> {
        let links = self.host.ask(ListLinks { namespace: String::new() }).await?;
        let found = links.into_iter().find(|link| link.name == self.name);
        found.ok_or_else(|| LinuxFault::because(Errno::ENODEV, "Link not found"))
    }

    /// The pods' first address as the link's only one within the cluster's network, then up (`Configure`).
    async fn configure(&self, link: &Link, subnet: Prefix, cluster: Prefix) -> Result<(), LinuxFault> {
        let wanted = Prefix::host(subnet.address);
        let call = |address| (String::new(), self.name.clone(), address);
        for old in link.addresses.iter().filter(|old| **old != wanted && cluster.contains(old.address)) {
            let (namespace, link, address) = call(*old);
            self.host.ask(DeleteAddress { namespace, link, address }).await?;
        }
        if !link.addresses.contains(&wanted) {
            let (namespace, link, address) = call(wanted);
            self.host.ask(AddAddress { namespace, link, address }).await?;
        }
        self.set(LinkSettings { up: Some(true), ..LinkSettings::default() }).await
    }
}

#[cfg(test)]
mod tests {
    use winlab_clock::Seed;

    use super::random_mac;

    #[test]
    fn macs_are_local_and_unicast() {
        for seed in 0..20 {
            assert_eq!(random_mac(Seed::new(seed)).0[0] & 3, 2);
        }
    }
}
