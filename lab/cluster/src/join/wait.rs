//! What the scripts wait for between their steps.

use winlab_clock::VirtualSpan;
use winlab_kube_client::k8s::core::Node as KubeNode;
use winlab_kube_client::{Api, ErrorExt};

use super::STEP_WITHIN;
use crate::error::LabError;
use crate::lab::Lab;
use crate::node::Node;
use crate::services;

const LOOK: VirtualSpan = VirtualSpan::from_millis(250);

/// Waits until `seen` says nothing is missing any more; what it said last goes into the error.
async fn until<F: Future<Output = Option<String>>>(
    lab: &Lab,
    what: String,
    hint: &str,
    seen: impl Fn() -> F,
) -> Result<(), LabError> {
    let end = lab.clock().now() + STEP_WITHIN;
    loop {
        let Some(missing) = seen().await else { return Ok(()) };
        if lab.clock().now() >= end {
            let why = format!("{missing}, {} after it was started", STEP_WITHIN);
            return Err(LabError::new(what, why).hint(hint));
        }
        lab.clock().sleep(LOOK).await;
    }
}

/// Waits until a component has done what the next one needs.
pub(super) async fn until_ready(lab: &Lab, node: &Node, component: &str) -> Result<(), LabError> {
    let name = &node.spec.name;
    let what = format!("joining {name}: {component}");
    match component {
        "containerd" => {
            let seen = || async { node.cri().err().map(|error| error.why) };
            until(lab, what, "see the log of its containerd", seen).await
        }
        "kubelet" => {
            let seen = || async {
                match lab.kube_node(name).await {
                    Err(why) => Some(why),
                    Ok(node) if node.spec.as_ref().is_none_or(|spec| spec.pod_cidr.is_none()) => {
                        Some("the Node object has no podCIDR".to_owned())
                    }
                    Ok(_) => None,
                }
            };
            until(lab, what, "see the log of its kubelet", seen).await
        }
        "flanneld" => {
            let seen = || async {
                let subnet = node.files().read("/run/flannel/subnet.env").await;
                subnet.err().map(|error| format!("flannel has no subnet yet: {error}"))
            };
            until(lab, what, "flannel needs the Node object with its podCIDR; see its log", seen).await
        }
        "kube-proxy" => {
            let seen = || async {
                (!services::is_running(node, component).await).then(|| "its service does not run".to_owned())
            };
            until(lab, what, "see the log of its kube-proxy", seen).await
        }
        _ => Ok(()),
    }
}

/// Waits until the API server shows the node Ready.
pub(super) async fn until_node_ready(lab: &Lab, node: &Node) -> Result<(), LabError> {
    let name = &node.spec.name;
    let seen = || async {
        let node = match lab.kube_node(name).await {
            Ok(node) => node,
            Err(why) => return Some(why),
        };
        let conditions = node.status.and_then(|status| status.conditions).unwrap_or_default();
        let ready = conditions.iter().find(|condition| condition.type_ == "Ready");
        match ready {
            Some(ready) if ready.status == "True" => None,
            Some(ready) => Some(format!("not Ready: {}", ready.message.clone().unwrap_or_default())),
            None => Some("no condition Ready".to_owned()),
        }
    };
    until(lab, format!("joining {name}: becoming Ready"), "see the log of its kubelet", seen).await
}

impl Lab {
    /// The Node object; what is wrong in words.
    async fn kube_node(&self, name: &str) -> Result<KubeNode, String> {
        let nodes: Api<KubeNode> = Api::all(self.client());
        nodes.get(name).await.map_err(|error| {
            if error.is_not_found() { "there is no Node object".to_owned() } else { error.to_string() }
        })
    }

    /// The pod CIDR of a node, once it has one.
    pub(crate) async fn pod_cidr(&self, name: &str) -> Option<String> {
        self.kube_node(name).await.ok()?.spec?.pod_cidr
    }
}
