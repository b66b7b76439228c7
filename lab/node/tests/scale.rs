//! Many nodes and pods in one world.

use std::sync::Arc;

use futures::future::{BoxFuture, join_all};
use winlab_clock::{Clock, Seed, VirtualSpan, virtual_world};
use winlab_component::{CommandLine, Context, LocalEndpoints, Log, Stop};
use winlab_document::doc;
use winlab_kube_api::{ApiServer, Config};
use winlab_kube_client::api::PostParams;
use winlab_kube_client::k8s::core::Pod;
use winlab_kube_client::{Api, Identity};
use winlab_node::hollow::{HollowConfig, HollowRuntime, hollow_machine};
use winlab_node::kubelet::{KubeletOptions, ProbeOutcome, ProbeRequest, Prober, kubelet};

struct Always;

impl Prober for Always {
    fn probe(&self, _: ProbeRequest) -> BoxFuture<'_, ProbeOutcome> {
        Box::pin(std::future::ready(ProbeOutcome::Success))
    }
}

/// So many hollow nodes with two pods each, until every pod runs; the virtual time it took.
async fn hollow_cluster(nodes: u32) -> VirtualSpan {
    let clock = Clock::start_virtual();
    let api = ApiServer::new(Config::new(clock, Seed::new(1), 34).disable_admission("ServiceAccount"));
    for number in 0..nodes {
        let name = format!("hollow-{number}");
        let cidr = winlab_host::linux::Prefix {
            address: std::net::Ipv4Addr::from_bits(0x0a80_0000 + number * 256).into(),
            length: 24,
        };
        let machine = hollow_machine(HollowConfig {
            name: name.clone(),
            windows: Some((20348, 1)),
            address: std::net::Ipv4Addr::from_bits(0xc0a8_0000 + number).into(),
            processors: 4,
            memory: 8 << 30,
            pod_cidr: cidr,
        });
        let (handle, stop) = Stop::new();
        let context = Context {
            node: name.clone(),
            machine,
            client: api.client(Identity::new("kubelet", "v1.34.0")),
            clock,
            seed: Seed::new(7).child(&name),
            log: Log::unread(),
            endpoints: LocalEndpoints::default(),
            command: CommandLine::parse("kubelet"),
            stop,
        };
        let runtime = HollowRuntime::new(clock, cidr);
        let options = KubeletOptions::hollow("v1.34.0".parse().unwrap(), Arc::new(Always), runtime);
        tokio::spawn(async move {
            let _handle = handle;
            kubelet(context, options).await
        });
    }
    let client = api.client(Identity::new("kubectl", "v1.34.0"));
    let pods: Api<Pod> = Api::namespaced(client, "default");
    clock.sleep(VirtualSpan::from_secs(15)).await;
    let created = (0..nodes * 2).map(|number| {
        let pod: Pod = doc!({
            "metadata": {"name": format!("p{number}"), "namespace": "default"},
            "spec": {"nodeName": format!("hollow-{}", number / 2), "containers": [{"name": "a", "image": "web"}]},
        })
        .decode()
        .unwrap();
        let pods = pods.clone();
        async move { pods.create(&PostParams::default(), &pod).await.unwrap() }
    });
    join_all(created).await;
    let began = clock.now();
    loop {
        let running =
            api.objects("v1", "Pod").iter().filter(|pod| pod.text(&["status", "phase"]) == "Running").count();
        if running == (nodes * 2) as usize {
            return clock.now().since(began);
        }
        assert!(clock.now().since(began) < VirtualSpan::from_secs(60), "{running} pods run");
        clock.sleep(VirtualSpan::from_millis(500)).await;
    }
}

#[test]
fn a_hundred_hollow_nodes_run_their_pods_at_once() {
    let took = virtual_world(hollow_cluster(100));
    assert!(took < VirtualSpan::from_secs(5), "{took}");
}

#[test]
#[ignore = "five thousand nodes take half a minute without optimization; run it with --release"]
fn five_thousand_hollow_nodes_run_ten_thousand_pods() {
    let took = virtual_world(hollow_cluster(5000));
    assert!(took < VirtualSpan::from_secs(30), "{took}");
}
