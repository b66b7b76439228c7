//! host-gw on Windows: an L2Bridge network made by V1 calls, a gateway endpoint for the pods attached to the host, and
//! routes (`pkg/backend/hostgw/hostgw_windows.go`).

use std::net::IpAddr;

use winlab_clock::VirtualSpan;
use winlab_component::{Context, WindowsMachine};
use winlab_document::{Document, ObjectBuilder, doc};
use winlab_hcn::Hns;
use winlab_host::Ask;
use winlab_host::linux::Prefix;
use winlab_host::system::SetForwarding;

use super::routes::Routes;
use crate::config::nth;
use crate::error::{FlannelError, register};
use crate::iface::{self, ExternalInterface};
use crate::poll::Poll;
use crate::subnet::{Lease, LeaseWatch, SubnetManager};

const INTERVAL: VirtualSpan = VirtualSpan::from_millis(500);
const TIMEOUT: VirtualSpan = VirtualSpan::from_secs(5);
/// The compartment of the host.
const HOST: u16 = 1;

/// A registered network.
pub(crate) struct HostGw {
    lease: Lease,
    mtu: u32,
    routes: Routes,
    watch: LeaseWatch,
}

/// What is needed on the way there.
struct Registration<'a> {
    context: &'a Context,
    machine: &'a WindowsMachine,
    hns: Hns,
    name: String,
    subnet: Prefix,
}

impl HostGw {
    pub(super) async fn register(
        context: &Context,
        machine: &WindowsMachine,
        manager: &SubnetManager,
        external: &ExternalInterface,
    ) -> Result<Self, FlannelError> {
        if external.public != external.address {
            return Err(FlannelError::Register(
                "your PublicIP differs from interface IP, meaning that probably you're on a NAT, which is not \
                 supported by host-gw backend"
                    .to_owned(),
            ));
        }
        let conf = manager.conf();
        let lease = manager.acquire("host-gw", external.public, "null").await?;
        let name = conf.text("Name").filter(|name| !name.is_empty()).unwrap_or("cbr0").to_owned();
        let registration = Registration {
            context,
            machine,
            hns: Hns::new(machine.network.clone()),
            name,
            subnet: lease.subnet,
        };
        let dns = conf.text("DNSServerList").unwrap_or_default();
        let network = registration.ensure_network(dns).await?;
        let endpoint = registration.ensure_endpoint(network.text(&["ID"])).await?;
        registration.attach(endpoint.text(&["ID"])).await?;
        let device = registration.forward(&network, &endpoint).await?;
        let routes = Routes {
            clock: context.clock,
            log: context.log.clone(),
            system: machine.system.clone(),
            device,
            wanted: Vec::new(),
        };
        let watch = manager.watch(lease.clone());
        Ok(Self { lease, mtu: external.mtu, routes, watch })
    }

    pub(super) fn subnet(&self) -> Prefix {
        self.lease.subnet
    }

    pub(super) fn mtu(&self) -> u32 {
        self.mtu
    }

    pub(super) async fn run(self) {
        self.routes.follow(self.watch).await;
    }
}

impl Registration<'_> {
    fn poll(&self) -> Poll {
        Poll::new(self.context.clock, INTERVAL, TIMEOUT)
    }

    /// The network, as it is or made anew.
    async fn ensure_network(&self, dns: &str) -> Result<Document, FlannelError> {
        let prefix = self.subnet.to_string();
        let gateway = nth(self.subnet, 1).to_string();
        let existing = self.hns.network_by_name(&self.name).await.ok();
        if let Some(network) = &existing {
            let subnets = network.get("Subnets").map(Document::items).unwrap_or_default();
            let fits = |subnet: &Document| {
                subnet.text(&["AddressPrefix"]) == prefix && subnet.text(&["GatewayAddress"]) == gateway
            };
            if subnets.iter().any(fits) {
                self.context.log.info(format_args!("Found existing HNSNetwork {}", self.name));
                return Ok(network.clone());
            }
            let path = format!("/networks/{}", network.text(&["ID"]));
            self.hns.call("DELETE", &path, Document::Null).await.map_err(|error| {
                register(format!("failed to delete existing HNSNetwork {}: {error}", self.name))
            })?;
            self.context.log.info(format_args!("Deleted stale HNSNetwork {}", self.name));
        }
        let mut settings = ObjectBuilder::new();
        settings.set("Name", self.name.as_str()).set("Type", "L2Bridge");
        settings.set("Subnets", doc!([{"AddressPrefix": prefix, "GatewayAddress": gateway}]));
        settings.set_some("DNSServerList", Some(dns).filter(|dns| !dns.is_empty()));
        let made = self
            .hns
            .call("POST", "/networks/", settings.build())
            .await
            .map_err(|error| register(format!("failed to create HNSNetwork {}: {error}", self.name)))?;
        let network = self.wait_for_management_ip(made.text(&["ID"])).await?;
        self.wait_for_interface(&network).await?;
        self.context.log.info(format_args!("Created HNSNetwork {}", self.name));
        Ok(network)
    }

    async fn wait_for_management_ip(&self, id: &str) -> Result<Document, FlannelError> {
        let (path, mut last) =
            (format!("/networks/{id}"), String::from("timed out waiting for the condition"));
        let mut poll = self.poll();
        while poll.again().await {
            match self.hns.call("GET", &path, Document::Null).await {
                Ok(network) if !network.text(&["ManagementIP"]).is_empty() => return Ok(network),
                Ok(_) => {}
                Err(error) => last = error.to_string(),
            }
        }
        Err(register(format!("timeout, failed to get management IP from HNSNetwork {}: {last}", self.name)))
    }

    async fn wait_for_interface(&self, network: &Document) -> Result<(), FlannelError> {
        let text = network.text(&["ManagementIP"]);
        let address: IpAddr =
            text.parse().map_err(|_| register(format!("Failed to parse management ip ({text})")))?;
        let mut poll = self.poll();
        while poll.again().await {
            if iface::by_address(&self.context.machine, address).await.is_some() {
                return Ok(());
            }
        }
        Err(register(format!(
            "timeout, failed to get net interface for HNSNetwork {} ({text}): no interface with given IP found",
            self.name
        )))
    }

    /// The pods' gateway: an endpoint at the second address.
    async fn ensure_endpoint(&self, network: &str) -> Result<Document, FlannelError> {
        let name = format!("{}_ep", self.name);
        let gateway = nth(self.subnet, 2).to_string();
        if let Ok(existing) = self.hns.endpoint_by_name(&name).await {
            if existing.text(&["IPAddress"]) == gateway {
                self.context.log.info(format_args!("Found existing bridge HNSEndpoint {name}"));
                return Ok(existing);
            }
            let path = format!("/endpoints/{}", existing.text(&["ID"]));
            self.hns.call("DELETE", &path, Document::Null).await.map_err(|error| {
                register(format!("failed to delete existing bridge HNSEndpoint {name}: {error}"))
            })?;
        }
        let settings = doc!({"Name": name.as_str(), "VirtualNetwork": network, "IPAddress": gateway});
        self.hns
            .call("POST", "/endpoints/", settings)
            .await
            .map_err(|error| register(format!("failed to create bridge HNSEndpoint {name}: {error}")))
    }

    /// Attaches the gateway to the host; that it is attached already is fine (flannel#1391).
    async fn attach(&self, endpoint: &str) -> Result<(), FlannelError> {
        let mut last = String::new();
        let mut poll = self.poll();
        while poll.again().await {
            match self.hns.host_attach(endpoint, HOST).await {
                Ok(()) => return Ok(()),
                Err(error) => last = error.to_string(),
            }
            if last.contains("This endpoint is already attached to the switch.") {
                return Ok(());
            }
        }
        Err(register(format!(
            "failed to hot attach bridge HNSEndpoint {}_ep to host compartment: {last}",
            self.name
        )))
    }

    /// Lets the host pass on what arrives on its own interface and on the gateway. The name of the former: it may have
    /// changed when the network was made.
    async fn forward(&self, network: &Document, endpoint: &Document) -> Result<String, FlannelError> {
        let mut own = String::new();
        for text in [network.text(&["ManagementIP"]), endpoint.text(&["IPAddress"])] {
            let address: IpAddr = text
                .parse()
                .map_err(|_| register(format!("Failed to parse expected net interface ip ({text})")))?;
            let found = iface::by_address(&self.context.machine, address).await;
            let found =
                found.ok_or_else(|| register(format!("failed to find interface for IP Address {text}")))?;
            if own.is_empty() {
                own.clone_from(&found.name);
            }
            let call = SetForwarding { adapter: found.name.clone(), forwarding: true };
            self.machine.system.ask(call).await.map_err(|error| {
                register(format!("failed to enable forwarding on {}: {error}", found.name))
            })?;
            self.context.log.info(format_args!("Enabled forwarding on {}", found.name));
        }
        Ok(own)
    }
}
