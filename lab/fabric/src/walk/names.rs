//! From a name to addresses: the resolver of the source, and the query's own walk to the DNS server.

use std::net::{IpAddr, SocketAddr};

use super::{Client, Object, Place, Stop, Walk, linux, windows};
use crate::packet::IpProtocol;
use crate::servers::{DnsAnswer, DnsQuery, RecordType};
use crate::verdict::{Decision, ObjectKind, Outcome, Resolved};

/// How often an alias may lead to another.
const LONGEST_ALIAS_CHAIN: usize = 8;

/// What a resolver does with one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    /// The full names it asks for, in order, until one has an answer.
    pub(crate) names: Vec<String>,
    /// The servers it asks, in order, until one is reached.
    pub(crate) servers: Vec<IpAddr>,
    /// The object that holds these settings.
    pub(crate) object: Object,
    /// Why these names, for the walk.
    pub(crate) why: String,
}

enum Asked {
    Addresses(Resolved),
    Nothing(usize),
}

impl Walk<'_> {
    pub(super) fn resolve(&mut self, client: &Client, name: &str) -> Result<Resolved, Stop> {
        let node = self.place_name(&client.place);
        if name.eq_ignore_ascii_case("localhost") {
            return Ok(Resolved { name: "localhost".into(), addresses: vec![IpAddr::from([127, 0, 0, 1])] });
        }
        let plan = self.plan(client, name);
        let object = plan.object.clone();
        let asked: Vec<&str> = plan.names.iter().map(String::as_str).collect();
        let detail = format!("{name} → {} ({})", asked.join(", "), plan.why);
        let resolver = self.hop(&node, object, Decision::Send, detail);
        if plan.servers.is_empty() {
            let mut stop = self.blame(resolver, "it has no DNS server");
            stop.outcome = Outcome::NoName;
            return Err(stop);
        }
        let mut last = resolver;
        for full in &plan.names {
            match self.lookup(client, &plan.servers, full)? {
                Asked::Addresses(resolved) => return Ok(resolved),
                Asked::Nothing(hop) => last = hop,
            }
        }
        Err(Stop { outcome: Outcome::NoName, decided_by: last })
    }

    fn plan(&mut self, client: &Client, name: &str) -> Plan {
        match &client.place {
            Place::Endpoint { node, endpoint } => {
                let plane = self.plane(*node);
                crate::windows::resolver::of_endpoint(windows(&plane), *endpoint, name)
            }
            Place::WindowsHost { node } => {
                let plane = self.plane(*node);
                crate::windows::resolver::of_host(windows(&plane), name)
            }
            Place::Namespace { node, .. } => {
                let plane = self.plane(*node);
                crate::linux::resolver::plan(linux(&plane), &client.container, name)
            }
            Place::External { host } => {
                let object = Object::named(ObjectKind::Resolver, "external");
                // A host outside asks a server of its own, which is the host itself as far as the lab knows.
                let servers = vec![self.state.underlay.hosts[*host].address];
                let names = vec![name.trim_end_matches('.').to_ascii_lowercase()];
                Plan { names, servers, object, why: "as it is".into() }
            }
        }
    }

    /// Asks one full name, following aliases; the next server is asked where one is not reached.
    fn lookup(&mut self, client: &Client, servers: &[IpAddr], full: &str) -> Result<Asked, Stop> {
        let mut name = full.to_owned();
        for _ in 0..LONGEST_ALIAS_CHAIN {
            let (answer, hop) = self.query(client, servers, &name)?;
            match answer {
                DnsAnswer::Addresses(addresses) if !addresses.is_empty() => {
                    return Ok(Asked::Addresses(Resolved { name, addresses }));
                }
                DnsAnswer::Alias(other) => name = other.trim_end_matches('.').to_ascii_lowercase(),
                DnsAnswer::Addresses(_)
                | DnsAnswer::NoData
                | DnsAnswer::NoSuchName
                | DnsAnswer::Failed(_) => return Ok(Asked::Nothing(hop)),
            }
        }
        Ok(Asked::Nothing(self.hops.len().saturating_sub(1)))
    }

    fn query(&mut self, client: &Client, servers: &[IpAddr], name: &str) -> Result<(DnsAnswer, usize), Stop> {
        let mut unreached = None;
        for server in servers {
            match self.query_one(client, *server, name) {
                Ok(answered) => return Ok(answered),
                Err(stop) => {
                    unreached.get_or_insert(stop);
                }
            }
        }
        let stop = unreached.unwrap_or(Stop { outcome: Outcome::NoName, decided_by: 0 });
        let outcome =
            if stop.outcome == Outcome::NotModelled { Outcome::NotModelled } else { Outcome::NoName };
        Err(Stop { outcome, ..stop })
    }

    fn query_one(&mut self, client: &Client, server: IpAddr, name: &str) -> Result<(DnsAnswer, usize), Stop> {
        let to = SocketAddr::new(server, 53);
        let served = if let Place::External { host } = client.place {
            // It asks itself: the lab has no network beyond it.
            let host = self.state.underlay.hosts[host].name.clone();
            return Ok(self.say(&host, "", name, server));
        } else {
            self.request(client, IpProtocol::Udp, to, 64)?
        };
        let (node, container) = (served.backend.node.clone(), served.backend.container.clone());
        let said = self.say(&node, &container, name, served.backend.seen);
        self.dns_reply(client, &served)?;
        Ok(said)
    }

    fn say(&mut self, node: &str, container: &str, name: &str, client: IpAddr) -> (DnsAnswer, usize) {
        let query = DnsQuery { name: name.to_owned(), record: RecordType::A, client };
        let answer = self
            .servers
            .dns(node, container, &query)
            .unwrap_or_else(|| DnsAnswer::Failed("the program is no DNS server".into()));
        let (decision, text) = match &answer {
            DnsAnswer::Addresses(addresses) => {
                let texts: Vec<String> = addresses.iter().map(ToString::to_string).collect();
                (Decision::Answer, texts.join(", "))
            }
            DnsAnswer::Alias(other) => (Decision::Answer, format!("alias of {other}")),
            DnsAnswer::NoData => (Decision::Refuse, "no address".into()),
            DnsAnswer::NoSuchName => (Decision::Refuse, "no such name (NXDOMAIN)".into()),
            DnsAnswer::Failed(why) => (Decision::Refuse, format!("server failure: {why}")),
        };
        let object = Object::named(ObjectKind::DnsServer, container);
        let hop = self.hop(node, object, decision, format!("A {name}: {text}"));
        (answer, hop)
    }
}
