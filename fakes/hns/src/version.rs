//! What versions of HNS do differently, beyond the features that clients look for (those are in `winlab-profiles`).

use winlab_profiles::{HnsFeature, HnsVersion};

/// The member `Version` of HNS documents: major in the upper, minor in the lower half.
pub(crate) fn number(version: HnsVersion) -> u64 {
    u64::from(version.major) << 32 | u64::from(version.minor)
}

/// Whether subnets of a network that is there can change: since Server 2022 (Microsoft, "Network isolation and
/// security").
pub(crate) fn changes_subnets(version: HnsVersion) -> bool {
    version >= HnsVersion::new(13, 0)
}

/// Whether V1's `ExceptionList` in a V2 endpoint is refused: since Server 2022 (microsoft/hcsshim#1059).
pub(crate) fn refuses_exception_list(version: HnsVersion) -> bool {
    version >= HnsVersion::new(13, 0)
}

/// Whether `HcnModifyLoadBalancer` succeeds and leaves the endpoints as they were: the one version that had the call
/// with that defect (kubernetes#131506).
pub(crate) fn keeps_backends_on_modify(version: HnsVersion) -> bool {
    version == HnsVersion::new(15, 4)
}

/// Whether a doubled load balancer is reported as `ERROR_ALREADY_EXISTS` (kubernetes#139519) rather than as
/// `HCN_E_PORT_ALREADY_EXISTS`.
pub(crate) fn reports_doubled_load_balancer_as_existing(version: HnsVersion) -> bool {
    version >= HnsVersion::new(15, 4)
}

/// Whether a doubled address is reported as `ERROR_OBJECT_ALREADY_EXISTS`: the first builds of 1809.
pub(crate) fn reports_doubled_address_as_object(version: HnsVersion) -> bool {
    version.major == 9 && !version.has(HnsFeature::Dsr)
}

#[cfg(test)]
mod tests {
    use super::{HnsVersion, number};

    #[test]
    fn the_number_is_what_dumps_show() {
        assert_eq!(number(HnsVersion::new(9, 1)), 38_654_705_665);
        assert_eq!(number(HnsVersion::new(13, 3)), 55_834_574_851);
    }
}
