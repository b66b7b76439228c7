//! host-gw.

use winlab_clock::virtual_world;
use winlab_component::Exit;
use winlab_host::Ask as _;
use winlab_host::HostDataPlane;
use winlab_host::system::{DeleteRoute, ListRoutes};

use crate::world::{Os, World};

const BACKEND: &str = r#"{"Type": "host-gw"}"#;

#[test]
fn every_node_has_a_route_to_the_pods_of_every_other() {
    virtual_world(async {
        let world = World::new(BACKEND);
        let (win1, running) = world.join(Os::Windows, 1).await;
        let (win2, _win2) = world.join(Os::Windows, 2).await;
        let (lin3, _lin3) = world.join(Os::Linux, 3).await;
        world.pass(20).await;
        assert_eq!(
            win1.pod_routes(),
            [
                "10.244.2.0/24 via 192.168.1.12 dev vEthernet (Ethernet)",
                "10.244.3.0/24 via 192.168.1.13 dev vEthernet (Ethernet)"
            ]
        );
        assert_eq!(win2.pod_routes().len(), 2);
        assert_eq!(
            lin3.pod_routes(),
            ["10.244.1.0/24 via 192.168.1.11 dev eth0", "10.244.2.0/24 via 192.168.1.12 dev eth0"]
        );
        insta::assert_snapshot!(world.annotations("win1"), @r"
        backend-data=null
        backend-type=host-gw
        kube-subnet-manager=true
        public-ip=192.168.1.11
        ");
        insta::assert_snapshot!(win1.subnet_file().await, @r"
        FLANNEL_NETWORK=10.244.0.0/16
        FLANNEL_SUBNET=10.244.1.1/24
        FLANNEL_MTU=1500
        FLANNEL_IPMASQ=true
        ");
        let HostDataPlane::Windows(plane) = win1.data_plane() else { unreachable!() };
        assert_eq!(plane.forwarding.len(), 2, "{:?}", plane.forwarding);
        let node = world.server.object("v1", "Node", "", "win1").unwrap();
        let condition = node.pointer("/status/conditions/0").unwrap();
        assert_eq!(condition.text(&["reason"]), "FlannelIsUp");
        insta::assert_snapshot!("host_gw_calls", win1.calls());
        running.stop.ask();
        assert_eq!(running.task.await.unwrap(), Exit::SUCCESS);
    });
}

#[test]
fn routes_come_and_go_with_nodes_and_lost_ones_come_back() {
    virtual_world(async {
        let world = World::new(BACKEND);
        let (win1, _win1) = world.join(Os::Windows, 1).await;
        world.pass(20).await;
        assert_eq!(win1.pod_routes().len(), 0);
        let (lin2, lin2_running) = world.join(Os::Linux, 2).await;
        world.pass(5).await;
        assert_eq!(win1.pod_routes().len(), 1);
        let system = win1.machine.windows().unwrap().system.clone();
        let routes = system.ask(ListRoutes {}).await.unwrap();
        let to_pods = routes.into_iter().find(|r| r.destination.to_string() == "10.244.2.0/24").unwrap();
        system.ask(DeleteRoute { route: to_pods }).await.unwrap();
        assert_eq!(win1.pod_routes().len(), 0);
        world.pass(11).await;
        assert_eq!(win1.pod_routes().len(), 1);
        lin2_running.stop.ask();
        world.delete(&lin2.name).await;
        world.pass(5).await;
        assert_eq!(win1.pod_routes().len(), 0);
    });
}

#[test]
fn a_restarted_flanneld_finds_its_network() {
    virtual_world(async {
        let world = World::new(BACKEND);
        let (win1, running) = world.join(Os::Windows, 1).await;
        world.pass(20).await;
        running.stop.ask();
        running.task.await.unwrap();
        win1.written.calls.lock().unwrap().clear();
        let _again = world.start(&win1);
        world.pass(20).await;
        insta::assert_snapshot!(win1.calls());
    });
}
