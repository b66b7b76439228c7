//! The network configuration that both plugins share, and the policies they add to it.
//!
//! Source: `pkg/hns/netconf_windows.go`.

use std::sync::Arc;

use winlab_document::{Document, ObjectBuilder, doc};
use winlab_hcn::Hns;
use winlab_host::HostNetwork;
use winlab_profiles::HnsFeature;

use crate::result::{Dns, strings};

/// A configuration of win-bridge or win-overlay.
#[derive(Debug, Clone)]
pub(crate) struct NetConf {
    pub(crate) document: Document,
    pub(crate) name: String,
    /// 2 speaks HCN, anything else V1.
    pub(crate) api_version: u64,
    loopback_dsr: bool,
    policies: Vec<Document>,
    /// Whether HNS knows DSR, once it was asked.
    dsr: Option<bool>,
}

impl NetConf {
    pub(crate) fn read(document: Document) -> Self {
        let policies = document.get("policies").map(Document::items).unwrap_or_default().to_vec();
        Self {
            name: document.text(&["name"]).to_owned(),
            api_version: document.get("apiVersion").and_then(Document::as_u64).unwrap_or(0),
            loopback_dsr: document.get("loopbackDSR").and_then(Document::as_bool).unwrap_or(false),
            policies,
            dsr: None,
            document,
        }
    }

    /// The IPAM plugin, or empty: HNS gives addresses out itself then.
    pub(crate) fn ipam(&self) -> &str {
        self.document.text(&["ipam", "type"])
    }

    pub(crate) fn cni_version(&self) -> &str {
        self.document.text(&["cniVersion"])
    }

    fn is_v2(&self) -> bool {
        self.api_version == 2
    }

    /// `GetDNS`: what the runtime says goes before what the configuration says.
    pub(crate) fn dns(&self) -> Dns {
        let mut dns = Dns::from_document(self.document.get("dns"));
        let runtime = |name| strings(self.document.path(&["runtimeConfig", "dns", name]));
        let (servers, searches) = (runtime("servers"), runtime("searches"));
        if !servers.is_empty() {
            dns.nameservers = servers;
        }
        if !searches.is_empty() {
            dns.search = searches;
        }
        dns
    }

    /// The policies for the endpoint: values of those named `EndpointPolicy`. Over V2 they are read into a type and its
    /// settings first, so that nothing else of them reaches HNS (`GetHostComputeEndpointPolicies`).
    pub(crate) fn endpoint_policies(&self) -> Vec<Document> {
        let values = self.endpoint_values();
        if !self.is_v2() {
            return values.cloned().collect();
        }
        values.filter_map(host_compute_policy).collect()
    }

    fn endpoint_values(&self) -> impl Iterator<Item = &Document> {
        let named = |policy: &&Document| policy.text(&["name"]).eq_ignore_ascii_case("EndpointPolicy");
        self.policies.iter().filter(named).map(|policy| policy.get("value").unwrap_or(&Document::Null))
    }

    fn push(&mut self, value: Document) {
        self.policies.push(doc!({"name": "EndpointPolicy", "value": value}));
    }

    /// Whether a policy of `kind` lists `wanted` at `place`.
    fn lists(&self, kind: &str, place: &[&str], wanted: &str) -> bool {
        self.endpoint_values().filter(|value| value.text(&["Type"]) == kind).any(|value| {
            let listed = value.path(place).map(Document::items).unwrap_or_default();
            listed.iter().any(|item| item.as_str() == Some(wanted))
        })
    }

    /// `ApplyOutboundNatPolicy`: masquerade, but not towards `exception`.
    pub(crate) fn apply_outbound_nat(&mut self, exception: &str) {
        let place: &[&str] = if self.is_v2() { &["Settings", "Exceptions"] } else { &["ExceptionList"] };
        if exception.is_empty() || self.lists("OutBoundNAT", place, exception) {
            return;
        }
        let value = if self.is_v2() {
            doc!({"Type": "OutBoundNAT", "Settings": {"Exceptions": [exception]}})
        } else {
            doc!({"Type": "OutBoundNAT", "ExceptionList": [exception]})
        };
        self.push(value);
    }

    /// `ApplyLoopbackDSRPolicy`, where the configuration asks for it: a pod that reaches itself through a DSR service sees
    /// the node as its peer. HNS is asked once for its version, and must know DSR.
    pub(crate) async fn apply_loopback_dsr(&mut self, host: &Arc<HostNetwork>, ip: &str) {
        if !self.loopback_dsr {
            return;
        }
        if self.dsr.is_none() {
            let version = Hns::new(host.clone()).version().await;
            self.dsr = Some(version.is_ok_and(|version| version.has(HnsFeature::Dsr)));
        }
        if self.dsr == Some(true) {
            // Go's words for an address that is not there.
            self.push_loopback_dsr(if ip.is_empty() { "<nil>" } else { ip });
        }
    }

    fn push_loopback_dsr(&mut self, ip: &str) {
        let place: &[&str] = if self.is_v2() { &["Settings", "Destinations"] } else { &["Destinations"] };
        if self.lists("OutBoundNAT", place, ip) {
            return;
        }
        let value = if self.is_v2() {
            doc!({"Type": "OutBoundNAT", "Settings": {"Destinations": [ip]}})
        } else {
            doc!({"Type": "OutBoundNAT", "Destinations": [ip]})
        };
        self.push(value);
    }

    /// `ApplyDefaultPAPolicy`: the node that the endpoint is on, for VXLAN.
    pub(crate) fn apply_provider_address(&mut self, address: &str) {
        if address.is_empty() {
            return;
        }
        let place: &[&str] = if self.is_v2() { &["Settings", "ProviderAddress"] } else { &["PA"] };
        let there = |value: &Document| {
            matches!(value.text(&["Type"]), "PA" | "ProviderAddress") && value.text(place) == address
        };
        if self.endpoint_values().any(there) {
            return;
        }
        let value = if self.is_v2() {
            doc!({"Type": "ProviderAddress", "Settings": {"ProviderAddress": address}})
        } else {
            doc!({"Type": "PA", "PA": address})
        };
        self.push(value);
    }

    /// `ApplyPortMappingPolicy`: host ports, those of a known protocol.
    pub(crate) fn apply_port_mappings(&mut self) {
        let mappings = self.document.path(&["runtimeConfig", "portMappings"]).map(Document::items);
        for mapping in mappings.unwrap_or_default().to_vec() {
            let protocol = mapping.text(&["protocol"]);
            let Some(number) = protocol_number(protocol) else { continue };
            let port = |name: &str| mapping.get(name).and_then(Document::as_u64).unwrap_or(0);
            let (inside, outside) = (port("containerPort"), port("hostPort"));
            let value = if self.is_v2() {
                doc!({"Type": "PortMapping", "Settings": {
                    "InternalPort": inside, "ExternalPort": outside, "Protocol": number,
                    "VIP": mapping.text(&["hostIP"]),
                }})
            } else {
                doc!({"Type": "NAT", "InternalPort": inside, "ExternalPort": outside, "Protocol": protocol})
            };
            self.push(value);
        }
    }
}

/// hcsshim's `hcn.EndpointPolicy`, or nothing where a value cannot be read into it.
fn host_compute_policy(value: &Document) -> Option<Document> {
    if !value.is_object() && !value.is_null() {
        return None;
    }
    let kind = match value.get_ignore_case("Type") {
        None | Some(Document::Null) => "",
        Some(kind) => kind.as_str()?,
    };
    let mut policy = ObjectBuilder::new();
    policy.set("Type", kind);
    policy.set_some("Settings", value.get_ignore_case("Settings").cloned());
    Some(policy.build())
}

/// The number of a protocol, from its name or from a number.
fn protocol_number(text: &str) -> Option<u32> {
    match text.to_ascii_lowercase().as_str() {
        "icmpv4" => Some(1),
        "igmp" => Some(2),
        "tcp" => Some(6),
        "udp" => Some(17),
        "icmpv6" => Some(58),
        // Of ten bits (`ParseUint(…, 0, 10)`).
        number => number.parse().ok().filter(|number| *number < 1024),
    }
}

#[cfg(test)]
mod tests {
    use winlab_document::doc;

    use super::NetConf;

    #[test]
    fn policies_are_added_once() {
        let mut conf = NetConf::read(doc!({
            "apiVersion": 2,
            "policies": [{"name": "EndpointPolicy", "value": {"Type": "OutBoundNAT", "Settings": {"Exceptions": ["10.96.0.0/12"]}}}],
            "runtimeConfig": {
                "dns": {"servers": ["10.96.0.10"], "searches": ["default.svc.cluster.local"]},
                "portMappings": [{"hostPort": 8080, "containerPort": 80, "protocol": "TCP"}, {"protocol": "SCTP?"}]
            }
        }));
        conf.apply_outbound_nat("10.96.0.0/12");
        conf.apply_outbound_nat("10.244.0.0/16");
        conf.apply_outbound_nat("10.244.0.0/16");
        conf.apply_port_mappings();
        conf.push_loopback_dsr("10.244.1.5");
        let texts: Vec<String> = conf.endpoint_policies().iter().map(ToString::to_string).collect();
        assert_eq!(
            texts,
            [
                r#"{"Type":"OutBoundNAT","Settings":{"Exceptions":["10.96.0.0/12"]}}"#,
                r#"{"Type":"OutBoundNAT","Settings":{"Exceptions":["10.244.0.0/16"]}}"#,
                r#"{"Type":"PortMapping","Settings":{"InternalPort":80,"ExternalPort":8080,"Protocol":6,"VIP":""}}"#,
                r#"{"Type":"OutBoundNAT","Settings":{"Destinations":["10.244.1.5"]}}"#,
            ]
        );
        assert_eq!(conf.dns().nameservers, ["10.96.0.10"]);
    }
}
