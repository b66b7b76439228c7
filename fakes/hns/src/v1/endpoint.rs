//! Endpoints of the V1 schema as V2 ones.

use winlab_document::{Document, ObjectBuilder, doc};
use winlab_host::HResult;

use crate::flags;
use crate::members::{Members, Outcome, require};
use crate::network::default_route;
use crate::v1::network::{is_v1, servers};
use crate::v1::policy;

/// Members that only V1 endpoints have.
const MARKS: &[&str] = &[
    "VirtualNetwork",
    "VirtualNetworkName",
    "IPAddress",
    "IPv6Address",
    "PrefixLength",
    "GatewayAddress",
    "IsRemoteEndpoint",
    "DNSSuffix",
    "DNSServerList",
    "DNSDomain",
];

/// The settings in V2 form.
///
/// # Errors
/// `HCN_E_INVALID_JSON` where it is no object.
pub(crate) fn as_v2(settings: &Document) -> Outcome<Document> {
    require(settings.is_object(), HResult::HCN_E_INVALID_JSON)?;
    Ok(if is_v1(settings, MARKS) { convert(settings) } else { settings.clone() })
}

/// Members that [`convert`] reads by name.
const READ: &[&str] = &[
    "SchemaVersion",
    "Policies",
    "VirtualNetwork",
    "VirtualNetworkName",
    "IPAddress",
    "PrefixLength",
    "IPv6Address",
    "IPv6PrefixLength",
    "GatewayAddress",
    "GatewayAddressV6",
    "IsRemoteEndpoint",
    "DisableICC",
    "EnableLowMetric",
    "EnableLowInterfaceMetric",
    "DNSSuffix",
    "DNSServerList",
    "DNSDomain",
    "EncapOverhead",
    "Namespace",
    "SharedContainers",
    "Flags",
];

/// A V1 endpoint as V2 settings.
pub(crate) fn convert(v1: &Document) -> Document {
    let mut object = ObjectBuilder::new();
    for (name, value) in v1.members() {
        if !READ.iter().any(|read| read.eq_ignore_ascii_case(name)) {
            object.set(name, value.clone());
        }
    }
    if v1.has("VirtualNetwork") {
        object.set("HostComputeNetwork", v1.member("VirtualNetwork").clone());
    }
    let mut policies = policy::to_v2(v1.list("Policies"));
    if let Some(overhead) = v1.integer("EncapOverhead").filter(|overhead| *overhead != 0) {
        policies.push(doc!({"Type": "EncapOverhead", "Settings": {"Overhead": overhead}}));
    }
    object.set("Policies", policies);
    let addresses = [("IPAddress", "PrefixLength"), ("IPv6Address", "IPv6PrefixLength")];
    let configs = addresses.iter().filter(|(address, _)| !v1.string(address).is_empty()).map(|(address, length)| {
        doc!({"IpAddress": v1.string(address), "PrefixLength": v1.integer(length).unwrap_or_default()})
    });
    object.set("IpConfigurations", configs.collect::<Document>());
    let gateways =
        ["GatewayAddress", "GatewayAddressV6"].iter().filter_map(|member| v1.string(member).parse().ok());
    object.set("Routes", gateways.map(|gateway| default_route(Some(gateway))).collect::<Document>());
    object.set("Dns", dns(v1));
    let namespace = v1.member("Namespace").string("ID");
    if !namespace.is_empty() {
        object.set("HostComputeNamespace", namespace);
    }
    object.set("Flags", flags(v1));
    object.build()
}

fn flags(v1: &Document) -> u64 {
    let bit = |members: &[&str], flag: u32| {
        if members.iter().any(|member| v1.truth(member)) { u64::from(flag) } else { 0 }
    };
    v1.integer("Flags").unwrap_or_default()
        | bit(&["IsRemoteEndpoint"], flags::ENDPOINT_REMOTE)
        | bit(&["DisableICC"], 2)
        | bit(&["EnableLowMetric", "EnableLowInterfaceMetric"], 8)
}

/// V1 names the connection's suffix `DNSDomain` and the search list `DNSSuffix`.
pub(crate) fn dns(v1: &Document) -> Document {
    let mut dns = Document::empty_object();
    if !v1.string("DNSDomain").is_empty() {
        dns.set("Domain", v1.string("DNSDomain"));
    }
    if !v1.string("DNSSuffix").is_empty() {
        dns.set("Search", servers(v1.string("DNSSuffix")));
    }
    if !v1.string("DNSServerList").is_empty() {
        dns.set("ServerList", servers(v1.string("DNSServerList")));
    }
    dns
}
