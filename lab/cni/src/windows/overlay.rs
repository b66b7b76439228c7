//! win-overlay: endpoints on a VXLAN network (`plugins/main/windows/win-overlay`).

use std::net::{IpAddr, Ipv4Addr};

use winlab_component::{Machine, WindowsMachine};
use winlab_document::Document;
use winlab_hcn::{Hcn, Hns};

use super::endpoint_name::endpoint_name;
use super::endpoint_v2::EndpointInfo;
use super::netconf::NetConf;
use super::plugin::{Planned, added, delete, ipam_address};
use super::{endpoint_v1, endpoint_v2};
use crate::error::{Annotate, CniError};
use crate::result::CniResult;
use crate::runner::{CniArgs, CniRunner, Command};

pub(crate) async fn run(
    runner: &dyn CniRunner,
    command: Command,
    config: Document,
    args: &CniArgs,
    machine: &Machine,
    host: &WindowsMachine,
) -> Result<Document, CniError> {
    let mut conf = NetConf::read(config);
    match command {
        // Upstream's CHECK looks at nothing.
        Command::Check => Ok(Document::Null),
        Command::Add => {
            let result = if conf.api_version == 2 {
                add_v2(runner, &mut conf, args, machine, host).await
            } else {
                add_v1(runner, &mut conf, args, machine, host).await
            };
            added(runner, &conf, args, machine, result).await
        }
        Command::Del => delete(runner, &conf, args, machine, host).await,
    }
}

/// The first two bytes of the pods' MACs.
fn mac_prefix(conf: &NetConf) -> Result<String, CniError> {
    let prefix = conf.document.text(&["endpointMacPrefix"]);
    if prefix.is_empty() {
        return Ok("0E-2A".to_owned());
    }
    if prefix.len() != 5 || prefix.as_bytes()[2] != b'-' {
        return Err(CniError::new(format!(
            "endpointMacPrefix [{prefix}] is invalid, value must be of the format xx-xx"
        )));
    }
    Ok(prefix.to_owned())
}

fn expect_overlay(kind: &str, name: &str) -> Result<(), CniError> {
    if kind.eq_ignore_ascii_case("Overlay") {
        return Ok(());
    }
    Err(CniError::new(format!("network {name} is of an unexpected type: {kind}")))
}

async fn add_v2(
    runner: &dyn CniRunner,
    conf: &mut NetConf,
    args: &CniArgs,
    machine: &Machine,
    host: &WindowsMachine,
) -> Result<CniResult, CniError> {
    let prefix = mac_prefix(conf)?;
    // Upstream reads the network over V1 first and looks at that error only after the second one's.
    let v1 = Hns::new(host.network.clone()).network_by_name(&conf.name).await;
    let hcn = Hcn::new(host.network.clone());
    let network = hcn
        .network_by_name(&conf.name)
        .await
        .annotate(format!("error while hcn.GetNetworkByName({})", conf.name))?;
    let v1 = v1.map_err(|_| CniError::new(format!("network {} not found", conf.name)))?;
    expect_overlay(network.text(&["Type"]), &conf.name)?;
    let (name, id) = (endpoint_name(args, &conf.name), network.text(&["ID"]).to_owned());
    let adding = async {
        let planned = match endpoint_v2::existing(&hcn, &name, &id).await? {
            Some(endpoint) => Planned::Existing(endpoint),
            None => {
                let info = endpoint_info_v2(runner, conf, args, machine, host, &prefix, &v1, &name).await;
                let info = info
                    .map(|info| EndpointInfo { network_id: id.clone(), ..info })
                    .annotate("error while processing endpoint args")
                    .annotate("failed to make a new HostComputeEndpoint")?;
                let made = endpoint_v2::generate(&hcn, &info, conf).await;
                Planned::New(
                    made.annotate("error while generating HostComputeEndpoint")
                        .annotate("failed to make a new HostComputeEndpoint")?,
                )
            }
        };
        endpoint_v2::add(&hcn, &name, &args.netns, planned).await
    };
    let endpoint = adding.await.annotate("error while adding HostComputeEndpoint")?;
    endpoint_v2::result(&network, &endpoint)
        .annotate("error while constructing HostComputeEndpoint addition result")
}

async fn add_v1(
    runner: &dyn CniRunner,
    conf: &mut NetConf,
    args: &CniArgs,
    machine: &Machine,
    host: &WindowsMachine,
) -> Result<CniResult, CniError> {
    let prefix = mac_prefix(conf)?;
    let network = Hns::new(host.network.clone())
        .network_by_name(&conf.name)
        .await
        .annotate(format!("error while GETHNSNewtorkByName({})", conf.name))?;
    expect_overlay(network.text(&["Type"]), &conf.name)?;
    let (name, id) = (endpoint_name(args, &conf.name), network.text(&["ID"]).to_owned());
    let adding = async {
        let planned = match endpoint_v1::existing(host, &name, &id, args).await? {
            Some(endpoint) => Planned::Existing(endpoint),
            None => {
                let info =
                    endpoint_info_v1(runner, conf, args, machine, host, &prefix, &network, &name).await;
                let info = EndpointInfo {
                    network_id: id.clone(),
                    ..info.annotate("failed to make a new HNSEndpoint")?
                };
                Planned::New(endpoint_v1::settings(&info, conf))
            }
        };
        endpoint_v1::add(host, &name, args, planned).await
    };
    let endpoint =
        adding.await.annotate(format!("error while AddHnsEndpoint({name},{id},{})", args.container_id))?;
    endpoint_v1::result(&network, &endpoint).annotate("error while constructResult")
}

/// `processEndpointArgs` and what follows it: address from IPAM, a MAC made from it, the network's own gateway, the node's
/// address for VXLAN.
#[expect(clippy::too_many_arguments, reason = "what upstream's closure captures")]
async fn endpoint_info_v2(
    runner: &dyn CniRunner,
    conf: &mut NetConf,
    args: &CniArgs,
    machine: &Machine,
    host: &WindowsMachine,
    mac_prefix: &str,
    network: &Document,
    name: &str,
) -> Result<EndpointInfo, CniError> {
    let mut info = EndpointInfo { name: name.to_owned(), ..EndpointInfo::default() };
    if !conf.ipam().is_empty() {
        let address =
            ipam_address(runner, conf, args, machine, "error while executing IPAM addition").await?;
        let IpAddr::V4(ip) = address.address else {
            return Err(CniError::new("IPAM plugin return is missing valid IP Address"));
        };
        info.mac = conjured_mac(mac_prefix, ip);
        info.ip = ip.to_string();
    }
    info.dns = conf.dns();
    conf.apply_loopback_dsr(&host.network, &info.ip).await;
    // A gateway of another family is none (`To4`).
    let gateway: Option<Ipv4Addr> = subnet(network, "GatewayAddress").parse().ok();
    info.gateway = gateway.map(|gateway| gateway.to_string()).unwrap_or_default();
    apply_network_policies(conf, network);
    Ok(info)
}

/// The closure of `cmdHnsAdd`, which takes no configuration without IPAM.
#[expect(clippy::too_many_arguments, reason = "what upstream's closure captures")]
async fn endpoint_info_v1(
    runner: &dyn CniRunner,
    conf: &mut NetConf,
    args: &CniArgs,
    machine: &Machine,
    host: &WindowsMachine,
    mac_prefix: &str,
    network: &Document,
    name: &str,
) -> Result<EndpointInfo, CniError> {
    let address = ipam_address(runner, conf, args, machine, "error while ipam.ExecAdd").await?;
    let IpAddr::V4(ip) = address.address else {
        return Err(CniError::new("win-overlay doesn't support IPv6 now"));
    };
    apply_network_policies(conf, network);
    conf.apply_loopback_dsr(&host.network, &ip.to_string()).await;
    Ok(EndpointInfo {
        name: name.to_owned(),
        gateway: subnet(network, "GatewayAddress").to_owned(),
        ip: ip.to_string(),
        mac: conjured_mac(mac_prefix, ip),
        dns: conf.dns(),
        ..EndpointInfo::default()
    })
}

fn conjured_mac(prefix: &str, ip: Ipv4Addr) -> String {
    let [a, b, c, d] = ip.octets();
    format!("{prefix}-{a:02x}-{b:02x}-{c:02x}-{d:02x}")
}

/// A member of a V1 network's first subnet.
fn subnet<'a>(network: &'a Document, member: &str) -> &'a str {
    network.pointer("/Subnets/0").unwrap_or(&Document::Null).text(&[member])
}

fn apply_network_policies(conf: &mut NetConf, network: &Document) {
    conf.apply_provider_address(network.text(&["ManagementIP"]));
    if conf.document.get("ipMasq").and_then(Document::as_bool) == Some(true) {
        conf.apply_outbound_nat(subnet(network, "AddressPrefix"));
    }
}

#[cfg(test)]
mod tests {
    use winlab_document::doc;

    use super::{NetConf, mac_prefix};

    #[test]
    fn the_mac_prefix_is_checked() {
        let prefix = |text: &str| mac_prefix(&NetConf::read(doc!({"endpointMacPrefix": text})));
        assert_eq!(prefix("").unwrap(), "0E-2A");
        assert_eq!(prefix("0A-0B").unwrap(), "0A-0B");
        assert!(prefix("0A:0B").is_err());
    }
}
