//! One of the two nodes, and its kube-proxy.

use std::sync::Arc;

use tokio::task::JoinHandle;
use winlab_clock::Clock;
use winlab_component::{Exit, Machine, StopHandle};
use winlab_document::{Document, doc};
use winlab_fake_windows::HostNic;
use winlab_host::network::{CreateEndpoint, ModifyNetwork};
use winlab_host::{Ask as _, Guid};
use winlab_oracle::{NetworkKind, Twin};

use crate::addresses;
use crate::cluster::{Cluster, Family, Peer};
use crate::lines::Lines;
use crate::setting::Setting;

/// The pods' network.
pub(crate) const NETWORK: &str = "pods";
/// Pods of the node that have an endpoint, by the last number of their address.
const PODS: std::ops::Range<u8> = 5..9;

/// One of the nodes, and its kube-proxy.
pub(crate) struct Side {
    pub(crate) twin: Twin,
    pub(crate) machine: Machine,
    pub(crate) lines: Arc<Lines>,
    pub(crate) running: Option<Running>,
    network: Guid,
    kind: NetworkKind,
}

/// A kube-proxy that was started.
pub(crate) struct Running {
    pub(crate) stop: StopHandle,
    pub(crate) task: JoinHandle<Exit>,
}

impl Side {
    /// A host with its network and its pods.
    pub(crate) async fn new(setting: &Setting, clock: Clock, nic: HostNic) -> Result<Self, String> {
        let twin = Twin::with_nic(setting.build, clock, nic);
        let made = if setting.dual_network {
            twin.dual_stack_network(NETWORK, setting.network, addresses::THIS).await
        } else {
            twin.network(NETWORK, setting.network, addresses::THIS).await
        };
        let network = made.map_err(|fault| fault.to_string())?;
        let families: &[Family] =
            if setting.dual_network { &[Family::V4, Family::V6] } else { &[Family::V4] };
        for last in PODS {
            let of = |family: &Family| doc!({"IpAddress": addresses::pod(*family, addresses::THIS, last)});
            let configurations: Document = families.iter().map(of).collect();
            let settings = doc!({"Name": format!("pod{last}"), "HostComputeNetwork": network.to_string(),
                "IpConfigurations": configurations, "SchemaVersion": {"Major": 2, "Minor": 0}});
            let made = twin.host.network().ask(CreateEndpoint { network, id: Guid::NIL, settings }).await;
            made.map_err(|fault| fault.to_string())?;
        }
        let machine = twin.machine();
        Ok(Self { twin, machine, lines: Arc::default(), running: None, network, kind: setting.network })
    }

    /// What flannel does on this node as others come, go and change: of an overlay network, the routes to their pods.
    pub(crate) async fn route(&self, before: &Cluster, after: &Cluster) -> Result<(), String> {
        if self.kind != NetworkKind::Overlay {
            return Ok(());
        }
        for (number, old) in &before.peers {
            if after.peers.get(number).map(|new| new.address) != Some(old.address) {
                self.modify("Remove", *number, *old).await?;
            }
        }
        for (number, new) in &after.peers {
            if before.peers.get(number).map(|old| old.address) != Some(new.address) {
                self.modify("Add", *number, *new).await?;
            }
        }
        Ok(())
    }

    async fn modify(&self, request: &str, number: u8, peer: Peer) -> Result<(), String> {
        let route = doc!({"Type": "RemoteSubnetRoute", "Settings": {
            "DestinationPrefix": format!("10.244.{number}.0/24"), "IsolationId": 4096,
            "ProviderAddress": addresses::node(Family::V4, peer.address),
            "DistributedRouterMacAddress": format!("02-00-5e-00-00-{:02x}", peer.address)}});
        let settings =
            doc!({"ResourceType": "Policy", "RequestType": request, "Settings": {"Policies": [route]}});
        let modified = self.twin.host.network().ask(ModifyNetwork { id: self.network, settings }).await;
        modified.map(drop).map_err(|fault| format!("{request} of a route: {fault}"))
    }

    /// Whether its kube-proxy has ended, or none was started.
    pub(crate) fn has_ended(&self) -> bool {
        self.running.as_ref().is_none_or(|running| running.task.is_finished())
    }

    /// Asks kube-proxy to end, and waits for it.
    pub(crate) async fn stop(&mut self) -> Result<Option<Exit>, String> {
        let Some(Running { stop, task }) = self.running.take() else { return Ok(None) };
        stop.ask();
        task.await.map(Some).map_err(|error| error.to_string())
    }
}
