//! What the oracle needs of this machine.

use winlab_real::{Means, RealComponent, Wanted, absent};
use winlab_shims_tests::peers;
use winlab_shims_tests::prefix::places;

/// Looks for Wine, what it needs, and kube-proxy.exe of a version.
pub(crate) fn find(scratch: &str, version: &str) -> Result<Means, String> {
    let program = peers::windows(&format!("{version}/kube-proxy.exe"))?;
    let layout = program.ancestors().nth(3).expect("a program lies in a layout").to_owned();
    let means = Means { wine: places(scratch), layouts: vec![layout], ..Means::default() };
    let programs = [(RealComponent::KubeProxy, version.parse().expect("a version"))].into();
    match absent(&means, &Wanted { programs, scaled: false }).first() {
        Some(absent) => Err(absent.to_string()),
        None => Ok(means),
    }
}
