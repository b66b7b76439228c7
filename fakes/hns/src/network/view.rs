//! Networks as documents of both schemas.

use winlab_document::{Document, ObjectBuilder, doc};

use crate::base::health_v1;
use crate::hns::Hns;
use crate::members::{Members, upper};
use crate::network::object::Extension;
use crate::network::{Network, NetworkKind, Subnet};
use crate::v1;

/// `State` of a network that is there.
const CREATED: u16 = 1;

impl Hns {
    /// The V2 form.
    pub(crate) fn network_v2(&self, network: &Network) -> Document {
        network.view.get_or_init(|| self.make_network_v2(network)).clone()
    }

    fn make_network_v2(&self, network: &Network) -> Document {
        let mut object = ObjectBuilder::with_capacity(16);
        object.set("ID", network.id);
        object.set("Name", network.name.clone());
        object.set("Type", network.kind.name());
        object.set("Flags", network.flags);
        object.set("Policies", network.policies.view());
        object.set("MacPool", doc!({"Ranges": network.macs.view()}));
        object.set("Dns", network.dns.clone());
        let ipam = |ipam: &crate::network::Ipam| {
            let subnets: Document = ipam.subnets.iter().map(Subnet::view).collect();
            doc!({"Type": ipam.kind.clone(), "Subnets": subnets})
        };
        object.set("Ipams", network.ipams.iter().map(ipam).collect::<Document>());
        object.set("Health", doc!({"Extra": {"SwitchGuid": network.switch, "LayeredOn": network.switch}}));
        self.base().finish_v2(object, CREATED, &network.unknown)
    }

    /// The V1 form, as `GET /networks/<id>` shows it.
    pub(crate) fn network_v1(&self, network: &Network) -> Document {
        let mut object = ObjectBuilder::with_capacity(36);
        object.set("ID", upper(network.id));
        object.set("Name", network.name.clone());
        object.set("Type", network.kind.name());
        object.set("Flags", network.flags);
        let policies = network
            .policies_v1
            .get_or_init(|| v1::policy::view(&network.policies, v1::policy::NETWORK_MEMBERS));
        object.set("Policies", policies.clone());
        object.set("MacPools", network.macs.view());
        object.set("Subnets", network.subnets().map(|s| subnet_v1(s, network.since)).collect::<Document>());
        let dns = &network.dns;
        object.set_some("DNSSuffix", text(dns.string("Domain")).or_else(|| text(dns.string("Suffix"))));
        object.set_some("DNSServerList", text(&dns.strings("ServerList").join(",")));
        object.set_some("NetworkAdapterName", text(adapter_name(network)));
        object.set_some("ManagementIP", network.management.map(|address| address.to_string()));
        for (member, policy, setting) in v1::policy::NETWORK_SCALARS {
            let value =
                network.policies.of(policy).next().map(|p| p.member("Settings").member(setting).clone());
            object.set_some(*member, value);
        }
        if network.kind == NetworkKind::Nat {
            object.set("NatName", format!("NAT{:#}", network.id));
        }
        if let Some((_, mac)) = &network.gateway_nic {
            object.set("GatewayMac", mac.dashed());
        }
        object.set("Extensions", network.extensions.iter().map(extension).collect::<Document>());
        object.set("SwitchGuid", upper(network.switch));
        object.set("SwitchName", self.switch_name(network));
        object.set("LayeredOn", upper(network.switch));
        object.set("IPv6", network.subnets().any(|subnet| subnet.prefix.address.is_ipv6()));
        object.set("IsolateSwitch", false);
        object.set("CurrentEndpointCount", network.endpoints.len());
        object.set("TotalEndpoints", network.endpoints.len());
        object.set("MaxConcurrentEndpoints", network.endpoints.len());
        object.set("ActivityId", upper(network.id));
        object.set("Resources", v1::resources(network.switch, CREATED, network.since));
        self.base().finish_v1(object, CREATED, network.since, &network.unknown)
    }

    fn switch_name(&self, network: &Network) -> String {
        if network.kind.is_external() { network.adapter.clone() } else { network.name.to_string() }
    }
}

fn adapter_name(network: &Network) -> &str {
    let policy = network.policies.of("NetAdapterName").next();
    policy.map(|policy| policy.member("Settings").string("NetworkAdapterName")).unwrap_or_default()
}

fn text(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

fn extension(extension: &Extension) -> Document {
    doc!({"Id": upper(extension.id), "IsEnabled": extension.enabled, "Name": extension.name})
}

fn subnet_v1(subnet: &Subnet, since: u64) -> Document {
    let blocks: Document = subnet
        .blocks
        .iter()
        .map(|block| {
            doc!({"AdditionalParams": {}, "Flags": block.flags, "Health": health_v1(since), "ID": upper(block.id),
                "IpAddressPrefix": block.prefix.to_string(), "ObjectType": 6, "Policies": [], "State": 0})
        })
        .collect();
    let mut object = ObjectBuilder::with_capacity(10);
    object.set("AddressPrefix", subnet.text.clone());
    object.set_some("GatewayAddress", subnet.gateway.map(|gateway| gateway.to_string()));
    object.set("Policies", v1::policy::view(&subnet.policies, &[]));
    object.set("ID", upper(subnet.id));
    object.set("IpSubnets", blocks);
    object.set("ObjectType", 5);
    object.set("Flags", subnet.flags);
    object.set("State", 0);
    object.set("Health", health_v1(since));
    object.set("AdditionalParams", Document::empty_object());
    for (name, value) in subnet.unknown.members() {
        object.set(name, value);
    }
    object.build()
}
