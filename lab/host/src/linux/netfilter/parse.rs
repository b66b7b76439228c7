//! From the words of a rule to the rule. Errors are the texts of iptables 1.8.

use std::str::FromStr;

use super::matches::{InetProtocol, Match, RecentAction, Side};
use super::rule::Rule;
use super::target::{NatRange, Target};
use crate::linux::Prefix;

/// The modules of `-m` that are known.
const MODULES: [&str; 11] = [
    "tcp",
    "udp",
    "sctp",
    "multiport",
    "comment",
    "mark",
    "addrtype",
    "statistic",
    "conntrack",
    "recent",
    "physdev",
];

/// Options of `-m recent` and `-m statistic` stand for one match together; they are gathered here.
#[derive(Default)]
struct Gathered {
    recent: Option<Recent>,
    statistic: Option<Statistic>,
}

#[derive(Default)]
struct Recent {
    action: Option<(bool, RecentAction)>,
    name: Option<String>,
    seconds: Option<u32>,
    reap: bool,
    destination: bool,
}

#[derive(Default)]
struct Statistic {
    mode: String,
    probability: Option<(bool, u32)>,
    every: Option<(bool, u32)>,
    packet: u32,
}

struct Reader<'a> {
    words: std::slice::Iter<'a, String>,
    modules: Vec<String>,
    protocol: Option<InetProtocol>,
    matches: Vec<Match>,
    target: Target,
    gathered: Gathered,
}

/// The rule that the words behind `-A CHAIN` say.
pub(super) fn rule(words: &[String]) -> Result<Rule, String> {
    let mut reader = Reader {
        words: words.iter(),
        modules: Vec::new(),
        protocol: None,
        matches: Vec::new(),
        target: Target::Nothing,
        gathered: Gathered::default(),
    };
    let mut not = false;
    while let Some(word) = reader.words.next() {
        if word == "!" {
            not = true;
            continue;
        }
        reader.option(word, std::mem::take(&mut not))?;
    }
    reader.close()?;
    Ok(Rule { matches: ordered(reader.matches), target: reader.target })
}

/// The basic options first, as `iptables-save` prints them, and no bare `-m tcp` before its own options: rules that
/// mean the same are equal, which `-D` relies on.
fn ordered(mut matches: Vec<Match>) -> Vec<Match> {
    matches.sort_by_key(Match::rank);
    let mut kept: Vec<Match> = Vec::with_capacity(matches.len());
    for m in matches {
        if let (Match::Port { protocol, .. }, Some(Match::Transport { protocol: bare })) = (&m, kept.last())
            && protocol == bare
        {
            kept.pop();
        }
        kept.push(m);
    }
    kept
}

impl Reader<'_> {
    fn value(&mut self, option: &str) -> Result<String, String> {
        self.words.next().cloned().ok_or_else(|| format!("option \"{option}\" requires an argument"))
    }

    fn read<T: FromStr<Err = String>>(&mut self, option: &str) -> Result<T, String> {
        self.value(option)?.parse()
    }

    fn number(&mut self, option: &str) -> Result<u32, String> {
        let value = self.value(option)?;
        number(&value).ok_or_else(|| format!("bad value for option \"{option}\": \"{value}\""))
    }

    fn has(&self, module: &str) -> bool {
        self.modules.iter().any(|known| known == module)
    }

    fn option(&mut self, word: &str, not: bool) -> Result<(), String> {
        match word {
            "-s" | "--source" | "--src" => self.address(word, Side::Source, not),
            "-d" | "--destination" | "--dst" => self.address(word, Side::Destination, not),
            "-i" | "--in-interface" => self.interface(word, Side::Source, not),
            "-o" | "--out-interface" => self.interface(word, Side::Destination, not),
            "-p" | "--protocol" => {
                let protocol: InetProtocol = self.read(word)?;
                self.protocol = Some(protocol);
                if protocol != InetProtocol::All {
                    self.matches.push(Match::Protocol { not, protocol });
                }
                Ok(())
            }
            "-m" | "--match" => self.module(word),
            "-j" | "--jump" => {
                let name = self.value(word)?;
                self.target(&name)
            }
            "-g" | "--goto" => {
                self.target = Target::Goto(self.value(word)?);
                Ok(())
            }
            _ => self.module_option(word, not),
        }
    }

    fn address(&mut self, word: &str, side: Side, not: bool) -> Result<(), String> {
        let text = self.value(word)?;
        let prefix = text
            .parse::<Prefix>()
            .ok()
            .or_else(|| text.parse().ok().map(Prefix::host))
            .ok_or_else(|| format!("host/network `{text}' not found"))?;
        // All addresses of the family: the option says nothing, and iptables-save leaves it out.
        if prefix.length > 0 || not {
            self.matches.push(Match::Address { side, not, prefix: prefix.network() });
        }
        Ok(())
    }

    fn interface(&mut self, word: &str, side: Side, not: bool) -> Result<(), String> {
        let name = self.value(word)?;
        self.matches.push(Match::Interface { side, not, name });
        Ok(())
    }

    fn module(&mut self, word: &str) -> Result<(), String> {
        let name = self.value(word)?;
        if !MODULES.contains(&name.as_str()) {
            return Err(format!("Couldn't load match `{name}':No such file or directory\n"));
        }
        self.close()?;
        match name.as_str() {
            "tcp" | "udp" | "sctp" => self.matches.push(Match::Transport { protocol: name.parse()? }),
            "recent" => self.gathered.recent = Some(Recent::default()),
            "statistic" => self.gathered.statistic = Some(Statistic::default()),
            _ => {}
        }
        self.modules.push(name);
        Ok(())
    }

    fn module_option(&mut self, word: &str, not: bool) -> Result<(), String> {
        let side = |source: &str| if word == source { Side::Source } else { Side::Destination };
        match word {
            "--sport" | "--source-port" | "--dport" | "--destination-port" if self.transport().is_some() => {
                let side = if word.starts_with("--s") { Side::Source } else { Side::Destination };
                self.port(word, side, not)
            }
            "--sports" | "--dports" if self.has("multiport") => {
                let ports = self.value(word)?.split(',').map(str::parse).collect::<Result<_, _>>()?;
                self.matches.push(Match::MultiPort { side: side("--sports"), not, ports });
                Ok(())
            }
            "--comment" if self.has("comment") => {
                let text = self.value(word)?;
                self.matches.push(Match::Comment(text));
                Ok(())
            }
            "--mark" if self.has("mark") => {
                let (value, mask) = self.masked(word)?;
                self.matches.push(Match::Mark { not, value, mask });
                Ok(())
            }
            "--src-type" | "--dst-type" if self.has("addrtype") => {
                let kind = self.value(word)?;
                self.matches.push(Match::AddressType { side: side("--src-type"), not, kind });
                Ok(())
            }
            "--ctstate" if self.has("conntrack") => {
                let states = self.value(word)?.split(',').map(str::parse).collect::<Result<_, _>>()?;
                self.matches.push(Match::CtState { not, states });
                Ok(())
            }
            _ if word.starts_with("--physdev-") && self.has("physdev") => self.physdev(word, not),
            _ if self.gathered.recent.is_some() => self.recent(word, not),
            _ if self.gathered.statistic.is_some() => self.statistic(word, not),
            _ => Err(format!("unknown option \"{word}\"")),
        }
    }

    /// The protocol whose ports can be asked for: `-p tcp` loads `-m tcp` when its first option is met.
    fn transport(&self) -> Option<InetProtocol> {
        let known =
            |p: &InetProtocol| matches!(p, InetProtocol::Tcp | InetProtocol::Udp | InetProtocol::Sctp);
        self.protocol.filter(known)
    }

    fn port(&mut self, word: &str, side: Side, not: bool) -> Result<(), String> {
        let ports = self.read(word)?;
        let protocol = self.transport().unwrap_or(InetProtocol::All);
        self.matches.push(Match::Port { protocol, side, not, ports });
        Ok(())
    }

    fn physdev(&mut self, word: &str, not: bool) -> Result<(), String> {
        let found = match word {
            "--physdev-in" => Match::BridgePort { side: Side::Source, not, name: Some(self.value(word)?) },
            "--physdev-out" => {
                Match::BridgePort { side: Side::Destination, not, name: Some(self.value(word)?) }
            }
            "--physdev-is-in" => Match::BridgePort { side: Side::Source, not, name: None },
            "--physdev-is-out" => Match::BridgePort { side: Side::Destination, not, name: None },
            "--physdev-is-bridged" => Match::Bridged { not },
            _ => return Err(format!("unknown option \"{word}\"")),
        };
        self.matches.push(found);
        Ok(())
    }

    fn recent(&mut self, word: &str, not: bool) -> Result<(), String> {
        let action = match word {
            "--set" => Some(RecentAction::Set),
            "--rcheck" => Some(RecentAction::Rcheck),
            "--update" => Some(RecentAction::Update),
            "--remove" => Some(RecentAction::Remove),
            _ => None,
        };
        let mut recent = self.gathered.recent.take().unwrap_or_default();
        match (action, word) {
            (Some(action), _) => recent.action = Some((not, action)),
            (_, "--name") => recent.name = Some(self.value(word)?),
            (_, "--seconds") => recent.seconds = Some(self.number(word)?),
            (_, "--reap") => recent.reap = true,
            (_, "--mask") if self.value(word)? == "255.255.255.255" => {}
            (_, "--rsource") => recent.destination = false,
            (_, "--rdest") => recent.destination = true,
            _ => return Err(format!("unknown option \"{word}\"")),
        }
        self.gathered.recent = Some(recent);
        Ok(())
    }

    fn statistic(&mut self, word: &str, not: bool) -> Result<(), String> {
        let mut statistic = self.gathered.statistic.take().unwrap_or_default();
        match word {
            "--mode" => statistic.mode = self.value(word)?,
            "--probability" => {
                let value = self.value(word)?;
                let share = value.parse::<f64>().ok().filter(|share| (0.0..=1.0).contains(share));
                let share = share.ok_or_else(|| format!("bad value for option \"{word}\": \"{value}\""))?;
                statistic.probability = Some((not, scaled(share)));
            }
            "--every" => statistic.every = Some((not, self.number(word)?)),
            "--packet" => statistic.packet = self.number(word)?,
            _ => return Err(format!("unknown option \"{word}\"")),
        }
        self.gathered.statistic = Some(statistic);
        Ok(())
    }

    /// Turns gathered options into their match, when the next module or the end comes.
    fn close(&mut self) -> Result<(), String> {
        if let Some(recent) = self.gathered.recent.take() {
            let (not, action) = recent
                .action
                .ok_or("recent: you must specify one of `--set', `--rcheck' `--update' or `--remove'")?;
            self.matches.push(Match::Recent {
                not,
                action,
                name: recent.name.unwrap_or_else(|| "DEFAULT".into()),
                seconds: recent.seconds,
                reap: recent.reap,
                side: if recent.destination { Side::Destination } else { Side::Source },
            });
        }
        if let Some(statistic) = self.gathered.statistic.take() {
            let found = match (statistic.mode.as_str(), statistic.probability, statistic.every) {
                ("random", Some((not, probability)), _) => Match::Random { not, probability },
                ("nth", _, Some((not, every))) => Match::Nth { not, every, packet: statistic.packet },
                _ => return Err("statistic: options and mode do not fit".into()),
            };
            self.matches.push(found);
        }
        Ok(())
    }

    fn masked(&mut self, word: &str) -> Result<(u32, u32), String> {
        let text = self.value(word)?;
        let (value, mask) = text.split_once('/').unwrap_or((&text, "0xffffffff"));
        number(value)
            .zip(number(mask))
            .ok_or_else(|| format!("bad integer value for option \"{word}\", or out of range: \"{text}\""))
    }

    fn target(&mut self, name: &str) -> Result<(), String> {
        self.close()?;
        self.target = match name {
            "ACCEPT" => Target::Accept,
            "DROP" => Target::Drop,
            "RETURN" => Target::Return,
            "REJECT" => {
                let mut with = "icmp-port-unreachable".to_owned();
                while let Some(word) = self.words.next() {
                    match word.as_str() {
                        "--reject-with" => with = self.value(word)?,
                        _ => return Err(format!("unknown option \"{word}\"")),
                    }
                }
                Target::Reject { with }
            }
            "DNAT" => self.dnat()?,
            "SNAT" => self.snat()?,
            "MASQUERADE" => {
                let mut random_fully = false;
                for word in self.words.by_ref() {
                    match word.as_str() {
                        "--random-fully" => random_fully = true,
                        _ => return Err(format!("unknown option \"{word}\"")),
                    }
                }
                Target::Masquerade { random_fully }
            }
            "MARK" => self.mark()?,
            chain => Target::Jump(chain.to_owned()),
        };
        Ok(())
    }

    fn dnat(&mut self) -> Result<Target, String> {
        let (mut to, mut random, mut persistent) = (None, false, false);
        while let Some(word) = self.words.next() {
            match word.as_str() {
                "--to-destination" => to = Some(self.read::<NatRange>(word)?),
                "--random" => random = true,
                "--persistent" => persistent = true,
                _ => return Err(format!("unknown option \"{word}\"")),
            }
        }
        let to = to.ok_or("DNAT: option \"--to-destination\" must be specified")?;
        Ok(Target::Dnat { to, random, persistent })
    }

    fn snat(&mut self) -> Result<Target, String> {
        let (mut to, mut random_fully) = (None, false);
        while let Some(word) = self.words.next() {
            match word.as_str() {
                "--to-source" => to = Some(self.read::<NatRange>(word)?),
                "--random-fully" => random_fully = true,
                _ => return Err(format!("unknown option \"{word}\"")),
            }
        }
        let to = to.ok_or("SNAT: option \"--to-source\" must be specified")?;
        Ok(Target::Snat { to, random_fully })
    }

    fn mark(&mut self) -> Result<Target, String> {
        let word = self
            .words
            .next()
            .cloned()
            .ok_or("MARK: one of the --set-xmark, --{and,or,xor,set}-mark options is required")?;
        Ok(match word.as_str() {
            "--set-xmark" => {
                let (value, mask) = self.masked(&word)?;
                Target::Mark { value, mask }
            }
            "--set-mark" => {
                let (value, mask) = self.masked(&word)?;
                Target::Mark { value, mask: mask | value }
            }
            "--or-mark" => {
                let bits = self.number(&word)?;
                Target::Mark { value: bits, mask: bits }
            }
            "--and-mark" => Target::Mark { value: 0, mask: !self.number(&word)? },
            "--xor-mark" => Target::Mark { value: self.number(&word)?, mask: 0 },
            _ => return Err(format!("unknown option \"{word}\"")),
        })
    }
}

/// A number in decimal, hexadecimal (`0x4000`) or octal (`040000`).
fn number(text: &str) -> Option<u32> {
    if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return u32::from_str_radix(digits, 16).ok();
    }
    match text.strip_prefix('0') {
        Some(digits) if !digits.is_empty() => u32::from_str_radix(digits, 8).ok(),
        _ => text.parse().ok(),
    }
}

/// A share in units of 2⁻³¹, rounded as iptables does.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of at most 1 gives at most 2³¹"
)]
fn scaled(share: f64) -> u32 {
    (share * f64::from(1_u32 << 31)).round() as u32
}
