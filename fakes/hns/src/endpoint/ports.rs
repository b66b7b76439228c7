//! Port mappings of endpoints.

use winlab_document::Document;

use crate::members::{Members, Outcome};
use crate::policy::Policies;
use crate::ports::{HostPorts, Mapping};

/// The host's ports that an endpoint's `PortMapping` policies take.
pub(crate) fn mappings(policies: &Policies) -> Vec<Mapping> {
    policies.of("PortMapping").filter_map(|policy| mapping(policy.member("Settings"))).collect()
}

fn mapping(settings: &Document) -> Option<Mapping> {
    let protocol = crate::policy::protocol(settings)?;
    let port = u16::try_from(settings.integer("ExternalPort").unwrap_or_default()).ok()?;
    Some((protocol, port, settings.string("VIP").parse().ok()))
}

/// Chooses external ports for mappings that name none, as Docker asks for; whether there were any.
pub(crate) fn choose(policies: &mut Policies, ports: &HostPorts) -> Outcome<bool> {
    let open = |policy: &Document| {
        policy.string("Type").eq_ignore_ascii_case("PortMapping")
            && policy.member("Settings").integer("ExternalPort").unwrap_or_default() == 0
    };
    if !policies.items().iter().any(open) {
        return Ok(false);
    }
    let mut chosen: Vec<Mapping> = Vec::new();
    let mut items = policies.items().to_vec();
    for policy in items.iter_mut().filter(|policy| open(policy)) {
        let Some((protocol, _, address)) = mapping(policy.member("Settings")) else { continue };
        let port = ports.dynamic(protocol, &chosen)?;
        chosen.push((protocol, port, address));
        policy.set_path(&["Settings", "ExternalPort"], port);
    }
    *policies = Policies::from(&items[..]);
    Ok(true)
}
