//! winkernel on an L2Bridge network.

use winlab_clock::virtual_world;
use winlab_component::{Exit, Level};
use winlab_document::doc;
use winlab_kube_proxy::HealthServer;

use crate::world::World;

const FLAGS: &str = "--network-name=cbr0";

#[test]
fn services_of_all_kinds() {
    virtual_world(async {
        let world = World::windows("ltsc2022").await;
        world.bridge().await;
        world.local_pod("cbr0", 5).await;
        world.service("plain", &doc!({"clusterIP": "10.96.0.10"})).await;
        world.service("sticky", &doc!({"clusterIP": "10.96.0.11", "sessionAffinity": "ClientIP"})).await;
        world
            .service(
                "node-port",
                &doc!({"type": "NodePort", "clusterIP": "10.96.0.12",
                    "ports": [{"name": "http", "port": 80, "targetPort": "web", "nodePort": 30080}]}),
            )
            .await;
        world.service("outside", &doc!({"clusterIP": "10.96.0.13", "externalIPs": ["198.51.100.7"]})).await;
        world.service("inside", &doc!({"clusterIP": "10.96.0.14", "internalTrafficPolicy": "Local"})).await;
        world.service("headless", &doc!({"clusterIP": "None"})).await;
        world.service("empty", &doc!({"clusterIP": "10.96.0.15"})).await;
        for service in ["plain", "sticky", "node-port", "outside", "inside", "headless"] {
            world.slice(service, &[(1, 5, "r"), (2, 5, "r"), (2, 6, "")]).await;
        }
        let running = world.start("v1.34.4", FLAGS);
        world.pass(5).await;
        insta::assert_snapshot!(world.load_balancers());
        insta::assert_snapshot!(world.remote_endpoints());
        insta::assert_snapshot!("documents", world.documents());
        running.stop.ask();
        assert_eq!(running.task.await.unwrap(), Exit::SUCCESS);
    });
}

#[test]
fn it_waits_for_its_network_and_removes_what_others_left() {
    virtual_world(async {
        let world = World::windows("ltsc2019").await;
        world.service("web", &doc!({"clusterIP": "10.96.0.10"})).await;
        world.slice("web", &[(2, 5, "r")]).await;
        let first = world.start("v1.34.4", FLAGS);
        world.pass(10).await;
        assert!(world.log(Level::Error)[0].contains("please check network name and CNI deployment"));
        world.bridge().await;
        world.pass(5).await;
        let before = world.load_balancers();
        assert!(before.contains("10.96.0.10:80"), "{before}");
        first.task.abort();
        let _second = world.start("v1.34.4", FLAGS);
        world.pass(5).await;
        assert_eq!(world.load_balancers(), before);
        let changes = world.changes();
        assert_eq!(
            changes,
            ["CreateEndpoint", "CreateLoadBalancer", "DeleteLoadBalancer", "CreateLoadBalancer"],
            "the remote endpoint is kept, the load balancer is not trusted"
        );
    });
}

#[test]
fn a_pod_more_and_a_pod_less() {
    virtual_world(async {
        for (build, changes) in [
            ("ltsc2022", &["CreateEndpoint", "DeleteLoadBalancer", "CreateLoadBalancer"][..]),
            ("ltsc2025", &["CreateEndpoint", "ModifyLoadBalancer"]),
        ] {
            let world = World::windows(build).await;
            world.bridge().await;
            world.service("web", &doc!({"clusterIP": "10.96.0.10"})).await;
            world.slice("web", &[(2, 5, "r")]).await;
            let _running = world.start("v1.34.4", FLAGS);
            world.pass(5).await;
            world.forget_calls();
            world.slice("web", &[(2, 5, "r"), (2, 6, "r")]).await;
            world.pass(5).await;
            assert_eq!(world.changes(), changes, "{build}");
            assert_eq!(world.load_balancers(), "10.96.0.10:80/6 -> 10.244.2.5 10.244.2.6 port 8080\n");
            world.slice("web", &[(2, 6, "r")]).await;
            world.pass(5).await;
            assert_eq!(world.load_balancers(), "10.96.0.10:80/6 -> 10.244.2.6 port 8080\n");
            assert_eq!(world.remote_endpoints().lines().count(), 1, "{build}");
            world.slice("web", &[]).await;
            world.pass(5).await;
            assert_eq!(world.load_balancers(), "");
        }
    });
}

#[test]
fn a_deleted_service_takes_everything_along() {
    virtual_world(async {
        let world = World::windows("ltsc2022").await;
        world.bridge().await;
        let spec = doc!({"type": "NodePort", "clusterIP": "10.96.0.10", "externalIPs": ["198.51.100.7"]});
        world.service("web", &spec).await;
        world.slice("web", &[(2, 5, "r")]).await;
        let _running = world.start("v1.34.4", FLAGS);
        world.pass(5).await;
        assert_eq!(world.load_balancers().lines().count(), 3);
        world.delete_service("web").await;
        world.pass(5).await;
        assert_eq!((world.load_balancers(), world.remote_endpoints()), (String::new(), String::new()));
    });
}

#[test]
fn a_local_pod_without_endpoint_is_tried_again() {
    virtual_world(async {
        let world = World::windows("ltsc2022").await;
        world.bridge().await;
        world.service("web", &doc!({"clusterIP": "10.96.0.10"})).await;
        world.slice("web", &[(1, 5, "r")]).await;
        let _running = world.start("v1.34.4", FLAGS);
        world.pass(5).await;
        assert_eq!(world.load_balancers(), "");
        assert!(world.log(Level::Error).iter().any(|line| line.contains("Local endpoint not found")));
        world.local_pod("cbr0", 5).await;
        world.pass(30).await;
        assert_eq!(world.load_balancers(), "10.96.0.10:80/6 -> 10.244.1.5 port 8080\n");
    });
}

#[test]
fn external_traffic_local_has_direct_server_return_and_a_health_check() {
    virtual_world(async {
        let world = World::windows("ltsc2022").await;
        world.bridge().await;
        world.local_pod("cbr0", 5).await;
        let spec = doc!({"type": "LoadBalancer", "clusterIP": "10.96.0.10", "externalTrafficPolicy": "Local",
            "healthCheckNodePort": 32100, "ports": [{"name": "http", "port": 80, "targetPort": 8080, "nodePort": 30080}]});
        world.service("web", &spec).await;
        world.slice("web", &[(1, 5, "r"), (2, 5, "r")]).await;
        let _running = world.start("v1.34.4", "--network-name=cbr0 --enable-dsr=true");
        world.pass(5).await;
        assert_eq!(
            world.load_balancers(),
            "*:30080/6 -> 10.244.1.5 port 8080 flags 1 port-flags 18\n\
             10.96.0.10:80/6 -> 10.244.1.5 10.244.2.5 port 8080 flags 1\n"
        );
        let health = world.endpoints.dial::<dyn HealthServer>("tcp://0.0.0.0:32100").unwrap();
        assert_eq!(health.get().0, 200);
        world.slice("web", &[(1, 5, ""), (2, 5, "r")]).await;
        world.pass(5).await;
        let health = world.endpoints.dial::<dyn HealthServer>("tcp://0.0.0.0:32100").unwrap();
        assert_eq!(health.get().0, 503);
        assert_eq!(world.load_balancers(), "10.96.0.10:80/6 -> 10.244.2.5 port 8080 flags 1\n");
    });
}

#[test]
fn what_it_does_not_start_with() {
    virtual_world(async {
        let world = World::windows("ltsc2022").await;
        world.bridge().await;
        for (flags, problem) in [
            ("", "KUBE_NETWORK"),
            ("--network-name=cbr0 --feature-gates=WinDSR=false", "locked"),
            ("--network-name=cbr0 --kubeconfig=c:/k/config", "c:/k/config"),
            ("--network-name=cbr0 --cleanup", "not implemented on Windows"),
            ("--network-name=cbr0 --proxy-mode=iptables", "--proxy-mode=iptables"),
        ] {
            let running = world.start("v1.34.4", flags);
            assert_eq!(running.task.await.unwrap(), Exit::FAILURE, "{flags}");
            let said = world.log(Level::Fatal).pop().unwrap();
            assert!(said.contains(problem), "{said}");
        }
        let old = World::windows("1803").await;
        assert_eq!(old.start("v1.34.4", FLAGS).task.await.unwrap(), Exit(2), "no V2 API: a panic");
    });
}
