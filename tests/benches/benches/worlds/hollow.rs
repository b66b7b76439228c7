//! Five thousand Windows nodes that are kubelets only, under a whole control plane, and ten thousand pods.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::task::JoinSet;
use winlab_clock::{Clock, Seed, virtual_world};
use winlab_component::{CommandLine, Context, LocalEndpoints, Log, Stop};
use winlab_controllers::{ControllerConfig, ControllerManager, Scheduler};
use winlab_host::linux::Prefix;
use winlab_kube_api::{ApiServer, Config};
use winlab_kube_client::Identity;
use winlab_node::hollow::{HollowConfig, HollowRuntime, hollow_machine};
use winlab_node::kubelet::{KubeletOptions, ProbeOutcome, ProbeRequest, Prober, kubelet};

use crate::figure::{Figure, timed};
use crate::small_lab::version;
use crate::workload::{create, until_ready, until_running};

const NODES: u32 = 5_000;
const PODS: usize = 10_000;

/// From nothing to every pod Running.
pub(crate) fn measure() -> Vec<Figure> {
    let ((), wall) = timed(|| virtual_world(world()));
    let what = format!("{NODES} hollow Windows nodes, {PODS} pods to Running");
    vec![
        Figure::wall(format!("{what}: wall"), wall, Duration::from_secs(20)),
        Figure::peak_memory(format!("{what}: peak memory"), 1 << 30),
    ]
}

async fn world() {
    let (clock, seed) = (Clock::start_virtual(), Seed::new(1));
    let text = version().to_string();
    let mut config = Config::new(clock, seed.child("kube-apiserver"), version().minor());
    config.profile.version.clone_from(&text);
    let server = ApiServer::new(config);
    let client = |identity| server.client(identity);
    let mut settings = ControllerConfig::kubeadm(version().minor(), &text);
    // kubeadm's 10.244.0.0/16 ends at 256 nodes.
    settings.cluster_cidr = "10.128.0.0/9".parse().ok();
    let manager_seed = seed.child("kube-controller-manager");
    let _controllers = ControllerManager::start(&settings, client, clock, manager_seed).await;
    let _scheduler = Scheduler::start(&text, client, clock, seed.child("kube-scheduler"));
    let mut kubelets = JoinSet::new();
    let mut stops = Vec::new();
    for number in 0..NODES {
        let (stop, stopped) = Stop::new();
        stops.push(stop);
        kubelets.spawn(hollow_node(&server, clock, number, stopped));
    }
    until_ready(&server, clock, NODES as usize).await;
    create(server.client(Identity::new("kubectl", text)), PODS).await;
    until_running(&server, clock, PODS).await;
}

fn hollow_node(
    server: &Arc<ApiServer>,
    clock: Clock,
    number: u32,
    stop: Stop,
) -> impl Future<Output = ()> + Send + use<> {
    let name = format!("hollow-{number}");
    let pod_cidr = Prefix { address: Ipv4Addr::from_bits(0x0a80_0000 + number * 256).into(), length: 24 };
    let machine = hollow_machine(HollowConfig {
        name: name.clone(),
        windows: Some((20348, 1)),
        address: Ipv4Addr::from_bits(0xac10_0000 + number).into(),
        processors: 4,
        memory: 8 << 30,
        pod_cidr,
    });
    let context = Context {
        machine,
        client: server.client(Identity::new("kubelet", version().to_string())),
        clock,
        seed: Seed::new(7).child(&name),
        log: Log::unread(),
        endpoints: LocalEndpoints::default(),
        command: CommandLine::parse("kubelet"),
        stop,
        node: name,
    };
    let runtime = HollowRuntime::new(clock, pod_cidr);
    let options = KubeletOptions::hollow(version(), Arc::new(Healthy), runtime);
    async move {
        let _exit = kubelet(context, options).await;
    }
}

/// Every probe succeeds.
struct Healthy;

impl Prober for Healthy {
    fn probe(&self, _: ProbeRequest) -> BoxFuture<'_, ProbeOutcome> {
        Box::pin(std::future::ready(ProbeOutcome::Success))
    }
}
