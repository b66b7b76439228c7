//! vxlan.

use winlab_clock::virtual_world;
use winlab_host::HostDataPlane;

use crate::world::{Os, TestNode, World};

const BACKEND: &str = r#"{"Type": "vxlan", "VNI": 4096, "Port": 4789}"#;

/// The routes to other nodes' pods that the network of a Windows node has.
fn remote_subnets(node: &TestNode) -> Vec<String> {
    let HostDataPlane::Windows(plane) = node.data_plane() else { unreachable!() };
    let network = plane.networks.iter().find(|n| n.document.text(&["Name"]) == "flannel.4096").unwrap();
    let policies = network.document.get("Policies").unwrap().items();
    let routes = policies.iter().filter(|policy| policy.text(&["Type"]) == "RemoteSubnetRoute");
    routes
        .map(|policy| {
            let settings = policy.get("Settings").unwrap();
            let text = |name| settings.text(&[name]);
            format!("{} at {}", text("DestinationPrefix"), text("ProviderAddress"))
        })
        .collect()
}

#[test]
fn tunnels_lead_to_the_pods_of_every_other_node() {
    virtual_world(async {
        let world = World::new(BACKEND);
        let (win1, _win1) = world.join(Os::Windows, 1).await;
        let (win2, _win2) = world.join(Os::Windows, 2).await;
        let (lin3, _lin3) = world.join(Os::Linux, 3).await;
        world.pass(20).await;
        assert_eq!(remote_subnets(&win1), ["10.244.2.0/24 at 192.168.1.12", "10.244.3.0/24 at 192.168.1.13"]);
        assert_eq!(remote_subnets(&win2).len(), 2);
        assert_eq!(
            lin3.pod_routes(),
            [
                "10.244.1.0/24 via 10.244.1.0 dev flannel.4096 onlink",
                "10.244.2.0/24 via 10.244.2.0 dev flannel.4096 onlink"
            ]
        );
        let HostDataPlane::Linux(plane) = lin3.data_plane() else { unreachable!() };
        let link = plane.links[""].iter().find(|link| link.name == "flannel.4096").unwrap();
        assert!(link.up && link.mtu == 1450 && link.addresses[0].to_string() == "10.244.3.0/32");
        let vtep = plane.neighbours[""].iter().find(|n| n.address.to_string() == "10.244.1.0").unwrap();
        let entry = plane.fdb["flannel.4096"].iter().find(|entry| entry.mac == vtep.mac).unwrap();
        assert_eq!(entry.destination.unwrap().to_string(), "192.168.1.11");
        assert!(world.annotations("win1").contains(&format!(r#""VtepMAC":"{}""#, vtep.mac)));
        insta::assert_snapshot!(lin3.subnet_file().await, @r"
        FLANNEL_NETWORK=10.244.0.0/16
        FLANNEL_SUBNET=10.244.3.1/24
        FLANNEL_MTU=1450
        FLANNEL_IPMASQ=true
        ");
        insta::assert_snapshot!("vxlan_calls", win1.calls());
    });
}

#[test]
fn a_node_that_goes_takes_its_tunnel_along() {
    virtual_world(async {
        let world = World::new(BACKEND);
        let (win1, _win1) = world.join(Os::Windows, 1).await;
        let (lin2, lin2_running) = world.join(Os::Linux, 2).await;
        let (lin3, _lin3) = world.join(Os::Linux, 3).await;
        world.pass(20).await;
        lin2_running.stop.ask();
        world.delete(&lin2.name).await;
        world.pass(5).await;
        assert_eq!(remote_subnets(&win1), ["10.244.3.0/24 at 192.168.1.13"]);
        assert_eq!(lin3.pod_routes(), ["10.244.1.0/24 via 10.244.1.0 dev flannel.4096 onlink"]);
        let HostDataPlane::Linux(plane) = lin3.data_plane() else { unreachable!() };
        assert_eq!(plane.fdb["flannel.4096"].len(), 1);
    });
}

#[test]
fn linux_nodes_keep_their_tunnel_end_over_a_restart() {
    virtual_world(async {
        let world = World::new(BACKEND);
        let (lin1, running) = world.join(Os::Linux, 1).await;
        world.pass(5).await;
        let before = world.annotations(&lin1.name);
        running.stop.ask();
        running.task.await.unwrap();
        let _again = world.start(&lin1);
        world.pass(5).await;
        assert_eq!(world.annotations(&lin1.name), before);
    });
}
