//! A pod's endpoint over V1 (`pkg/hns/endpoint_windows.go`): the way of dockershim.

use winlab_component::WindowsMachine;
use winlab_document::{Document, ObjectBuilder, doc};
use winlab_hcn::{Hns, HnsError};
use winlab_host::linux::Prefix;

use super::endpoint_name::PAUSE_NETNS;
use super::endpoint_v2::EndpointInfo;
use super::hot_attach::{ChangeContainerError, hot_attach, hot_detach};
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
    let endpoint = match hns(machine).endpoint_by_name(name).await {
        Ok(endpoint) => endpoint,
        // Containers that share an endpoint expect it to be there.
        Err(HnsError::NotFound(_)) if args.netns == PAUSE_NETNS => return Ok(None),
        Err(error) => return Err(error).annotate(format!("failed to find HNSEndpoint {name}")),
    };
    if endpoint.text(&["VirtualNetwork"]).eq_ignore_ascii_case(network) {
        return Ok(Some(endpoint));
    }
    delete(machine, endpoint.text(&["ID"]))
        .await
        .annotate(format!("failed to delete corrupted HNSEndpoint {name}"))?;
    Ok(None)
}

fn hns(machine: &WindowsMachine) -> Hns {
    Hns::new(machine.network.clone())
}

async fn delete(machine: &WindowsMachine, id: &str) -> Result<Document, HnsError> {
    hns(machine).call("DELETE", &format!("/endpoints/{id}"), Document::Null).await
}

/// `GenerateHnsEndpoint`: its settings. Looks once more whether the name is free, as upstream does.
pub(super) async fn generate(
    machine: &WindowsMachine,
    info: &EndpointInfo,
    conf: &mut NetConf,
) -> Result<Document, CniError> {
    let name = &info.name;
    match hns(machine).endpoint_by_name(name).await {
        Err(HnsError::NotFound(_)) => {}
        Err(error) => return Err(error).annotate(format!("failed to get HNSEndpoint {name}")),
        Ok(found) if found.text(&["VirtualNetwork"]).eq_ignore_ascii_case(&info.network_id) => {
            return Err(CniError::new(format!("HNSEndpoint {name} is already existed")));
        }
        Ok(found) => delete(machine, found.text(&["ID"]))
            .await
            .map(drop)
            .annotate(format!("failed to delete corrupted HNSEndpoint {name}"))?,
    }
    conf.apply_loopback_dsr(&machine.network, &info.ip).await;
    Ok(settings(info, conf))
}

/// `HNSEndpoint`'s JSON: empty members are left out.
pub(super) fn settings(info: &EndpointInfo, conf: &NetConf) -> Document {
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
        Planned::New(settings) => hns(machine)
            .call("POST", "/endpoints/", settings)
            .await
            .annotate("failed to create the new HNSEndpoint")?,
    };
    let (id, container) = (endpoint.text(&["ID"]), &args.container_id);
    let problem = match hot_attach(machine, container, id).await {
        Ok(()) => return Ok(endpoint),
        Err(ChangeContainerError::NoSystem) if !is_new => return Ok(endpoint),
        Err(problem) => problem,
    };
    if is_new {
        remove(machine, name, args).await.annotate(format!(
            "failed to remove the new HNSEndpoint {id} after attaching container {container} failure"
        ))?;
    }
    Err(CniError::new(format!("failed to attach container {container} to HNSEndpoint {id}: {problem}")))
}

/// `RemoveHnsEndpoint`
pub(super) async fn remove(machine: &WindowsMachine, name: &str, args: &CniArgs) -> Result<(), CniError> {
    if args.netns.is_empty() {
        return Ok(());
    }
    let endpoint = match hns(machine).endpoint_by_name(name).await {
        Ok(endpoint) => endpoint,
        Err(HnsError::NotFound(_)) => return Ok(()),
        Err(error) => return Err(error).annotate(format!("failed to find HNSEndpoint {name}")),
    };
    let id = endpoint.text(&["ID"]);
    if args.netns == PAUSE_NETNS {
        // Upstream drops the outcome of both.
        let _ = hot_detach(machine, &args.container_id, id).await;
        let _ = delete(machine, id).await;
        return Ok(());
    }
    let body = doc!({"ContainerId": &args.container_id, "SystemType": "Container"});
    let _ = hns(machine).call("POST", &format!("/endpoints/{id}/detach"), body).await;
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
