//! What this HNS does not model, counted when a client asks for it.

use std::collections::BTreeMap;

/// A known gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unmodelled {
    /// Its name in counts.
    pub name: &'static str,
    /// What is missing, and what is answered instead.
    pub gap: &'static str,
}

macro_rules! gaps {
    ($( $constant:ident = $name:literal, $gap:literal; )*) => {
        $( pub(crate) const $constant: &str = $name; )*

        /// Every known gap of the fake HNS, by name.
        pub const UNMODELLED: &[Unmodelled] = &[ $( Unmodelled { name: $name, gap: $gap } ),* ];
    };
}

gaps! {
    ENCRYPTION = "policy Encryption", "Kept and shown; no traffic is encrypted.";
    FIREWALL = "policy Firewall", "Kept and shown; WSL's firewall rules are not enforced.";
    GUEST_SERVICE = "guest network service", "Kept with its state and port reservations; no guest is told of it.";
    INTERFACE_CONSTRAINT = "policy InterfaceConstraint by GUID or LUID",
        "Kept and shown; an adapter is chosen by alias or index only.";
    ISOLATION_V1 = "V1 policies VNET and Isolation", "Kept and shown; they isolate nothing.";
    LEGACY_CALL = "HNSCall path", "A method and path that HNS is not known to serve answers HCN_E_REQUEST_UNSUPPORTED.";
    MIRRORED = "networks of type Mirrored, ConstrainedICS and Infiniband",
        "Kept and shown; they carry no traffic.";
    PORT_BLOCKS_SHARED = "shared port blocks",
        "Each load balancer without DSR takes a block of 64 ports of its own, as before KB4551853.";
    RESET = "modify request Reset", "Answers HCN_E_REQUEST_UNSUPPORTED.";
    SWITCH_EXTENSION = "vSwitch extensions", "Enabling and disabling is kept and shown, without effect on traffic.";
    V1_UPDATE = "V1 updates: members other than Policies, Extensions and DNS",
        "Those of an existing network or endpoint stay as they are.";
    VIRTUAL_MACHINE = "endpoints of virtual machines",
        "Attaching is kept and shown; the virtual machine's side is not there.";
}

const fn defect(name: &'static str, gap: &'static str) -> Unmodelled {
    Unmodelled { name, gap }
}

/// Defects of some builds that this HNS does not have. Nobody asks for one, so none is counted.
pub const DEFECTS: &[Unmodelled] = &[
    defect(
        "Server 2019 before KB4489899: no overlay networks (microsoft/SDN#273), and 0x1392 for an endpoint's first creation (microsoft/SDN#298)",
        "Both work at every revision.",
    ),
    defect(
        "Server 2019, updates of August and September 2020: a restarted HNS loses what decapsulates overlay traffic (microsoft/Windows-Containers#61, mended by KB4577668)",
        "What comes back after a restart carries traffic.",
    ),
    defect(
        "Server 2019 before KB5003171: load balancers with DSR are degraded once their network goes (microsoft/Windows-Containers#79)",
        "They go with their network.",
    ),
    defect(
        "Server 2019: deleting a load balancer fails now and then (kubernetes#113524)",
        "It does not; a fault of HcnDeleteLoadBalancer shows what comes of it.",
    ),
    defect(
        "Windows 2004 and 20H2: a new network resets the host's static address (microsoft/SDN#498)",
        "The host keeps its addresses.",
    ),
    defect(
        "Server 2022 from 20348.2582 (KB5040437) to before 20348.2762 (KB5044281): pods of some clusters have no network (microsoft/Windows-Containers#516)",
        "Every revision carries their traffic.",
    ),
    defect(
        "Server 2025: ACL policies of NAT endpoints have no effect (microsoft/Windows-Containers#616)",
        "They apply at every build.",
    ),
];

/// The counts of one HNS.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gaps(BTreeMap<&'static str, u64>);

impl Gaps {
    pub(crate) fn count(&mut self, name: &'static str) {
        *self.0.entry(name).or_default() += 1;
    }

    pub(crate) fn counts(&self) -> &BTreeMap<&'static str, u64> {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::{DEFECTS, UNMODELLED};

    #[test]
    fn the_table_is_sorted_and_says_what_happens() {
        assert!(UNMODELLED.iter().chain(DEFECTS).all(|gap| gap.gap.ends_with('.')));
        let names: Vec<_> = UNMODELLED.iter().map(|gap| gap.name).collect();
        let distinct: std::collections::BTreeSet<_> = names.iter().collect();
        assert_eq!(distinct.len(), names.len());
    }
}
