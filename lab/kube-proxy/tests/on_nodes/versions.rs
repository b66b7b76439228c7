//! What versions of kube-proxy do differently.

use winlab_clock::virtual_world;
use winlab_document::doc;
use winlab_kube_client::api::{DeleteParams, Patch, PatchParams};

use crate::world::{NODE, World};

const FLAGS: &str = "--network-name=cbr0";

/// kubernetes#133928: with `internalTrafficPolicy: Local` the load balancer goes when another node gets a pod.
#[test]
fn the_cluster_ip_of_a_local_service_vanishes_before_1_34_2() {
    virtual_world(async {
        for (version, stays) in [("v1.34.0", false), ("v1.34.4", true), ("v1.33.5", false), ("v1.33.6", true)]
        {
            let world = World::windows("ltsc2022").await;
            world.bridge().await;
            world.local_pod("cbr0", 5).await;
            let spec = doc!({"clusterIP": "10.96.0.10", "internalTrafficPolicy": "Local"});
            world.service("web", &spec).await;
            world.slice("web", &[(1, 5, "r"), (2, 5, "r")]).await;
            let _running = world.start(version, FLAGS);
            world.pass(5).await;
            assert_eq!(world.load_balancers().lines().count(), 1);
            world.slice("web", &[(1, 5, "r"), (2, 5, "r"), (2, 6, "r")]).await;
            world.pass(5).await;
            assert_eq!(world.load_balancers().lines().count(), usize::from(stays), "{version}");
        }
    });
}

/// kubernetes#135631: for a while failures were not looked at again for an hour.
#[test]
fn without_changes_1_34_0_looks_again_after_an_hour() {
    virtual_world(async {
        for (version, after_a_minute) in [("v1.33.0", 1), ("v1.34.0", 0), ("v1.34.4", 1)] {
            let world = World::windows("ltsc2022").await;
            world.bridge().await;
            world.service("web", &doc!({"clusterIP": "10.96.0.10"})).await;
            world.slice("web", &[(1, 5, "r")]).await;
            let _running = world.start(version, FLAGS);
            world.pass(5).await;
            world.local_pod("cbr0", 5).await;
            world.pass(60).await;
            assert_eq!(world.load_balancers().lines().count(), after_a_minute, "{version}");
            world.pass(3600).await;
            assert_eq!(world.load_balancers().lines().count(), 1, "{version}");
        }
    });
}

/// kubernetes#138000: a pod's address is given to a pod of this node while kube-proxy still has it as a remote one.
#[test]
fn who_keeps_an_address_that_has_moved_here() {
    virtual_world(async {
        for (version, remote_is_gone) in [("v1.34.4", false), ("v1.37.1", true)] {
            let world = World::windows("ltsc2022").await;
            world.bridge().await;
            world.service("web", &doc!({"clusterIP": "10.96.0.10"})).await;
            let hcn = world.hcn();
            let id = hcn.network_by_name("cbr0").await.unwrap().text(&["ID"]).to_owned();
            let remote = doc!({"HostComputeNetwork": id.as_str(), "IpConfigurations": [{"IpAddress": "10.244.1.5"}],
                "MacAddress": "02-11-0a-f4-01-05", "Flags": 1, "SchemaVersion": {"Major": 2, "Minor": 0}});
            hcn.create_endpoint(&id, remote).await.unwrap();
            world.local_pod("cbr0", 5).await;
            world.slice("web", &[(1, 5, "r")]).await;
            let _running = world.start(version, FLAGS);
            world.pass(5).await;
            assert_eq!(world.remote_endpoints().is_empty(), remote_is_gone, "{version}");
        }
    });
}

/// kubernetes#138183: other addresses are taken over by a new start.
#[test]
fn from_1_37_on_it_ends_when_its_node_changes() {
    virtual_world(async {
        for (version, ends) in [("v1.36.3", false), ("v1.37.2", true)] {
            for deleted in [true, false] {
                let world = World::windows("ltsc2022").await;
                world.bridge().await;
                let running = world.start(version, FLAGS);
                world.pass(5).await;
                let labels =
                    Patch::Merge(doc!({"metadata": {"labels": {"topology.kubernetes.io/zone": "a"}}}));
                world.nodes().patch(NODE, &PatchParams::default(), &labels).await.unwrap();
                world.pass(5).await;
                assert!(!running.task.is_finished(), "{version}: its zone is no reason");
                if deleted {
                    world.nodes().delete(NODE, &DeleteParams::default()).await.unwrap();
                } else {
                    let addresses = doc!([{"type": "InternalIP", "address": "192.168.1.99"}]);
                    let moved = Patch::Merge(doc!({"status": {"addresses": addresses}}));
                    world.nodes().patch_status(NODE, &PatchParams::default(), &moved).await.unwrap();
                }
                world.pass(5).await;
                assert_eq!(running.task.is_finished(), ends, "{version}, deleted: {deleted}");
            }
        }
    });
}

/// Before 1.24 every change of endpoints makes every load balancer of the service anew.
#[test]
fn before_1_24_everything_is_made_anew() {
    virtual_world(async {
        let world = World::windows("ltsc2019").await;
        world.bridge().await;
        world.service("web", &doc!({"clusterIP": "10.96.0.10"})).await;
        world.slice("web", &[(2, 5, "r")]).await;
        let _running = world.start("v1.23.17", FLAGS);
        world.pass(5).await;
        world.forget_calls();
        world.slice("web", &[(2, 5, "r"), (2, 6, "r")]).await;
        world.pass(5).await;
        assert_eq!(world.load_balancers(), "10.96.0.10:80/6 -> 10.244.2.5 10.244.2.6 port 8080\n");
        let first: Vec<_> = world.changes().into_iter().take(2).collect();
        assert_eq!(first, ["DeleteLoadBalancer", "DeleteEndpoint"]);
    });
}
