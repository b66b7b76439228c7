//! A pod's endpoint over V1 (`pkg/hns/endpoint_windows.go`): the way of dockershim.

use winlab_component::WindowsMachine;
use winlab_document::{Document, ObjectBuilder, doc};
use winlab_host::linux::Prefix;

use super::endpoint_name::PAUSE_NETNS;
use super::endpoint_v2::EndpointInfo;
use super::hns::{self, Attach};
use super::netconf::NetConf;
use super::plugin::Planned;
use crate::error::{Annotate, CniError};
use crate::result::{CniResult, Dns, Interface, IpConfig};
use crate::runner::CniArgs;

/// The endpoint of that name on the expected network; one that is on another is removed.
pub(super) async fn existing(
    machine: &WindowsMachine,
    name: &str,
    network: &str,
    args: &CniArgs,
) -> Result<Option<Document>, CniError> {
    let host = &*machine.network;
    let found =
        hns::endpoint_by_name(host, name).await.annotate(format!("failed to find HNSEndpoint {name}"))?;
    let Some(endpoint) = found else {
        if args.netns == PAUSE_NETNS {
            return Ok(None);
        }
        return Err(CniError::new(format!("failed to find HNSEndpoint {name}: Endpoint {name} not found")));
    };
    if endpoint.text(&["VirtualNetwork"]).eq_ignore_ascii_case(network) {
        return Ok(Some(endpoint));
    }
    delete(machine, endpoint.text(&["ID"]))
        .await
        .annotate(format!("failed to delete corrupted HNSEndpoint {name}"))?;
    Ok(None)
}

async fn delete(machine: &WindowsMachine, id: &str) -> Result<Document, CniError> {
    hns::call(&machine.network, "DELETE", &format!("/endpoints/{id}"), Document::Null).await
}

/// The settings of a new endpoint.
pub(super) fn settings(info: &EndpointInfo, conf: &mut NetConf) -> Document {
    if let (true, Ok(ip)) = (conf.loopback_dsr, info.ip.parse()) {
        conf.apply_loopback_dsr(ip);
    }
    let mut endpoint = ObjectBuilder::new();
    endpoint.set("Name", &info.name).set("VirtualNetwork", &info.network_id);
    let policies = conf.endpoint_policies();
    for (name, value) in [("MacAddress", &info.mac), ("IPAddress", &info.ip)] {
        if !value.is_empty() {
            endpoint.set(name, value);
        }
    }
    let (suffix, servers) = (info.dns.search.join(","), info.dns.nameservers.join(","));
    for (name, value) in
        [("DNSSuffix", &suffix), ("DNSServerList", &servers), ("GatewayAddress", &info.gateway)]
    {
        if !value.is_empty() {
            endpoint.set(name, value);
        }
    }
    if !policies.is_empty() {
        endpoint.set("Policies", policies);
    }
    endpoint.build()
}

/// The second half of `AddHnsEndpoint`: makes the endpoint where it is new and attaches it to the running container.
pub(super) async fn add(
    machine: &WindowsMachine,
    name: &str,
    args: &CniArgs,
    planned: Planned,
) -> Result<Document, CniError> {
    let is_new = matches!(planned, Planned::New(_));
    let endpoint = match planned {
        Planned::Existing(endpoint) => endpoint,
        Planned::New(settings) => hns::call(&machine.network, "POST", "/endpoints/", settings)
            .await
            .annotate("failed to create the new HNSEndpoint")?,
    };
    let id = endpoint.text(&["ID"]);
    let problem = match hns::hot_attach(&machine.network, &machine.compute, &args.container_id, id).await {
        Attach::Done => return Ok(endpoint),
        Attach::NoSystem if !is_new => return Ok(endpoint),
        Attach::NoSystem => "A Compute System with the specified identifier does not exist.".to_owned(),
        Attach::Failed(text) => text,
    };
    if is_new {
        remove(machine, name, args).await?;
    }
    Err(CniError::new(format!(
        "failed to attach container {} to HNSEndpoint {id}: {problem}",
        args.container_id
    )))
}

/// `RemoveHnsEndpoint`
pub(super) async fn remove(machine: &WindowsMachine, name: &str, args: &CniArgs) -> Result<(), CniError> {
    if args.netns.is_empty() {
        return Ok(());
    }
    let found = hns::endpoint_by_name(&machine.network, name).await;
    let Some(endpoint) = found.annotate(format!("failed to find HNSEndpoint {name}"))? else { return Ok(()) };
    let id = endpoint.text(&["ID"]);
    if args.netns == PAUSE_NETNS {
        hns::hot_detach(&machine.network, &machine.compute, &args.container_id, id).await;
        // Upstream drops the outcome of this removal too.
        let _ = delete(machine, id).await;
        return Ok(());
    }
    let body = doc!({"ContainerId": &args.container_id, "SystemType": "Container"});
    let _ = hns::call(&machine.network, "POST", &format!("/endpoints/{id}/detach"), body).await;
    Ok(())
}

/// `ConstructHnsResult`
pub(super) fn result(network: &Document, endpoint: &Document) -> Result<CniResult, CniError> {
    let prefix = network.pointer("/Subnets/0/AddressPrefix").and_then(Document::as_str).unwrap_or_default();
    let subnet: Prefix = prefix.parse().map_err(|_| {
        CniError::new(format!("failed to parse CIDR from {prefix}: invalid CIDR address: {prefix}"))
    })?;
    let text = |name: &str| endpoint.text(&[name]).to_owned();
    let list = |name: &str| endpoint.text(&[name]).split(',').map(str::to_owned).collect();
    Ok(CniResult {
        interfaces: vec![Interface { name: text("Name"), mac: text("MacAddress"), sandbox: String::new() }],
        ips: vec![IpConfig {
            address: format!("{}/{}", text("IPAddress"), subnet.length),
            gateway: text("GatewayAddress"),
            interface: None,
        }],
        routes: Vec::new(),
        dns: Dns { nameservers: list("DNSServerList"), search: list("DNSSuffix"), ..Dns::default() },
    })
}
