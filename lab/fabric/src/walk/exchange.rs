//! A flow: a packet there, a program's answer, a packet back.

use std::net::{IpAddr, SocketAddr};

use winlab_host::{HostDataPlane, HostProgram, Transport};

use super::{Arrived, Client, Object, PATIENCE, Place, Stop, TTL, Walk, linux, windows};
use crate::packet::{Hash, IpProtocol, Packet, Tuple};
use crate::probe::{Protocol, Target};
use crate::verdict::{Backend, Decision, Leg, ObjectKind, Outcome, Verdict};

/// IP and TCP headers without options.
const HEADERS: u32 = 40;

/// Who took a request.
#[derive(Debug, Clone)]
pub(super) struct Served {
    pub(super) arrived: Arrived,
    /// The program; none for ICMP.
    pub(super) program: Option<HostProgram>,
    pub(super) backend: Backend,
    /// What the client sent.
    sent: Tuple,
}

impl Walk<'_> {
    /// Resolves, connects, asks and fills the verdict.
    pub(super) fn ask(
        &mut self,
        client: &Client,
        protocol: Protocol,
        to: &Target,
        payload: u32,
        verdict: &mut Verdict,
    ) -> Result<(), Stop> {
        let leg = self.leg;
        let address = match to.host.trim_end_matches('.').parse::<IpAddr>() {
            Ok(address) => address,
            Err(_) => {
                self.leg = Leg::Name;
                let resolved = self.resolve(client, &to.host)?;
                // Resolvers give the addresses in the order of the answer, and clients take one of them.
                let address = resolved.addresses[crate::packet::pick(self.draw(), resolved.addresses.len())];
                verdict.resolved = Some(resolved);
                address
            }
        };
        self.leg = leg;
        let transport = match protocol {
            Protocol::Dns => return Ok(()),
            Protocol::Tcp | Protocol::Http => IpProtocol::Tcp,
            Protocol::Udp => IpProtocol::Udp,
            Protocol::Icmp => IpProtocol::Icmp,
        };
        let destination = SocketAddr::new(address, if transport == IpProtocol::Icmp { 0 } else { to.port });
        let served = self.request(client, transport, destination, payload)?;
        verdict.backend = Some(served.backend.clone());
        let mut reply = 64;
        if protocol == Protocol::Http {
            let answer = self.http(&served, &to.path);
            reply = u32::try_from(answer.body.len()).unwrap_or(u32::MAX);
            verdict.http = Some(answer);
        }
        self.leg = if leg == Leg::Request { Leg::Reply } else { leg };
        let back = self.reply(client, &served, reply);
        if back.is_err() {
            (verdict.backend, verdict.http) = (None, None);
        }
        back
    }

    /// A packet there, and the program that takes it.
    pub(super) fn request(
        &mut self,
        client: &Client,
        protocol: IpProtocol,
        destination: SocketAddr,
        payload: u32,
    ) -> Result<Served, Stop> {
        self.suspects.clear();
        self.unmasked = None;
        let source = self.source_address(&client.place, destination.ip())?;
        let port = match protocol {
            IpProtocol::Icmp => 0,
            // The dynamic range of both systems' overlap.
            _ => 49_152 + u16::try_from(self.source_port(destination) % 11_848).unwrap_or(0),
        };
        let tuple = Tuple { protocol, source: SocketAddr::new(source, port), destination };
        let size = HEADERS + payload.min(self.mtu_of(&client.place).saturating_sub(HEADERS));
        let packet = Packet { tuple, reply: false, size, ttl: TTL };
        let from = self.place_name(&client.place);
        let object = match client.container.as_str() {
            "" => Object::named(ObjectKind::Host, from.clone()),
            id => Object::named(ObjectKind::Program, id),
        };
        self.hop(&from, object, Decision::Send, tuple.to_string());
        let arrived = self.send(&client.place, packet)?;
        self.take(&client.place, arrived, tuple)
    }

    /// Finds the program that listens.
    fn take(&mut self, client: &Place, arrived: Arrived, sent: Tuple) -> Result<Served, Stop> {
        let node = self.place_name(&arrived.place);
        let tuple = arrived.packet.tuple;
        let programs = self.programs_at(&arrived.place);
        let transport = match tuple.protocol {
            IpProtocol::Tcp => Some(Transport::Tcp),
            IpProtocol::Udp => Some(Transport::Udp),
            IpProtocol::Icmp => None,
        };
        let mut backend = Backend {
            node: node.clone(),
            container: String::new(),
            address: tuple.destination,
            seen: tuple.source.ip(),
        };
        let Some(transport) = transport else {
            let object = Object::named(ObjectKind::Host, node.clone());
            self.hop(&node, object, Decision::Answer, format!("echo, to {}", tuple.source.ip()));
            return Ok(Served { arrived, program: None, backend, sent });
        };
        let port = tuple.destination.port();
        let listens = |program: &&HostProgram| {
            program.listening.iter().any(|l| l.transport == transport && l.port == port)
        };
        if let Some(program) = programs.iter().find(listens) {
            backend.container.clone_from(&program.container);
            let name = if program.container.is_empty() { "host" } else { &program.container };
            let object = Object::named(ObjectKind::Program, name);
            self.hop(&node, object, Decision::Deliver, format!("listens on {transport}/{port}"));
            return Ok(Served { arrived, program: Some(program.clone()), backend, sent });
        }
        let listening: Vec<String> =
            programs.iter().flat_map(|program| &program.listening).map(ToString::to_string).collect();
        let detail = match listening.as_slice() {
            [] => format!("nothing listens on {transport}/{port}"),
            others => format!("nothing listens on {transport}/{port}, but on {}", others.join(", ")),
        };
        let decided_by = self.hop(&node, Object::named(ObjectKind::Program, ""), Decision::Refuse, detail);
        // The refusal is a packet, too: without a way back the client only sees silence.
        let refusal = Served { arrived, program: None, backend, sent };
        self.leg = if self.leg == Leg::Request { Leg::Reply } else { self.leg };
        self.back_to(client, &refusal, sent, 0)?;
        Err(Stop { outcome: Outcome::Refused, decided_by })
    }

    /// The reply of a DNS server.
    pub(super) fn dns_reply(&mut self, client: &Client, served: &Served) -> Result<(), Stop> {
        self.back_to(&client.place, served, served.sent, 128).map(|_| ())
    }

    fn reply(&mut self, client: &Client, served: &Served, payload: u32) -> Result<(), Stop> {
        let back = self.back_to(&client.place, served, served.sent, payload)?;
        let node = self.place_name(&back.place);
        let object = match client.container.as_str() {
            "" => Object::named(ObjectKind::Host, node.clone()),
            id => Object::named(ObjectKind::Program, id),
        };
        if self.elapsed > PATIENCE {
            let detail = format!("the answer came after {}, too late for the client", self.elapsed);
            return Err(self.drop(&node, object, detail));
        }
        self.hop(&node, object, Decision::Deliver, "the reply");
        Ok(())
    }

    /// The reply's way, to wherever it leads; the client takes it only as the mirror of what it sent.
    fn back_to(&mut self, client: &Place, served: &Served, sent: Tuple, payload: u32) -> super::Way {
        let back = self.reply_packet(served, payload)?;
        if back.place == *client && back.packet.tuple.reverse() == sent {
            return Ok(back);
        }
        let node = self.place_name(&back.place);
        let object = Object::named(ObjectKind::Connection, "");
        let detail = if back.place == *client {
            format!(
                "a reply {} to a client that sent {sent}: its stack knows no such connection",
                back.packet.tuple
            )
        } else {
            format!("the reply {} ends here, not at the client, which sent {sent}", back.packet.tuple)
        };
        Err(self.drop(&node, object, detail))
    }

    fn reply_packet(&mut self, served: &Served, payload: u32) -> super::Way {
        self.suspects.clear();
        let size = HEADERS + payload.min(self.mtu_of(&served.arrived.place).saturating_sub(HEADERS));
        let tuple = served.arrived.packet.tuple.reverse();
        self.send(&served.arrived.place, Packet { tuple, reply: true, size, ttl: TTL })
    }

    /// The address a stack sends from.
    fn source_address(&mut self, place: &Place, to: IpAddr) -> Result<IpAddr, Stop> {
        let found = match place {
            Place::Endpoint { node, endpoint } => {
                let plane = self.plane(*node);
                crate::windows::address_of(windows(&plane), *endpoint, to.is_ipv4())
            }
            Place::WindowsHost { node } => {
                let plane = self.plane(*node);
                crate::windows::host_source(windows(&plane), to)
            }
            Place::Namespace { node, namespace } => {
                let plane = self.plane(*node);
                crate::linux::source(linux(&plane), namespace, to)
            }
            Place::External { host } => Some(self.state.underlay.hosts[*host].address),
        };
        found.ok_or_else(|| {
            let node = self.place_name(place);
            let object = Object::named(ObjectKind::Route, "");
            self.stop(
                &node,
                object,
                Outcome::Timeout,
                Decision::Drop,
                format!("no way to {to}: network is unreachable"),
            )
        })
    }

    fn source_port(&mut self, destination: SocketAddr) -> u64 {
        let mut hash = Hash::default();
        hash.number(self.seed.number());
        hash.address(destination.ip());
        hash.number(u64::from(destination.port()));
        hash.number(self.draw());
        hash.end()
    }

    fn mtu_of(&mut self, place: &Place) -> u32 {
        match place {
            Place::Endpoint { node, endpoint } => {
                let plane = self.plane(*node);
                crate::windows::mtu_of(windows(&plane), *endpoint)
            }
            Place::Namespace { node, namespace } => {
                let plane = self.plane(*node);
                crate::linux::mtu_of(linux(&plane), namespace)
            }
            Place::WindowsHost { .. } | Place::External { .. } => self.state.underlay.mtu,
        }
    }

    pub(crate) fn place_name(&self, place: &Place) -> String {
        match place {
            Place::Endpoint { node, .. } | Place::WindowsHost { node } | Place::Namespace { node, .. } => {
                self.node_name(*node)
            }
            Place::External { host } => self.state.underlay.hosts[*host].name.clone(),
        }
    }

    pub(super) fn programs_at(&mut self, place: &Place) -> Vec<HostProgram> {
        match place {
            Place::External { host } => self.state.underlay.hosts[*host].programs.clone(),
            Place::Endpoint { node, .. } | Place::WindowsHost { node } | Place::Namespace { node, .. } => {
                match (&*self.plane(*node), place) {
                    (HostDataPlane::Windows(plane), Place::Endpoint { endpoint, .. }) => {
                        crate::windows::programs_of(plane, *endpoint)
                    }
                    (HostDataPlane::Windows(plane), _) => crate::windows::host_programs(plane),
                    (HostDataPlane::Linux(plane), Place::Namespace { namespace, .. }) => {
                        plane.programs.get(namespace).cloned().unwrap_or_default()
                    }
                    (HostDataPlane::Linux(_), _) => Vec::new(),
                }
            }
        }
    }
}
