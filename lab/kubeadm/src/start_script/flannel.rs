//! `hostprocess/flannel/flanneld/start.ps1`: CNI configuration and `net-conf.json` onto the host, then flanneld.

use std::net::IpAddr;

use winlab_component::{CommandLine, Context};
use winlab_document::{Document, doc};
use winlab_host::Ask;
use winlab_host::system::GetAdapters;

use super::{ScriptError, files, root, variable};

pub(super) async fn script(context: &Context) -> Result<CommandLine, ScriptError> {
    let (files, root) = (files(context), root(context).await?);
    context.log.info("copy flannel config");
    let net_conf = files.read_text(&format!(r"{root}\mounts\kube-flannel\net-conf.json")).await?;
    files.write(r"C:\etc\kube-flannel\net-conf.json", net_conf.clone().into_bytes()).await?;
    context.log.info("update cni config");
    let template =
        files.read_text(&format!(r"{root}\mounts\kube-flannel-windows\cni-conf-containerd.json")).await?;
    let parse = |text: &str| {
        Document::parse(text)
            .map_err(|error| ScriptError(format!("ConvertFrom-Json : Invalid JSON primitive: {error}")))
    };
    let pods = parse(&net_conf)?.text(&["Network"]).to_owned();
    let management = management_address(context).await?;
    let services = variable(context, "SERVICE_SUBNET").await;
    let config = filled(&parse(&template)?, &services, &pods, management);
    let folder = variable(context, "CNI_CONFIG_PATH").await.replace(r"\\", r"\");
    files.write(&format!(r"{folder}\10-flannel.conf"), config.to_pretty().into_bytes()).await?;
    context.log.info("Starting flannel");
    Ok(CommandLine::parse(&format!(r"{root}\flannel\flanneld.exe --kube-subnet-mgr --iface {management}")))
}

/// The IPv4 address of the adapter with the default route.
async fn management_address(context: &Context) -> Result<IpAddr, ScriptError> {
    let adapters = match context.machine.windows() {
        Some(machine) => machine.system.ask(GetAdapters {}).await.unwrap_or_default(),
        None => Vec::new(),
    };
    let with_gateway = adapters.iter().filter(|adapter| adapter.gateway.is_some());
    let addresses = with_gateway.flat_map(|adapter| adapter.addresses.iter().map(|prefix| prefix.address));
    addresses
        .into_iter()
        .find(IpAddr::is_ipv4)
        .ok_or_else(|| ScriptError("Cannot index into a null array.".to_owned()))
}

/// The configuration with the places filled in that the template leaves empty: exceptions of outbound NAT, the services'
/// route, the provider address.
fn filled(template: &Document, services: &str, pods: &str, management: IpAddr) -> Document {
    let mut config = template.clone();
    for list in ["AdditionalArgs", "policies"] {
        let Some(policies) = template.path(&["delegate", list]).map(Document::items) else { continue };
        let policies: Vec<Document> =
            policies.iter().map(|policy| fill(policy, services, pods, management)).collect();
        config.set_path(&["delegate", list], Document::from(policies));
    }
    config
}

fn fill(policy: &Document, services: &str, pods: &str, management: IpAddr) -> Document {
    let mut policy = policy.clone();
    let member = if policy.get("Value").is_some() { "Value" } else { "value" };
    let kind = policy.text(&[member, "Type"]).to_ascii_lowercase();
    let is_empty = |name: &str| match policy.path(&[member, "Settings", name]) {
        Some(Document::String(text)) => text.is_empty(),
        Some(list) => list.items().is_empty(),
        None => false,
    };
    match kind.as_str() {
        "outboundnat" if is_empty("Exceptions") => {
            policy.set_path(&[member, "Settings", "Exceptions"], doc!([services, pods]));
        }
        "sdnroute" if is_empty("DestinationPrefix") => {
            policy.set_path(&[member, "Settings", "DestinationPrefix"], services);
        }
        "provideraddress" if is_empty("ProviderAddress") => {
            policy.set_path(&[member, "Settings", "ProviderAddress"], management.to_string());
        }
        _ => {}
    }
    policy
}

#[cfg(test)]
mod tests {
    use winlab_document::doc;

    use super::filled;

    #[test]
    fn only_empty_places_are_filled() {
        let template = doc!({"delegate": {"policies": [
            {"name": "EndpointPolicy", "value": {"Type": "OutBoundNAT", "Settings": {"Exceptions": []}}},
            {"name": "EndpointPolicy", "value": {"Type": "SDNROUTE", "Settings": {"DestinationPrefix": "", "NeedEncap": true}}},
            {"name": "EndpointPolicy", "value": {"Type": "SDNROUTE", "Settings": {"DestinationPrefix": "192.168.0.0/16", "NeedEncap": true}}}
        ]}});
        let config = filled(&template, "10.96.0.0/12", "10.244.0.0/16", [192, 168, 0, 12].into());
        assert_eq!(
            config,
            doc!({"delegate": {"policies": [
                {"name": "EndpointPolicy", "value": {"Type": "OutBoundNAT", "Settings": {"Exceptions": ["10.96.0.0/12", "10.244.0.0/16"]}}},
                {"name": "EndpointPolicy", "value": {"Type": "SDNROUTE", "Settings": {"DestinationPrefix": "10.96.0.0/12", "NeedEncap": true}}},
                {"name": "EndpointPolicy", "value": {"Type": "SDNROUTE", "Settings": {"DestinationPrefix": "192.168.0.0/16", "NeedEncap": true}}}
            ]}})
        );
    }
}
