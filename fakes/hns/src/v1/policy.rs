//! Policies of the V1 schema: flat objects, some under other names.
//!
//! Names: hcsshim `internal/hns/hnspolicy.go` against `hcn/hcnpolicy.go`. Members that have no counterpart are kept in
//! either direction.

use winlab_document::{Document, ObjectBuilder, doc};

use crate::members::Members;
use crate::policy::Policies;

/// Names of members: V1, V2.
type Renamed = &'static [(&'static str, &'static str)];

/// V1 type, V2 type, and the members that have other names.
const TYPES: &[(&str, &str, Renamed)] = &[
    ("NAT", "PortMapping", &[]),
    ("PA", "ProviderAddress", &[("PA", "ProviderAddress")]),
    ("VLAN", "VLAN", &[("VLAN", "IsolationId")]),
    ("VSID", "VSID", &[("VSID", "IsolationId")]),
    ("OutBoundNAT", "OutBoundNAT", &[("VIP", "VirtualIP"), ("ExceptionList", "Exceptions")]),
    ("ROUTE", "SDNRoute", &[]),
    ("PROXY", "L4Proxy", &[("ExceptionList", "Exceptions"), ("OutboundNat", "OutboundNAT")]),
];

/// Members of a V1 network that are policies in V2: member, policy, setting.
pub(crate) const NETWORK_SCALARS: &[(&str, &str, &str)] = &[
    ("NetworkAdapterName", "NetAdapterName", "NetworkAdapterName"),
    ("SourceMac", "SourceMacAddress", "SourceMacAddress"),
    ("AutomaticDNS", "AutomaticDNS", "Enable"),
    ("ManagementIP", "ProviderAddress", "ProviderAddress"),
    ("DrMacAddress", "DrMacAddress", "Address"),
];

/// V2 policies that a V1 network shows as members instead.
pub(crate) const NETWORK_MEMBERS: &[&str] =
    &["NetAdapterName", "SourceMacAddress", "AutomaticDNS", "ProviderAddress", "DrMacAddress"];

/// V2 policies that a V1 endpoint shows as members instead.
pub(crate) const ENDPOINT_MEMBERS: &[&str] = &["EncapOverhead"];

/// `NatFlags` of a port mapping that is reserved.
const EXTERNAL_PORT_RESERVED: u64 = 4;

/// V2 policies as V1 shows them, without those that are members there.
pub(crate) fn view(policies: &Policies, members: &[&str]) -> Document {
    let shown = |policy: &&Document| !members.iter().any(|m| m.eq_ignore_ascii_case(policy.string("Type")));
    policies.items().iter().filter(shown).map(to_v1).collect()
}

/// V1 policies as V2 has them.
pub(crate) fn to_v2(policies: &[Document]) -> Vec<Document> {
    policies.iter().map(one_to_v2).collect()
}

fn to_v1(policy: &Document) -> Document {
    let name = policy.string("Type");
    let row = TYPES.iter().find(|(_, v2, _)| v2.eq_ignore_ascii_case(name));
    let (v1_name, renamed) = row.map_or((name, &[][..]), |(v1, _, renamed)| (*v1, *renamed));
    let mut object = ObjectBuilder::new();
    object.set("Type", v1_name);
    let settings = policy.member("Settings");
    for (member, value) in settings.members() {
        let known = renamed.iter().find(|(_, v2)| v2.eq_ignore_ascii_case(member));
        object.set(known.map_or(member.as_str(), |(v1, _)| *v1), value.clone());
    }
    if v1_name == "NAT" {
        if let Some(protocol) = crate::policy::protocol(settings) {
            object.set("Protocol", if protocol == 6 { "TCP" } else { "UDP" });
        }
        if settings.integer("Flags").unwrap_or_default() & EXTERNAL_PORT_RESERVED != 0 {
            object.set("ExternalPortReserved", true);
        }
    }
    object.build()
}

fn one_to_v2(policy: &Document) -> Document {
    let name = policy.string("Type");
    let row = TYPES.iter().find(|(v1, ..)| v1.eq_ignore_ascii_case(name));
    let (v2_name, renamed) = row.map_or((name, &[][..]), |(_, v2, renamed)| (*v2, *renamed));
    let nat = v2_name == "PortMapping";
    let mut settings = ObjectBuilder::new();
    for (member, value) in policy.members() {
        if member.eq_ignore_ascii_case("Type") || (nat && member.eq_ignore_ascii_case("ExternalPortReserved"))
        {
            continue;
        }
        let known = renamed.iter().find(|(v1, _)| v1.eq_ignore_ascii_case(member));
        settings.set(known.map_or(member.as_str(), |(_, v2)| *v2), value.clone());
    }
    if nat {
        if let Some(protocol) = crate::policy::protocol(policy) {
            settings.set("Protocol", protocol);
        }
        let flags = policy.integer("Flags").unwrap_or_default();
        let reserved = if policy.truth("ExternalPortReserved") { EXTERNAL_PORT_RESERVED } else { 0 };
        if flags | reserved != 0 {
            settings.set("Flags", flags | reserved);
        }
    }
    if v2_name.eq_ignore_ascii_case("ACL") && !policy.has("Protocols") {
        // V1 has one protocol as a number; 256 means any.
        if let Some(protocol) = policy.integer("Protocol") {
            settings.set("Protocols", protocol.to_string());
        }
    }
    doc!({"Type": v2_name, "Settings": settings.build()})
}

#[cfg(test)]
mod tests {
    use winlab_document::doc;

    use super::{to_v2, view};
    use crate::policy::Policies;

    #[test]
    fn both_ways() {
        let v1 = doc!([
            {"Type": "NAT", "Protocol": "TCP", "InternalPort": 80, "ExternalPort": 8080, "ExternalPortReserved": true},
            {"Type": "PA", "PA": "10.0.0.4"},
            {"Type": "VSID", "VSID": 4096},
            {"Type": "OutBoundNAT", "VIP": "10.0.0.4", "ExceptionList": ["10.244.0.0/16"], "MaxPortPoolUsage": 8},
            {"Type": "ROUTE", "DestinationPrefix": "10.96.0.0/12", "NeedEncap": true},
            {"Type": "PROXY", "IP": "10.0.0.1", "ExceptionList": [], "OutboundNat": true},
            {"Type": "L2Driver"},
        ]);
        let v2 = to_v2(v1.items());
        assert_eq!(
            v2[0],
            doc!({"Type": "PortMapping", "Settings":
                {"Protocol": 6, "InternalPort": 80, "ExternalPort": 8080, "Flags": 4}})
        );
        assert_eq!(v2[2], doc!({"Type": "VSID", "Settings": {"IsolationId": 4096}}));
        let back = view(&Policies::from(&v2[..]), &[]);
        let mut expected = v1.clone();
        expected.items_mut()[0].set("Flags", 4);
        assert_eq!(back, expected);
    }
}
