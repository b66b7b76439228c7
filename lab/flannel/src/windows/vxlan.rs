//! vxlan on Windows: an Overlay network made by V2 calls, with a `RemoteSubnetRoute` policy for each other node
//! (`pkg/backend/vxlan/*_windows.go`).

use std::net::IpAddr;

use winlab_clock::VirtualSpan;
use winlab_component::{Context, Log, WindowsMachine};
use winlab_document::{Document, ObjectBuilder, doc};
use winlab_hcn::{Hcn, Hns};
use winlab_host::MacAddress;
use winlab_host::linux::Prefix;
use winlab_profiles::{HnsFeature, HnsVersion};

use crate::config::{NetConf, nth};
use crate::error::{FlannelError, register};
use crate::iface::{self, ExternalInterface};
use crate::poll::Poll;
use crate::subnet::{Lease, LeaseEvent, LeaseWatch, SubnetManager, Vtep};

/// The least VNI and the only port that HNS takes.
const LEAST_VNI: u32 = 4096;
const PORT: u32 = 4789;
/// Bytes that VXLAN adds to each packet.
const OVERHEAD: u32 = 50;

/// A registered network.
pub(crate) struct Vxlan {
    log: Log,
    hcn: Hcn,
    name: String,
    lease: Lease,
    mtu: u32,
    watch: LeaseWatch,
}

/// The backend's configuration, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Config {
    name: String,
    vni: u32,
}

impl Config {
    fn of(conf: &NetConf) -> Result<Self, FlannelError> {
        let invalid = |text: String| register(format!("invalid VXLAN backend config. {text}"));
        let vni = conf.number("VNI").unwrap_or(LEAST_VNI);
        let port = conf.number("Port").unwrap_or(PORT);
        let prefix = conf.text("MacPrefix").unwrap_or("0E-2A");
        if vni < LEAST_VNI {
            let text = format!("VNI [{vni}] must be greater than or equal to {LEAST_VNI} on Windows");
            return Err(invalid(text));
        }
        if port != PORT {
            return Err(invalid(format!(
                "Port [{port}] is not supported on Windows. Omit the setting to default to port {PORT}"
            )));
        }
        if conf.is_on("DirectRouting") {
            return Err(invalid("DirectRouting is not supported on Windows".to_owned()));
        }
        if conf.is_on("GBP") {
            return Err(invalid("GBP is not supported on Windows".to_owned()));
        }
        if prefix.len() != 5 || prefix.as_bytes().get(2) != Some(&b'-') {
            return Err(invalid(format!(
                "MacPrefix [{prefix}] is invalid, prefix must be of the format xx-xx e.g. 0E-2A"
            )));
        }
        let name = conf.text("Name").filter(|name| !name.is_empty());
        Ok(Self { name: name.map_or_else(|| format!("flannel.{vni}"), str::to_owned), vni })
    }
}

impl Vxlan {
    pub(super) async fn register(
        context: &Context,
        machine: &WindowsMachine,
        manager: &SubnetManager,
        external: &ExternalInterface,
    ) -> Result<Self, FlannelError> {
        let config = Config::of(manager.conf())?;
        let version = Hns::new(machine.network.clone()).version().await;
        if !version.unwrap_or(HnsVersion::new(0, 0)).has(HnsFeature::RemoteSubnet) {
            return Err(register("platform does not support Remote Subnet feature"));
        }
        // A lease first, for the subnet; another with the MAC, which only the network has.
        let mut vtep = Vtep { vni: config.vni, mac: None };
        let lease = manager.acquire("vxlan", external.public, &vtep.text()).await?;
        let hcn = Hcn::new(machine.network.clone());
        let device = Device { context, hcn: &hcn, config: &config, subnet: lease.subnet };
        device.ensure(&external.name).await?;
        let network = hcn
            .network_by_name(&config.name)
            .await
            .map_err(|error| register(format!("failed to get HNS network: {error}")))?;
        let mac = policy(&network, "DrMacAddress").map_or("", |settings| settings.text(&["Address"]));
        let mac: MacAddress =
            mac.parse().map_err(|_| register(format!("cannot parse DR MAC {mac}: invalid MAC address")))?;
        vtep.mac = Some(mac);
        device.wait_for_interface(&network).await?;
        let lease = manager.acquire("vxlan", external.public, &vtep.text()).await?;
        let watch = manager.watch(lease.clone());
        let mtu = external.mtu.saturating_sub(OVERHEAD);
        Ok(Self { log: context.log.clone(), hcn: hcn.clone(), name: config.name, lease, mtu, watch })
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

    /// `handleSubnetEvents`; what HNS says to the changes is nobody's concern there.
    async fn handle(&self, event: LeaseEvent) {
        let (LeaseEvent::Added(lease) | LeaseEvent::Removed(lease)) = &event;
        if !lease.backend_type.eq_ignore_ascii_case("vxlan") {
            self.log.warning(format_args!(
                "ignoring non-vxlan subnet({}): type={}",
                lease.subnet, lease.backend_type
            ));
            return;
        }
        let vtep = match Vtep::parse(&lease.backend_data) {
            Ok(vtep) => vtep,
            Err(error) => {
                self.log.error(format_args!("error decoding subnet lease JSON: {error}"));
                return;
            }
        };
        if vtep.vni < LEAST_VNI {
            self.log.error(format_args!(
                "VNI is {} but it is required to be greater than or equal to 4096 on Windows.",
                vtep.vni
            ));
            return;
        }
        let network = match self.hcn.network_by_name(&self.name).await {
            Ok(network) => network,
            Err(error) => {
                self.log.error(format_args!("Unable to find network {}, error: {error}", self.name));
                return;
            }
        };
        let wanted = route_policy(lease, vtep);
        match event {
            LeaseEvent::Added(lease) => {
                let prefix = lease.subnet.to_string();
                for old in routes(&network).filter(|s| s.text(&["DestinationPrefix"]) == prefix) {
                    self.change(&network, "Remove", reread(old)).await;
                }
                if vtep.mac.is_some() {
                    self.change(&network, "Add", wanted).await;
                }
            }
            LeaseEvent::Removed(_) if vtep.mac.is_some() => self.change(&network, "Remove", wanted).await,
            LeaseEvent::Removed(_) => {}
        }
    }

    async fn change(&self, network: &Document, request: &str, settings: Document) {
        let policies = doc!([{"Type": "RemoteSubnetRoute", "Settings": settings}]);
        let changed = self.hcn.modify_network_policies(network.text(&["ID"]), request, policies).await;
        if let Err(error) = changed {
            self.log.debug(format_args!("RemoteSubnetRoute not changed: {error}"));
        }
    }
}

/// Settings of a network's first policy of a type.
fn policy<'a>(network: &'a Document, kind: &str) -> Option<&'a Document> {
    let policies = network.get("Policies").map(Document::items).unwrap_or_default();
    policies.iter().find(|policy| policy.text(&["Type"]) == kind)?.get("Settings")
}

fn routes(network: &Document) -> impl Iterator<Item = &Document> {
    let policies = network.get("Policies").map(Document::items).unwrap_or_default();
    policies
        .iter()
        .filter(|policy| policy.text(&["Type"]) == "RemoteSubnetRoute")
        .filter_map(|policy| policy.get("Settings"))
}

/// `RemoteSubnetRoutePolicySetting` in Go's order of members.
fn route_policy(lease: &Lease, vtep: Vtep) -> Document {
    doc!({
        "DestinationPrefix": lease.subnet.to_string(),
        // A Go `uint16`.
        "IsolationId": vtep.vni & 0xffff,
        "ProviderAddress": lease.public_ip.to_string(),
        "DistributedRouterMacAddress": vtep.mac.map(|mac| mac.to_string()).unwrap_or_default(),
    })
}

/// A policy that HNS has, through Go's structure and back.
fn reread(settings: &Document) -> Document {
    let id = settings.get("IsolationId").and_then(Document::as_u64).unwrap_or_default();
    doc!({
        "DestinationPrefix": settings.text(&["DestinationPrefix"]),
        "IsolationId": id,
        "ProviderAddress": settings.text(&["ProviderAddress"]),
        "DistributedRouterMacAddress": settings.text(&["DistributedRouterMacAddress"]),
    })
}

/// Making the network.
struct Device<'a> {
    context: &'a Context,
    hcn: &'a Hcn,
    config: &'a Config,
    subnet: Prefix,
}

impl Device<'_> {
    /// As Go's encoder writes hcn's `HostComputeNetwork`.
    fn settings(&self, adapter: &str) -> Document {
        let subnet = doc!({
            "IpAddressPrefix": self.subnet.to_string(),
            "Policies": [{"Type": "VSID", "Settings": {"IsolationId": self.config.vni}}],
            "Routes": [{"NextHop": nth(self.subnet, 1).to_string(), "DestinationPrefix": "0.0.0.0/0"}],
        });
        let mut settings = ObjectBuilder::new();
        settings.set("Name", self.config.name.as_str()).set("Type", "Overlay");
        if !adapter.is_empty() {
            let policy = doc!({"Type": "NetAdapterName", "Settings": {"NetworkAdapterName": adapter}});
            settings.set("Policies", doc!([policy]));
        }
        settings.set("MacPool", Document::empty_object()).set("Dns", Document::empty_object());
        settings.set("Ipams", doc!([{"Type": "Static", "Subnets": [subnet]}]));
        // EnableNonPersistent
        settings.set("Flags", 8).set("Health", doc!({"Extra": {}}));
        settings.set("SchemaVersion", doc!({"Major": 2, "Minor": 0}));
        settings.build()
    }

    /// `ensureNetwork`
    async fn ensure(&self, adapter: &str) -> Result<(), FlannelError> {
        let failed = |text: String| register(format!("failed to create VXLAN network: {text}"));
        let name = &self.config.name;
        let existing = self.hcn.network_by_name(name).await.ok();
        let prefix = self.subnet.to_string();
        let fits = |network: &&Document| {
            let subnet = network.pointer("/Ipams/0/Subnets/0/IpAddressPrefix").and_then(Document::as_str);
            network.text(&["Type"]) == "Overlay" && subnet == Some(prefix.as_str())
        };
        let network = match (existing.as_ref().filter(fits), &existing) {
            (Some(network), _) => {
                self.context.log.info(format_args!("Found existing HostComputeNetwork {name}"));
                network.clone()
            }
            (None, stale) => {
                if let Some(stale) = stale {
                    self.hcn.delete_network(stale.text(&["ID"])).await.map_err(|error| {
                        failed(format!("failed to delete existing HostComputeNetwork {name}: {error}"))
                    })?;
                    self.context.log.info(format_args!("Deleted stale HostComputeNetwork {name}"));
                }
                self.create(adapter).await?
            }
        };
        if policy(&network, "HostRoute").is_none() {
            let policies = doc!([{"Type": "HostRoute", "Settings": {}}]);
            let added = self.hcn.modify_network_policies(network.text(&["ID"]), "Add", policies).await;
            if added.is_err() {
                self.context.log.info(
                    "Could not apply HostRoute policy for local host to local pod connectivity. This policy \
                     requires Windows 18321.1000.19h1_release.190117-1502 or newer",
                );
            }
        }
        Ok(())
    }

    async fn create(&self, adapter: &str) -> Result<Document, FlannelError> {
        let name = &self.config.name;
        let failed = |text: String| register(format!("failed to create VXLAN network: {text}"));
        let made = self
            .hcn
            .create_network(self.settings(adapter))
            .await
            .map_err(|error| failed(format!("failed to create HostComputeNetwork {name}: {error}")))?;
        let id = made.text(&["ID"]);
        let (interval, timeout) = (VirtualSpan::from_millis(500), VirtualSpan::from_secs(5));
        let mut poll = Poll::new(self.context.clock, interval, timeout);
        while poll.again().await {
            let Ok(network) = self.hcn.network_by_id(id).await else { continue };
            if management_ip(&network).is_some() {
                self.wait_for_interface(&network).await?;
                self.context.log.info(format_args!("Created HostComputeNetwork {name}"));
                return Ok(network);
            }
        }
        Err(failed(format!("timeout, failed to get management IP from HostComputeNetwork {name}")))
    }

    /// `checkHostNetworkReady`
    async fn wait_for_interface(&self, network: &Document) -> Result<(), FlannelError> {
        let text = management_ip(network).unwrap_or_default();
        let address: IpAddr =
            text.parse().map_err(|_| register(format!("Failed to parse management ip ({text})")))?;
        let (interval, timeout) = (VirtualSpan::from_secs(5), VirtualSpan::from_secs(45));
        let mut poll = Poll::new(self.context.clock, interval, timeout);
        while poll.again().await {
            if iface::by_address(&self.context.machine, address).await.is_some() {
                return Ok(());
            }
        }
        Err(register(format!(
            "Interface bound to {} took too long to get ready. Please check your network host configuration",
            self.config.name
        )))
    }
}

fn management_ip(network: &Document) -> Option<&str> {
    let address = policy(network, "ProviderAddress")?.text(&["ProviderAddress"]);
    Some(address).filter(|address| !address.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{Config, NetConf};

    fn config(backend: &str) -> Result<String, String> {
        let text = format!(r#"{{"Network": "10.244.0.0/16", "Backend": {backend}}}"#);
        Config::of(&NetConf::parse(&text).unwrap())
            .map(|config| config.name)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn what_windows_takes() {
        assert_eq!(config(r#"{"Type": "vxlan"}"#), Ok("flannel.4096".into()));
        assert_eq!(config(r#"{"Type": "vxlan", "VNI": 5000, "Name": "vxlan0"}"#), Ok("vxlan0".into()));
        for (backend, problem) in [
            (r#"{"VNI": 1}"#, "VNI [1] must be greater"),
            (r#"{"Port": 8472}"#, "Port [8472] is not supported"),
            (r#"{"DirectRouting": true}"#, "DirectRouting"),
            (r#"{"MacPrefix": "0E:2A"}"#, "MacPrefix"),
        ] {
            let error = config(backend).unwrap_err();
            assert!(error.contains(problem), "{error}");
        }
    }
}
