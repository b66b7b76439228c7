//! winkernel on an Overlay network.

use winlab_clock::virtual_world;
use winlab_component::{Exit, Level};
use winlab_document::doc;

use crate::world::World;

const FLAGS: &str = "--network-name=flannel.4096 --source-vip=10.244.1.2";

#[test]
fn remote_endpoints_have_a_node_and_services_an_endpoint() {
    virtual_world(async {
        let world = World::windows("ltsc2022").await;
        world.overlay().await;
        world.local_pod("flannel.4096", 5).await;
        world.service("web", &doc!({"clusterIP": "10.96.0.10"})).await;
        world.slice("web", &[(1, 5, "r"), (2, 5, "r")]).await;
        world.service("beyond", &doc!({"clusterIP": "10.96.0.11"})).await;
        world.slice("beyond", &[(9, 9, "r")]).await;
        let _running = world.start("v1.34.4", FLAGS);
        world.pass(20).await;
        insta::assert_snapshot!(world.load_balancers());
        insta::assert_snapshot!(world.remote_endpoints());
        insta::assert_snapshot!("documents", world.documents());
        let plane = world.plane();
        let has_vip = |ep: &&winlab_host::NetObject| ep.document.to_string().contains("10.244.1.2\"");
        assert!(plane.endpoints.iter().any(|ep| has_vip(&ep)), "the source VIP is there");
    });
}

#[test]
fn it_needs_a_source_vip() {
    virtual_world(async {
        let world = World::windows("ltsc2022").await;
        world.overlay().await;
        let running = world.start("v1.34.4", "--network-name=flannel.4096");
        assert_eq!(running.task.await.unwrap(), Exit::FAILURE);
        assert!(world.log(Level::Fatal)[0].contains("source-vip flag not set"));
    });
}
