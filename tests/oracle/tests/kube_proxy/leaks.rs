//! What a version leaves behind by chance.

use winlab_profiles::KubeVersion;

/// MAC addresses that kube-proxy gives to the remote endpoints of pods begin with this (`conjureMac`).
const CONJURED: &str = r#""MacAddress":"02-11-"#;

/// A host's HNS as it is compared. Before 1.32.10, 1.33.6 and 1.34.2 kube-proxy forgets which remote endpoints have gone at each
/// service whose endpoints change: of several in one sync it deletes those of the last, which the order of a Go map decides
/// (`endpointsMapChange`). So of such a version remote endpoints that no load balancer has are left out.
pub(crate) fn compared(version: KubeVersion, state: String) -> String {
    if version.minor() > 31 {
        return state;
    }
    let balancers: String = state.lines().filter(|line| line.starts_with("load balancer ")).collect();
    let is_left_behind = |line: &str| {
        line.starts_with("endpoint ")
            && line.contains(CONJURED)
            && name(line).is_some_and(|name| !balancers.contains(name))
    };
    state.lines().filter(|line| !is_left_behind(line)).map(|line| format!("{line}\n")).collect()
}

/// `<endpoint Ethernet10.244.2.5>`
fn name(line: &str) -> Option<&str> {
    let (_, id) = line.split_once(r#""ID":""#)?;
    id.split('"').next()
}
