//! Model and program beside each other, on two nodes of one cluster that are alike.
#![expect(
    clippy::disallowed_methods,
    reason = "a node belongs to one thread; how many clusters are drawn is said in the environment"
)]

use std::collections::VecDeque;
use std::env;
use std::sync::{Arc, Mutex, PoisonError};

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, TestRunner};
use tokio::task::JoinHandle;
use winlab_clock::{Clock, Pace, Seed, VirtualSpan};
use winlab_component::{
    CommandLine, Context, Exit, HostFiles, Level, LocalEndpoints, Log, LogSink, Machine, Stop, StopHandle,
    WindowsMachine,
};
use winlab_control_plane::{ApiAccess, ControlPlane as _, Embedded, EmbeddedConfig, Switches};
use winlab_document::doc;
use winlab_fake_windows::HostNic;
use winlab_host::network::{CreateEndpoint, ModifyNetwork};
use winlab_host::{Ask as _, Guid, MacAddress};
use winlab_kube_client::api::{Patch, PatchParams, PostParams};
use winlab_kube_client::k8s::core::Node;
use winlab_kube_client::{Api, Client, Identity};
use winlab_oracle::{NetworkKind, Twin, difference, meaning};
use winlab_real::{Means, RealComponent, RealNode, RealNodeConfig, RealWorld, SharedFiles, Wanted, absent};
use winlab_shims_tests::peers;
use winlab_shims_tests::prefix::{on_runtime, places};
use winlab_wine::Segment;

use crate::cluster::{Cluster, Endpoint, Kind, Place, Port, Service, State, Target};
use crate::setting::Setting;
use crate::{drawn, objects};

/// The version that CI builds.
const VERSION: &str = "v1.34.4";
/// As many clusters of a setting as CI has time for.
const FEW: usize = 3;
/// How long nothing may happen while they differ: a program may be slow, on a machine that is busy.
const PATIENCE: VirtualSpan = VirtualSpan::from_secs(30);
/// How long nothing may have happened for them to be at rest: several times the least span between two syncs.
const QUIET: VirtualSpan = VirtualSpan::from_millis(1500);
/// Where the API server listens, beside the node.
const API: &str = "192.168.0.2:6443";
/// The node's service that says which cluster has been seen: its port counts.
const MARK: u16 = 200;

/// Looks for what it needs.
pub(crate) fn find(scratch: &str) -> Result<Means, String> {
    let program = peers::windows(&format!("{VERSION}/kube-proxy.exe"))?;
    let layout = program.ancestors().nth(3).expect("a program lies in a layout").to_owned();
    let means = Means { wine: places(scratch), layouts: vec![layout], ..Means::default() };
    let programs = [(RealComponent::KubeProxy, VERSION.parse().expect("a version"))].into();
    match absent(&means, &Wanted { programs, scaled: false }).first() {
        Some(absent) => Err(absent.to_string()),
        None => Ok(means),
    }
}

/// Draws clusters and compares what both make of them.
pub(crate) fn judge(means: Means, setting: &'static Setting) -> Result<(), String> {
    let cases = env::var("WINLAB_ORACLE_CASES").ok().and_then(|number| number.parse::<usize>().ok());
    let cases = cases.map_or(FEW, |cases| cases.div_ceil(crate::SETTINGS.len()));
    // A thread of its own, for the network of the lab is the thread's.
    let judged = std::thread::spawn(move || on_runtime(compare(&means, setting, cases)));
    judged.join().map_err(|_| "the lab's thread ended in disorder".to_owned())?
}

async fn compare(means: &Means, setting: &Setting, cases: usize) -> Result<(), String> {
    let mut pair = Pair::start(means, setting).await?;
    let mut runner = TestRunner::new(Config::default());
    for case in 0..cases {
        let cluster = drawn::cluster().new_tree(&mut runner).map_err(|reason| reason.to_string())?.current();
        let history =
            format!("cluster {case} of {}: {cluster:?}\nbefore it: {:?}", setting.name, pair.cluster);
        let settled = pair.become_cluster(cluster).await;
        settled.map_err(|problem| format!("{problem}\n{history}"))?;
        if case % 3 == 2 {
            pair.restart().await.map_err(|problem| format!("after a restart: {problem}\n{history}"))?;
        }
    }
    Ok(())
}

/// The two nodes.
struct Pair {
    clock: Clock,
    plane: Embedded,
    admin: Client,
    cluster: Cluster,
    count: u16,
    flags: String,
    model: Side,
    real: Side,
    room: Arc<RealNode>,
    /// The thread's network: the last to go.
    _world: RealWorld,
}

/// One of the nodes, and its kube-proxy.
struct Side {
    twin: Twin,
    machine: Machine,
    lines: Arc<Lines>,
    running: Option<(StopHandle, JoinHandle<Exit>)>,
}

/// The last lines of a log.
#[derive(Default)]
struct Lines(Mutex<VecDeque<String>>);

impl LogSink for Lines {
    fn wants(&self, level: Level) -> bool {
        level >= Level::Info
    }

    fn line(&self, _node: &str, _component: &str, _level: Level, text: &str) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push_back(text.to_owned());
        if lines.len() > 40 {
            lines.pop_front();
        }
    }
}

impl Lines {
    fn tail(&self) -> String {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .fold(String::new(), |all, line| all + line + "\n")
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

impl Pair {
    async fn start(means: &Means, setting: &Setting) -> Result<Self, String> {
        let clock = Clock::start_world(Pace::Real);
        let prefix = |address: &str| address.parse().expect("a prefix");
        let segment =
            Segment { addresses: vec![prefix("192.168.0.1/16"), prefix("192.168.0.2/16")], mtu: 1500 };
        let gateway = "192.168.0.1".parse().expect("an address");
        let world = RealWorld::enter(means, &segment, gateway, clock, Seed::new(3)).await.map_err(text)?;
        let mac = MacAddress::from_bits(0x0200_5e00_000a);
        let config = RealNodeConfig {
            name: "win1".to_owned(),
            windows: setting.build.parse().expect("a build"),
            address: prefix("192.168.0.11/16"),
            mac,
            gateway,
        };
        let room = world.node(&config).await.map_err(text)?;
        let nic = HostNic {
            name: "Ethernet".into(),
            mac,
            addresses: vec![config.address],
            gateway: Some(gateway),
            dns: vec![gateway],
            mtu: 1500,
        };
        let (model, real) =
            (Side::new(setting, clock, nic.clone()).await?, Side::new(setting, clock, nic).await?);
        let system = Arc::new(SharedFiles::new(real.twin.host.system(), room.clone()));
        let machine = WindowsMachine { system, ..real.twin.machine.clone() };
        world.serve(&room, &machine);
        let real = Side { machine: Machine::Windows(machine), ..real };

        let mut plane = EmbeddedConfig::new(VERSION.parse().expect("a version"));
        plane.parts = Switches::ApiServerOnly;
        plane.advertise_address = Some("192.168.0.2".parse().expect("an address"));
        let plane = Embedded::start(&plane, clock, Seed::new(4)).await;
        let listen = vec![API.parse().expect("an address")];
        plane.serve(&ApiAccess { listen, ..ApiAccess::default() }).await.map_err(text)?;
        let admin = plane.client(Identity::new("kubectl", VERSION));
        let flags = format!(
            r"C:\k\kube-proxy.exe --kubeconfig=C:\k\kubeconfig --hostname-override=win1 --proxy-mode=kernelspace --network-name={NETWORK} --iptables-min-sync-period=200ms {}",
            setting.flags
        );
        let mut pair = Self {
            clock,
            plane,
            admin,
            cluster: Cluster::new(),
            count: 0,
            flags,
            model,
            real,
            room,
            _world: world,
        };
        pair.register_node().await?;
        let kubeconfig = pair.plane.kubeconfig(&identity()).map_err(text)?;
        for side in [&pair.model, &pair.real] {
            let written =
                HostFiles::of(&side.machine).write(r"C:\k\kubeconfig", kubeconfig.clone().into_bytes()).await;
            written.map_err(text)?;
        }
        pair.start_both();
        Ok(pair)
    }

    async fn register_node(&self) -> Result<(), String> {
        let nodes = Api::<Node>::all(self.admin.clone());
        let node = doc!({"metadata": {"name": "win1"}}).decode().map_err(text)?;
        nodes.create(&PostParams::default(), &node).await.map_err(text)?;
        let status = doc!({"status": {"addresses": [{"type": "InternalIP", "address": "192.168.0.11"}]}});
        nodes.patch_status("win1", &PatchParams::default(), &Patch::Merge(status)).await.map_err(text)?;
        Ok(())
    }

    fn context(&self, side: &Side, stop: Stop) -> Context {
        Context {
            node: "win1".into(),
            machine: side.machine.clone(),
            client: self.plane.client(identity()),
            clock: self.clock,
            seed: Seed::new(5),
            log: Log::new(side.lines.clone(), "win1", "kube-proxy"),
            endpoints: LocalEndpoints::default(),
            command: CommandLine::parse(&self.flags),
            stop,
        }
    }

    fn start_both(&mut self) {
        let version = VERSION.parse().expect("a version");
        let (handle, stop) = Stop::new();
        let model = winlab_kube_proxy::run_version(version, self.context(&self.model, stop));
        self.model.running = Some((handle, tokio::spawn(model)));
        let (handle, stop) = Stop::new();
        let context = self.context(&self.real, stop);
        let real = winlab_real::run(context, self.room.clone(), RealComponent::KubeProxy, version);
        self.real.running = Some((handle, tokio::spawn(real)));
    }

    /// Ends both, starts them anew, and waits for what they make of the same cluster.
    async fn restart(&mut self) -> Result<(), String> {
        for side in [&mut self.model, &mut self.real] {
            if let Some((stop, running)) = side.running.take() {
                stop.ask();
                running.await.map_err(text)?;
            }
        }
        self.start_both();
        self.become_cluster(self.cluster.clone()).await
    }

    /// Gives the cluster to the API server, and waits until both have come to rest.
    async fn become_cluster(&mut self, mut cluster: Cluster) -> Result<(), String> {
        self.count += 1;
        cluster.insert(MARK, mark(self.count));
        objects::apply(&self.admin, &self.cluster, &cluster).await.map_err(text)?;
        self.cluster = cluster;
        self.settle().await
    }

    async fn settle(&self) -> Result<(), String> {
        let mark = format!(r#""InternalPort":{}"#, port_of_mark(self.count));
        let (mut last, mut since) = (String::new(), self.clock.now());
        loop {
            let (model, real) = (meaning(&self.model.twin.host), meaning(&self.real.twin.host));
            let calls = self.model.twin.calls.take().len() + self.real.twin.calls.take().len();
            let now = format!("{model}\n{real}");
            if calls > 0 || now != last {
                (last, since) = (now, self.clock.now());
            }
            let seen = model.contains(&mark) && real.contains(&mark);
            let still = self.clock.now().since(since);
            if seen && model == real && still >= QUIET {
                return Ok(());
            }
            if still >= PATIENCE {
                let difference = difference(&model, &real);
                return Err(format!(
                    "{}\nthe model's log:\n{}\nthe program's log:\n{}",
                    difference.unwrap_or_else(|| "neither has seen the cluster".to_owned()),
                    self.model.lines.tail(),
                    self.real.lines.tail()
                ));
            }
            self.clock.sleep(VirtualSpan::from_millis(100)).await;
        }
    }
}

/// The pods' network.
const NETWORK: &str = "pods";

impl Side {
    /// A host with its network, and the pods .5 to .8 on it.
    async fn new(setting: &Setting, clock: Clock, nic: HostNic) -> Result<Self, String> {
        let twin = Twin::with_nic(setting.build, clock, nic);
        let network = twin.network(NETWORK, setting.network, 1).await.map_err(text)?;
        let hns = twin.host.network();
        if setting.network == NetworkKind::Overlay {
            let route = doc!({"Type": "RemoteSubnetRoute", "Settings": {
                "DestinationPrefix": "10.244.2.0/24", "IsolationId": 4096, "ProviderAddress": "192.168.0.12",
                "DistributedRouterMacAddress": "02-00-5e-00-00-0b"}});
            let settings =
                doc!({"ResourceType": "Policy", "RequestType": "Add", "Settings": {"Policies": [route]}});
            hns.ask(ModifyNetwork { id: network, settings }).await.map_err(text)?;
        }
        for last in 5..9 {
            let settings = doc!({"Name": format!("pod{last}"), "HostComputeNetwork": network.to_string(),
                "IpConfigurations": [{"IpAddress": format!("10.244.1.{last}")}],
                "SchemaVersion": {"Major": 2, "Minor": 0}});
            hns.ask(CreateEndpoint { network, id: Guid::NIL, settings }).await.map_err(text)?;
        }
        let machine = twin.machine();
        Ok(Self { twin, machine, lines: Arc::default(), running: None })
    }
}

fn identity() -> Identity {
    Identity::new("kube-proxy", VERSION).user("system:serviceaccount:kube-system:kube-proxy")
}

fn port_of_mark(count: u16) -> u16 {
    20_000 + count
}

/// A service whose endpoint's port says how many clusters there have been.
fn mark(count: u16) -> Service {
    Service {
        kind: Kind::ClusterIp,
        ports: vec![Port { udp: false, target: Target::Number(port_of_mark(count)) }],
        external_ip: false,
        internal_local: false,
        external_local: false,
        sticky: false,
        annotation: None,
        slices: vec![vec![Endpoint { place: Place::Here(5), state: State::Ready }]],
    }
}
