//! What a call costs: `ListPodSandbox` of ten pods, in this process and over gRPC on TCP.
#![expect(missing_docs, reason = "criterion's macros make functions without them")]

#[path = "../tests/node/mod.rs"]
mod node;
#[path = "../tests/wire/mod.rs"]
mod wire;

use criterion::{Criterion, criterion_group, criterion_main};
use winlab_cri::proto::ListPodSandboxRequest;
use winlab_node::cri::PodSandboxFilter;

use node::{Node, container, run_pod};

const PODS: usize = 10;

fn list_pod_sandbox(criterion: &mut Criterion) {
    let world = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (node, client) = world.block_on(async {
        let node = Node::new().await;
        for at in 0..PODS {
            run_pod(&*node.cri(), &format!("pod-{at}"), container("web")).await;
        }
        let client = wire::runtime(&node.serve()).await;
        (node, client)
    });
    let cri = node.cri();
    criterion.bench_function("ListPodSandbox of 10 pods, in process", |bench| {
        bench.iter(|| world.block_on(cri.list_pod_sandbox(PodSandboxFilter::default())).unwrap().len());
    });
    criterion.bench_function("ListPodSandbox of 10 pods, gRPC over TCP", |bench| {
        bench.iter(|| {
            let mut client = client.clone();
            let answer = world.block_on(client.list_pod_sandbox(ListPodSandboxRequest::default()));
            answer.unwrap().into_inner().items.len()
        });
    });
}

criterion_group!(benches, list_pod_sandbox);
criterion_main!(benches);
