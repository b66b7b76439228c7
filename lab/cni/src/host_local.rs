//! host-local: addresses out of ranges, remembered in one file per address.
//!
//! ```text
//! /var/lib/cni/networks/<network>/10.244.1.5          <container id> CR LF <interface>
//!                                 last_reserved_ip.0  10.244.1.5
//! ```
//!
//! Source: containernetworking/plugins `plugins/ipam/host-local`.

use std::fmt;
use std::net::IpAddr;

use winlab_component::{HostFiles, Machine};
use winlab_document::Document;
use winlab_host::linux::Prefix;

use crate::error::CniError;
use crate::result::{CniResult, Dns, IpConfig, RouteEntry};
use crate::runner::{CniArgs, Command};

const DATA_DIR: &str = "/var/lib/cni/networks";

pub(crate) async fn run(
    command: Command,
    config: &Document,
    args: &CniArgs,
    machine: &Machine,
) -> Result<Document, CniError> {
    let ipam = Ipam::read(config)?;
    let store = Store::new(&ipam, machine);
    let owner = format!("{}\r\n{}", args.container_id.trim(), args.ifname);
    match command {
        Command::Add => {
            let dns = ipam.dns(machine).await?;
            store.open().await?;
            let mut result = CniResult { routes: ipam.routes.clone(), dns, ..CniResult::default() };
            for (index, ranges) in ipam.ranges.iter().enumerate() {
                match store.allocate(index, ranges, &owner, &args.container_id).await {
                    Ok(ip) => result.ips.push(ip),
                    Err(error) => {
                        if index > 0 {
                            store.release(&owner).await?;
                        }
                        return Err(error.annotate(format!("failed to allocate for range {index}")));
                    }
                }
            }
            result.print(config.text(&["cniVersion"]))
        }
        Command::Del => {
            store.open().await?;
            store.release(&owner).await.map(|()| Document::Null)
        }
        Command::Check => {
            store.open().await?;
            if store.owned(&owner).await?.is_empty() {
                let id = &args.container_id;
                let text = format!("host-local: Failed to find address added by container {id}");
                return Err(CniError::new(text));
            }
            Ok(Document::Null)
        }
    }
}

/// The `ipam` member, checked.
struct Ipam {
    name: String,
    data_dir: String,
    ranges: Vec<Vec<Range>>,
    routes: Vec<RouteEntry>,
    resolv_conf: String,
}

/// A range of addresses, both ends included.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Range {
    subnet: Prefix,
    start: IpAddr,
    end: IpAddr,
    gateway: IpAddr,
}

impl Ipam {
    fn read(config: &Document) -> Result<Self, CniError> {
        let ipam = config.get("ipam").ok_or_else(|| CniError::new("IPAM config missing 'ipam' key"))?;
        let mut sets: Vec<Vec<&Document>> = Vec::new();
        if ipam.get("subnet").is_some() {
            sets.push(vec![ipam]);
        }
        for set in ipam.get("ranges").map(Document::items).unwrap_or_default() {
            sets.push(set.items().iter().collect());
        }
        let given = config.path(&["runtimeConfig", "ipRanges"]).map(Document::items).unwrap_or_default();
        sets.splice(0..0, given.iter().map(|set| set.items().iter().collect()));
        if sets.is_empty() {
            return Err(CniError::new("no IP ranges specified"));
        }
        let mut ranges = Vec::with_capacity(sets.len());
        for (index, set) in sets.into_iter().enumerate() {
            let set = range_set(&set).map_err(|error| error.annotate(format!("invalid range set {index}")));
            ranges.push(set?);
        }
        check_families(&ranges, config.text(&["cniVersion"]))?;
        check_overlaps(&ranges)?;
        let data_dir = ipam.text(&["dataDir"]);
        let routes = ipam.get("routes").map(Document::items).unwrap_or_default();
        Ok(Self {
            name: config.text(&["name"]).to_owned(),
            data_dir: if data_dir.is_empty() { DATA_DIR } else { data_dir }.to_owned(),
            ranges,
            routes: routes.iter().map(RouteEntry::from_document).collect(),
            resolv_conf: ipam.text(&["resolvConf"]).to_owned(),
        })
    }

    /// `parseResolvConf`
    async fn dns(&self, machine: &Machine) -> Result<Dns, CniError> {
        let mut dns = Dns::default();
        if self.resolv_conf.is_empty() {
            return Ok(dns);
        }
        let text = HostFiles::of(machine).read_text(&self.resolv_conf).await?;
        for line in text.lines().map(str::trim).filter(|line| !line.starts_with(['#', ';'])) {
            let mut words = line.split_whitespace().map(str::to_owned);
            match words.next().as_deref() {
                Some("nameserver") => dns.nameservers.extend(words.next()),
                Some("domain") => dns.domain = words.next().unwrap_or(dns.domain),
                Some("search") => dns.search.extend(words),
                Some("options") => dns.options.extend(words),
                _ => {}
            }
        }
        Ok(dns)
    }
}

/// `RangeSet.Canonicalize`
fn range_set(set: &[&Document]) -> Result<Vec<Range>, CniError> {
    if set.is_empty() {
        return Err(CniError::new("empty range set"));
    }
    let mut ranges: Vec<Range> = Vec::with_capacity(set.len());
    for document in set {
        let range = Range::read(document)?;
        if ranges.first().is_some_and(|first| first.start.is_ipv4() != range.start.is_ipv4()) {
            return Err(CniError::new("mixed address families"));
        }
        ranges.push(range);
    }
    for (at, one) in ranges.iter().enumerate() {
        if let Some(other) = ranges[at + 1..].iter().find(|other| one.overlaps(other)) {
            return Err(CniError::new(format!("subnets {one} and {other} overlap")));
        }
    }
    Ok(ranges)
}

/// Before 0.3.0 a result had one address for each family.
fn check_families(ranges: &[Vec<Range>], version: &str) -> Result<(), CniError> {
    let count = |v4: bool| ranges.iter().filter(|set| set[0].start.is_ipv4() == v4).count();
    if matches!(version, "" | "0.1.0" | "0.2.0") && (count(true) > 1 || count(false) > 1) {
        let text = format!("CNI version {version} does not support more than 1 address per family");
        return Err(CniError::new(text));
    }
    Ok(())
}

fn check_overlaps(ranges: &[Vec<Range>]) -> Result<(), CniError> {
    for (at, one) in ranges.iter().enumerate() {
        for (other_at, other) in ranges.iter().enumerate().skip(at + 1) {
            if one.iter().any(|range| other.iter().any(|other| range.overlaps(other))) {
                return Err(CniError::new(format!("range set {at} overlaps with {other_at}")));
            }
        }
    }
    Ok(())
}

impl Range {
    fn read(document: &Document) -> Result<Self, CniError> {
        let text = document.text(&["subnet"]);
        let subnet: Prefix =
            text.parse().map_err(|_| CniError::new(format!("invalid CIDR address: {text}")))?;
        let bits = if subnet.address.is_ipv4() { 32 } else { 128 };
        if subnet.length > bits - 2 {
            return Err(CniError::new(format!("Network {subnet} too small to allocate from")));
        }
        if subnet.network() != subnet {
            return Err(CniError::new(format!(
                "Network has host bits set. For a subnet mask of length {} the network address is {}",
                subnet.length,
                subnet.network().address
            )));
        }
        let first = step(subnet.address, 1);
        let given = |name: &str, label: &str, default| match document.text(&[name]) {
            "" => Ok(default),
            text => match text.parse::<IpAddr>() {
                Ok(ip) if subnet.contains(ip) || name == "gateway" => Ok(ip),
                _ => Err(CniError::new(format!("{label} {text} not in network {subnet}"))),
            },
        };
        Ok(Self {
            subnet,
            start: given("rangeStart", "RangeStart", first)?,
            end: given("rangeEnd", "RangeEnd", last(subnet))?,
            gateway: given("gateway", "gateway", first)?,
        })
    }

    fn contains(&self, ip: IpAddr) -> bool {
        ip.is_ipv4() == self.start.is_ipv4() && self.start <= ip && ip <= self.end
    }

    fn overlaps(&self, other: &Self) -> bool {
        self.contains(other.start)
            || self.contains(other.end)
            || other.contains(self.start)
            || other.contains(self.end)
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.start, self.end)
    }
}

/// The address `by` further on.
fn step(ip: IpAddr, by: u128) -> IpAddr {
    match ip {
        IpAddr::V4(ip) => IpAddr::V4(ip.to_bits().wrapping_add(u32::try_from(by).unwrap_or_default()).into()),
        IpAddr::V6(ip) => IpAddr::V6(ip.to_bits().wrapping_add(by).into()),
    }
}

/// The last address to give out: the one before the broadcast address in IPv4.
fn last(subnet: Prefix) -> IpAddr {
    match subnet.address {
        IpAddr::V4(ip) => {
            let host = u32::MAX.checked_shr(u32::from(subnet.length)).unwrap_or(0);
            IpAddr::V4((ip.to_bits() | host).wrapping_sub(1).into())
        }
        IpAddr::V6(ip) => {
            let host = u128::MAX.checked_shr(u32::from(subnet.length)).unwrap_or(0);
            IpAddr::V6((ip.to_bits() | host).into())
        }
    }
}

/// The files of one network.
struct Store {
    files: HostFiles,
    folder: String,
    escape: bool,
}

impl Store {
    fn new(ipam: &Ipam, machine: &Machine) -> Self {
        Self {
            files: HostFiles::of(machine),
            folder: format!("{}/{}", ipam.data_dir, ipam.name),
            escape: machine.os() == "windows",
        }
    }

    /// Makes the folder, with the file that upstream locks.
    async fn open(&self) -> Result<(), CniError> {
        let lock = self.path("lock");
        match self.files.read(&lock).await {
            Err(error) if error.not_found => Ok(self.files.write(&lock, Vec::new()).await?),
            other => Ok(other.map(drop)?),
        }
    }

    /// A colon cannot stand in a Windows file name.
    fn path(&self, name: &str) -> String {
        let name = if self.escape { name.replace(':', "_") } else { name.to_owned() };
        format!("{}/{name}", self.folder)
    }

    async fn allocate(
        &self,
        index: usize,
        ranges: &[Range],
        owner: &str,
        container: &str,
    ) -> Result<IpConfig, CniError> {
        for name in self.owned(owner).await? {
            // On Windows an IPv6 address has not its own spelling in a file's name, and is not found again.
            if let Ok(ip) = name.parse()
                && ranges.iter().any(|range| range.contains(ip))
            {
                return Err(CniError::new(format!(
                    "{ip} has been allocated to {container}, duplicate allocation is not allowed"
                )));
            }
        }
        let taken = self.files.list(&self.folder).await?;
        let last_file = self.path(&format!("last_reserved_ip.{index}"));
        let last = self.files.read_text(&last_file).await.ok().and_then(|text| text.parse::<IpAddr>().ok());
        for (ip, range) in candidates(ranges, last) {
            let name = if self.escape { ip.to_string().replace(':', "_") } else { ip.to_string() };
            if taken.contains(&name) {
                continue;
            }
            self.files.write(&self.path(&name), owner.as_bytes()).await?;
            self.files.write(&last_file, ip.to_string().as_bytes()).await?;
            return Ok(IpConfig {
                address: Prefix { address: ip, length: range.subnet.length }.to_string(),
                gateway: range.gateway.to_string(),
                interface: None,
            });
        }
        let set: Vec<String> = ranges.iter().map(ToString::to_string).collect();
        Err(CniError::new(format!("no IP addresses available in range set: {}", set.join(","))))
    }

    /// Names of the files that belong to `owner`, or to its container as older versions wrote it.
    async fn owned(&self, owner: &str) -> Result<Vec<String>, CniError> {
        let container = owner.split('\r').next().unwrap_or(owner);
        let (mut owned, mut older) = (Vec::new(), Vec::new());
        for name in self.files.list(&self.folder).await? {
            let content = self.files.read_text(&format!("{}/{name}", self.folder)).await.unwrap_or_default();
            match content.trim() {
                text if text == owner => owned.push(name),
                text if text == container => older.push(name),
                _ => {}
            }
        }
        Ok(if owned.is_empty() { older } else { owned })
    }

    async fn release(&self, owner: &str) -> Result<(), CniError> {
        for name in self.owned(owner).await? {
            self.files.remove(&format!("{}/{name}", self.folder)).await?;
        }
        Ok(())
    }
}

/// Every address of the ranges once, starting after the last one that was given out, without gateways.
fn candidates(ranges: &[Range], last: Option<IpAddr>) -> impl Iterator<Item = (IpAddr, &Range)> {
    let at = last.and_then(|ip| ranges.iter().position(|range| range.contains(ip)).map(|at| (at, ip)));
    let (first, from) = at.map_or((0, None), |(at, ip)| (at, Some(ip)));
    let count = ranges.len();
    // The ranges in turn; the one that was begun in the middle comes a second time, up to where it was begun.
    let rounds = (0..=count).filter_map(move |turn| {
        let range = &ranges[(first + turn) % count];
        match (turn, from) {
            (0, Some(from)) if from == range.end => None,
            (0, Some(from)) => Some((range, step(from, 1), range.end)),
            (turn, Some(from)) if turn == count => Some((range, range.start, from)),
            (turn, None) if turn == count => None,
            _ => Some((range, range.start, range.end)),
        }
    });
    rounds
        .flat_map(|(range, start, end)| {
            let mut next = Some(start);
            std::iter::from_fn(move || {
                let ip = next?;
                next = (ip < end).then(|| step(ip, 1));
                Some((ip, range))
            })
        })
        .filter(|(ip, range)| *ip != range.gateway)
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use winlab_document::doc;

    use super::{Ipam, candidates};

    fn ips(ranges: winlab_document::Document, last: Option<&str>) -> Vec<String> {
        let config = doc!({"name": "n", "ipam": {"type": "host-local", "ranges": ranges}});
        let ipam = Ipam::read(&config).unwrap();
        let last: Option<IpAddr> = last.map(|ip| ip.parse().unwrap());
        candidates(&ipam.ranges[0], last).map(|(ip, _)| ip.to_string()).collect()
    }

    #[test]
    fn round_robin_from_the_last_one_without_the_gateway() {
        let range = || doc!([[{"subnet": "10.0.0.0/29"}]]);
        assert_eq!(ips(range(), None), ["10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6"]);
        assert_eq!(
            ips(range(), Some("10.0.0.5")),
            ["10.0.0.6", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5"]
        );
        assert_eq!(
            ips(range(), Some("10.0.0.6")),
            ["10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6"]
        );
    }

    #[test]
    fn several_ranges_of_a_set_follow_each_other() {
        let set = doc!([[{"subnet": "10.0.0.0/30"}, {"subnet": "10.0.1.0/30", "rangeStart": "10.0.1.2"}]]);
        assert_eq!(ips(set.clone(), None), ["10.0.0.2", "10.0.1.2"]);
        assert_eq!(ips(set, Some("10.0.0.2")), ["10.0.1.2", "10.0.0.2"]);
    }

    #[test]
    fn bad_ranges_are_refused_with_upstreams_words() {
        let text = |subnet: &str| Ipam::read(&doc!({"ipam": {"subnet": subnet}})).err().unwrap().msg;
        assert_eq!(
            text("10.0.0.0/31"),
            "invalid range set 0: Network 10.0.0.0/31 too small to allocate from"
        );
        assert!(text("10.0.0.1/24").contains("Network has host bits set"));
    }
}
