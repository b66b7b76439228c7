//! What a rule looks at.

use std::fmt;
use std::str::FromStr;

use crate::linux::Prefix;

/// A transport protocol as `-p` takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InetProtocol {
    /// Any.
    All,
    /// ICMP
    Icmp,
    /// TCP
    Tcp,
    /// UDP
    Udp,
    /// SCTP
    Sctp,
    /// By number.
    Number(u8),
}

impl fmt::Display for InetProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Icmp => f.write_str("icmp"),
            Self::Tcp => f.write_str("tcp"),
            Self::Udp => f.write_str("udp"),
            Self::Sctp => f.write_str("sctp"),
            Self::Number(number) => number.fmt(f),
        }
    }
}

impl FromStr for InetProtocol {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text.to_ascii_lowercase().as_str() {
            "all" | "0" => Self::All,
            "icmp" | "1" => Self::Icmp,
            "tcp" | "6" => Self::Tcp,
            "udp" | "17" => Self::Udp,
            "sctp" | "132" => Self::Sctp,
            other => {
                Self::Number(other.parse().map_err(|_| format!("unknown protocol \"{text}\" specified"))?)
            }
        })
    }
}

/// One port or a span of ports, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PortSpan {
    /// First port.
    pub first: u16,
    /// Last port.
    pub last: u16,
}

impl PortSpan {
    /// Whether a port is in it.
    #[must_use]
    pub fn contains(self, port: u16) -> bool {
        (self.first..=self.last).contains(&port)
    }
}

impl fmt::Display for PortSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            write!(f, "{}", self.first)
        } else {
            write!(f, "{}:{}", self.first, self.last)
        }
    }
}

impl FromStr for PortSpan {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let port = |part: &str, empty: u16| match part {
            "" => Ok(empty),
            _ => part.parse().map_err(|_| format!("invalid port/service `{text}' specified")),
        };
        match text.split_once(':') {
            Some((first, last)) => Ok(Self { first: port(first, 0)?, last: port(last, u16::MAX)? }),
            None if text.is_empty() => Err(format!("invalid port/service `{text}' specified")),
            None => port(text, 0).map(|port| Self { first: port, last: port }),
        }
    }
}

/// Which end of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Where it comes from.
    Source,
    /// Where it goes.
    Destination,
}

/// A state of connection tracking, as `-m conntrack --ctstate` spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CtState {
    /// Of no connection that could be.
    Invalid,
    /// The first packet of a connection.
    New,
    /// Of a connection that has been answered.
    Established,
    /// Belongs to another connection: an ICMP error, say.
    Related,
    /// Kept out of tracking.
    Untracked,
    /// Its source is translated.
    Snat,
    /// Its destination is translated.
    Dnat,
}

const CT_STATES: [(CtState, &str); 7] = [
    (CtState::Invalid, "INVALID"),
    (CtState::New, "NEW"),
    (CtState::Related, "RELATED"),
    (CtState::Established, "ESTABLISHED"),
    (CtState::Untracked, "UNTRACKED"),
    (CtState::Snat, "SNAT"),
    (CtState::Dnat, "DNAT"),
];

impl fmt::Display for CtState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(CT_STATES.iter().find(|(state, _)| state == self).map_or("", |(_, word)| word))
    }
}

impl FromStr for CtState {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        CT_STATES
            .iter()
            .find(|(_, word)| word.eq_ignore_ascii_case(text))
            .map(|(state, _)| *state)
            .ok_or_else(|| format!("Bad ctstate \"{text}\""))
    }
}

/// What `-m recent` does with its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecentAction {
    /// Puts the address on it, or renews it.
    Set,
    /// Asks whether it is on it.
    Rcheck,
    /// Asks, and renews it if it is.
    Update,
    /// Takes it off; matches if it was on.
    Remove,
}

/// One condition of a rule; `not` is the `!` before it.
#[derive(Debug, Clone, PartialEq)]
pub enum Match {
    /// `-s`, `-d`
    Address {
        /// Which end.
        side: Side,
        /// Negated.
        not: bool,
        /// The addresses meant.
        prefix: Prefix,
    },
    /// `-i`, `-o`: a link's name, or the beginning of one before a `+`.
    Interface {
        /// Source: the link it came in through; destination: the link it leaves through.
        side: Side,
        /// Negated.
        not: bool,
        /// The name.
        name: String,
    },
    /// `-p`
    Protocol {
        /// Negated.
        not: bool,
        /// The protocol.
        protocol: InetProtocol,
    },
    /// `--sport`, `--dport` of `-m tcp`, `-m udp` or `-m sctp`
    Port {
        /// Whose ports.
        protocol: InetProtocol,
        /// Which end.
        side: Side,
        /// Negated.
        not: bool,
        /// The ports meant.
        ports: PortSpan,
    },
    /// `-m tcp` and the like without an option: the protocol alone.
    Transport {
        /// The protocol.
        protocol: InetProtocol,
    },
    /// `-m multiport --sports`, `--dports`
    MultiPort {
        /// Which end.
        side: Side,
        /// Negated.
        not: bool,
        /// The ports meant.
        ports: Vec<PortSpan>,
    },
    /// `-m comment`
    Comment(
        /// The text.
        String,
    ),
    /// `-m mark`
    Mark {
        /// Negated.
        not: bool,
        /// The value wanted.
        value: u32,
        /// The bits looked at.
        mask: u32,
    },
    /// `-m addrtype --src-type`, `--dst-type`
    AddressType {
        /// Which end.
        side: Side,
        /// Negated.
        not: bool,
        /// `LOCAL`, `UNICAST`, `BROADCAST`, …
        kind: String,
    },
    /// `-m statistic --mode random`: `probability` in units of 2⁻³¹, as the kernel keeps it.
    Random {
        /// Negated.
        not: bool,
        /// How likely it is.
        probability: u32,
    },
    /// `-m statistic --mode nth`
    Nth {
        /// Negated.
        not: bool,
        /// Every so many packets.
        every: u32,
        /// Which of them, from 0.
        packet: u32,
    },
    /// `-m conntrack --ctstate`
    CtState {
        /// Negated.
        not: bool,
        /// Any of these.
        states: Vec<CtState>,
    },
    /// `-m recent`
    Recent {
        /// Negated.
        not: bool,
        /// What is done.
        action: RecentAction,
        /// The list.
        name: String,
        /// Only entries not older than so many seconds.
        seconds: Option<u32>,
        /// Older entries are removed.
        reap: bool,
        /// Which address is meant.
        side: Side,
    },
    /// `-m physdev`: the bridge port it came in through or leaves through.
    BridgePort {
        /// Source: in; destination: out.
        side: Side,
        /// Negated.
        not: bool,
        /// The port's name; none: `--physdev-is-in`, `--physdev-is-out`.
        name: Option<String>,
    },
    /// `-m physdev --physdev-is-bridged`
    Bridged {
        /// Negated.
        not: bool,
    },
}

impl Match {
    /// The module of `-m` it belongs to; none for the basic options.
    #[must_use]
    pub fn module(&self) -> Option<String> {
        Some(match self {
            Self::Address { .. } | Self::Interface { .. } | Self::Protocol { .. } => return None,
            Self::Port { protocol, .. } | Self::Transport { protocol } => protocol.to_string(),
            Self::MultiPort { .. } => "multiport".into(),
            Self::Comment(_) => "comment".into(),
            Self::Mark { .. } => "mark".into(),
            Self::AddressType { .. } => "addrtype".into(),
            Self::Random { .. } | Self::Nth { .. } => "statistic".into(),
            Self::CtState { .. } => "conntrack".into(),
            Self::Recent { .. } => "recent".into(),
            Self::BridgePort { .. } | Self::Bridged { .. } => "physdev".into(),
        })
    }

    /// Where `iptables-save` puts it: the basic options come first, in this order.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::Address { side: Side::Source, .. } => 0,
            Self::Address { .. } => 1,
            Self::Interface { side: Side::Source, .. } => 2,
            Self::Interface { .. } => 3,
            Self::Protocol { .. } => 4,
            _ => 5,
        }
    }
}
