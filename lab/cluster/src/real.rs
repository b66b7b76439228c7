//! A lab's unmodified programs: what they need of this machine, and the room that they run in.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use winlab_clock::{Clock, Pace, Seed};
use winlab_component::{LocalEndpoints, WindowsMachine};
use winlab_control_plane::{ControlPlaneSpec, Listen};
use winlab_cri::{Backend, CriServer, HttpPods, StreamingConfig};
use winlab_host::linux::Prefix;
use winlab_profiles::WindowsVersion;
use winlab_real::{Absent, RealComponent, RealNode, RealNodeConfig, RealWorld, Wanted, answer_for_pods};
use winlab_wine::Segment;

use crate::address_plan;
use crate::error::LabError;
use crate::node::WINDOWS_RUNTIME;
use crate::pod_network::NodePods;
use crate::spec::{LabSpec, NodeSpec};

/// Where containerd keeps its images (its `root`).
const IMAGE_STORE: &str = r"C:\ProgramData\containerd\root";

/// What the lab needs of this machine that is not there. Nothing is started to find out.
#[must_use]
pub fn absent(spec: &LabSpec, pace: Pace) -> Vec<Absent> {
    let mut missing = Vec::new();
    if let ControlPlaneSpec::Binaries(binaries) = &spec.control_plane
        && let Err(programs) = binaries.programs.find(spec.kube)
    {
        let need = format!("control plane {}", spec.kube);
        missing.push(Absent { need, reason: format!("{programs}; {}", programs.hint()) });
    }
    let has_flanneld = |node: &NodeSpec| node.real.contains(&RealComponent::Flanneld);
    if spec.network.hns_type() != "Overlay" && spec.nodes.iter().any(has_flanneld) {
        missing.push(Absent {
            need: format!("flanneld.exe with {}", spec.network),
            reason: format!(
                "flanneld.exe with {} waits for an adapter of the host that HNS makes, and Wine has none; \
                 it runs with flannel-vxlan",
                spec.network
            ),
        });
    }
    let programs =
        spec.nodes.iter().flat_map(|node| node.real.iter().map(|real| (*real, node.version(*real))));
    let wanted = Wanted { programs: programs.collect(), scaled: matches!(pace, Pace::Scaled(2..)) };
    missing.extend(winlab_real::absent(&spec.means, &wanted));
    missing
}

/// Lets programs reach the API server, where the lab has room for them: at its address of the segment.
pub(crate) fn open_api(spec: &mut LabSpec) {
    match &mut spec.control_plane {
        ControlPlaneSpec::Embedded => {
            let address = SocketAddr::new(address_plan::API_SERVER, address_plan::API_SERVER_PORT);
            spec.access.listen.push(address);
        }
        ControlPlaneSpec::Binaries(binaries) => binaries.listen = Listen::Advertised,
    }
}

/// The room for the lab's programs, if it has any: a network of its own for this thread, and the wire.
pub(crate) async fn enter(spec: &LabSpec, clock: Clock, seed: Seed) -> Result<Option<RealWorld>, LabError> {
    if spec.nodes.iter().all(|node| node.real.is_empty()) {
        return Ok(None);
    }
    let prefix = |address| Prefix { address, length: address_plan::SEGMENT_LENGTH };
    let addresses = vec![prefix(address_plan::GATEWAY), prefix(address_plan::API_SERVER)];
    let segment = Segment { addresses, mtu: 1500 };
    let world = RealWorld::enter(&spec.means, &segment, address_plan::GATEWAY, clock, seed).await;
    world.map(Some).map_err(|error| LabError::new("making room for Windows programs", error))
}

/// The room for one node's programs, if it has any.
pub(crate) async fn room(
    world: Option<&RealWorld>,
    node: &NodeSpec,
    windows: WindowsVersion,
    number: usize,
) -> Result<Option<Arc<RealNode>>, LabError> {
    let Some(world) = world.filter(|_| !node.real.is_empty()) else { return Ok(None) };
    let config = RealNodeConfig {
        name: node.name.clone(),
        windows,
        address: address_plan::node_address(number),
        mac: address_plan::node_mac(number),
        gateway: address_plan::GATEWAY,
    };
    let room = world.node(&config).await;
    let what = || format!("making room for Windows programs on {}", node.name);
    room.map(Some).map_err(|error| LabError::new(what(), error))
}

/// What a real kubelet finds on its node: the runtime's model behind a socket, and pods that answer its probes. It ends with
/// the lab's runtime.
pub(crate) fn attend_kubelet(
    node: &NodeSpec,
    room: &Arc<RealNode>,
    pods: Arc<NodePods>,
    runtime: LocalEndpoints,
) -> Result<(), LabError> {
    let listen = |port| room.listen(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port));
    let served = || {
        let streaming = StreamingConfig {
            listener: listen(0)?,
            clock: pods.clock,
            seed: pods.seed.child("streams"),
            network: Some(Arc::new(HttpPods::new(pods.clone()))),
        };
        let backend = Backend::new(runtime, WINDOWS_RUNTIME);
        CriServer::new(listen(address_plan::CRI_PORT)?, backend)?.streaming(streaming)
    };
    let server =
        served().map_err(|error| LabError::new(format!("serving the runtime of {}", node.name), error))?;
    // The runtime reports its images' file system by this folder, which a kubelet looks at.
    let made = room.make_folder(IMAGE_STORE);
    made.map_err(|error| LabError::new(format!("making {IMAGE_STORE} on {}", node.name), error))?;
    tokio::spawn(server.serve());
    let clock = pods.clock;
    tokio::spawn(answer_for_pods(room.clone(), pods, clock));
    Ok(())
}

/// Answers a node's programs over its decorated boundaries.
pub(crate) fn serve(world: Option<&RealWorld>, room: Option<&RealNode>, machine: Option<&WindowsMachine>) {
    if let (Some(world), Some(room), Some(machine)) = (world, room, machine) {
        world.serve(room, machine);
    }
}
