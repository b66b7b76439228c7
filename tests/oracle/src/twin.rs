//! One of two hosts that are alike.

use std::sync::Arc;

use winlab_clock::{Clock, Seed};
use winlab_component::{Machine, WindowsMachine};
use winlab_document::{Document, doc};
use winlab_fake_windows::{HostNic, WindowsConfig, WindowsHost};
use winlab_host::network::{CreateNamespace, CreateNetwork, Network};
use winlab_host::{Ask as _, Boundary, Fault, FaultSwitch, Faulty, Guid, Journal};

use crate::calls::Calls;

/// A host with a journal of its calls of HNS and HCS and a switch for its faults. All twins are made with one seed, so that what
/// is done alike on two of them gets the same ids.
#[derive(Debug)]
pub struct Twin {
    /// The host, for what no component may do.
    pub host: Arc<WindowsHost>,
    /// Its boundaries, as components reach them.
    pub machine: WindowsMachine,
    /// What HNS and HCS were asked.
    pub calls: Calls,
    /// Faults of HNS.
    pub faults: FaultSwitch,
}

/// A network of pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkKind {
    /// `L2Bridge`
    Bridge,
    /// `Overlay`
    Overlay,
}

impl NetworkKind {
    /// Its name in HNS.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bridge => "L2Bridge",
            Self::Overlay => "Overlay",
        }
    }
}

impl Twin {
    /// A new host of a Windows build, at 192.168.1.11. Call it inside a runtime.
    ///
    /// # Panics
    /// There is no such build.
    #[must_use]
    pub fn new(build: &str, clock: Clock) -> Self {
        let nic = HostNic {
            name: "Ethernet".into(),
            mac: "00-15-5D-00-00-01".parse().expect("a MAC"),
            addresses: vec!["192.168.1.11/24".parse().expect("a prefix")],
            gateway: Some("192.168.1.1".parse().expect("an address")),
            dns: vec!["192.168.1.1".parse().expect("an address")],
            mtu: 1500,
        };
        Self::with_nic(build, clock, nic)
    }

    /// The same with another network interface.
    ///
    /// # Panics
    /// There is no such build.
    #[must_use]
    pub fn with_nic(build: &str, clock: Clock, nic: HostNic) -> Self {
        let config = WindowsConfig::new("win1", build.parse().expect("a build"), nic);
        let host = WindowsHost::new(&config, clock, Seed::new(1));
        let (calls, faults) = (Calls::default(), FaultSwitch::new(Seed::new(2)));
        let faulty: Arc<dyn Boundary<Network>> = Arc::new(Faulty::new(host.network(), faults.clone(), clock));
        let network = Arc::new(Journal::new(faulty, Arc::new(calls.clone()), clock));
        let compute = Arc::new(Journal::new(host.compute(), Arc::new(calls.clone()), clock));
        let machine = WindowsMachine { network, compute, system: host.system() };
        Self { host, machine, calls, faults }
    }

    /// Its boundaries as a node's.
    #[must_use]
    pub fn machine(&self) -> Machine {
        Machine::Windows(self.machine.clone())
    }

    /// Makes a network with the subnet 10.244.`number`.0/24, past the journal.
    ///
    /// # Errors
    /// As HNS refuses it.
    pub async fn network(&self, name: &str, kind: NetworkKind, number: u8) -> Result<Guid, Fault> {
        self.network_of(name, kind, doc!([subnet(kind, number)])).await
    }

    /// The same with subnets of both families, the second one fd00:10:244:`number`::/64.
    ///
    /// # Errors
    /// As HNS refuses it.
    pub async fn dual_stack_network(&self, name: &str, kind: NetworkKind, number: u8) -> Result<Guid, Fault> {
        let v6 = doc!({
            "IpAddressPrefix": format!("fd00:10:244:{number}::/64"),
            "Routes": [{"NextHop": format!("fd00:10:244:{number}::1"), "DestinationPrefix": "::/0"}],
        });
        self.network_of(name, kind, doc!([subnet(kind, number), v6])).await
    }

    async fn network_of(&self, name: &str, kind: NetworkKind, subnets: Document) -> Result<Guid, Fault> {
        let settings = doc!({
            "Name": name, "Type": kind.name(), "SchemaVersion": {"Major": 2, "Minor": 0},
            "Ipams": [{"Type": "Static", "Subnets": subnets}],
        });
        self.host.network().ask(CreateNetwork { id: Guid::NIL, settings }).await
    }

    /// Makes a namespace, past the journal.
    ///
    /// # Errors
    /// As HNS refuses it.
    pub async fn namespace(&self) -> Result<Guid, Fault> {
        let settings: Document = doc!({"SchemaVersion": {"Major": 2, "Minor": 0}});
        self.host.network().ask(CreateNamespace { id: Guid::NIL, settings }).await
    }
}

fn subnet(kind: NetworkKind, number: u8) -> Document {
    let mut subnet = doc!({
        "IpAddressPrefix": format!("10.244.{number}.0/24"),
        "Routes": [{"NextHop": format!("10.244.{number}.1"), "DestinationPrefix": "0.0.0.0/0"}],
    });
    if kind == NetworkKind::Overlay {
        let vsid = 4095 + u32::from(number);
        subnet.set("Policies", doc!([{"Type": "VSID", "Settings": {"IsolationId": vsid}}]));
    }
    subnet
}
