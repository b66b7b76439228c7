//! Endpoints as documents of both schemas.

use winlab_document::{Document, ObjectBuilder, doc};
use winlab_host::linux::Prefix;

use crate::endpoint::Endpoint;
use crate::hns::Hns;
use crate::members::{Members, upper};
use crate::network::Network;
use crate::store::Identified as _;
use crate::v1;

impl Hns {
    /// The V2 form.
    pub(crate) fn endpoint_v2(&self, endpoint: &Endpoint) -> Document {
        let details = endpoint.details();
        let network = self.networks.at(endpoint.network);
        let mut object = ObjectBuilder::with_capacity(16);
        object.set("ID", endpoint.id);
        object.set("Name", endpoint.name.clone());
        object.set_some("HostComputeNetwork", network.map(Network::id));
        if !details.namespace.is_nil() {
            object.set("HostComputeNamespace", details.namespace);
        }
        object.set("Policies", endpoint.policies.view());
        let configs: Document = endpoint.addresses().map(|p| self.ip_config(endpoint, network, *p)).collect();
        object.set("IpConfigurations", configs);
        object.set("Dns", or_object(&details.dns));
        object.set(
            "Routes",
            if details.routes.is_null() { Document::empty_array() } else { details.routes.clone() },
        );
        object.set("MacAddress", endpoint.mac.dashed());
        object.set("Flags", endpoint.flags);
        if !endpoint.is_remote() {
            let switch = network.map(|network| network.switch).unwrap_or_default();
            let mut parameters = or_object(details.unknown.member("AdditionalParams"));
            parameters.set("SwitchId", switch);
            parameters.set("SwitchPortId", details.port_id);
            object.set("AdditionalParams", parameters);
            let containers: Document = details.containers.iter().collect();
            object.set("Health", doc!({"Extra": {"SharedContainers": containers}}));
        }
        self.base().finish_v2(object, details.state as u16, &details.unknown)
    }

    fn ip_config(&self, endpoint: &Endpoint, network: Option<&Network>, prefix: Prefix) -> Document {
        let mut object = ObjectBuilder::with_capacity(3);
        object.set("IpAddress", prefix.address.to_string());
        object.set("PrefixLength", prefix.length);
        let subnet = network.filter(|_| !endpoint.is_remote()).and_then(|n| n.subnet_of(prefix.address));
        let block = subnet.and_then(|s| s.blocks.iter().find(|block| block.prefix.contains(prefix.address)));
        object.set_some("IpSubnetId", block.map(|block| block.id));
        object.build()
    }

    /// The V1 form, as `GET /endpoints/<id>` shows it.
    pub(crate) fn endpoint_v1(&self, endpoint: &Endpoint) -> Document {
        let details = endpoint.details();
        let network = self.networks.at(endpoint.network);
        let mut object = ObjectBuilder::with_capacity(36);
        object.set("ID", upper(endpoint.id));
        object.set("Name", endpoint.name.clone());
        object.set_some("VirtualNetwork", network.map(|network| upper(network.id)));
        object.set_some("VirtualNetworkName", network.map(|network| network.name.clone()));
        object.set("Policies", v1::policy::view(&endpoint.policies, v1::policy::ENDPOINT_MEMBERS));
        object.set("MacAddress", endpoint.mac.dashed());
        for (address, length, v4) in
            [("IPAddress", "PrefixLength", true), ("IPv6Address", "IPv6PrefixLength", false)]
        {
            if let Some(prefix) = endpoint.addresses().find(|prefix| prefix.address.is_ipv4() == v4) {
                object.set(address, prefix.address.to_string());
                object.set(length, prefix.length);
            }
        }
        for (member, destination) in [("GatewayAddress", "0.0.0.0/0"), ("GatewayAddressV6", "::/0")] {
            let route = details.routes.items().iter().find(|r| r.string("DestinationPrefix") == destination);
            object.set_some(member, route.map(|route| route.string("NextHop")));
        }
        self.set_v1_dns(endpoint, &mut object);
        self.set_v1_namespace(endpoint, &mut object);
        let overhead = endpoint.policies.of("EncapOverhead").next();
        object.set_some("EncapOverhead", overhead.map(|p| p.member("Settings").member("Overhead").clone()));
        if endpoint.is_remote() {
            object.set("IsRemoteEndpoint", true);
        }
        object.set("DisableICC", endpoint.flags & 2 != 0);
        object.set("EnableLowInterfaceMetric", endpoint.flags & 8 != 0);
        object.set("Flags", endpoint.flags);
        object.set("SharedContainers", details.containers.iter().collect::<Document>());
        object.set("Type", network.map(|network| network.kind.name()));
        object.set("ActivityId", upper(endpoint.id));
        object.set("CreateProcessingStartTime", details.since);
        object.set("StartTime", details.since);
        object.set("Resources", v1::resources(details.port_id, details.state as u16, details.since));
        self.base().finish_v1(object, details.state as u16, details.since, &details.unknown)
    }

    fn set_v1_dns(&self, endpoint: &Endpoint, object: &mut ObjectBuilder) {
        let dns = &endpoint.details().dns;
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let search = dns.strings("Search").join(",");
        object.set_some("DNSDomain", text(dns.string("Domain")));
        object.set_some("DNSSuffix", text(&search).or_else(|| text(dns.string("Suffix"))));
        object.set_some("DNSServerList", text(&dns.strings("ServerList").join(",")));
    }

    fn set_v1_namespace(&self, endpoint: &Endpoint, object: &mut ObjectBuilder) {
        if let Some(space) = self.namespaces.get(endpoint.namespace()) {
            object.set(
                "Namespace",
                doc!({"ID": upper(space.id), "CompartmentId": space.compartment, "IsDefault": space.is_default}),
            );
        }
    }
}

fn or_object(document: &Document) -> Document {
    if document.is_null() { Document::empty_object() } else { document.clone() }
}
