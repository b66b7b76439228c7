//! Model and program beside each other, on two nodes of one cluster that are alike.

use std::sync::Arc;

use winlab_clock::{Clock, Pace, Seed, VirtualSpan};
use winlab_component::{
    CommandLine, Context, Exit, HostFiles, LocalEndpoints, Log, Machine, Stop, WindowsMachine,
};
use winlab_control_plane::{
    ApiAccess, ControlPlane as _, Embedded, EmbeddedConfig, Listeners, Side as Seen, Switches,
};
use winlab_fake_windows::HostNic;
use winlab_host::MacAddress;
use winlab_host::linux::Prefix;
use winlab_kube_client::{Client, Identity};
use winlab_oracle::{difference, meaning};
use winlab_profiles::KubeVersion;
use winlab_real::{Means, RealComponent, RealNode, RealNodeConfig, RealWorld, SharedFiles};
use winlab_wine::Segment;

use crate::cluster::{Cluster, Family};
use crate::own_node::{self, Event};
use crate::setting::Setting;
use crate::side::{NETWORK, Running, Side};
use crate::{leaks, mark, objects};

/// How often kube-proxy looks at HNS: at least, and at most. A sync that fails is tried again at the next: with two families
/// one may have deleted an endpoint that the other is about to open, of those that HNS listed a moment ago.
const PACE: &str = "--iptables-sync-period=10s --iptables-min-sync-period=1s";
/// How long nothing may change while they differ: a program may be slow, on a machine that is busy.
const PATIENCE: VirtualSpan = VirtualSpan::from_secs(30);
/// How long nothing may have happened for them to be at rest: more than the least span between two syncs.
const QUIET: VirtualSpan = VirtualSpan::from_millis(1500);
/// How often is looked.
const STEP: VirtualSpan = VirtualSpan::from_millis(100);
/// Where the API server listens, beside the node.
const API: &str = "192.168.0.2:6443";
/// Services' addresses of both families.
const SERVICE_RANGES: [&str; 2] = ["10.96.0.0/12", "fd00:10:96::/112"];

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Until {
    /// Both have taken in the mark.
    Seen,
    /// Both have, hold the same, and do nothing any more.
    AtRest,
}

/// The two nodes.
pub(crate) struct Pair {
    clock: Clock,
    version: KubeVersion,
    setting: &'static Setting,
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

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn prefix(address: &str) -> Prefix {
    address.parse().expect("a prefix")
}

impl Pair {
    /// Two nodes, and a kube-proxy on each.
    pub(crate) async fn start(
        means: &Means,
        version: KubeVersion,
        setting: &'static Setting,
    ) -> Result<Self, String> {
        let clock = Clock::start_world(Pace::Real);
        let segment =
            Segment { addresses: vec![prefix("192.168.0.1/16"), prefix("192.168.0.2/16")], mtu: 1500 };
        let gateway = "192.168.0.1".parse().expect("an address");
        let world = RealWorld::enter(means, &segment, gateway, clock, Seed::new(3)).await.map_err(text)?;
        let config = RealNodeConfig {
            name: "win1".to_owned(),
            windows: setting.build.parse().expect("a build"),
            address: prefix("192.168.0.11/16"),
            mac: MacAddress::from_bits(0x0200_5e00_000a),
            gateway,
        };
        let room = world.node(&config).await.map_err(text)?;
        let nic = nic(&config, setting);
        let model = Side::new(setting, clock, nic.clone()).await?;
        let mut real = Side::new(setting, clock, nic).await?;
        let system = Arc::new(SharedFiles::new(real.twin.host.system(), room.clone()));
        let machine = WindowsMachine { system, ..real.twin.machine.clone() };
        world.serve(&room, &machine);
        real.machine = Machine::Windows(machine);

        let plane = plane(version, setting, clock).await?;
        let admin = plane.client(Identity::new("kubectl", version.to_string()));
        let flags = format!(
            r"C:\k\kube-proxy.exe --kubeconfig=C:\k\kubeconfig --hostname-override=win1 --proxy-mode=kernelspace --network-name={NETWORK} {PACE} {}",
            setting.flags
        );
        let mut pair = Self {
            clock,
            version,
            setting,
            plane,
            admin,
            cluster: Cluster::default(),
            count: 0,
            flags,
            model,
            real,
            room,
            _world: world,
        };
        own_node::register(&pair.admin, setting).await.map_err(text)?;
        let kubeconfig = pair.plane.kubeconfig(&pair.identity(), Seen::Lab).map_err(text)?;
        for side in [&pair.model, &pair.real] {
            let written =
                HostFiles::of(&side.machine).write(r"C:\k\kubeconfig", kubeconfig.clone().into_bytes()).await;
            written.map_err(text)?;
        }
        pair.start_both();
        Ok(pair)
    }

    /// What the API server holds.
    pub(crate) fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    fn identity(&self) -> Identity {
        let version = self.version.to_string();
        Identity::new("kube-proxy", &version).user("system:serviceaccount:kube-system:kube-proxy")
    }

    fn context(&self, side: &Side, stop: Stop) -> Context {
        Context {
            node: "win1".into(),
            machine: side.machine.clone(),
            client: self.plane.client(self.identity()),
            clock: self.clock,
            seed: Seed::new(5),
            log: Log::new(side.lines.clone(), "win1", "kube-proxy"),
            endpoints: LocalEndpoints::default(),
            command: CommandLine::parse(&self.flags),
            stop,
        }
    }

    fn start_both(&mut self) {
        let (handle, stop) = Stop::new();
        let model = winlab_kube_proxy::run_version(self.version, self.context(&self.model, stop));
        self.model.running = Some(Running { stop: handle, task: tokio::spawn(model) });
        let (handle, stop) = Stop::new();
        let context = self.context(&self.real, stop);
        let real = winlab_real::run(context, self.room.clone(), RealComponent::KubeProxy, self.version);
        self.real.running = Some(Running { stop: handle, task: tokio::spawn(real) });
    }

    /// Ends both and gives their exit codes.
    async fn stop_both(&mut self) -> Result<[Option<Exit>; 2], String> {
        Ok([self.model.stop().await?, self.real.stop().await?])
    }

    /// Ends both, starts them anew, and waits for what they make of the same cluster.
    pub(crate) async fn restart(&mut self) -> Result<(), String> {
        self.stop_both().await?;
        self.start_both();
        self.become_cluster(self.cluster.clone()).await
    }

    /// Gives the cluster to the API server and to the nodes, and waits until both have come to rest.
    pub(crate) async fn become_cluster(&mut self, mut cluster: Cluster) -> Result<(), String> {
        self.meet().await?;
        self.mark(&mut cluster);
        // Both know the routes before either sees the cluster.
        for side in [&self.model, &self.real] {
            side.route(&self.cluster, &cluster).await?;
        }
        objects::apply(&self.admin, &self.cluster, &cluster).await.map_err(text)?;
        self.cluster = cluster;
        self.wait(Until::AtRest).await
    }

    /// Lets both sync at one time. What happens within the least span between two syncs from then on, both take in at once:
    /// what is left of endpoints that are no longer ready depends on whether services and slices change in one sync.
    async fn meet(&mut self) -> Result<(), String> {
        let mut cluster = self.cluster.clone();
        self.mark(&mut cluster);
        objects::apply(&self.admin, &self.cluster, &cluster).await.map_err(text)?;
        self.cluster = cluster;
        self.wait(Until::Seen).await
    }

    fn mark(&mut self, cluster: &mut Cluster) {
        self.count += 1;
        cluster.services.insert(mark::MARK, mark::service(self.count, self.setting));
    }

    /// Something happens to the node: both go on, or both end with the same exit code and are started anew, as whoever
    /// manages them does.
    pub(crate) async fn disturb(&mut self, event: Event) -> Result<(), String> {
        event.happen(&self.admin, self.setting).await.map_err(text)?;
        let ended = self.end_or_go_on().await?;
        event.mend(&self.admin, self.setting).await.map_err(text)?;
        if ended {
            let [model, real] = self.stop_both().await?;
            if model != real {
                return Err(format!("exit codes: the model's {model:?}, the program's {real:?}"));
            }
            self.start_both();
        }
        self.become_cluster(self.cluster.clone()).await
    }

    /// Waits until either both have ended, or neither does.
    async fn end_or_go_on(&self) -> Result<bool, String> {
        let since = self.clock.now();
        loop {
            let ended = [self.model.has_ended(), self.real.has_ended()];
            let passed = self.clock.now().since(since);
            match ended {
                [true, true] => return Ok(true),
                [false, false] if passed >= QUIET => return Ok(false),
                [model, _] if passed >= PATIENCE => {
                    let one = if model { "the model has ended" } else { "the program has ended" };
                    return Err(format!("{one}, and the other has not\n{}", self.logs()));
                }
                _ => self.clock.sleep(STEP).await,
            }
        }
    }

    async fn wait(&self, until: Until) -> Result<(), String> {
        let mut last = [String::new(), String::new()];
        // Both look at HNS from time to time, whether anything changes or not.
        let (mut changed, mut called) = (self.clock.now(), self.clock.now());
        loop {
            let now = self.clock.now();
            let calls = self.model.twin.calls.take().len() + self.real.twin.calls.take().len();
            if calls > 0 {
                called = now;
            }
            let states =
                [&self.model, &self.real].map(|side| leaks::compared(self.version, meaning(&side.twin.host)));
            if states != last {
                (last, changed, called) = (states, now, now);
            }
            let [model, real] = &last;
            let seen = last.iter().all(|state| mark::is_in(state, self.count, self.setting));
            if seen && (until == Until::Seen || (model == real && now.since(called) >= QUIET)) {
                return Ok(());
            }
            let ended = self.model.has_ended() || self.real.has_ended();
            if now.since(changed) >= PATIENCE || ended {
                let difference = difference(model, real);
                let what = difference.unwrap_or_else(|| "neither has seen the cluster".to_owned());
                let who = if ended { "one of them has ended\n" } else { "" };
                return Err(format!("{who}{what}\n{}", self.logs()));
            }
            self.clock.sleep(STEP).await;
        }
    }

    fn logs(&self) -> String {
        let (model, real) = (self.model.lines.tail(), self.real.lines.tail());
        format!("the model's log:\n{model}\nthe program's log:\n{real}")
    }
}

/// The node's interface, with the address that its Node says.
fn nic(config: &RealNodeConfig, setting: &Setting) -> HostNic {
    let mut addresses = vec![config.address];
    if setting.primary == Family::V6 {
        addresses.push(prefix("fd00:192:168::11/64"));
    }
    HostNic {
        name: "Ethernet".into(),
        mac: config.mac,
        addresses,
        gateway: Some(config.gateway),
        dns: vec![config.gateway],
        mtu: 1500,
    }
}

/// An API server that programs of the thread's network reach.
async fn plane(version: KubeVersion, setting: &Setting, clock: Clock) -> Result<Embedded, String> {
    let mut config = EmbeddedConfig::new(version);
    config.parts = Switches::ApiServerOnly;
    config.advertise_address = Some("192.168.0.2".parse().expect("an address"));
    config.service_ranges = SERVICE_RANGES.map(|range| range.parse().expect("a range")).to_vec();
    if setting.primary == Family::V6 {
        config.service_ranges.reverse();
    }
    let plane = Embedded::start(&config, clock, Seed::new(4)).await;
    let listen = vec![API.parse().expect("an address")];
    let access = ApiAccess { listen, ..ApiAccess::default() };
    plane.serve(&access, Listeners::default()).await.map_err(text)?;
    Ok(plane)
}
