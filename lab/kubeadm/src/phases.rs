//! `kubeadm join` of a worker (`cmd/kubeadm/app/cmd/join.go`).
//!
//! ```text
//! preflight ─▶ discovery ─▶ kubelet-start: bootstrap kubeconfig, config.yaml, flags ─▶ kubelet-wait-bootstrap
//! ```

use std::collections::BTreeMap;

use winlab_component::Context;
use winlab_profiles::KubeVersion;

use crate::error::JoinError;
use crate::{discovery, kubelet_start, preflight};

/// What kubeadm is told on its command line, and what is installed beside it.
#[derive(Clone, Debug)]
pub struct JoinOptions {
    /// kubeadm's own version.
    pub version: KubeVersion,
    /// The version of the kubelet that is installed.
    pub kubelet: KubeVersion,
    /// `--node-name`; the kubelet's `--hostname-override` where it is not the host's own name.
    pub node_name: String,
    /// `--token`: `id.secret`.
    pub token: String,
    /// `--cri-socket`
    pub cri_socket: String,
    /// Labels of `nodeRegistration.kubeletExtraArgs`.
    pub labels: BTreeMap<String, String>,
    /// `nodeRegistration.taints`: `key=value:Effect`.
    pub taints: Vec<String>,
}

/// Joins the machine of a context to the cluster behind its client.
///
/// # Errors
/// The phase that failed, in kubeadm's words. What the phases before it wrote stays, as it does on a real node.
pub async fn join(context: &Context, options: &JoinOptions) -> Result<(), JoinError> {
    preflight::check(context, options).await?;
    let cluster = discovery::discover(context, options).await?;
    preflight::check_versions(options, cluster.version)?;
    kubelet_start::start(context, options, &cluster).await?;
    kubelet_start::wait_for_bootstrap(context, options).await?;
    context.log.info("This node has joined the cluster");
    Ok(())
}
