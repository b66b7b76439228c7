//! One walk: its hops, its end, and what it may look at.

mod exchange;
mod http;
mod names;
mod wire;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use winlab_clock::{Rng, Seed, VirtualInstant, VirtualSpan};
use winlab_host::{Guid, HostDataPlane, LinuxDataPlane, WindowsDataPlane};

use crate::fabric::State;
use crate::packet::Packet;
use crate::probe::{Probe, Source};
use crate::servers::ServerPrograms;
use crate::unmodelled::Unmodelled;
use crate::verdict::{Decision, Hop, Leg, ObjectKind, Outcome, Verdict};

pub(crate) use names::Plan;
pub(crate) use wire::Outer;

/// Where a network stack is, from which packets start and at which they arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// A compartment of a Windows host that is reached through an endpoint.
    Endpoint { node: usize, endpoint: Guid },
    /// The host's own compartment of a Windows host.
    WindowsHost { node: usize },
    /// A network namespace of a Linux host.
    Namespace { node: usize, namespace: String },
    /// A host of the underlay that is no node.
    External { host: usize },
}

/// A packet that arrived where it was for.
#[derive(Debug, Clone)]
pub(crate) struct Arrived {
    pub(crate) place: Place,
    pub(crate) packet: Packet,
}

/// The end of a walk before its packet arrived.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stop {
    pub(crate) outcome: Outcome,
    pub(crate) decided_by: usize,
}

/// Arrives, or ends.
pub(crate) type Way = Result<Arrived, Stop>;

/// What to blame when a packet turns out to be for nobody.
#[derive(Debug, Clone)]
struct Suspect {
    /// Whether it let a packet pass without the translation that the packet may have needed.
    translation: bool,
    hop: Hop,
}

/// An object in a hop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Object {
    pub(crate) kind: ObjectKind,
    pub(crate) id: String,
    pub(crate) name: String,
}

impl Object {
    pub(crate) fn named(kind: ObjectKind, name: impl Into<String>) -> Self {
        Self { kind, id: String::new(), name: name.into() }
    }

    pub(crate) fn new(kind: ObjectKind, id: impl ToString, name: impl Into<String>) -> Self {
        Self { kind, id: id.to_string(), name: name.into() }
    }
}

/// How many hosts a packet may pass: Linux's and Windows's own figures are higher, and no lab is that deep.
const TTL: u8 = 32;
/// How deep a program's own requests may nest.
const DEEPEST_FETCH: u8 = 4;
/// Longer than this, there and back, and the client gives up.
const PATIENCE: VirtualSpan = VirtualSpan::from_secs(5);

/// One walk.
pub(crate) struct Walk<'f> {
    pub(crate) state: &'f mut State,
    servers: &'f dyn ServerPrograms,
    planes: BTreeMap<usize, Arc<HostDataPlane>>,
    seed: Seed,
    rng: Rng,
    pub(crate) now: VirtualInstant,
    pub(crate) hops: Vec<Hop>,
    leg: Leg,
    depth: u8,
    elapsed: VirtualSpan,
    suspects: Vec<Suspect>,
    /// What let a packet leave its node with a source that nobody beyond can answer to.
    unmasked: Option<Hop>,
}

impl<'f> Walk<'f> {
    pub(crate) fn new(
        state: &'f mut State,
        servers: &'f dyn ServerPrograms,
        seed: Seed,
        now: VirtualInstant,
    ) -> Self {
        Self {
            state,
            servers,
            planes: BTreeMap::new(),
            seed,
            rng: seed.rng(),
            now,
            hops: Vec::new(),
            leg: Leg::Request,
            depth: 0,
            elapsed: VirtualSpan::ZERO,
            suspects: Vec::new(),
            unmasked: None,
        }
    }

    pub(crate) fn run(mut self, probe: &Probe) -> Verdict {
        let mut verdict = Verdict {
            outcome: Outcome::Ok,
            backend: None,
            http: None,
            resolved: None,
            hops: Vec::new(),
            decided_by: None,
            elapsed: VirtualSpan::ZERO,
        };
        if let Err(stop) = self.probe(probe, &mut verdict) {
            verdict.outcome = stop.outcome;
            verdict.decided_by = Some(stop.decided_by);
        }
        verdict.hops = self.hops;
        verdict.elapsed = self.elapsed;
        verdict
    }

    fn probe(&mut self, probe: &Probe, verdict: &mut Verdict) -> Result<(), Stop> {
        let from = self.source(&probe.from)?;
        let container = match &probe.from {
            Source::Container { id, .. } => id.clone(),
            Source::Node(_) | Source::External(_) => String::new(),
        };
        let client = Client { place: from, container };
        self.ask(&client, probe.protocol, &probe.to, probe.payload_bytes, verdict)
    }

    /// Where a source is.
    fn source(&mut self, source: &Source) -> Result<Place, Stop> {
        match source {
            Source::Container { node, id } => {
                let Some(at) = self.node_named(node) else {
                    return Err(self.no_source(node, "no such node"));
                };
                let plane = self.plane(at);
                let place = match &*plane {
                    HostDataPlane::Windows(plane) => crate::windows::place_of(plane, at, id),
                    HostDataPlane::Linux(plane) => crate::linux::place_of(plane, at, id),
                };
                place.ok_or_else(|| {
                    self.no_source(node, &format!("container {id} does not run, or has no network"))
                })
            }
            Source::Node(node) => {
                let Some(at) = self.node_named(node) else {
                    return Err(self.no_source(node, "no such node"));
                };
                Ok(match &*self.plane(at) {
                    HostDataPlane::Windows(_) => Place::WindowsHost { node: at },
                    HostDataPlane::Linux(_) => Place::Namespace { node: at, namespace: String::new() },
                })
            }
            Source::External(name) => {
                let at = self.state.underlay.hosts.iter().position(|host| host.name == *name);
                at.map(|host| Place::External { host }).ok_or_else(|| self.no_source(name, "no such host"))
            }
        }
    }

    fn no_source(&mut self, node: &str, why: &str) -> Stop {
        let object = Object::named(ObjectKind::Host, node);
        self.stop(node, object, Outcome::NoSource, Decision::Drop, why)
    }

    /// The data plane of a node, as it was when this walk first looked.
    pub(crate) fn plane(&mut self, node: usize) -> Arc<HostDataPlane> {
        let state = &self.state;
        self.planes.entry(node).or_insert_with(|| Arc::new(state.nodes[node].view.data_plane())).clone()
    }

    pub(crate) fn node_named(&self, name: &str) -> Option<usize> {
        self.state.nodes.iter().position(|node| node.name == name)
    }

    pub(crate) fn node_name(&self, node: usize) -> String {
        self.state.nodes[node].name.clone()
    }

    /// A draw that depends on the seed and on how many were made before.
    pub(crate) fn draw(&mut self) -> u64 {
        self.rng.next_u64()
    }

    /// Writes a decision down.
    pub(crate) fn hop(
        &mut self,
        node: &str,
        object: Object,
        decision: Decision,
        detail: impl Into<String>,
    ) -> usize {
        let hop = self.make(node, object, decision, detail.into());
        self.hops.push(hop);
        self.hops.len() - 1
    }

    /// Writes the last decision down.
    pub(crate) fn stop(
        &mut self,
        node: &str,
        object: Object,
        outcome: Outcome,
        decision: Decision,
        detail: impl Into<String>,
    ) -> Stop {
        Stop { outcome, decided_by: self.hop(node, object, decision, detail) }
    }

    /// The packet is lost here.
    pub(crate) fn drop(&mut self, node: &str, object: Object, detail: impl Into<String>) -> Stop {
        self.stop(node, object, Outcome::Timeout, Decision::Drop, detail)
    }

    /// Something that is not modelled is in the way.
    pub(crate) fn not_modelled(
        &mut self,
        what: Unmodelled,
        node: &str,
        object: Object,
        detail: impl Into<String>,
    ) -> Stop {
        self.state.unmodelled.met(what);
        self.stop(node, object, Outcome::NotModelled, Decision::NotModelled, detail)
    }

    /// The walk ends because of an earlier hop, which is told why.
    pub(crate) fn blame(&mut self, hop: usize, why: &str) -> Stop {
        if let Some(hop) = self.hops.get_mut(hop) {
            if !hop.detail.is_empty() {
                hop.detail.push_str("; ");
            }
            hop.detail.push_str(why);
        }
        Stop { outcome: Outcome::Timeout, decided_by: hop }
    }

    /// Remembers that a load balancer or a table let a packet pass untranslated.
    pub(crate) fn suspect_translation(&mut self, node: &str, object: Object, detail: impl Into<String>) {
        let hop = self.make(node, object, Decision::Pass, detail.into());
        self.suspects.push(Suspect { translation: true, hop });
    }

    /// Remembers that a routing decision was a last resort.
    pub(crate) fn suspect(&mut self, node: &str, object: Object, detail: impl Into<String>) {
        let hop = self.make(node, object, Decision::Pass, detail.into());
        self.suspects.push(Suspect { translation: false, hop });
    }

    /// A packet is for an address that nobody has. If somebody in the lab has it inside, the way there was wrong;
    /// if nobody has it at all, only a translation could have helped, and none took place.
    pub(crate) fn nobody(&mut self, route: usize, address: IpAddr, why: &str) -> Stop {
        let inside = self.somebody_has(address);
        let wanted = |suspect: &&Suspect| suspect.translation != inside;
        let Some(suspect) = self.suspects.iter().find(wanted).cloned() else { return self.blame(route, why) };
        self.hops.push(suspect.hop);
        self.blame(self.hops.len() - 1, why)
    }

    fn somebody_has(&mut self, address: IpAddr) -> bool {
        (0..self.state.nodes.len()).any(|node| match &*self.plane(node) {
            HostDataPlane::Windows(plane) => crate::windows::has_inside(plane, address),
            HostDataPlane::Linux(plane) => crate::linux::has_inside(plane, address),
        })
    }

    /// Sends a packet from where it is made.
    pub(crate) fn send(&mut self, from: &Place, packet: Packet) -> Way {
        match from {
            Place::Endpoint { node, endpoint } => self.windows_endpoint_out(*node, *endpoint, packet),
            Place::WindowsHost { node } => self.windows_host_out(*node, packet),
            Place::Namespace { node, namespace } => self.linux_out(*node, namespace, packet),
            Place::External { host } => self.external_out(*host, packet),
        }
    }

    /// One host less that the packet may pass.
    pub(crate) fn age(&mut self, node: &str, packet: &mut Packet) -> Result<(), Stop> {
        packet.ttl = packet.ttl.saturating_sub(1);
        if packet.ttl > 0 {
            return Ok(());
        }
        let object = Object::named(ObjectKind::Host, node);
        Err(self.drop(node, object, format!("{}: its time to live is over: a loop", packet.tuple)))
    }

    fn make(&self, node: &str, object: Object, decision: Decision, detail: String) -> Hop {
        let Object { kind, id, name } = object;
        Hop { leg: self.leg, node: node.to_owned(), object: kind, id, name, decision, detail }
    }
}

/// Who asks.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub(crate) place: Place,
    pub(crate) container: String,
}

/// The Windows half of a data plane that is known to be Windows's.
pub(crate) fn windows(plane: &HostDataPlane) -> &WindowsDataPlane {
    match plane {
        HostDataPlane::Windows(plane) => plane,
        HostDataPlane::Linux(_) => unreachable!("a Windows place is on a Windows node"),
    }
}

/// The Linux half of a data plane that is known to be Linux's.
pub(crate) fn linux(plane: &HostDataPlane) -> &LinuxDataPlane {
    match plane {
        HostDataPlane::Linux(plane) => plane,
        HostDataPlane::Windows(_) => unreachable!("a Linux place is on a Linux node"),
    }
}
