//! How a node joins: services installed and started in the order of the SIG-Windows scripts, or in any other.
//!
//! ```text
//! containerd ─▶ pause image ─▶ kubelet ─▶ flanneld makes the network ─▶ kube-proxy
//! ```
//!
//! In a cluster that kubeadm set up the runtime and the kubelet are services, and the last two come as DaemonSets.
//!
//! Joining by scripts waits after each step for what the next one needs, as the scripts do; a list of components only
//! starts them, so that what a wrong order leads to can be seen.

mod commands;
mod install;
mod kubeadm;
mod wait;

use winlab_clock::VirtualSpan;
use winlab_cni::{CniArgs, CniPlugins, CniRunner, Command};
use winlab_document::doc;
use winlab_node::cri::PullImageRequest;

use crate::error::LabError;
use crate::lab::Lab;
use crate::node::Node;
use crate::services;
use crate::spec::JoinMethod;

pub(crate) use install::reconfigure;

/// How long one step of a join may take.
const STEP_WITHIN: VirtualSpan = VirtualSpan::from_secs(120);

/// The components of a node, in the order in which they work.
const ORDER: [&str; 5] = ["containerd", "pause-image", "kubelet", "flanneld", "kube-proxy"];

impl Lab {
    /// Joins a node.
    ///
    /// # Errors
    /// What the step that failed last saw. A list of components fails only where one cannot be installed or started.
    pub async fn join(&self, node: &str, method: &JoinMethod) -> Result<(), LabError> {
        let node = self.node(node)?;
        install::prepare(self, node).await?;
        match method {
            JoinMethod::Kubeadm => kubeadm::join(self, node).await,
            JoinMethod::Scripts => {
                for component in ORDER {
                    start_component(self, node, component).await?;
                    wait::until_ready(self, node, component).await?;
                }
                wait::until_node_ready(self, node).await
            }
            JoinMethod::Components(components) => {
                for component in components {
                    if self.daemon(node, component).is_some() {
                        let what = format!("joining {}: {component}", node.spec.name);
                        return Err(LabError::new(
                            what,
                            "it comes as a DaemonSet in a cluster that kubeadm set up",
                        )
                        .hint("leave it out of the list"));
                    }
                    start_component(self, node, component).await?;
                }
                Ok(())
            }
        }
    }
}

async fn start_component(lab: &Lab, node: &Node, component: &str) -> Result<(), LabError> {
    match component {
        "pause-image" => pull_pause_image(node).await,
        "kube-proxy" => {
            let source_vip = source_vip(lab, node).await?;
            install::service(lab, node, component, source_vip.as_deref()).await?;
            services::start(node, component).await
        }
        _ => {
            install::service(lab, node, component, None).await?;
            services::start(node, component).await
        }
    }
}

async fn pull_pause_image(node: &Node) -> Result<(), LabError> {
    let image = install::pause_image(node).to_owned();
    let what = format!("pulling the pause image {image} on {}", node.spec.name);
    let request = PullImageRequest {
        image: winlab_node::cri::ImageSpec { image, ..Default::default() },
        ..Default::default()
    };
    node.cri()?.pull_image(request).await.map(drop).map_err(|error| LabError::new(what, error))
}

/// Overlay networks: an address of the pod network for kube-proxy's source NAT, reserved with host-local as the scripts
/// of microsoft/SDN do (`Get-SourceVip`).
async fn source_vip(lab: &Lab, node: &Node) -> Result<Option<String>, LabError> {
    if !node.is_windows() || lab.network().hns_type() != "Overlay" {
        return Ok(None);
    }
    let what = format!("reserving the source VIP of {}", node.spec.name);
    let Some(subnet) = lab.pod_cidr(&node.spec.name).await else {
        return Err(
            LabError::new(what, "the node has no pod CIDR").hint("its kubelet must register it first")
        );
    };
    let config = doc!({
        "cniVersion": "0.2.0",
        "name": "vxlan0",
        "ipam": {"type": "host-local", "ranges": [[{"subnet": subnet}]], "dataDir": "/var/lib/cni/networks"}
    });
    let args = CniArgs {
        container_id: "source-vip".to_owned(),
        netns: "source-vip".to_owned(),
        ifname: "source-vip".to_owned(),
        ..CniArgs::default()
    };
    let answer = CniPlugins.run("host-local", Command::Add, config, &args, &node.machine).await;
    let result = answer.map_err(|error| LabError::new(what.as_str(), error))?;
    let address = result.pointer("/ip4/ip").or_else(|| result.pointer("/ips/0/address"));
    let address = address
        .and_then(winlab_document::Document::as_str)
        .map(|text| text.split('/').next().unwrap_or(text));
    match address {
        Some(address) => Ok(Some(address.to_owned())),
        None => Err(LabError::new(what, format!("host-local answered {result}"))),
    }
}
