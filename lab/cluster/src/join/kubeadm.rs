//! `kubeadm join`: the runtime and the kubelet as services, kubeadm's phases, then what the DaemonSets bring.

use winlab_component::{CommandLine, Machine, Stop};
use winlab_host::Ask;
use winlab_host::linux::SetSysctl;
use winlab_kubeadm::JoinOptions;

use super::{install, wait};
use crate::error::LabError;
use crate::kubeadm_cluster::TOKEN;
use crate::lab::Lab;
use crate::node::Node;
use crate::services;

pub(super) async fn join(lab: &Lab, node: &Node) -> Result<(), LabError> {
    let_packets_pass(node).await?;
    install::service(lab, node, "containerd", None).await?;
    services::start(node, "containerd").await?;
    wait::until_ready(lab, node, "containerd").await?;
    // Installed and not started: its configuration is kubeadm's to write (`PrepareNode.ps1`).
    install::service(lab, node, "kubelet", None).await?;
    run_kubeadm(node).await?;
    wait::until_ready(lab, node, "kubelet").await?;
    lab.until_daemon_ready(node, "flanneld").await?;
    lab.until_daemon_ready(node, "kube-proxy").await?;
    wait::until_node_ready(lab, node).await
}

/// What the guide to container runtimes asks of a Linux node before kubeadm does: it forwards packets.
async fn let_packets_pass(node: &Node) -> Result<(), LabError> {
    let Machine::Linux(host) = &node.machine else { return Ok(()) };
    let forward =
        SetSysctl { namespace: String::new(), name: "net.ipv4.ip_forward".to_owned(), value: "1".to_owned() };
    let what = format!("preparing {} for kubeadm", node.spec.name);
    host.ask(forward).await.map_err(|fault| LabError::new(what, fault))
}

async fn run_kubeadm(node: &Node) -> Result<(), LabError> {
    let name = &node.spec.name;
    let kubelet = node.versions.get("kubelet").unwrap_or(node.spec.kubelet);
    let options = JoinOptions {
        version: kubelet,
        kubelet,
        node_name: name.clone(),
        token: TOKEN.to_owned(),
        cri_socket: node.runtime_endpoint().to_owned(),
        labels: node.spec.labels.clone(),
        taints: node.spec.taints.clone(),
    };
    let program = if node.is_windows() { r"C:\k\kubeadm.exe" } else { "/usr/bin/kubeadm" };
    let command = CommandLine::parse(&format!("{program} join --token={TOKEN}"));
    let (_running, stop) = Stop::new();
    let context = node.making.context("kubeadm", 1, command, stop);
    winlab_kubeadm::join(&context, &options).await.map_err(|error| {
        context.log.error(&error);
        LabError::new(format!("joining {name} by kubeadm"), error)
            .hint(format!("`log: {name}/kubeadm` and `log: {name}/kubelet` say more"))
    })
}
