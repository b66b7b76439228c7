//! A rule and its written form.

use std::fmt;
use std::str::FromStr;

use super::matches::{Match, RecentAction, Side};
use super::parse;
use super::target::Target;
use super::words::{quote, split};

/// A rule: a target for the packets that all matches hold for.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// The conditions, in the order they are checked.
    pub matches: Vec<Match>,
    /// What happens.
    pub target: Target,
}

impl Rule {
    /// The text of its first comment.
    #[must_use]
    pub fn comment(&self) -> Option<&str> {
        self.matches
            .iter()
            .find_map(|m| if let Match::Comment(text) = m { Some(text.as_str()) } else { None })
    }
}

impl FromStr for Rule {
    type Err = String;

    /// Reads what stands behind `-A CHAIN`. A target that is no extension is taken for a chain.
    fn from_str(text: &str) -> Result<Self, String> {
        parse::rule(&split(text)?)
    }
}

impl fmt::Display for Rule {
    /// As `iptables-save` prints it behind `-A CHAIN`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut ordered: Vec<&Match> = self.matches.iter().collect();
        ordered.sort_by_key(|m| m.rank());
        let (mut open, mut blank) = (None, "");
        for m in ordered {
            let module = m.module();
            if module.is_some() && (module != open || !matches!(m, Match::Port { .. })) {
                write!(f, "{blank}-m {}", module.as_deref().unwrap_or_default())?;
                blank = " ";
            }
            open = module;
            let options = options(m);
            if !options.is_empty() {
                write!(f, "{blank}{options}")?;
                blank = " ";
            }
        }
        let target = self.target.to_string();
        if target.is_empty() { Ok(()) } else { write!(f, "{blank}{target}") }
    }
}

fn options(m: &Match) -> String {
    let no = |not: &bool| if *not { "! " } else { "" };
    let ends = |side: &Side, source: &'static str, destination: &'static str| match side {
        Side::Source => source,
        Side::Destination => destination,
    };
    match m {
        Match::Address { side, not, prefix } => format!("{}{} {prefix}", no(not), ends(side, "-s", "-d")),
        Match::Interface { side, not, name } => format!("{}{} {name}", no(not), ends(side, "-i", "-o")),
        Match::Protocol { not, protocol } => format!("{}-p {protocol}", no(not)),
        Match::Port { side, not, ports, .. } => {
            format!("{}{} {ports}", no(not), ends(side, "--sport", "--dport"))
        }
        Match::Transport { .. } => String::new(),
        Match::MultiPort { side, not, ports } => {
            let ports: Vec<String> = ports.iter().map(ToString::to_string).collect();
            format!("{}{} {}", no(not), ends(side, "--sports", "--dports"), ports.join(","))
        }
        Match::Comment(text) => format!("--comment {}", quote(text)),
        Match::Mark { not, value, mask: u32::MAX } => format!("{}--mark {value:#x}", no(not)),
        Match::Mark { not, value, mask } => format!("{}--mark {value:#x}/{mask:#x}", no(not)),
        Match::AddressType { side, not, kind } => {
            format!("{}{} {kind}", no(not), ends(side, "--src-type", "--dst-type"))
        }
        Match::Random { not, probability } => {
            let share = f64::from(*probability) / f64::from(1_u32 << 31);
            format!("--mode random {}--probability {share:.11}", no(not))
        }
        Match::Nth { not, every, packet } => {
            format!("--mode nth {}--every {every} --packet {packet}", no(not))
        }
        Match::CtState { not, states } => {
            let states: Vec<String> = states.iter().map(ToString::to_string).collect();
            format!("{}--ctstate {}", no(not), states.join(","))
        }
        Match::Recent { not, action, name, seconds, reap, side } => {
            let action = match action {
                RecentAction::Set => "--set",
                RecentAction::Rcheck => "--rcheck",
                RecentAction::Update => "--update",
                RecentAction::Remove => "--remove",
            };
            let seconds = seconds.map(|s| format!(" --seconds {s}")).unwrap_or_default();
            let reap = if *reap { " --reap" } else { "" };
            let side = ends(side, "--rsource", "--rdest");
            format!("{}{action}{seconds}{reap} --name {} --mask 255.255.255.255 {side}", no(not), quote(name))
        }
        Match::BridgePort { side, not, name: Some(name) } => {
            format!("{}{} {name}", no(not), ends(side, "--physdev-in", "--physdev-out"))
        }
        Match::BridgePort { side, not, name: None } => {
            format!("{}{}", no(not), ends(side, "--physdev-is-in", "--physdev-is-out"))
        }
        Match::Bridged { not } => format!("{}--physdev-is-bridged", no(not)),
    }
}
