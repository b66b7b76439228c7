//! What a version of kube-proxy does that another does not, as far as HNS can tell.
//!
//! Patch releases are those of the release notes (`CHANGELOG/CHANGELOG-1.*.md`).

use winlab_profiles::{HnsVersion, KubeVersion};

/// Whose address it is where HNS lists a local and a remote endpoint with the same one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SameAddress {
    /// That of the one listed last.
    Last,
    /// The remote one's (kubernetes#131138, since 1.31.9, 1.32.5, 1.33.1).
    Remote,
    /// The local one's; the remote one is deleted after the sync (kubernetes#138000, since 1.36.1).
    Local,
}

/// How a load balancer is looked for before it is deleted to be made anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LookUp {
    /// By the source VIP in place of the frontend's: never found, so it is always made anew.
    BySourceVip,
    /// By all endpoints, although a ClusterIP with `internalTrafficPolicy: Local` has the local ones only
    /// (kubernetes#133928).
    ByAllEndpoints,
    /// By what it has.
    Exact,
}

/// Which remote endpoints are known to have gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Terminated {
    /// None: they go with the service that used them last.
    Untracked,
    /// Those of the service that changed last: others leak (kubernetes#133953's sibling, fixed in 1.32.10, 1.33.6,
    /// 1.34.2).
    OfLastChange,
    /// All since the last sync.
    OfSync,
}

/// Which of a service's endpoints counts where several have one address and port, as slices list them one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubled {
    /// The first; of those on this node the last.
    FirstOrLocal,
    /// The last that is not terminating, else the first (kubernetes#135593, since 1.36).
    Running,
}

/// What a version does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quirks {
    /// Load balancers and endpoints are kept over endpoint changes where they can be (kubernetes#110701 and the
    /// annotation `winProxyOptimization`).
    pub optimised: bool,
    /// Load balancers of addresses outside the cluster say so (`VipExternalIP`).
    pub vip_external_ip: bool,
    /// Load balancers without an id are not looked for when a service is cleaned up.
    pub skips_empty_ids: bool,
    /// `internalTrafficPolicy: Local` is known (kubernetes#114407).
    pub internal_policy: bool,
    /// Terminating endpoints serve where no others are left (kubernetes#113776).
    pub terminating: bool,
    /// The port of the EndpointSlice wins over a numeric `targetPort` (kubernetes#132647).
    pub port_of_slice: bool,
    /// HNS versions whose `HcnModifyLoadBalancer` is used, both ends included.
    pub modify_load_balancer: &'static [(HnsVersion, HnsVersion)],
    /// How a load balancer is looked for before it is deleted to be made anew.
    pub look_up: LookUp,
    /// Which of several endpoints with one address counts.
    pub doubled: Doubled,
    /// It ends, to be started anew, when its node's addresses change or its Node is deleted (kubernetes#138183).
    pub heeds_node: bool,
    /// Whose an address is that both a local and a remote endpoint have.
    pub same_address: SameAddress,
    /// Which remote endpoints are known to have gone.
    pub terminated: Terminated,
    /// Load balancers and external addresses are told apart by family.
    pub by_family: bool,
    /// Without changes, rules are looked at again after an hour, not after the sync period (kubernetes#135631).
    pub hourly: bool,
    /// A failed look-up is not taken for "not there", and a load balancer that is in the way is replaced
    /// (kubernetes#139519).
    pub heeds_hns_down: bool,
    /// A load balancer without ports is passed over; before, it ends the process (kubernetes#141681).
    pub heeds_no_ports: bool,
}

const ANY: u16 = u16::MAX;

const fn range(major: u16, minor: u16, last_major: u16) -> (HnsVersion, HnsVersion) {
    (HnsVersion::new(major, minor), HnsVersion::new(last_major, ANY))
}

const FROM_15_4: &[(HnsVersion, HnsVersion)] = &[range(15, 4, ANY)];
const FROM_15_5: &[(HnsVersion, HnsVersion)] = &[range(15, 5, 15)];
const FROM_15_5_AND_16: &[(HnsVersion, HnsVersion)] = &[range(15, 5, 15), range(16, 0, ANY)];

impl Quirks {
    /// What a version does.
    #[must_use]
    pub fn of(version: KubeVersion) -> Self {
        let minor = version.minor();
        Self {
            optimised: minor >= 24,
            vip_external_ip: minor >= 24,
            skips_empty_ids: minor >= 37,
            internal_policy: fixed(version, &[(24, 10), (25, 6), (26, 1)]),
            terminating: fixed(version, &[(24, 10), (25, 6), (26, 1)]),
            port_of_slice: minor >= 34,
            modify_load_balancer: modify_load_balancer(version),
            look_up: look_up(version),
            doubled: if minor >= 36 { Doubled::Running } else { Doubled::FirstOrLocal },
            heeds_node: minor >= 37,
            same_address: same_address(version),
            terminated: terminated(version),
            by_family: fixed(version, &[(33, 8), (34, 4), (35, 1)]),
            hourly: minor >= 34 && !fixed(version, &[(34, 4), (35, 1)]),
            heeds_hns_down: minor >= 37,
            heeds_no_ports: version.is_at_least(37, 1),
        }
    }

    /// Whether it changes load balancers in place on this HNS.
    #[must_use]
    pub fn modifies_load_balancers(&self, hns: HnsVersion) -> bool {
        self.modify_load_balancer.iter().any(|(first, last)| (*first..=*last).contains(&hns))
    }
}

/// Whether a fix is in: `from` lists the first patch of each minor that got it, the last of which is the first minor
/// whose successors all have it.
fn fixed(version: KubeVersion, from: &[(u32, u32)]) -> bool {
    let newest = from.iter().map(|(minor, _)| *minor).max().unwrap_or_default();
    version.minor() > newest
        || from.iter().any(|(minor, patch)| version.minor() == *minor && version.patch() >= *patch)
}

/// kubernetes#131506: HNS 15.4 takes the call and changes nothing.
fn modify_load_balancer(version: KubeVersion) -> &'static [(HnsVersion, HnsVersion)] {
    match version.minor() {
        ..=30 => &[],
        31 => FROM_15_4,
        32 | 33 if !fixed(version, &[(32, 6), (33, 2)]) => FROM_15_4,
        _ if fixed(version, &[(35, 1)]) => FROM_15_5_AND_16,
        _ => FROM_15_5,
    }
}

fn look_up(version: KubeVersion) -> LookUp {
    match version.minor() {
        ..=30 => LookUp::BySourceVip,
        _ if fixed(version, &[(31, 14), (32, 10), (33, 6), (34, 2)]) => LookUp::Exact,
        _ => LookUp::ByAllEndpoints,
    }
}

fn same_address(version: KubeVersion) -> SameAddress {
    if version.is_at_least(36, 1) {
        SameAddress::Local
    } else if fixed(version, &[(31, 9), (32, 5), (33, 1)]) {
        SameAddress::Remote
    } else {
        SameAddress::Last
    }
}

fn terminated(version: KubeVersion) -> Terminated {
    match version.minor() {
        ..=30 => Terminated::Untracked,
        _ if fixed(version, &[(32, 10), (33, 6), (34, 2)]) => Terminated::OfSync,
        _ => Terminated::OfLastChange,
    }
}

#[cfg(test)]
mod tests {
    use winlab_profiles::HnsVersion;

    use super::{LookUp, Quirks, SameAddress, Terminated};

    fn of(version: &str) -> Quirks {
        Quirks::of(version.parse().unwrap())
    }

    #[test]
    fn patches_bring_fixes() {
        assert_eq!((of("1.34.0").look_up, of("1.34.4").look_up), (LookUp::ByAllEndpoints, LookUp::Exact));
        assert_eq!(of("1.30.14").look_up, LookUp::BySourceVip);
        assert_eq!(of("1.31.8").same_address, SameAddress::Last);
        assert_eq!(of("1.31.14").same_address, SameAddress::Remote);
        assert_eq!(of("1.37.2").same_address, SameAddress::Local);
        assert_eq!(of("1.31.14").terminated, Terminated::OfLastChange);
        assert!(of("1.34.0").hourly && !of("1.34.4").hourly && !of("1.33.0").hourly && of("1.35.0").hourly);
        assert!(!of("1.34.3").by_family && of("1.33.8").by_family && of("1.36.0").by_family);
        assert!(of("1.37.0").heeds_hns_down && !of("1.36.3").heeds_hns_down);
    }

    #[test]
    fn load_balancers_are_changed_in_place_where_the_version_believes_hns_can() {
        let on =
            |version: &str, major, minor| of(version).modifies_load_balancers(HnsVersion::new(major, minor));
        assert!(!on("1.30.0", 15, 5) && on("1.31.14", 15, 4));
        assert!(on("1.32.5", 15, 4) && !on("1.32.6", 15, 4) && on("1.32.6", 15, 5));
        assert!(!on("1.34.4", 16, 0) && on("1.35.1", 16, 0) && !on("1.37.2", 13, 3));
    }
}
