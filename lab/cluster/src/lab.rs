//! One running cluster.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use winlab_clock::{Clock, Seed, VirtualInstant};
use winlab_component::{LocalEndpoints, LogSink, Supervisor};
use winlab_control_plane::{
    ApiFaults, ControlPlane, ControlPlaneSpec, Listeners, PlaneSetting, Side, Switches,
};
use winlab_document::Document;
use winlab_fabric::{ExternalHost, Fabric, FabricNode, Probe, Underlay, Verdict};
use winlab_host::{HostProgram, HttpReply, JournalEntry, Listener, Program, Transport};
use winlab_kube_api::kinds::Kind;
use winlab_kube_client::{Client, Identity};
use winlab_node::containerd::images::ImageRegistry;
use winlab_profiles::NetworkFamily;
use winlab_real::{RealComponent, RealWorld};

use crate::activity::{Activity, ApiObserver};
use crate::address_plan::{
    self, API_SERVER, API_SERVER_PORT, CLUSTER_CIDR, GATEWAY, OUTSIDE, OUTSIDE_NAME, SERVICE_CIDR,
};
use crate::call_log::{CallLog, Calls};
use crate::component_containers::ComponentContainers;
use crate::error::LabError;
use crate::host::{Equipped, equip};
use crate::images::Catalog;
use crate::kubeadm_cluster;
use crate::kubelets::{ModelKubelet, ModelKubelets};
use crate::log_book::LogBook;
use crate::node::{Node, Versions, runtime_endpoint};
use crate::observer::LabObserver;
use crate::pod_network::NodePods;
use crate::prober::FabricProber;
use crate::programs::{BOOTSTRAP, Making, Parts, programs};
use crate::real;
use crate::servers::Servers;
use crate::spec::{ClusterSetup, LabSpec, NodeOs, NodeSpec};
use crate::standstill::Standstill;
use crate::system_workloads;

/// A cluster with everything around it. Its models run in the runtime it was started in and end with it.
pub struct Lab {
    clock: Clock,
    network: NetworkFamily,
    setup: ClusterSetup,
    plane: Arc<dyn ControlPlane>,
    client: Client,
    fabric: Arc<Fabric>,
    nodes: Vec<Node>,
    by_name: BTreeMap<String, usize>,
    logs: Arc<LogBook>,
    activity: Activity,
    standstill: Standstill,
    /// Whether the API server is the embedded one.
    embedded: bool,
    /// The room of unmodified programs. Last: this thread leaves it when all else has ended.
    _real: Option<RealWorld>,
}

impl Lab {
    /// Starts the control plane and the machines; no node has joined yet.
    ///
    /// # Errors
    /// What of it could not be started.
    pub async fn start(
        mut spec: LabSpec,
        clock: Clock,
        seed: Seed,
        observer: Arc<dyn LabObserver>,
    ) -> Result<Self, LabError> {
        let activity = Activity::new(clock);
        let logs = Arc::new(LogBook::new(clock, observer.clone()));
        let outside = Listeners::open(&spec.access.listen).await;
        let outside = outside.map_err(|error| LabError::new("letting other terminals in", error))?;
        let real = real::enter(&spec, clock, seed.child("real")).await?;
        spec.access.listen.clear();
        if real.is_some() {
            real::open_api(&mut spec);
        }
        let embedded = spec.control_plane == ControlPlaneSpec::Embedded;
        let setting = PlaneSetting {
            version: spec.kube,
            parts: Switches::All,
            advertise_address: Some(API_SERVER),
            service_cidr: SERVICE_CIDR,
            cluster_cidr: CLUSTER_CIDR,
            access: spec.access,
            outside,
            clock,
            seed: seed.child("control-plane"),
            logs: logs.clone(),
        };
        let plane = spec.control_plane.start(setting).await;
        let plane = plane.map_err(|error| {
            let hint = error.hint();
            LabError { hint, ..LabError::new("starting the control plane", error) }
        })?;
        let standstill = Standstill::new(clock);
        let seen = ApiObserver {
            activity: activity.clone(),
            standstill: standstill.clone(),
            observer: observer.clone(),
        };
        plane.observe(Arc::new(seen));
        let client = plane.client(Identity::new("kubectl", spec.kube.to_string()));
        let servers = Arc::new(Servers::default());
        let api_port = plane.endpoint(Side::Lab).map_or(API_SERVER_PORT, |endpoint| endpoint.address.port());
        let fabric = Arc::new(Fabric::new(underlay(api_port), servers.clone()));
        let registry: Arc<dyn ImageRegistry> = Arc::new(Catalog::new(&spec.images));
        let prober = Arc::new(FabricProber { fabric: fabric.clone(), clock, seed: seed.child("probes") });
        let (mut nodes, mut kubelets) = (Vec::new(), Vec::new());
        let count = spec.nodes.len();
        for (number, node) in spec.nodes.into_iter().enumerate() {
            let calls = Arc::new(CallLog::new(&node.name, count, activity.clone(), observer.clone()));
            let seed = seed.child("node").child(&node.name);
            let room = match node.os {
                NodeOs::Windows(windows) => real::room(real.as_ref(), &node, windows, number).await?,
                NodeOs::Linux => None,
            };
            let equipped = equip(&node.name, node.os, number, room, &calls, clock, seed);
            real::serve(real.as_ref(), equipped.room.as_deref(), equipped.machine.windows());
            let making = Making {
                node: node.name.clone(),
                machine: equipped.machine.clone(),
                plane: plane.clone(),
                versions: Versions::of(&node),
                clock,
                seed,
                logs: logs.clone() as Arc<dyn LogSink>,
                endpoints: LocalEndpoints::default(),
            };
            let pods = Arc::new(NodePods {
                node: node.name.clone(),
                is_windows: matches!(node.os, NodeOs::Windows(_)),
                address: address_plan::node_address(number).address,
                client: client.clone(),
                fabric: fabric.clone(),
                clock,
                seed: seed.child("pods"),
            });
            if node.real.contains(&RealComponent::Kubelet) {
                if let Some(room) = &equipped.room {
                    real::attend_kubelet(&node, room, pods, making.endpoints.clone())?;
                }
            } else {
                let (endpoints, runtime) = (making.endpoints.clone(), runtime_endpoint(node.os));
                kubelets.push((node.name.clone(), ModelKubelet { endpoints, runtime, pods }));
            }
            let parts = Parts {
                versions: making.versions.clone(),
                registry: registry.clone(),
                prober: prober.clone(),
                bootstrap: (spec.setup == ClusterSetup::Kubeadm).then(|| making.client(BOOTSTRAP)),
                real: equipped.room.clone().map(|room| (room, node.real.clone())),
                stand_ins: spec.means.stand_ins.clone(),
            };
            let node = assemble(node, number, equipped, making, parts, calls, &fabric, &servers);
            nodes.push(node);
        }
        if spec.setup == ClusterSetup::Kubeadm {
            let authority = plane.authority_pem();
            kubeadm_cluster::create(&client, spec.kube, spec.network, &nodes, authority).await?;
        }
        plane.set_kubelets(Arc::new(ModelKubelets::new(kubelets)));
        let by_name = nodes.iter().enumerate().map(|(at, node)| (node.spec.name.clone(), at)).collect();
        system_workloads::create(&client).await?;
        Ok(Self {
            clock,
            network: spec.network,
            setup: spec.setup,
            plane,
            client,
            fabric,
            nodes,
            by_name,
            logs,
            activity,
            standstill,
            embedded,
            _real: real,
        })
    }

    /// The lab's clock.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// Kubernetes as an administrator's kubectl reaches it.
    #[must_use]
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// The nodes' names, in the order of their addresses.
    #[must_use]
    pub fn node_names(&self) -> Vec<String> {
        self.nodes.iter().map(|node| node.spec.name.clone()).collect()
    }

    /// The network between and inside the nodes.
    #[must_use]
    pub fn fabric(&self) -> &Fabric {
        &self.fabric
    }

    /// The control plane: its endpoint and kubeconfigs for real programs.
    #[must_use]
    pub fn control_plane(&self) -> &dyn ControlPlane {
        &*self.plane
    }

    /// What can be done to the API server that no client can.
    ///
    /// # Errors
    /// That this control plane lets nothing of the kind be done.
    pub fn api_faults(&self) -> Result<&dyn ApiFaults, LabError> {
        self.plane.faults().ok_or_else(|| {
            LabError::new("putting a fault on the API server", "only the embedded one has faults")
                .hint("leave the fault out, or run with the embedded control plane")
        })
    }

    /// An object as it is stored, whatever becomes of clients' requests.
    ///
    /// # Errors
    /// That a control plane outside this process did not answer.
    pub async fn stored(
        &self,
        kind: &'static Kind,
        namespace: &str,
        name: &str,
    ) -> Result<Option<Document>, LabError> {
        let namespace = if kind.namespaced { namespace } else { "" };
        let found = self.plane.stored(kind, namespace, name).await;
        found.map_err(|error| LabError::new(format!("looking at {} {name}", kind.singular()), error))
    }

    /// The stored objects of a kind, by namespace and name.
    ///
    /// # Errors
    /// That a control plane outside this process did not answer.
    pub async fn stored_all(&self, kind: &'static Kind) -> Result<Vec<Document>, LabError> {
        let found = self.plane.stored_all(kind).await;
        found.map_err(|error| LabError::new(format!("looking at the {}", kind.plural), error))
    }

    /// Ends the control plane in order and waits for it; everything else ends with the lab.
    pub async fn stop(&self) {
        self.plane.stop().await;
    }

    /// The address of the host beyond the edge; its source is `Source::External("outside")`, and it answers on
    /// tcp/80.
    #[must_use]
    pub fn outside_address(&self) -> IpAddr {
        OUTSIDE
    }

    /// Sends a probe. The seed is the flow: another one may meet another back end.
    #[must_use]
    pub fn probe(&self, probe: &Probe, seed: Seed) -> Verdict {
        self.fabric.walk(probe, seed, self.clock.now())
    }

    /// When something last happened that was more than a renewal.
    #[must_use]
    pub fn last_activity(&self) -> VirtualInstant {
        self.activity.last()
    }

    /// Waits until time stands still because components keep each other busy; how many writes to the API server there have
    /// been at that moment.
    pub async fn stands_still(&self) -> u32 {
        self.standstill.reached().await
    }

    /// Lines of a component's log, oldest first.
    #[must_use]
    pub fn log_lines(&self, node: &str, component: &str) -> Vec<Document> {
        self.logs.of(node, component)
    }

    /// Whoever has written a line: node and component.
    #[must_use]
    pub fn logged_components(&self) -> Vec<(String, String)> {
        self.logs.components()
    }

    /// Boundary calls of a node's service answered since a moment, oldest first.
    #[must_use]
    pub fn calls(&self, node: &str, service: &str, since: VirtualInstant) -> Calls {
        self.node(node).map(|node| node.calls.since(service, since)).unwrap_or_default()
    }

    /// The newest boundary calls of a node, oldest first.
    #[must_use]
    pub fn recent_calls(&self, node: &str, count: usize) -> Vec<JournalEntry> {
        self.node(node).map(|node| node.calls.recent(count)).unwrap_or_default()
    }

    /// What was asked of the fakes that they do not model: service, what, how often.
    #[must_use]
    pub fn unmodelled(&self) -> Vec<(String, String, u64)> {
        let mut sums: BTreeMap<(String, String), u64> = BTreeMap::new();
        for (service, what, count) in self.nodes.iter().flat_map(|node| node.host.unmodelled()) {
            *sums.entry((service, what)).or_default() += count;
        }
        sums.into_iter().map(|((service, what), count)| (service, what, count)).collect()
    }

    pub(crate) fn node(&self, name: &str) -> Result<&Node, LabError> {
        let found = self.by_name.get(name).and_then(|at| self.nodes.get(*at));
        found.ok_or_else(|| LabError::new(format!("finding node {name}"), "the lab has no such node"))
    }

    pub(crate) fn network(&self) -> NetworkFamily {
        self.network
    }

    pub(crate) fn setup(&self) -> ClusterSetup {
        self.setup
    }

    /// Whether its API server is in this process.
    pub(crate) fn has_embedded_plane(&self) -> bool {
        self.embedded
    }

    pub(crate) fn activity(&self) -> &Activity {
        &self.activity
    }
}

impl fmt::Debug for Lab {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lab").field("nodes", &self.node_names()).finish_non_exhaustive()
    }
}

#[expect(clippy::too_many_arguments, reason = "the parts a node is put together from, once")]
fn assemble(
    spec: NodeSpec,
    number: usize,
    equipped: Equipped,
    making: Making,
    parts: Parts,
    calls: Arc<CallLog>,
    fabric: &Fabric,
    servers: &Arc<Servers>,
) -> Node {
    let Equipped { host, machine, faults, .. } = equipped;
    let address = address_plan::node_address(number).address;
    fabric.connect(FabricNode { name: spec.name.clone(), addresses: vec![address], view: host.view() });
    let (versions, endpoints) = (making.versions.clone(), making.endpoints.clone());
    let making = Arc::new(making);
    servers.follow(&host, making.clone());
    let of_services = making.clone();
    let make =
        move |service: &str, starts, command, stop| of_services.context(service, starts, command, stop);
    let programs = programs(parts);
    let containers = ComponentContainers::follow(&host, making.clone(), programs.clone());
    let supervisor = Supervisor::start(machine.clone(), programs, make);
    Node { spec, address, host, machine, supervisor, containers, endpoints, calls, faults, versions, making }
}

/// One segment with its router, the API server beside the nodes, and a host beyond the edge.
fn underlay(api_port: u16) -> Underlay {
    let mut underlay = Underlay::new(GATEWAY);
    let serves = |port: u16, body: &str| HostProgram {
        container: String::new(),
        pid: 1,
        listening: vec![Listener { transport: Transport::Tcp, port }],
        environment: BTreeMap::new(),
        program: Program {
            listen: vec![Listener { transport: Transport::Tcp, port }],
            http: [("/".to_owned(), HttpReply { status: 200, body: body.to_owned(), fetches: None })].into(),
            ..Program::default()
        },
    };
    underlay.hosts.push(ExternalHost {
        name: "api-server".to_owned(),
        address: API_SERVER,
        beyond_edge: false,
        programs: vec![serves(api_port, "ok")],
    });
    underlay.hosts.push(ExternalHost {
        name: OUTSIDE_NAME.to_owned(),
        address: OUTSIDE,
        beyond_edge: true,
        programs: vec![serves(80, "outside")],
    });
    underlay
}
