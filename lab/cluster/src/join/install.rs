//! Files and services of a node, as the scripts put them there.

use winlab_component::Machine;
use winlab_control_plane::Side;
use winlab_document::{Document, doc};
use winlab_host::linux::{InstallUnit, UnitConfig};
use winlab_host::system::{ChangeServiceConfig, CreateService, ServiceConfig, StartType};
use winlab_host::{Ask, HResult};
use winlab_profiles::pause_images;
use winlab_real::RealComponent;

use super::commands::{command_line, network_name, own_kubeconfig};
use crate::address_plan::{CLUSTER_CIDR, SEGMENT, SERVICE_CIDR};
use crate::error::LabError;
use crate::lab::Lab;
use crate::node::Node;
use crate::spec::ClusterSetup;

/// A crashed service is started again this late (nssm's default throttle; `RestartSec` of the packages' units).
const RESTART_AFTER_SECS: u32 = 10;

/// Where containerd of the scripts looks for CNI configurations on Windows: its own default.
const WINDOWS_CNI_CONF: &str = r"C:\Program Files\containerd\cni\conf";
/// Where sig-windows-tools' `Install-Containerd.ps1` sets it.
const KUBEADM_CNI_CONF: &str = "c:/etc/cni/net.d";
/// The same on Linux.
const LINUX_CNI_CONF: &str = "/etc/cni/net.d";

/// Writes the files that components read: containerd's configuration, and where no DaemonSet brings them, kubeconfig,
/// flannel's network and the CNI configuration.
pub(super) async fn prepare(lab: &Lab, node: &Node) -> Result<(), LabError> {
    let windows = node.is_windows();
    let containerd =
        if windows { r"C:\Program Files\containerd\config.toml" } else { "/etc/containerd/config.toml" };
    write(node, containerd, containerd_config(lab, node)).await?;
    if lab.setup() == ClusterSetup::Kubeadm {
        return Ok(());
    }
    let network = lab.network();
    let backend = match (network.hns_type(), windows) {
        ("Overlay", _) => doc!({"Type": "vxlan", "VNI": 4096, "Port": 4789}),
        _ => doc!({"Type": "host-gw"}),
    };
    let name = if windows { network_name(lab) } else { "cbr0" };
    let mut net_conf = doc!({"Network": CLUSTER_CIDR, "Backend": backend});
    if windows {
        net_conf.set_path(&["Backend", "name"], name);
    }
    let (config, cni) = if windows {
        (r"C:\k\config", format!(r"{WINDOWS_CNI_CONF}\10-flannel.conflist"))
    } else {
        ("/etc/kubernetes/kubelet.conf", format!("{LINUX_CNI_CONF}/10-flannel.conflist"))
    };
    let kubeconfig = "apiVersion: v1\nkind: Config\nclusters: []\ncontexts: []\nusers: []\n";
    let cni_config = if windows { windows_cni(lab, name) } else { linux_cni(name) };
    for (path, content) in [
        (config, kubeconfig.to_owned()),
        ("/etc/kube-flannel/net-conf.json", net_conf.to_pretty()),
        (cni.as_str(), cni_config.to_pretty()),
    ] {
        write(node, path, content).await?;
    }
    for component in node.spec.real.iter().filter(|component| !component.is_plugin()) {
        write(node, &own_kubeconfig(*component), credentials(lab, node, *component)?).await?;
    }
    Ok(())
}

/// The kubeconfig that a real component reaches the API server with.
fn credentials(lab: &Lab, node: &Node, component: RealComponent) -> Result<String, LabError> {
    let identity = node.making.identity(component.name());
    let kubeconfig = lab.control_plane().kubeconfig(&identity, Side::Lab);
    kubeconfig.map_err(|error| {
        LabError::new(format!("making credentials of {component} on {}", node.spec.name), error)
    })
}

async fn write(node: &Node, path: &str, content: String) -> Result<(), LabError> {
    let what = format!("writing {path} on {}", node.spec.name);
    node.files().write(path, content.into_bytes()).await.map_err(|error| LabError::new(what, error))
}

/// flannel's CNI configuration on Windows (`Kubernetes/flannel/{l2bridge,overlay}/cni/config`): pods reach services and
/// pods without NAT, services through the load balancers of HNS.
fn windows_cni(lab: &Lab, name: &str) -> Document {
    let overlay = lab.network().hns_type() == "Overlay";
    let exceptions = doc!([CLUSTER_CIDR, SERVICE_CIDR, SEGMENT]);
    let nat = if overlay { doc!([CLUSTER_CIDR, SERVICE_CIDR]) } else { exceptions };
    let out_bound_nat =
        doc!({"name": "EndpointPolicy", "value": {"Type": "OutBoundNAT", "Settings": {"Exceptions": nat}}});
    let route = |prefix: &str| {
        let settings = doc!({"DestinationPrefix": prefix, "NeedEncap": true});
        doc!({"name": "EndpointPolicy", "value": {"Type": "SDNRoute", "Settings": settings}})
    };
    let mut policies = vec![out_bound_nat, route(SERVICE_CIDR)];
    if !overlay {
        policies.push(route(SEGMENT));
    }
    let plugin = if overlay { "win-overlay" } else { "win-bridge" };
    doc!({
        "cniVersion": "0.3.0",
        "name": name,
        "plugins": [{
            "name": name,
            "type": "flannel",
            "capabilities": {"portMappings": true, "dns": true},
            "delegate": {"type": plugin, "apiVersion": 2, "policies": (Document::from(policies))}
        }]
    })
}

fn linux_cni(name: &str) -> Document {
    doc!({
        "cniVersion": "0.3.1",
        "name": name,
        "plugins": [
            {"type": "flannel", "delegate": {"hairpinMode": true, "isDefaultGateway": true}},
            {"type": "portmap", "capabilities": {"portMappings": true}}
        ]
    })
}

/// Installs a service, or gives an installed one its command line.
pub(super) async fn service(
    lab: &Lab,
    node: &Node,
    component: &str,
    source_vip: Option<&str>,
) -> Result<(), LabError> {
    let what = || format!("installing {component} on {}", node.spec.name);
    let command = command_line(lab, node, component, source_vip);
    let start = node.spec.start_types.get(component).copied().unwrap_or(StartType::Automatic);
    match &node.machine {
        Machine::Windows(machine) => {
            let config = ServiceConfig {
                binary_path: command,
                display_name: component.to_owned(),
                start,
                // The services find out by themselves, so that wrong orders can be seen.
                depends_on: Vec::new(),
                account: "LocalSystem".to_owned(),
                restart_after_secs: Some(RESTART_AFTER_SECS),
            };
            let create = CreateService { name: component.to_owned(), config: config.clone() };
            match machine.system.ask(create).await {
                Err(fault) if fault.code == HResult::ERROR_SERVICE_EXISTS => {
                    let change = ChangeServiceConfig { name: component.to_owned(), config };
                    machine.system.ask(change).await.map_err(|fault| LabError::new(what(), fault))
                }
                other => other.map_err(|fault| LabError::new(what(), fault)),
            }
        }
        Machine::Linux(host) => {
            let config = UnitConfig {
                exec_start: command,
                after: Vec::new(),
                restart_after_secs: Some(RESTART_AFTER_SECS),
                enabled: start == StartType::Automatic,
            };
            let install = InstallUnit { name: component.to_owned(), config };
            host.ask(install).await.map_err(|fault| LabError::new(what(), fault))
        }
    }
}

/// Gives a component the command line of its present version, keeping the rest.
pub(crate) async fn reconfigure(lab: &Lab, node: &Node, component: &str) -> Result<(), LabError> {
    let source_vip = if component == "kube-proxy" { super::source_vip(lab, node).await? } else { None };
    service(lab, node, component, source_vip.as_deref()).await
}

/// The pause image that a node's containerd uses for sandboxes: that of its kubelet's minor.
pub(super) fn pause_image(node: &Node) -> &'static str {
    let images = pause_images(node.spec.kubelet.minor());
    if node.is_windows() { images.windows } else { images.linux }
}

/// containerd's `config.toml`, with what the guides change in it.
fn containerd_config(lab: &Lab, node: &Node) -> String {
    let conf_dir = match (lab.setup(), node.is_windows()) {
        (ClusterSetup::Kubeadm, true) => KUBEADM_CNI_CONF,
        (ClusterSetup::Services, true) => WINDOWS_CNI_CONF,
        (_, false) => LINUX_CNI_CONF,
    };
    format!(
        "version = 3\n\n[plugins.'io.containerd.cri.v1.images'.pinned_images]\n  sandbox = '{}'\n\n\
         [plugins.'io.containerd.cri.v1.runtime'.cni]\n  conf_dir = '{conf_dir}'\n",
        pause_image(node)
    )
}
