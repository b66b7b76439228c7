//! Pod creates a second in process, with ten watchers that see every one.

#![expect(clippy::disallowed_types, reason = "a bench measures wall time")]
#![expect(missing_docs, reason = "criterion's macro makes a public function")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use winlab_clock::{Clock, Seed, virtual_world};
use winlab_kube_api::{ApiServer, Config};
use winlab_kube_client::api::PostParams;
use winlab_kube_client::k8s::core::Pod;
use winlab_kube_client::{Api, Identity, WatchConfig, reflect};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PODS: usize = 5000;

/// A pod as a small application has them.
fn pod(number: usize) -> Pod {
    let pod = serde_json::json!({
        "metadata": {
            "name": format!("web-{number}"), "labels": {"app": "web", "pod-template-hash": "7d4b9c"},
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web", "uid": "u", "controller": true}]
        },
        "spec": {
            "nodeSelector": {"kubernetes.io/os": "windows"},
            "containers": [{
                "name": "iis", "image": "mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022",
                "ports": [{"containerPort": 80}], "env": [{"name": "STORE", "value": "http://store"}],
                "resources": {"limits": {"cpu": "1", "memory": "800Mi"}, "requests": {"cpu": "100m"}},
                "readinessProbe": {"httpGet": {"path": "/", "port": 80}}
            }]
        }
    });
    serde_json::from_value(pod).expect("the bench's own pod has the shape of a pod")
}

/// From the first create until the last watcher has seen the last pod.
fn create_all(pods: &[Pod], watchers: usize) -> Duration {
    virtual_world(async {
        let clock = Clock::start_virtual();
        let config = Config::new(clock, Seed::new(1), 34).disable_admission("ServiceAccount");
        let server = ApiServer::new(config);
        let mut followers = tokio::task::JoinSet::new();
        let stores: Vec<_> = (0..watchers)
            .map(|number| {
                let client = server.client(Identity::new(format!("watcher-{number}"), "v1"));
                let (store, drive) =
                    reflect::<Pod>(Api::all(client), WatchConfig::all(), clock, Seed::new(2));
                followers.spawn(drive);
                store
            })
            .collect();
        for store in &stores {
            store.synced().await;
        }
        let api: Api<Pod> = Api::namespaced(server.client(Identity::new("writer", "v1")), "default");
        let began = Instant::now();
        for pod in pods {
            black_box(api.create(&PostParams::default(), pod).await.expect("the bench's own pod is valid"));
        }
        for store in &stores {
            store.until(|store| (store.len() == pods.len()).then_some(())).await;
        }
        let took = began.elapsed();
        followers.abort_all();
        took
    })
}

fn creates(c: &mut Criterion) {
    let pods: Vec<Pod> = (0..PODS).map(pod).collect();
    let mut group = c.benchmark_group("pod creates");
    group.throughput(Throughput::Elements(PODS as u64)).sample_size(10);
    for watchers in [0, 10] {
        group.bench_function(format!("{watchers} watchers"), |b| {
            b.iter_custom(|times| (0..times).map(|_| create_all(&pods, watchers)).sum());
        });
    }
    group.finish();
}

criterion_group!(benches, creates);
criterion_main!(benches);
