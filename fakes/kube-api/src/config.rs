//! What kind of server to be.

use std::net::IpAddr;

use ipnet::IpNet;
use winlab_clock::{Clock, Seed, VirtualSpan};

/// The server's configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// The clock that timestamps come from.
    pub clock: Clock,
    /// Where uids and generated names come from.
    pub seed: Seed,
    /// How the server behaves.
    pub profile: Profile,
    /// `--service-cluster-ip-range`: one range, or two of different families.
    pub service_ranges: Vec<IpNet>,
    /// `--advertise-address`: where the service `kubernetes` leads to; without one it has no endpoints.
    pub advertise_address: Option<IpAddr>,
    /// `--service-node-port-range`: first and last port.
    pub node_ports: (u16, u16),
    /// `--disable-admission-plugins`: `ServiceAccount`, `Priority`, `DefaultTolerationSeconds`, `RuntimeClass`.
    pub disabled_admission: Vec<String>,
    /// How long events stay in the watch caches, and how many at most of each kind.
    pub history: HistoryLimits,
}

/// What decides about fields, defaults and checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Kubernetes minor: 34 for 1.34.
    pub minor: u32,
    /// What `/version` says: `v1.34.4`.
    pub version: String,
    /// `--allow-privileged`
    pub allow_privileged: bool,
    /// Feature gates that are not at their default: name and value.
    pub feature_gates: Vec<(String, bool)>,
    /// Families of the service ranges, first is the default.
    pub service_families: Vec<Family>,
}

/// An IP family as the API spells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// `IPv4`
    V4,
    /// `IPv6`
    V6,
}

impl Family {
    /// `IPv4`, `IPv6`
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V4 => "IPv4",
            Self::V6 => "IPv6",
        }
    }

    /// The family of an address.
    pub fn of(ip: IpAddr) -> Self {
        if ip.is_ipv4() { Self::V4 } else { Self::V6 }
    }
}

impl Profile {
    /// The server of a minor, with defaults.
    pub fn of_minor(minor: u32) -> Self {
        Self {
            minor,
            version: format!("v1.{minor}.0"),
            allow_privileged: true,
            feature_gates: Vec::new(),
            service_families: vec![Family::V4],
        }
    }

    /// Whether a gate is on that is on by default from `on_since`, off before.
    pub fn gate(&self, name: &str, on_since: u32) -> bool {
        self.feature_gates
            .iter()
            .rev()
            .find(|(known, _)| known == name)
            .map_or(self.minor >= on_since, |(_, value)| *value)
    }
}

/// Bounds of a watch cache (`storage/cacher`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryLimits {
    /// Events younger than this are kept as long as there is room.
    pub fresh: VirtualSpan,
    /// So many are kept however old they are.
    pub least: usize,
    /// More than this are never kept.
    pub most: usize,
}

impl Default for HistoryLimits {
    fn default() -> Self {
        Self { fresh: VirtualSpan::from_secs(75), least: 100, most: 16_384 }
    }
}

impl Config {
    /// A server of a minor with kubeadm's ranges: services 10.96.0.0/12, node ports 30000 to 32767.
    pub fn new(clock: Clock, seed: Seed, minor: u32) -> Self {
        let range = IpNet::V4(
            ipnet::Ipv4Net::new(std::net::Ipv4Addr::new(10, 96, 0, 0), 12).expect("12 is a prefix length"),
        );
        Self {
            clock,
            seed,
            profile: Profile::of_minor(minor),
            service_ranges: vec![range],
            advertise_address: None,
            node_ports: (30_000, 32_767),
            disabled_admission: Vec::new(),
            history: HistoryLimits::default(),
        }
    }

    /// The same without an admission plugin.
    #[must_use]
    pub fn disable_admission(mut self, plugin: impl Into<String>) -> Self {
        self.disabled_admission.push(plugin.into());
        self
    }

    /// Whether an admission plugin runs.
    pub(crate) fn admits(&self, plugin: &str) -> bool {
        self.disabled_admission.iter().all(|disabled| disabled != plugin)
    }

    /// The address of the service `kubernetes`: the first that is given out.
    #[must_use]
    pub fn kubernetes_service_ip(&self) -> Option<IpAddr> {
        let range = self.service_ranges.first()?;
        // Of an IPv6 range ipnet counts the network's own address, which is nobody's, among the hosts.
        range.hosts().find(|ip| *ip != range.network())
    }

    /// The same with other service ranges, the first being the default family.
    #[must_use]
    pub fn service_ranges(mut self, ranges: Vec<IpNet>) -> Self {
        self.profile.service_families = ranges.iter().map(|range| Family::of(range.addr())).collect();
        self.service_ranges = ranges;
        self
    }
}

#[cfg(test)]
mod tests {
    use winlab_clock::{Clock, Seed, virtual_world};

    use super::Config;

    #[test]
    fn the_first_service_has_the_first_address_of_either_family() {
        virtual_world(async {
            for (range, first) in [("10.96.0.0/12", "10.96.0.1"), ("fd00:10:96::/112", "fd00:10:96::1")] {
                let config = Config::new(Clock::start_virtual(), Seed::new(1), 34);
                let config = config.service_ranges(vec![range.parse().unwrap()]);
                assert_eq!(config.kubernetes_service_ip().map(|ip| ip.to_string()).as_deref(), Some(first));
            }
        });
    }
}
