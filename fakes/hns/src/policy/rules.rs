//! The table of policy types: where each may stand, since when, and what its settings need.
//!
//! Types and members: Microsoft's HCN schema and hcsshim `hcn/hcnpolicy.go`; versions: hcsshim `hcn/hcnglobals.go`.

use winlab_document::Document;
use winlab_host::HResult;
use winlab_profiles::{HnsFeature as Feature, HnsVersion};

use crate::members::{Members, Outcome, refuse, require};
use crate::network::NetworkKind;
use crate::policy::{Policies, check};
use crate::unmodelled::{self, Gaps};

/// What a list of policies is for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target {
    Network(NetworkKind),
    Endpoint(NetworkKind),
    Subnet,
}

pub(crate) type Check = fn(&Document, HnsVersion) -> Outcome<()>;

struct Rule {
    name: &'static str,
    on: u8,
    since: Option<Feature>,
    check: Check,
}

const NETWORK: u8 = 1;
const ENDPOINT: u8 = 2;
const SUBNET: u8 = 4;

const fn rule(name: &'static str, on: u8, since: Option<Feature>, check: Check) -> Rule {
    Rule { name, on, since, check }
}

const RULES: &[Rule] = &[
    rule("SourceMacAddress", NETWORK, None, check::source_mac),
    rule("NetAdapterName", NETWORK, None, check::anything),
    rule("InterfaceConstraint", NETWORK | ENDPOINT, None, check::anything),
    rule("VSwitchExtension", NETWORK, None, check::extension),
    rule("ProviderAddress", NETWORK | ENDPOINT, None, check::provider_address),
    rule("DrMacAddress", NETWORK, None, check::router_mac),
    rule("AutomaticDNS", NETWORK, None, check::anything),
    rule("RemoteSubnetRoute", NETWORK, Some(Feature::RemoteSubnet), check::remote_subnet),
    rule("HostRoute", NETWORK, Some(Feature::HostRoute), check::anything),
    rule("VxlanPort", NETWORK, Some(Feature::VxlanPort), check::vxlan_port),
    rule("SetPolicy", NETWORK, Some(Feature::SetPolicy), check::set),
    rule("L4Proxy", NETWORK | ENDPOINT, Some(Feature::L4Proxy), check::anything),
    rule("LayerConstraint", NETWORK, None, check::anything),
    rule("NetworkACL", NETWORK, Some(Feature::NetworkAcl), check::acl),
    rule("VLAN", NETWORK | ENDPOINT | SUBNET, None, check::isolation),
    rule("VSID", NETWORK | SUBNET, None, check::isolation),
    rule("PortMapping", ENDPOINT, None, check::port_mapping),
    rule("ACL", ENDPOINT, None, check::acl),
    rule("QOS", ENDPOINT, None, check::qos),
    rule("L2Driver", ENDPOINT, None, check::anything),
    rule("OutBoundNAT", ENDPOINT, None, check::outbound_nat),
    rule("SDNRoute", ENDPOINT, None, check::route),
    rule("L4WFPPROXY", ENDPOINT, Some(Feature::L4WfpProxy), check::anything),
    rule("PortName", ENDPOINT, None, check::anything),
    rule("EncapOverhead", ENDPOINT, None, check::anything),
    rule("Encryption", ENDPOINT, None, check::anything),
    rule("InterfaceParameters", ENDPOINT, None, check::anything),
    rule("Iov", ENDPOINT, None, check::anything),
    rule("TierAcl", ENDPOINT, Some(Feature::TierAcl), check::tier_acl),
    rule("Firewall", ENDPOINT, Some(Feature::TierAcl), check::anything),
    // Of V1 alone; kept for those who still send them.
    rule("VNET", NETWORK | ENDPOINT, None, check::anything),
    rule("Isolation", NETWORK | ENDPOINT | SUBNET, None, check::anything),
];

/// Types that mean something on Overlay networks alone.
const OVERLAY_ONLY: &[&str] = &["RemoteSubnetRoute", "HostRoute", "VxlanPort", "DrMacAddress"];

/// Checks policies as HNS does when it takes them.
///
/// # Errors
/// `HCN_E_INVALID_POLICY_TYPE` for a type that this object or this version does not have, `HCN_E_INVALID_POLICY` and
/// more precise codes for settings, `HCN_E_MAPPING_NOT_SUPPORTED` for port mappings on a network without them.
pub(crate) fn validate(policies: &Policies, target: Target, version: HnsVersion) -> Outcome<()> {
    let (on, kind) = match target {
        Target::Network(kind) => (NETWORK, Some(kind)),
        Target::Endpoint(kind) => (ENDPOINT, Some(kind)),
        Target::Subnet => (SUBNET, None),
    };
    for policy in policies.items() {
        let name = policy.string("Type");
        let rule = RULES.iter().find(|rule| rule.name.eq_ignore_ascii_case(name));
        let usable = |rule: &&Rule| rule.on & on != 0 && rule.since.is_none_or(|since| version.has(since));
        let Some(rule) = rule.filter(usable) else { return refuse(HResult::HCN_E_INVALID_POLICY_TYPE) };
        if on == NETWORK && OVERLAY_ONLY.contains(&rule.name) {
            require(kind == Some(NetworkKind::Overlay), HResult::HCN_E_INVALID_POLICY_TYPE)?;
        }
        if rule.name == "PortMapping" {
            let maps = kind.is_some_and(NetworkKind::maps_ports);
            require(maps, HResult::HCN_E_MAPPING_NOT_SUPPORTED)?;
        }
        let settings = policy.member("Settings");
        require(settings.is_null() || settings.is_object(), HResult::HCN_E_INVALID_POLICY)?;
        (rule.check)(settings, version)?;
    }
    let doubled = policies.of("InterfaceParameters").count() > 1;
    require(!doubled, HResult::HCN_INTERFACEPARAMETERS_ALREADY_APPLIED)
}

/// The adapter that `NetAdapterName`, or else `InterfaceConstraint`, asks for: a name, or an index as text.
pub(crate) fn wanted_adapter(policies: &Policies, gaps: &mut Gaps) -> Option<String> {
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let named = policies.of("NetAdapterName").next().map(|p| p.member("Settings"));
    if let Some(name) = named.and_then(|settings| text(settings.string("NetworkAdapterName"))) {
        return Some(name);
    }
    let constraint = policies.of("InterfaceConstraint").next()?.member("Settings");
    let wanted = text(constraint.string("InterfaceAlias"))
        .or_else(|| constraint.integer("InterfaceIndex").filter(|n| *n != 0).map(|n| n.to_string()));
    if wanted.is_none() {
        gaps.count(unmodelled::INTERFACE_CONSTRAINT);
    }
    wanted
}

/// Counts policies that are kept without effect.
pub(crate) fn count_gaps(policies: &Policies, gaps: &mut Gaps) {
    for policy in policies.items() {
        match policy.string("Type") {
            "Encryption" => gaps.count(unmodelled::ENCRYPTION),
            "Firewall" => gaps.count(unmodelled::FIREWALL),
            "VSwitchExtension" => gaps.count(unmodelled::SWITCH_EXTENSION),
            "VNET" | "Isolation" => gaps.count(unmodelled::ISOLATION_V1),
            _ => {}
        }
    }
}
