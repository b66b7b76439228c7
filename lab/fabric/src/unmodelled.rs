//! What the fabric does not model, and how often a walk met it.

use std::collections::BTreeMap;

/// One thing that is not modelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unmodelled {
    /// What it is.
    pub what: &'static str,
    /// What a walk does instead.
    pub instead: &'static str,
}

const ENDS: &str = "the walk ends with `not-modelled`";
const PASSES: &str = "passed as if it were not there, with a hop that says so";

pub(crate) const NETWORK_TYPE: Unmodelled =
    Unmodelled { what: "HNS networks other than L2Bridge, L2Tunnel, Overlay and NAT", instead: ENDS };
pub(crate) const PRESERVE_DIP: Unmodelled =
    Unmodelled { what: "load balancer frontends that preserve the destination (DIP)", instead: ENDS };
pub(crate) const POLICY: Unmodelled =
    Unmodelled { what: "TierAcl, L4WFPPROXY, L4Proxy, Encryption and NetworkACL policies", instead: PASSES };

/// Everything of which the fabric knows that it does not model it, for docs/limitations.md.
pub const UNMODELLED: &[Unmodelled] = &[
    NETWORK_TYPE,
    PRESERVE_DIP,
    POLICY,
    Unmodelled {
        what: "flows over time: a probe is one packet there and one back, with what connection tracking keeps",
        instead: "a connection made earlier is not moved when a backend goes",
    },
    Unmodelled {
        what: "the flags LocalRoutedVIP, VipExternalIP, UseMux and ILB of load balancer frontends",
        instead: "a frontend is met as if LocalRoutedVIP and VipExternalIP were set and the others not",
    },
    Unmodelled {
        what: "reverse path filters, ARP and bridge hairpin modes of Linux",
        instead: "never in the way",
    },
    Unmodelled { what: "netfilter rules on the UDP packets around VXLAN", instead: "never in the way" },
    Unmodelled { what: "the Windows firewall", instead: "never in the way" },
    Unmodelled { what: "DNS records other than A, and DNS over TCP", instead: "never asked for" },
];

/// How often each was met.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counters(BTreeMap<Unmodelled, u64>);

impl Counters {
    pub(crate) fn met(&mut self, what: Unmodelled) {
        *self.0.entry(what).or_default() += 1;
    }

    pub(crate) fn all(&self) -> Vec<(Unmodelled, u64)> {
        self.0.iter().map(|(what, count)| (*what, *count)).collect()
    }
}
