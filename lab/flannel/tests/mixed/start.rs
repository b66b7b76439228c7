//! Starts that fail, as they do when things happen in the wrong order.

use winlab_clock::{VirtualSpan, virtual_world};
use winlab_component::{Exit, Level};
use winlab_document::doc;

use crate::world::{Os, World};

const HOST_GW: &str = r#"{"Type": "host-gw"}"#;

#[test]
fn without_a_node_object_it_gives_up_after_half_a_minute() {
    virtual_world(async {
        let world = World::new(HOST_GW);
        let node = world.node(Os::Windows, 1).await;
        let running = world.start(&node);
        assert_eq!(running.task.await.unwrap(), Exit::FAILURE);
        assert_eq!(world.clock.now().since(Default::default()), VirtualSpan::from_secs(30));
        insta::assert_snapshot!(node.last(Level::Fatal), @r#"Error registering network: failed to acquire lease: timeout contacting kube-api, failed to patch node "win1". Error: context deadline exceeded"#);
    });
}

#[test]
fn a_node_object_may_be_late_but_not_without_pods() {
    virtual_world(async {
        let world = World::new(HOST_GW);
        let late = world.node(Os::Windows, 1).await;
        let running = world.start(&late);
        world.pass(10).await;
        world.create_node_object(&late, 1).await;
        world.pass(20).await;
        assert!(!running.task.is_finished(), "{}", late.last(Level::Fatal));

        let bare = world.node(Os::Linux, 2).await;
        world.create(&doc!({"metadata": {"name": "lin2"}})).await;
        assert_eq!(world.start(&bare).task.await.unwrap(), Exit::FAILURE);
        insta::assert_snapshot!(bare.last(Level::Fatal), @r#"Error registering network: failed to acquire lease: node "lin2" pod cidr not assigned"#);
    });
}

#[test]
fn settings_that_windows_does_not_take() {
    virtual_world(async {
        let world = World::new(r#"{"Type": "vxlan"}"#);
        let (_linux, running) = world.join(Os::Linux, 1).await;
        let bad = World::new(r#"{"Type": "vxlan", "VNI": 1}"#);
        let (windows, ended) = bad.join(Os::Windows, 2).await;
        assert_eq!(ended.task.await.unwrap(), Exit::FAILURE);
        insta::assert_snapshot!(windows.last(Level::Fatal), @"Error registering network: invalid VXLAN backend config. VNI [1] must be greater than or equal to 4096 on Windows");
        world.pass(5).await;
        assert!(!running.task.is_finished(), "Linux has a VNI of its own");

        let unknown = World::new(r#"{"Type": "wireguard"}"#);
        let (linux, ended) = unknown.join(Os::Linux, 3).await;
        assert_eq!(ended.task.await.unwrap(), Exit::FAILURE);
        insta::assert_snapshot!(linux.last(Level::Fatal), @"Error fetching backend: unknown backend type: wireguard");
    });
}
