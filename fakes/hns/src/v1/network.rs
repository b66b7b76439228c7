//! Networks of the V1 schema as V2 ones.

use winlab_document::{Document, ObjectBuilder, doc};
use winlab_host::HResult;

use crate::members::{Members, Outcome, require};
use crate::network::default_route;
use crate::v1::policy;

/// Members that only V1 networks have.
const MARKS: &[&str] = &[
    "Subnets",
    "MacPools",
    "NetworkAdapterName",
    "ManagementIP",
    "DNSSuffix",
    "DNSServerList",
    "SourceMac",
    "AutomaticDNS",
    "DrMacAddress",
];

/// The settings in V2 form; V1 is known by its schema version, or by its members where the version is not given.
///
/// # Errors
/// `HCN_E_INVALID_JSON` where it is no object.
pub(crate) fn as_v2(settings: &Document) -> Outcome<Document> {
    require(settings.is_object(), HResult::HCN_E_INVALID_JSON)?;
    Ok(if is_v1(settings, MARKS) { convert(settings) } else { settings.clone() })
}

/// Whether settings are of the V1 schema.
pub(crate) fn is_v1(settings: &Document, marks: &[&str]) -> bool {
    match settings.member("SchemaVersion").integer("Major").unwrap_or_default() {
        0 => marks.iter().any(|mark| settings.has(mark)),
        major => major == 1,
    }
}

fn convert(v1: &Document) -> Document {
    let mut policies = policy::to_v2(v1.list("Policies"));
    let mut rest = ObjectBuilder::new();
    let (mut dns, mut ranges, mut subnets) = (Document::empty_object(), Document::Null, Vec::new());
    for (name, value) in v1.members() {
        let text = value.as_str().unwrap_or_default();
        match name.to_ascii_lowercase().as_str() {
            "policies" | "schemaversion" => {}
            "subnets" => subnets.extend(value.items().iter().map(subnet)),
            "macpools" => ranges = value.clone(),
            "dnssuffix" if !text.is_empty() => dns.set("Domain", text),
            "dnsserverlist" if !text.is_empty() => dns.set("ServerList", servers(text)),
            "dnssuffix" | "dnsserverlist" => {}
            lower => {
                match policy::NETWORK_SCALARS.iter().find(|(member, ..)| member.to_ascii_lowercase() == lower)
                {
                    Some((_, kind, setting)) => {
                        if !value.is_null() && value.as_str() != Some("") {
                            policies.push(doc!({"Type": *kind, "Settings": {(*setting): value}}));
                        }
                    }
                    None => {
                        rest.set(name, value.clone());
                    }
                }
            }
        }
    }
    rest.set("Policies", policies);
    rest.set("Dns", dns);
    rest.set("MacPool", doc!({"Ranges": ranges}));
    if !subnets.is_empty() {
        rest.set("Ipams", doc!([{"Type": "Static", "Subnets": subnets}]));
    }
    rest.build()
}

fn subnet(v1: &Document) -> Document {
    let mut object = ObjectBuilder::new();
    for (name, value) in v1.members() {
        match name.to_ascii_lowercase().as_str() {
            "addressprefix" => {
                object.set("IpAddressPrefix", value.clone());
            }
            "gatewayaddress" => {
                if let Some(gateway) = value.as_str().filter(|text| !text.is_empty()) {
                    let route = match gateway.parse() {
                        Ok(gateway) => default_route(Some(gateway)),
                        Err(_) => doc!({"NextHop": gateway, "DestinationPrefix": "0.0.0.0/0"}),
                    };
                    object.set("Routes", doc!([route]));
                }
            }
            "policies" => {
                object.set("Policies", policy::to_v2(value.items()));
            }
            _ => {
                object.set(name, value.clone());
            }
        }
    }
    object.build()
}

/// A comma list as an array.
pub(crate) fn servers(list: &str) -> Document {
    list.split(',').map(str::trim).filter(|server| !server.is_empty()).collect()
}
