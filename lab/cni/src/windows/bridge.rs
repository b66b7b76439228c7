//! win-bridge: endpoints on an L2Bridge or L2Tunnel network (`plugins/main/windows/win-bridge`).

use std::net::IpAddr;

use winlab_component::{Machine, WindowsMachine};
use winlab_document::Document;
use winlab_hcn::{Hcn, Hns};
use winlab_host::linux::Prefix;

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

fn expect_type(kind: &str, name: &str, exact: bool) -> Result<(), CniError> {
    let fits = ["L2Bridge", "L2Tunnel"]
        .iter()
        .any(|known| if exact { *known == kind } else { known.eq_ignore_ascii_case(kind) });
    if fits { Ok(()) } else { Err(CniError::new(format!("network {name} is of unexpected type: {kind}"))) }
}

async fn add_v2(
    runner: &dyn CniRunner,
    conf: &mut NetConf,
    args: &CniArgs,
    machine: &Machine,
    host: &WindowsMachine,
) -> Result<CniResult, CniError> {
    let hcn = Hcn::new(host.network.clone());
    let network = hcn
        .network_by_name(&conf.name)
        .await
        .annotate(format!("error while getting network {}", conf.name))?;
    expect_type(network.text(&["Type"]), &conf.name, true)?;
    let (name, id) = (endpoint_name(args, &conf.name), network.text(&["ID"]).to_owned());
    let adding = async {
        let planned = match endpoint_v2::existing(&hcn, &name, &id).await? {
            Some(endpoint) => Planned::Existing(endpoint),
            None => {
                let info = endpoint_info(runner, conf, args, machine, &name, &id).await;
                let info = info
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
    let network = Hns::new(host.network.clone())
        .network_by_name(&conf.name)
        .await
        .annotate(format!("error while getting network {}", conf.name))?;
    expect_type(network.text(&["Type"]), &conf.name, false)?;
    let (name, id) = (endpoint_name(args, &conf.name), network.text(&["ID"]).to_owned());
    let adding = async {
        let planned = match endpoint_v1::existing(host, &name, &id, args).await? {
            Some(endpoint) => Planned::Existing(endpoint),
            None => {
                let info = endpoint_info(runner, conf, args, machine, &name, &id).await;
                let info = info
                    .annotate("error while processing endpoint args")
                    .annotate("failed to make a new HNSEndpoint")?;
                let made = endpoint_v1::generate(host, &info, conf).await;
                Planned::New(
                    made.annotate("error while generating HNSEndpoint")
                        .annotate("failed to make a new HNSEndpoint")?,
                )
            }
        };
        endpoint_v1::add(host, &name, args, planned).await
    };
    let endpoint = adding.await.annotate("error while adding HNSEndpoint")?;
    endpoint_v1::result(&network, &endpoint).annotate("error while constructing HNSEndpoint addition result")
}

/// `processEndpointArgs`: address from IPAM with the pod gateway at x.2, masquerading, port mappings, DNS.
async fn endpoint_info(
    runner: &dyn CniRunner,
    conf: &mut NetConf,
    args: &CniArgs,
    machine: &Machine,
    name: &str,
    network: &str,
) -> Result<EndpointInfo, CniError> {
    let mut info =
        EndpointInfo { name: name.to_owned(), network_id: network.to_owned(), ..EndpointInfo::default() };
    if !conf.ipam().is_empty() {
        let prefix = ipam_address(runner, conf, args, machine, "error while executing IPAM addition").await?;
        info.ip = prefix.address.to_string();
        info.gateway = pod_gateway(prefix).to_string();
    }
    let masquerade = conf.document.text(&["ipMasqNetwork"]).to_owned();
    conf.apply_outbound_nat(&masquerade);
    conf.apply_port_mappings();
    info.dns = conf.dns();
    Ok(info)
}

/// The network's address with two added to its last byte.
fn pod_gateway(prefix: Prefix) -> IpAddr {
    match prefix.network().address {
        IpAddr::V4(ip) => {
            let [a, b, c, d] = ip.octets();
            IpAddr::from([a, b, c, d.wrapping_add(2)])
        }
        IpAddr::V6(ip) => {
            let mut octets = ip.octets();
            octets[15] = octets[15].wrapping_add(2);
            IpAddr::from(octets)
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_pod_gateway_is_the_second_address() {
        let gateway = super::pod_gateway("10.244.1.77/24".parse().unwrap());
        assert_eq!(gateway.to_string(), "10.244.1.2");
    }
}
