//! A pod's endpoint over HCN (`pkg/hns/endpoint_windows.go`).

use winlab_document::{Document, ObjectBuilder, doc};
use winlab_hcn::Hcn;
use winlab_host::linux::Prefix;

use super::netconf::NetConf;
use super::plugin::Planned;
use crate::error::{Annotate, CniError};
use crate::result::{CniResult, Dns, Interface, IpConfig, strings};

/// What an endpoint is made from.
#[derive(Debug, Default)]
pub(super) struct EndpointInfo {
    pub(super) name: String,
    pub(super) network_id: String,
    pub(super) gateway: String,
    pub(super) ip: String,
    pub(super) mac: String,
    pub(super) dns: Dns,
}

/// The endpoint of that name on the expected network; one that is on another is removed.
pub(super) async fn existing(hcn: &Hcn, name: &str, network: &str) -> Result<Option<Document>, CniError> {
    let endpoint = match hcn.endpoint_by_name(name).await {
        Ok(endpoint) => endpoint,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error).annotate(format!("failed to find HostComputeEndpoint {name}")),
    };
    if endpoint.text(&["HostComputeNetwork"]).eq_ignore_ascii_case(network) {
        return Ok(Some(endpoint));
    }
    hcn.delete_endpoint(endpoint.text(&["ID"]))
        .await
        .annotate(format!("failed to delete corrupted HostComputeEndpoint {name}"))?;
    Ok(None)
}

/// `GenerateHcnEndpoint`: its settings. Looks once more whether the name is free, as upstream does.
pub(super) async fn generate(
    hcn: &Hcn,
    info: &EndpointInfo,
    conf: &mut NetConf,
) -> Result<Document, CniError> {
    match hcn.endpoint_by_name(&info.name).await {
        Err(error) if error.is_not_found() => {}
        Err(error) => return Err(error).annotate(format!("failed to get HostComputeEndpoint {}", info.name)),
        Ok(found) if found.text(&["HostComputeNetwork"]).eq_ignore_ascii_case(&info.network_id) => {
            return Err(CniError::new(format!("HostComputeNetwork {} is already existed", info.name)));
        }
        Ok(found) => hcn
            .delete_endpoint(found.text(&["ID"]))
            .await
            .annotate(format!("failed to delete corrupted HostComputeEndpoint {}", info.name))?,
    }
    conf.apply_loopback_dsr(hcn.host(), &info.ip).await;
    Ok(settings(info, conf))
}

/// `HostComputeEndpoint`'s JSON: empty members are left out.
fn settings(info: &EndpointInfo, conf: &NetConf) -> Document {
    let mut endpoint = ObjectBuilder::new();
    endpoint.set("Name", &info.name).set("HostComputeNetwork", &info.network_id);
    let policies = conf.endpoint_policies();
    if !policies.is_empty() {
        endpoint.set("Policies", policies);
    }
    let address = if info.ip.is_empty() { doc!({}) } else { doc!({"IpAddress": &info.ip}) };
    endpoint.set("IpConfigurations", doc!([address]));
    let mut dns = ObjectBuilder::new();
    if !info.dns.domain.is_empty() {
        dns.set("Domain", &info.dns.domain);
    }
    for (name, list) in
        [("Search", &info.dns.search), ("ServerList", &info.dns.nameservers), ("Options", &info.dns.options)]
    {
        if !list.is_empty() {
            dns.set(name, list.iter().collect::<Document>());
        }
    }
    endpoint.set("Dns", dns.build());
    let everything = if info.gateway.contains(':') || info.gateway.is_empty() { "::/0" } else { "0.0.0.0/0" };
    let mut route = ObjectBuilder::new();
    if !info.gateway.is_empty() {
        route.set("NextHop", &info.gateway);
    }
    route.set("DestinationPrefix", everything);
    endpoint.set("Routes", doc!([route.build()]));
    if !info.mac.is_empty() {
        endpoint.set("MacAddress", &info.mac);
    }
    endpoint.set("Health", doc!({"Extra": {}})).set("SchemaVersion", doc!({"Major": 2, "Minor": 0}));
    endpoint.build()
}

/// The second half of `AddHcnEndpoint`: makes the endpoint where it is new and puts it into the namespace.
pub(super) async fn add(
    hcn: &Hcn,
    name: &str,
    namespace: &str,
    planned: Planned,
) -> Result<Document, CniError> {
    let is_new = matches!(planned, Planned::New(_));
    let endpoint = match planned {
        Planned::Existing(endpoint) => endpoint,
        Planned::New(settings) => hcn
            .create_endpoint(settings.text(&["HostComputeNetwork"]), settings.clone())
            .await
            .annotate("failed to create the new HostComputeEndpoint")?,
    };
    let id = endpoint.text(&["ID"]);
    match hcn.modify_namespace_endpoint(namespace, id, "Add").await {
        Ok(()) => Ok(endpoint),
        Err(error) => {
            if is_new {
                remove(hcn, name).await.annotate(format!(
                    "failed to remove the new HostComputeEndpoint {name} after adding HostComputeNamespace {namespace} failure"
                ))?;
            }
            Err(error).annotate(format!(
                "failed to add HostComputeEndpoint {name} to HostComputeNamespace {namespace}"
            ))
        }
    }
}

/// `RemoveHcnEndpoint`
pub(super) async fn remove(hcn: &Hcn, name: &str) -> Result<(), CniError> {
    let endpoint = match hcn.endpoint_by_name(name).await {
        Ok(endpoint) => endpoint,
        Err(error) if error.is_not_found() => return Ok(()),
        Err(error) => return Err(error).annotate(format!("failed to find HostComputeEndpoint {name}")),
    };
    let (id, namespace) = (endpoint.text(&["ID"]), endpoint.text(&["HostComputeNamespace"]));
    match hcn.namespace_by_id(namespace).await {
        Ok(_) => match hcn.modify_namespace_endpoint(namespace, id, "Remove").await {
            Err(error) if !error.is_not_found() => {
                return Err(error).annotate(format!("error removing endpoint: {name} from namespace"));
            }
            _ => {}
        },
        Err(error) if error.is_not_found() => {}
        Err(error) => return Err(error).annotate(format!("failed to get HostComputeNamespace {name}")),
    }
    hcn.delete_endpoint(id).await.annotate(format!("failed to remove HostComputeEndpoint {name}"))
}

/// `ConstructHcnResult`
pub(super) fn result(network: &Document, endpoint: &Document) -> Result<CniResult, CniError> {
    let prefix = network.pointer("/Ipams/0/Subnets/0/IpAddressPrefix").and_then(Document::as_str);
    let prefix = prefix.unwrap_or_default();
    let subnet: Prefix =
        prefix.parse().map_err(|_| CniError::new(format!("invalid CIDR address: {prefix}")))?;
    let at =
        |pointer: &str| endpoint.pointer(pointer).and_then(Document::as_str).unwrap_or_default().to_owned();
    let dns = endpoint.get("Dns");
    let list = |name| strings(dns.and_then(|dns| dns.get(name)));
    Ok(CniResult {
        interfaces: vec![Interface { name: at("/Name"), mac: at("/MacAddress"), sandbox: String::new() }],
        ips: vec![IpConfig {
            address: format!("{}/{}", at("/IpConfigurations/0/IpAddress"), subnet.length),
            gateway: at("/Routes/0/NextHop"),
            interface: None,
        }],
        routes: Vec::new(),
        dns: Dns {
            nameservers: list("ServerList"),
            domain: dns.map(|dns| dns.text(&["Domain"])).unwrap_or_default().to_owned(),
            search: list("Search"),
            options: list("Options"),
        },
    })
}

#[cfg(test)]
mod tests {
    use winlab_document::doc;

    use super::{EndpointInfo, result, settings};
    use crate::windows::netconf::NetConf;

    #[test]
    fn the_settings_are_those_of_hcsshims_struct() {
        let info = EndpointInfo {
            name: "sb_cbr0".into(),
            network_id: "n".into(),
            gateway: "10.244.1.2".into(),
            ip: "10.244.1.5".into(),
            ..EndpointInfo::default()
        };
        assert_eq!(
            settings(&info, &NetConf::read(doc!({}))).to_string(),
            r#"{"Name":"sb_cbr0","HostComputeNetwork":"n","IpConfigurations":[{"IpAddress":"10.244.1.5"}],"Dns":{},"Routes":[{"NextHop":"10.244.1.2","DestinationPrefix":"0.0.0.0/0"}],"Health":{"Extra":{}},"SchemaVersion":{"Major":2,"Minor":0}}"#
        );
    }

    #[test]
    fn the_result_takes_its_mask_from_the_network() {
        let network = doc!({"Ipams": [{"Subnets": [{"IpAddressPrefix": "10.244.1.0/24"}]}]});
        let endpoint = doc!({
            "Name": "e", "MacAddress": "00-15-5D-00-00-01", "IpConfigurations": [{"IpAddress": "10.244.1.5"}],
            "Routes": [{"NextHop": "10.244.1.2"}], "Dns": {"ServerList": ["10.96.0.10"]},
        });
        let result = result(&network, &endpoint).unwrap();
        assert_eq!(result.ips[0].address, "10.244.1.5/24");
        assert_eq!(result.dns.nameservers, ["10.96.0.10"]);
    }
}
