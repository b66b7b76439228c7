//! The network between the nodes: one segment with a router at its edge.

use std::collections::BTreeMap;
use std::net::IpAddr;

use winlab_clock::VirtualSpan;
use winlab_host::HostProgram;
use winlab_host::linux::Prefix;

/// A host that is no node: the world outside, an API server beside the nodes.
#[derive(Debug, Clone)]
pub struct ExternalHost {
    /// Its name: `outside`, `api-server`.
    pub name: String,
    /// Its address.
    pub address: IpAddr,
    /// Whether it is reached through the edge's router only.
    pub beyond_edge: bool,
    /// What runs on it.
    pub programs: Vec<HostProgram>,
}

/// What is wrong with the way from one host to another. All zero: nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Trouble {
    /// Nothing passes.
    pub cut: bool,
    /// Share of flows that are lost, from 0 to 1.
    pub loss: f64,
    /// Added to every packet.
    pub delay: VirtualSpan,
    /// Largest packet in bytes, if smaller than the segment's.
    pub mtu: Option<u32>,
}

/// The network between the nodes. Ways are named by node and host names and have a direction.
#[derive(Debug, Clone)]
pub struct Underlay {
    /// The address of the router at the edge.
    pub gateway: IpAddr,
    /// Largest packet in bytes.
    pub mtu: u32,
    /// Hosts that are no nodes.
    pub hosts: Vec<ExternalHost>,
    /// Where the edge's router sends what is for no host of the segment: a prefix and a node, as a cloud's route table
    /// or its load balancer's addresses do.
    pub routes: Vec<(Prefix, String)>,
    troubles: BTreeMap<(String, String), Trouble>,
    doubled: BTreeMap<IpAddr, String>,
}

impl Underlay {
    /// A healthy segment with nothing on it but its router; MTU 1500.
    #[must_use]
    pub fn new(gateway: IpAddr) -> Self {
        Self {
            gateway,
            mtu: 1500,
            hosts: Vec::new(),
            routes: Vec::new(),
            troubles: BTreeMap::new(),
            doubled: BTreeMap::new(),
        }
    }

    /// Changes what is wrong with the way from one host to another.
    pub fn trouble(&mut self, from: &str, to: &str, change: impl FnOnce(&mut Trouble)) {
        change(self.troubles.entry((from.to_owned(), to.to_owned())).or_default());
    }

    /// Nothing passes from one host to another; the way back stays.
    pub fn partition(&mut self, from: &str, to: &str) {
        self.trouble(from, to, |trouble| trouble.cut = true);
    }

    /// Another host claims an address too: about half of the flows go there and are lost.
    pub fn duplicate_address(&mut self, address: IpAddr, intruder: &str) {
        self.doubled.insert(address, intruder.to_owned());
    }

    /// Everything is well again.
    pub fn heal(&mut self) {
        self.troubles.clear();
        self.doubled.clear();
    }

    pub(crate) fn trouble_of(&self, from: &str, to: &str) -> Trouble {
        self.troubles.get(&(from.to_owned(), to.to_owned())).copied().unwrap_or_default()
    }

    pub(crate) fn intruder(&self, address: IpAddr) -> Option<&str> {
        self.doubled.get(&address).map(String::as_str)
    }
}
