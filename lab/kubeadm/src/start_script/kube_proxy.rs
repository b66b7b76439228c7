//! `hostprocess/flannel/kube-proxy/start.ps1`: the kubeconfig's paths, an address for source NAT, then kube-proxy.

use winlab_cni::{CniArgs, CniPlugins, CniRunner, Command};
use winlab_component::{CommandLine, Context};
use winlab_document::{Document, doc};
use winlab_hcn::Hcn;

use super::{ScriptError, files, root, variable};

const SOURCE_VIP: &str = r"C:\sourcevip\sourceVip.json";

pub(super) async fn script(context: &Context) -> Result<CommandLine, ScriptError> {
    let (files, root) = (files(context), root(context).await?);
    context.log.info("Write files so the kubeconfig points to correct locations");
    let mounted = format!(r"{root}\mounts\var\lib\kube-proxy");
    let text = files.read_text(&format!(r"{mounted}\kubeconfig.conf")).await?;
    let text = text.replace("/var", &format!("{root}/var"));
    let kubeconfig = format!(r"{mounted}\kubeconfig-win.conf");
    files.write(&kubeconfig, text.clone().into_bytes()).await?;
    files.write("/var/lib/kube-proxy/kubeconfig.conf", text.into_bytes()).await?;
    context.log.info("Finding sourcevip");
    let network = variable(context, "KUBE_NETWORK").await;
    let source_vip = source_vip(context, &network).await?;
    context.log.info(format_args!("sourceip: {source_vip}"));
    let node = variable(context, "NODE_NAME").await;
    Ok(CommandLine::parse(&format!(
        r"{root}\kube-proxy\kube-proxy.exe --v=6 --hostname-override={node} --feature-gates=WinOverlay=true --proxy-mode=kernelspace --source-vip={source_vip} --kubeconfig={kubeconfig}"
    )))
}

/// `GetSourceVip`: an address of the network's subnet that host-local keeps for kube-proxy; the file remembers it.
async fn source_vip(context: &Context, network: &str) -> Result<String, ScriptError> {
    let files = files(context);
    let known = files.read_text(SOURCE_VIP).await.ok().and_then(|text| Document::parse(&text).ok());
    if let Some(address) = known.as_ref().and_then(address) {
        return Ok(address);
    }
    let Some(machine) = context.machine.windows() else {
        return Err(ScriptError("Get-HnsNetwork is not recognized as the name of a cmdlet".to_owned()));
    };
    let found = Hcn::new(machine.network.clone()).network_by_name(&network.to_lowercase()).await;
    let subnet = found.ok().and_then(|found| {
        let subnets = found.path(&["Ipams"])?.items().first()?.path(&["Subnets"])?.items().first()?.clone();
        Some(subnet_prefix(&subnets))
    });
    let Some(subnet) = subnet.filter(|subnet| !subnet.is_empty()) else {
        return Err(ScriptError(format!(
            "Cannot index into a null array: $hnsNetwork.Subnets[0], there is no HNS network {network:?} with a subnet yet"
        )));
    };
    let config = doc!({
        "cniVersion": "0.3.0",
        "name": network,
        "ipam": {"type": "host-local", "ranges": [[{"subnet": (subnet.as_str())}]], "dataDir": "/var/lib/cni/networks"}
    });
    context.log.info(format_args!("ipam sourcevip request: {config}"));
    let args = CniArgs {
        container_id: "dummy".to_owned(),
        ifname: "dummy".to_owned(),
        netns: "dummy".to_owned(),
        ..CniArgs::default()
    };
    let answer = CniPlugins.run("host-local", Command::Add, config, &args, &context.machine).await;
    let answer = answer.map_err(|error| ScriptError(format!("host-local.exe: {error}")))?;
    files.write(SOURCE_VIP, answer.to_pretty().into_bytes()).await?;
    address(&answer).ok_or_else(|| ScriptError("Cannot index into a null array.".to_owned()))
}

fn subnet_prefix(subnet: &Document) -> String {
    subnet.text(&["IpAddressPrefix"]).to_owned()
}

/// The first address of a CNI result.
fn address(result: &Document) -> Option<String> {
    let address = result.pointer("/ips/0/address").and_then(Document::as_str)?;
    Some(address.split('/').next().unwrap_or(address).to_owned())
}
