//! Nodes with all their components: many at once, and the same seeds giving the same world.

mod world;

use futures::future::join_all;
use winlab_clock::{Clock, Seed, VirtualSpan, virtual_world};
use winlab_document::doc;
use winlab_kube_api::{ApiServer, Config};
use world::{Os, Setup, World, spec};

/// So many nodes, every second one Windows, with so many pods each, until every pod runs.
///
/// The lines are those of every node's components, in the order in which they were written.
async fn cluster(nodes: u8, pods: usize) -> (VirtualSpan, Vec<String>) {
    let clock = Clock::start_virtual();
    let api = ApiServer::new(Config::new(clock, Seed::new(1), 34).disable_admission("ServiceAccount"));
    let mut worlds = Vec::new();
    for number in 1..=nodes {
        let os = if number % 2 == 0 { Os::Linux } else { Os::Windows };
        let mut setup = Setup::new(os);
        setup.name = format!("NODE{number}");
        setup.number = number;
        let world = World::joined(setup, clock, api.clone()).await;
        world.start_service("containerd").await;
        world.start_service("kubelet").await;
        worlds.push((os, world));
    }
    join_all(worlds.iter().map(|(_, world)| world.until_node("True"))).await;
    let began = clock.now();
    let created = worlds.iter().flat_map(|(os, world)| {
        (0..pods).map(move |number| async move {
            let name = format!("{}-{number}", world.node);
            world.create_pod(&name, spec(*os, doc!({"name": "a", "image": "web"}))).await
        })
    });
    join_all(created).await;
    let wanted = usize::from(nodes) * pods;
    loop {
        let running =
            api.objects("v1", "Pod").iter().filter(|pod| pod.text(&["status", "phase"]) == "Running").count();
        if running == wanted {
            break;
        }
        let took = clock.now().since(began);
        assert!(took < VirtualSpan::from_secs(120), "{running} of {wanted} pods run: {}", worlds[0].1.log());
        clock.sleep(VirtualSpan::from_millis(500)).await;
    }
    let lines = worlds.iter().map(|(_, world)| world.log()).collect();
    (clock.now().since(began), lines)
}

#[test]
fn the_same_seeds_give_the_same_world() {
    let first = virtual_world(cluster(4, 3));
    let second = virtual_world(cluster(4, 3));
    assert!(first.1.iter().all(|lines| !lines.is_empty()));
    assert_eq!(first, second);
}

#[test]
#[ignore = "two hundred nodes take a minute without optimization; run it with --release"]
fn two_hundred_nodes_run_two_thousand_pods() {
    let (took, _) = virtual_world(cluster(200, 10));
    assert!(took < VirtualSpan::from_secs(60), "{took}");
}
