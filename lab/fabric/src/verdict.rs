//! What came of a probe.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use winlab_clock::VirtualSpan;

macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $( $(#[$variant_meta:meta])* $variant:ident = $word:literal, )* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $( $(#[$variant_meta])* $variant, )* }

        impl $name {
            /// Every one, in the order of their declaration.
            pub const ALL: &[Self] = &[ $( Self::$variant, )* ];

            /// Its word in events and reports.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $( Self::$variant => $word, )* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.word())
            }
        }
    };
}

words! {
    /// How a probe ended.
    Outcome {
        /// It was answered.
        Ok = "ok",
        /// Somebody said no: nothing listens, or a rule rejects.
        Refused = "refused",
        /// Nothing came back.
        Timeout = "timeout",
        /// The name has no address, or nobody could be asked.
        NoName = "no-name",
        /// The source does not run, or is not there.
        NoSource = "no-source",
        /// It met something that the fabric does not model; the last hop says what.
        NotModelled = "not-modelled",
    }
}

words! {
    /// Which part of a probe a hop belongs to.
    Leg {
        /// Asking for the name's address.
        Name = "name",
        /// The request.
        Request = "request",
        /// The reply.
        Reply = "reply",
        /// A request that the answering program makes itself.
        Fetch = "fetch",
    }
}

words! {
    /// What kind of object took a decision.
    ObjectKind {
        /// The resolver of the source.
        Resolver = "resolver",
        /// A DNS server's program.
        DnsServer = "dns-server",
        /// An HNS endpoint.
        Endpoint = "endpoint",
        /// An HNS network.
        Network = "network",
        /// An HNS load balancer, or all of a host's where none was met.
        LoadBalancer = "loadbalancer",
        /// An ACL policy of an endpoint.
        Acl = "acl",
        /// An OutBoundNAT policy of an endpoint.
        OutBoundNat = "outbound-nat",
        /// A PortMapping policy of an endpoint.
        PortMapping = "port-mapping",
        /// A RemoteSubnetRoute policy of a network.
        RemoteSubnet = "remote-subnet",
        /// An SDNRoute policy of an endpoint.
        SdnRoute = "sdn-route",
        /// A policy that is not modelled.
        Policy = "policy",
        /// An IP route, of a host, a namespace or an endpoint.
        Route = "route",
        /// A network adapter of a Windows host.
        Adapter = "adapter",
        /// Netfilter: a rule, or a chain where no rule was met.
        Iptables = "iptables",
        /// A link of a Linux host.
        Link = "link",
        /// A neighbour entry.
        Neighbour = "neighbour",
        /// A forwarding entry.
        Fdb = "fdb",
        /// A kernel parameter.
        Sysctl = "sysctl",
        /// Connection tracking.
        Connection = "connection",
        /// The network between the nodes.
        Underlay = "underlay",
        /// A host: its own stack.
        Host = "host",
        /// A program.
        Program = "program",
    }
}

words! {
    /// What was decided.
    Decision {
        /// It starts here.
        Send = "send",
        /// Passed on.
        Forward = "forward",
        /// An address or a port was changed.
        Translate = "translate",
        /// Put into a VXLAN packet.
        Encapsulate = "encapsulate",
        /// Taken out of a VXLAN packet.
        Decapsulate = "decapsulate",
        /// Let through by a rule.
        Allow = "allow",
        /// Given to a program, or to the stack it was for.
        Deliver = "deliver",
        /// A program answered.
        Answer = "answer",
        /// Lost without a word.
        Drop = "drop",
        /// Refused with a word.
        Refuse = "refuse",
        /// Looked at, and not concerned.
        Pass = "pass",
        /// Not modelled.
        NotModelled = "not-modelled",
    }
}

/// One decision on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// Which part of the probe it belongs to.
    pub leg: Leg,
    /// The node it was taken on; `underlay`, or an external host's name.
    pub node: String,
    /// The kind of the object that took it.
    pub object: ObjectKind,
    /// The object's GUID or other id; empty if it has none.
    pub id: String,
    /// The object's name; empty if it has none.
    pub name: String,
    /// What was decided.
    pub decision: Decision,
    /// Addresses, ports, and why.
    pub detail: String,
}

impl Hop {
    /// The object that decided, as reports name it: `win1/loadbalancer web {1234…}`.
    #[must_use]
    pub fn subject(&self) -> String {
        let name = if self.name.is_empty() { String::new() } else { format!(" {}", self.name) };
        let id = if self.id.is_empty() { String::new() } else { format!(" {{{}}}", self.id) };
        format!("{}/{}{name}{id}", self.node, self.object)
    }
}

impl fmt::Display for Hop {
    /// `request win1/loadbalancer web {1234…} translate: tcp 10.244.1.5:50749 → 10.96.0.80:80 becomes …`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<8}{} {}", self.leg.word(), self.subject(), self.decision)?;
        if self.detail.is_empty() { Ok(()) } else { write!(f, ": {}", self.detail) }
    }
}

/// Who answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backend {
    /// The node, or the external host's name.
    pub node: String,
    /// The container; empty: a program of the host, or (ICMP) the stack alone.
    pub container: String,
    /// The address and port it answered on.
    pub address: SocketAddr,
    /// The source address it saw.
    pub seen: IpAddr,
}

/// An answer over HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpAnswer {
    /// Its status.
    pub status: u16,
    /// Its body.
    pub body: String,
}

/// What a name was resolved to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// The full name that had an answer.
    pub name: String,
    /// Its addresses, in the order of the answer.
    pub addresses: Vec<IpAddr>,
}

/// How a probe ended, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The end.
    pub outcome: Outcome,
    /// Who answered.
    pub backend: Option<Backend>,
    /// The answer over HTTP.
    pub http: Option<HttpAnswer>,
    /// What the name was resolved to, if it was one.
    pub resolved: Option<Resolved>,
    /// Every decision, in order.
    pub hops: Vec<Hop>,
    /// The hop that decided against the probe; none if it was answered.
    pub decided_by: Option<usize>,
    /// Time on the underlay, there and back.
    pub elapsed: VirtualSpan,
}

impl Verdict {
    /// The word of a reach table: `ok`, `refused`, `timeout`, `no-name`; an HTTP answer of 400 and above is
    /// `http-503`.
    #[must_use]
    pub fn word(&self) -> String {
        match &self.http {
            Some(http) if self.outcome == Outcome::Ok && http.status >= 400 => {
                format!("http-{}", http.status)
            }
            _ => self.outcome.word().to_owned(),
        }
    }

    /// Whether it was answered, and over HTTP with less than 400.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.word() == "ok"
    }

    /// Why it was not answered: `win1/loadbalancer {1234…}: has no live backend`; empty if it was.
    #[must_use]
    pub fn reason(&self) -> String {
        self.decider().map(|hop| format!("{}: {}", hop.subject(), hop.detail)).unwrap_or_default()
    }

    /// The hop that decided against the probe.
    #[must_use]
    pub fn decider(&self) -> Option<&Hop> {
        self.hops.get(self.decided_by?)
    }
}

impl fmt::Display for Verdict {
    /// The walk, one hop a line, `▶` before the one that decided; the verdict last.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, hop) in self.hops.iter().enumerate() {
            let mark = if self.decided_by == Some(at) { '▶' } else { ' ' };
            writeln!(f, "{mark} {hop}")?;
        }
        write!(f, "{}", self.word())?;
        if let Some(backend) = &self.backend {
            let who = if backend.container.is_empty() { "host" } else { &backend.container };
            write!(f, " from {who} on {} at {} (saw {})", backend.node, backend.address, backend.seen)?;
        }
        if let Some(http) = &self.http {
            write!(f, ": {} {}", http.status, http.body)?;
        }
        Ok(())
    }
}
