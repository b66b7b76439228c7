//! kube-proxy.exe programs a thousand services with ten endpoints each, and how much of that it spends in our calls.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use winlab_cli::Environment;
use winlab_cli::args::Placement;
use winlab_clock::{Clock, Pace, Seed, VirtualInstant, VirtualSpan};
use winlab_cluster::{JoinMethod, KubeChange, Lab, LabObserver, LabSpec, RealComponent, absent};
use winlab_component::Level;
use winlab_document::doc;
use winlab_host::JournalEntry;
use winlab_kube_client::Api;
use winlab_kube_client::api::PostParams;
use winlab_kube_client::k8s::core::Service;
use winlab_kube_client::k8s::discovery::EndpointSlice;
use winlab_profiles::{KubeVersion, NetworkFamily};

use crate::figure::Figure;
use crate::small_lab::spec;
use crate::wine_call::Medians;

const SERVICES: usize = 1_000;
/// Of each service, all of other nodes: for each of them HNS is given a remote endpoint.
const ENDPOINTS: usize = 10;
/// How their addresses begin: from 10.244.150.1 on.
const FAR: &str = "10.244.1";
const CREATES: &str = "HcnCreateLoadBalancer";
const WITHIN: VirtualSpan = VirtualSpan::from_secs(1200);

/// The sync's wall time, and the share of it that goes into calls.
pub(crate) fn measure() -> Vec<Figure> {
    let environment = Environment::read();
    let spec = real_spec(&environment);
    if let Some(missing) = absent(&spec, Pace::Scaled(1)).first() {
        eprintln!("not measured: {missing}");
        return Vec::new();
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let sync = runtime.block_on(world(spec));
    drop(runtime);
    // What one call costs a program: Wine's sockets, for the most part.
    let each = Medians::measure().expect("a call can be measured where the sync can").call;
    let (calls, wall) = (sync.calls, sync.wall());
    let ours = each * u32::try_from(calls).expect("fewer calls than that");
    let share = |part: Duration| part.as_secs_f64() / wall.as_secs_f64();
    let what = format!("kube-proxy.exe syncs {SERVICES} services of {ENDPOINTS} endpoints");
    let how = format!("{calls} calls of {} us each under Wine", each.as_micros());
    vec![
        Figure::told_wall(format!("{what}: wall"), wall),
        Figure::told_share(format!("  in our calls: {how}"), share(ours)),
        Figure::told_share("  in the work of the fake HNS", share(sync.answering)),
    ]
}

fn version() -> KubeVersion {
    "v1.34.4".parse().expect("a known version")
}

fn real_spec(environment: &Environment) -> LabSpec {
    let mut spec = spec(1);
    spec.kube = version();
    spec.network = NetworkFamily::FlannelHostGw;
    spec.means = Placement::default().engine(environment).means;
    for node in &mut spec.nodes {
        (node.kubelet, node.kube_proxy) = (version(), version());
    }
    // Without direct server return each load balancer takes 64 ports of the node, and there are enough for 256.
    spec.nodes[1].dsr = true;
    spec.nodes[1].real.insert(RealComponent::KubeProxy);
    spec
}

/// The services come while kube-proxy is away, so that it programs all of them in its first sync.
async fn world(spec: LabSpec) -> Sync {
    let clock = Clock::start_world(Pace::Scaled(1));
    let journal = Arc::new(Journal::default());
    let lab = Lab::start(spec, clock, Seed::new(1), journal.clone()).await.expect("it starts");
    for node in lab.node_names() {
        lab.join(&node, &JoinMethod::Scripts).await.expect("it joins and becomes Ready");
    }
    lab.stop_service("win1", "kube-proxy").await.expect("it stops");
    create(&lab).await;
    lab.start_service("win1", "kube-proxy").await.expect("it starts");
    let end = clock.now() + WITHIN;
    while journal.seen().load_balancers < SERVICES {
        assert!(clock.now() < end, "{} load balancers after {WITHIN}", journal.seen().load_balancers);
        clock.sleep(VirtualSpan::from_millis(200)).await;
    }
    journal.seen().clone()
}

/// Services without selectors, each with a slice of its own.
async fn create(lab: &Lab) {
    let services: Api<Service> = Api::namespaced(lab.client(), "default");
    let slices: Api<EndpointSlice> = Api::namespaced(lab.client(), "default");
    for number in 0..SERVICES {
        let name = format!("service-{number}");
        let service = doc!({"metadata": {"name": name.as_str()}, "spec": {"ports": [{"port": 80, "targetPort": 8080}]}});
        let endpoints: Vec<_> = (0..ENDPOINTS).map(|one| endpoint(number * ENDPOINTS + one)).collect();
        let slice = doc!({
            "metadata": {"name": name.as_str(), "labels": {"kubernetes.io/service-name": name.as_str()}},
            "addressType": "IPv4",
            "ports": [{"port": 8080, "protocol": "TCP"}],
            "endpoints": endpoints,
        });
        let service = service.decode().expect("it has the shape of a Service");
        services.create(&PostParams::default(), &service).await.expect("it is valid");
        let slice = slice.decode().expect("it has the shape of an EndpointSlice");
        slices.create(&PostParams::default(), &slice).await.expect("it is valid");
    }
}

/// A pod of one of the many nodes that this lab has not.
fn endpoint(number: usize) -> winlab_document::Document {
    let address = format!("{FAR}{}.{}", 50 + number / 200, 1 + number % 200);
    doc!({"addresses": [address], "conditions": {"ready": true}})
}

/// Whether it is about one of them; the lab's own nodes have addresses with a shorter third number.
fn is_far(text: &str) -> bool {
    text.split(FAR).skip(1).any(|rest| rest.find('.') == Some(2))
}

/// What was seen of the sync.
#[derive(Clone, Debug, Default)]
struct Sync {
    began: Option<VirtualInstant>,
    ended: Option<VirtualInstant>,
    calls: usize,
    load_balancers: usize,
    answering: Duration,
}

impl Sync {
    fn wall(&self) -> Duration {
        let (began, ended) = (self.began.expect("it began"), self.ended.expect("it ended"));
        ended.since(began).into()
    }
}

/// Hears the calls of win1 from the first remote endpoint on.
#[derive(Default)]
struct Journal(Mutex<Sync>);

impl Journal {
    fn seen(&self) -> MutexGuard<'_, Sync> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LabObserver for Journal {
    fn wants_everything(&self) -> bool {
        true
    }

    fn boundary_call(&self, node: &str, entry: &JournalEntry) {
        let mut seen = self.seen();
        if node != "win1" || seen.load_balancers == SERVICES {
            return;
        }
        if entry.function == "HcnCreateEndpoint" && is_far(&entry.arguments.to_string()) {
            seen.began.get_or_insert(entry.asked);
        }
        if seen.began.is_none() {
            return;
        }
        seen.calls += 1;
        seen.answering += Duration::from(entry.answered.since(entry.asked));
        if entry.function == CREATES && entry.outcome.is_ok() {
            seen.load_balancers += 1;
            seen.ended = Some(entry.answered);
        }
    }

    fn log(&self, _: &str, _: &str, _: Level, _: &str) {}

    fn kube_change(&self, _: &KubeChange<'_>) {}
}
