//! What a rule does.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// Where an address translation leads: `10.244.1.5:8080`, `10.0.0.1-10.0.0.9`, `:30000-32000`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NatRange {
    /// First and last address; none: the address stays.
    pub addresses: Option<(IpAddr, IpAddr)>,
    /// First and last port; none: the port stays.
    pub ports: Option<(u16, u16)>,
}

impl fmt::Display for NatRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((first, last)) = self.addresses {
            write!(f, "{first}")?;
            if first != last {
                write!(f, "-{last}")?;
            }
        }
        if let Some((first, last)) = self.ports {
            write!(f, ":{first}")?;
            if first != last {
                write!(f, "-{last}")?;
            }
        }
        Ok(())
    }
}

impl FromStr for NatRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (addresses, ports) = text.split_once(':').map_or((text, None), |(a, p)| (a, Some(p)));
        let span = |part: &str| {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            (first.to_owned(), last.to_owned())
        };
        let addresses = if addresses.is_empty() {
            None
        } else {
            let (first, last) = span(addresses);
            let read = |part: String| part.parse().map_err(|_| format!("Bad IP address \"{part}\""));
            Some((read(first)?, read(last)?))
        };
        let ports = ports
            .map(|ports| {
                let (first, last) = span(ports);
                let read = |part: String| part.parse().map_err(|_| format!("Port `{part}' not valid"));
                Ok::<_, String>((read(first)?, read(last)?))
            })
            .transpose()?;
        if addresses.is_none() && ports.is_none() {
            return Err(format!("Bad range \"{text}\""));
        }
        Ok(Self { addresses, ports })
    }
}

/// What happens to a packet that a rule matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// No `-j`: the rule only counts (or renews a `recent` list).
    Nothing,
    /// `ACCEPT`: leaves the table.
    Accept,
    /// `DROP`
    Drop,
    /// `REJECT`
    Reject {
        /// The error it answers with: `icmp-port-unreachable`, `tcp-reset`.
        with: String,
    },
    /// `RETURN`: back to the calling chain.
    Return,
    /// `DNAT`
    Dnat {
        /// The new destination.
        to: NatRange,
        /// Whether a port is drawn (`--random`).
        random: bool,
        /// Whether a client keeps its choice (`--persistent`).
        persistent: bool,
    },
    /// `SNAT`
    Snat {
        /// The new source.
        to: NatRange,
        /// Whether a port is always drawn (`--random-fully`).
        random_fully: bool,
    },
    /// `MASQUERADE`: the source becomes the address of the link it leaves through.
    Masquerade {
        /// Whether a port is always drawn (`--random-fully`).
        random_fully: bool,
    },
    /// `MARK`: the mark loses the bits of `mask`, then takes those of `value` by exclusive or.
    Mark {
        /// The bits set.
        value: u32,
        /// The bits cleared first.
        mask: u32,
    },
    /// A chain that comes back.
    Jump(
        /// Its name.
        String,
    ),
    /// A chain that comes back to the caller of this one (`-g`).
    Goto(
        /// Its name.
        String,
    ),
}

impl Target {
    /// The chain it leads to, if it does.
    #[must_use]
    pub fn chain(&self) -> Option<&str> {
        if let Self::Jump(chain) | Self::Goto(chain) = self { Some(chain) } else { None }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flag = |set: bool, text: &'static str| if set { text } else { "" };
        match self {
            Self::Nothing => Ok(()),
            Self::Accept => f.write_str("-j ACCEPT"),
            Self::Drop => f.write_str("-j DROP"),
            Self::Reject { with } => write!(f, "-j REJECT --reject-with {with}"),
            Self::Return => f.write_str("-j RETURN"),
            Self::Dnat { to, random, persistent } => write!(
                f,
                "-j DNAT --to-destination {to}{}{}",
                flag(*random, " --random"),
                flag(*persistent, " --persistent")
            ),
            Self::Snat { to, random_fully } => {
                write!(f, "-j SNAT --to-source {to}{}", flag(*random_fully, " --random-fully"))
            }
            Self::Masquerade { random_fully } => {
                write!(f, "-j MASQUERADE{}", flag(*random_fully, " --random-fully"))
            }
            Self::Mark { value, mask } => write!(f, "-j MARK --set-xmark {value:#x}/{mask:#x}"),
            Self::Jump(chain) => write!(f, "-j {chain}"),
            Self::Goto(chain) => write!(f, "-g {chain}"),
        }
    }
}
