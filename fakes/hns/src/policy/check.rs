//! What each policy type's settings need.

use std::net::IpAddr;

use winlab_document::Document;
use winlab_host::HResult;
use winlab_host::linux::Prefix;
use winlab_profiles::{HnsFeature, HnsVersion};

use crate::members::{Members, Outcome, refuse, require};
use crate::version;

const INVALID: HResult = HResult::HCN_E_INVALID_POLICY;

/// Settings that HNS takes as they are.
pub(crate) fn anything(_settings: &Document, _version: HnsVersion) -> Outcome<()> {
    Ok(())
}

pub(crate) fn source_mac(settings: &Document, _version: HnsVersion) -> Outcome<()> {
    settings.mac("SourceMacAddress", INVALID).map(drop)
}

pub(crate) fn router_mac(settings: &Document, _version: HnsVersion) -> Outcome<()> {
    settings.mac("Address", INVALID).map(drop)
}

pub(crate) fn extension(settings: &Document, _version: HnsVersion) -> Outcome<()> {
    require(settings.guid("ExtensionID")?.is_some(), INVALID)
}

pub(crate) fn provider_address(settings: &Document, _version: HnsVersion) -> Outcome<()> {
    require(settings.address("ProviderAddress", INVALID)?.is_some(), INVALID)
}

/// Traffic to a prefix is sent to another node's provider address: all four members are needed.
pub(crate) fn remote_subnet(settings: &Document, version: HnsVersion) -> Outcome<()> {
    require(is_prefix(settings.string("DestinationPrefix")), INVALID)?;
    let vni = settings.integer("IsolationId").unwrap_or_default();
    require((1..=0x00ff_ffff).contains(&vni), INVALID)?;
    require(settings.mac("DistributedRouterMacAddress", INVALID)?.is_some(), INVALID)?;
    provider_address(settings, version)
}

pub(crate) fn vxlan_port(settings: &Document, _version: HnsVersion) -> Outcome<()> {
    require(is_port(settings.integer("Port")), INVALID)
}

pub(crate) fn set(settings: &Document, version: HnsVersion) -> Outcome<()> {
    require(!settings.string("Id").is_empty() && !settings.string("Name").is_empty(), INVALID)?;
    match settings.string("PolicyType") {
        "IPSET" => Ok(()),
        "NESTEDIPSET" => require(version.has(HnsFeature::NestedIpSet), INVALID),
        _ => refuse(INVALID),
    }
}

pub(crate) fn isolation(settings: &Document, _version: HnsVersion) -> Outcome<()> {
    require(settings.integer("IsolationId").is_some_and(|id| id <= 0x00ff_ffff), INVALID)
}

pub(crate) fn qos(settings: &Document, _version: HnsVersion) -> Outcome<()> {
    require(settings.integer("MaximumOutgoingBandwidthInBytes").is_some(), INVALID)
}

/// A port of the host that leads to one of the endpoint.
pub(crate) fn port_mapping(settings: &Document, _version: HnsVersion) -> Outcome<()> {
    require(protocol(settings).is_some(), INVALID)?;
    require(is_port(settings.integer("InternalPort")), HResult::HCN_E_INVALID_INTERNAL_PORT)?;
    require(settings.integer("ExternalPort").is_none_or(|port| port <= 0xffff), INVALID)?;
    settings.address("VIP", INVALID).map(drop)
}

/// 6 or 17, as a number or by name.
pub(crate) fn protocol(settings: &Document) -> Option<u8> {
    match (settings.integer("Protocol"), settings.string("Protocol")) {
        (Some(6), _) => Some(6),
        (Some(17), _) => Some(17),
        (None, name) if name.eq_ignore_ascii_case("tcp") => Some(6),
        (None, name) if name.eq_ignore_ascii_case("udp") => Some(17),
        _ => None,
    }
}

/// Older builds pass over V1's `ExceptionList`.
pub(crate) fn outbound_nat(settings: &Document, version: HnsVersion) -> Outcome<()> {
    require(!settings.has("ExceptionList") || !version::refuses_exception_list(version), INVALID)?;
    let lists = ["Exceptions", "Destinations"].iter().flat_map(|list| settings.list(list));
    for item in lists {
        require(item.as_str().is_some_and(is_address), INVALID)?;
    }
    settings.address("VirtualIP", INVALID).map(drop)
}

pub(crate) fn route(settings: &Document, _version: HnsVersion) -> Outcome<()> {
    require(is_prefix(settings.string("DestinationPrefix")), INVALID)?;
    settings.address("NextHop", INVALID).map(drop)
}

/// Rules of a firewall: addresses, ports and protocols are comma lists; the word "Any" is refused.
pub(crate) fn acl(settings: &Document, version: HnsVersion) -> Outcome<()> {
    let action = settings.string("Action");
    let pass = action == "Pass" && version.has(HnsFeature::TierAcl);
    require(pass || matches!(action, "Allow" | "Block"), INVALID)?;
    require(matches!(settings.string("Direction"), "In" | "Out"), INVALID)?;
    require(matches!(settings.string("RuleType"), "" | "Host" | "Switch"), INVALID)?;
    tuple(settings, version)
}

pub(crate) fn tier_acl(settings: &Document, version: HnsVersion) -> Outcome<()> {
    require(matches!(settings.string("Direction"), "In" | "Out"), INVALID)?;
    for rule in settings.list("TierAclRules") {
        require(matches!(rule.string("TierAclRuleAction"), "Allow" | "Block" | "Pass"), INVALID)?;
        tuple(rule, version)?;
    }
    Ok(())
}

fn tuple(rule: &Document, version: HnsVersion) -> Outcome<()> {
    for member in ["LocalAddresses", "RemoteAddresses"] {
        for item in items(rule.string(member)) {
            let is_set = version.has(HnsFeature::SetPolicy) && !item.eq_ignore_ascii_case("any");
            require(is_address(item) || is_set, INVALID)?;
        }
    }
    for member in ["LocalPorts", "RemotePorts"] {
        for item in items(rule.string(member)) {
            let (first, last) = item.split_once('-').unwrap_or((item, item));
            require([first, last].iter().all(|port| port.trim().parse::<u16>().is_ok()), INVALID)?;
        }
    }
    for item in items(rule.string("Protocols")) {
        let number = item.parse::<u16>().unwrap_or(u16::MAX);
        let vxlan = number != 252 || version.has(HnsFeature::AclProtocol252);
        require(number <= 256 && vxlan, INVALID)?;
    }
    Ok(())
}

fn items(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim).filter(|item| !item.is_empty())
}

fn is_address(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok() || is_prefix(text)
}

fn is_prefix(text: &str) -> bool {
    text.parse::<Prefix>().is_ok()
}

fn is_port(port: Option<u64>) -> bool {
    port.is_some_and(|port| (1..=0xffff).contains(&port))
}

#[cfg(test)]
mod tests {
    use winlab_document::{Document, doc};
    use winlab_host::HResult;
    use winlab_profiles::HnsVersion;

    use crate::network::NetworkKind;
    use crate::policy::{Policies, Target, validate};

    fn code(target: Target, version: (u16, u16), policy: Document) -> HResult {
        let version = HnsVersion::new(version.0, version.1);
        validate(&Policies::from(&[policy][..]), target, version)
            .map_or_else(|fault| fault.code, |()| HResult::S_OK)
    }

    fn endpoint(version: (u16, u16), name: &str, settings: Document) -> HResult {
        code(Target::Endpoint(NetworkKind::Overlay), version, doc!({"Type": name, "Settings": settings}))
    }

    #[test]
    fn types_belong_to_objects_and_versions() {
        let acl = doc!({"Action": "Allow", "Direction": "In"});
        let network = |kind, version, name: &str, settings: &Document| {
            code(Target::Network(kind), version, doc!({"Type": name, "Settings": settings}))
        };
        assert_eq!(endpoint((9, 5), "ACL", acl.clone()), HResult::S_OK);
        assert_eq!(network(NetworkKind::Overlay, (13, 3), "ACL", &acl), HResult::HCN_E_INVALID_POLICY_TYPE);
        assert_eq!(
            network(NetworkKind::Overlay, (13, 3), "NetworkACL", &acl),
            HResult::HCN_E_INVALID_POLICY_TYPE
        );
        assert_eq!(network(NetworkKind::Overlay, (15, 0), "NetworkACL", &acl), HResult::S_OK);
        assert_eq!(endpoint((13, 1), "L4WFPPROXY", doc!({})), HResult::HCN_E_INVALID_POLICY_TYPE);
        assert_eq!(endpoint((15, 5), "Nonsense", doc!({})), HResult::HCN_E_INVALID_POLICY_TYPE);
        let route = doc!({"DestinationPrefix": "10.0.0.0/8"});
        assert_eq!(
            network(NetworkKind::L2Bridge, (15, 5), "HostRoute", &route),
            HResult::HCN_E_INVALID_POLICY_TYPE
        );
    }

    #[test]
    fn acls() {
        let rule = |name: &str, value: &str| doc!({"Action": "Block", "Direction": "Out"}).with(name, value);
        for (name, value, version, good) in [
            ("RemoteAddresses", "10.0.0.0/8, 10.1.1.1", (9, 5), true),
            ("RemoteAddresses", "Any", (13, 3), false),
            ("RemoteAddresses", "azure-npm-1", (9, 5), false),
            ("RemoteAddresses", "azure-npm-1", (13, 3), true),
            ("LocalPorts", "80,8000-8080", (9, 5), true),
            ("LocalPorts", "http", (9, 5), false),
            ("Protocols", "6,17,256", (9, 5), true),
            ("Protocols", "252", (10, 3), false),
            ("Protocols", "252", (11, 0), true),
            ("RuleType", "Both", (13, 3), false),
            ("Action", "Pass", (13, 3), false),
            ("Action", "Pass", (14, 0), true),
        ] {
            let expected = if good { HResult::S_OK } else { HResult::HCN_E_INVALID_POLICY };
            assert_eq!(endpoint(version, "ACL", rule(name, value)), expected, "{name} {value}");
        }
    }

    #[test]
    fn port_mappings_and_nat() {
        let mapping = doc!({"Protocol": 6, "ExternalPort": 80});
        assert_eq!(endpoint((9, 5), "PortMapping", mapping.clone()), HResult::HCN_E_INVALID_INTERNAL_PORT);
        let mapping = mapping.with("InternalPort", 80).with("VIP", "");
        assert_eq!(endpoint((9, 5), "PortMapping", mapping.clone()), HResult::S_OK);
        let on_transparent = doc!({"Type": "PortMapping", "Settings": mapping});
        assert_eq!(
            code(Target::Endpoint(NetworkKind::Transparent), (9, 5), on_transparent),
            HResult::HCN_E_MAPPING_NOT_SUPPORTED
        );
        let old = doc!({"ExceptionList": ["10.0.0.0/8"]});
        assert_eq!(endpoint((9, 5), "OutBoundNAT", old.clone()), HResult::S_OK);
        assert_eq!(endpoint((13, 3), "OutBoundNAT", old), HResult::HCN_E_INVALID_POLICY);
    }
}
