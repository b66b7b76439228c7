//! This node's lease.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use winlab_clock::{Clock, VirtualSpan};
use winlab_component::{Context, Log};
use winlab_document::{Document, doc};
use winlab_kube_client::api::{Patch, PatchParams};
use winlab_kube_client::k8s::core::Node;
use winlab_kube_client::{Api, Store};

use super::annotations::{Annotations, value};
use super::lease::{Lease, pod_subnet};
use super::watch::LeaseWatch;
use crate::config::NetConf;
use crate::error::{FlannelError, register};
use crate::options::Options;
use crate::poll::Poll;

/// `kubeSubnetManager`
pub(crate) struct SubnetManager {
    clock: Clock,
    log: Log,
    node: String,
    annotations: Annotations,
    nodes: Store<Node>,
    api: Api<Node>,
    conf: NetConf,
    set_network_unavailable: bool,
}

/// How long the first list of nodes may take.
const SYNC_TIMEOUT: VirtualSpan = VirtualSpan::from_secs(600);
const INTERVAL: VirtualSpan = VirtualSpan::from_secs(3);
const TIMEOUT: VirtualSpan = VirtualSpan::from_secs(30);

impl SubnetManager {
    /// Waits for the first list of nodes.
    pub(crate) async fn start(
        context: &Context,
        options: &Options,
        conf: NetConf,
        nodes: Store<Node>,
        node: String,
    ) -> Result<Self, FlannelError> {
        let clock = context.clock;
        clock.within(SYNC_TIMEOUT, nodes.synced()).await.map_err(|_| FlannelError::NotSynced)?;
        context.log.info("Node controller sync successful");
        Ok(Self {
            clock,
            log: context.log.clone(),
            node,
            annotations: Annotations::new(&options.annotation_prefix),
            nodes,
            api: Api::all(context.client.clone()),
            conf,
            set_network_unavailable: options.set_network_unavailable,
        })
    }

    pub(crate) fn conf(&self) -> &NetConf {
        &self.conf
    }

    /// The public address that somebody has annotated the node with (`GetStoredPublicIP`).
    pub(crate) async fn stored_public_ip(&self) -> Option<String> {
        let node = self.get().await?;
        Some(value(&node, &self.annotations.node_public_ip).to_owned()).filter(|ip| !ip.is_empty())
    }

    /// `backend-data` of a run before this one.
    pub(crate) async fn stored_backend_data(&self) -> Option<String> {
        let node = self.get().await?;
        Some(value(&node, &self.annotations.backend_data).to_owned())
    }

    async fn get(&self) -> Option<Node> {
        match self.api.get(&self.node).await {
            Ok(node) => Some(node),
            Err(error) => {
                self.log.error(format_args!("Failed to get node for backend data: {error}"));
                None
            }
        }
    }

    /// `AcquireLease`: annotates the node, and says which pods it has. The Node object may be half a minute late; its
    /// `podCIDR` may not.
    pub(crate) async fn acquire(
        &self,
        backend_type: &str,
        public_ip: IpAddr,
        backend_data: &str,
    ) -> Result<Lease, FlannelError> {
        let problem = |text: String| register(format!("failed to acquire lease: {text}"));
        let node = &self.node;
        let timeout = |_: ()| {
            problem(format!(
                "timeout contacting kube-api, failed to patch node {node:?}. Error: context deadline exceeded"
            ))
        };
        let cached = self.cached().await.ok_or(()).map_err(timeout)?;
        let has_cidr = cached.spec.as_ref().and_then(|spec| spec.pod_cidr.as_deref());
        if has_cidr.unwrap_or_default().is_empty() {
            return Err(problem(format!("node {node:?} pod cidr not assigned")));
        }
        let subnet = pod_subnet(&cached).map_err(problem)?;
        let wanted = self.wanted(&cached, backend_type, public_ip, backend_data);
        if !wanted.is_empty() {
            let patch = doc!({"metadata": {"annotations": wanted.into_iter().collect::<Document>()}});
            self.patch_for_long(&patch).await.map_err(timeout)?;
        }
        let subnet = subnet.ok_or_else(|| problem(format!("node {node:?} has no IPv4 pod cidr")))?;
        if !self.conf.holds(subnet) {
            return Err(problem(format!(
                "subnet {:?} specified in the flannel net config doesn't contain {:?} PodCIDR of the {node:?} node",
                self.conf.network.to_string(),
                subnet.to_string()
            )));
        }
        Ok(Lease {
            subnet,
            public_ip,
            backend_type: backend_type.to_owned(),
            backend_data: backend_data.to_owned(),
        })
    }

    /// The Node object, which may take half a minute to appear.
    async fn cached(&self) -> Option<Arc<Node>> {
        let mut poll = Poll::new(self.clock, INTERVAL, TIMEOUT);
        while poll.again().await {
            if let Some(node) = self.nodes.get_cluster(&self.node) {
                return Some(node);
            }
        }
        None
    }

    async fn patch_for_long(&self, patch: &Document) -> Result<(), ()> {
        let mut poll = Poll::new(self.clock, INTERVAL, TIMEOUT);
        while poll.again().await {
            if self.patch(patch).await {
                return Ok(());
            }
        }
        Err(())
    }

    /// The annotations that are not yet as they should be.
    fn wanted(
        &self,
        node: &Arc<Node>,
        backend_type: &str,
        public_ip: IpAddr,
        backend_data: &str,
    ) -> BTreeMap<String, String> {
        let names = &self.annotations;
        let overwrite = value(node, &names.public_ip_overwrite);
        let public_ip = public_ip.to_string();
        let mut wanted = BTreeMap::from([
            (names.backend_type.clone(), backend_type.to_owned()),
            (names.managed.clone(), "true".to_owned()),
        ]);
        if backend_type != "vxlan" || backend_data != "null" {
            wanted.insert(names.backend_data.clone(), backend_data.to_owned());
            let shown = if overwrite.is_empty() { &public_ip } else { overwrite };
            wanted.insert(names.public_ip.clone(), shown.to_owned());
        }
        wanted.retain(|name, text| value(node, name) != text);
        wanted
    }

    /// A strategic merge patch of the status, which may change annotations too.
    async fn patch(&self, patch: &Document) -> bool {
        let patched =
            self.api.patch_status(&self.node, &PatchParams::default(), &Patch::Strategic(patch)).await;
        if let Err(error) = &patched {
            self.log.debug(format_args!("Failed to patch node {:?}: {error}", self.node));
        }
        patched.is_ok()
    }

    /// `CompleteLease`: the node's network is there.
    pub(crate) async fn complete(&self) {
        if !self.set_network_unavailable {
            return;
        }
        let now = self.clock.timestamp().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let condition = doc!({
            "type": "NetworkUnavailable",
            "status": "False",
            "reason": "FlannelIsUp",
            "message": "Flannel is running on this node",
            "lastTransitionTime": now.as_str(),
            "lastHeartbeatTime": now.as_str(),
        });
        if !self.patch(&doc!({"status": {"conditions": [condition]}})).await {
            self.log.error("CompleteLease execute error");
        }
    }

    /// Changes of the other nodes' leases.
    pub(crate) fn watch(&self, own: Lease) -> LeaseWatch {
        LeaseWatch::new(self.nodes.changes(), self.annotations.clone(), own, self.log.clone())
    }
}
