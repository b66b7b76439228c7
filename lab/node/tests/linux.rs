//! What only a Linux node does.

mod world;

use winlab_clock::{VirtualSpan, virtual_world};
use winlab_document::doc;
use winlab_host::linux::SaveTables;
use winlab_host::{Ask, DataPlaneView, HostDataPlane};

use world::{Os, Setup, World, condition, restarts, spec, state};

async fn nat(world: &World) -> String {
    let call = SaveTables { namespace: String::new(), table: "nat".into() };
    world.machine.linux().unwrap().ask(call).await.unwrap()
}

#[test]
fn a_pod_is_on_the_bridge_and_leaves_nothing_behind() {
    virtual_world(async {
        let world = World::new(Setup::new(Os::Linux)).await;
        world.until_node("True").await;
        let before = nat(&world).await;
        let ports = doc!({"name": "a", "image": "web", "ports": [{"containerPort": 80, "hostPort": 8080}]});
        world.create_pod("p", spec(Os::Linux, ports)).await;
        let pod = world.until_phase("p", "Running").await;
        let ip = pod.text(&["status", "podIP"]).to_owned();
        let HostDataPlane::Linux(plane) = world.linux.as_ref().unwrap().data_plane() else {
            panic!("a Linux host")
        };
        let ports = plane.links[""].iter().filter(|link| link.master == "cni0").count();
        assert_eq!(ports, 1);
        let (namespace, links) = plane.links.iter().find(|(name, _)| name.starts_with("cni-")).unwrap();
        assert!(links.iter().any(|link| link.name == "eth0" && link.addresses.iter().any(|a| a.address.to_string() == ip)));
        assert!(
            plane.routes[namespace]
                .iter()
                .any(|route| route.destination.length == 0 && route.gateway.is_some())
        );
        assert!(
            plane
                .resolv_conf
                .values()
                .any(|text| text.contains("nameserver 10.96.0.10\n") && text.contains("options ndots:5"))
        );
        let rules = nat(&world).await;
        assert!(rules.contains(&format!("--to-destination {ip}:80")), "{rules}");
        assert!(rules.contains("MASQUERADE"), "{rules}");
        world.delete_pod("p").await;
        world.until_gone("p", 5).await;
        world.clock.sleep(VirtualSpan::from_secs(1)).await;
        let HostDataPlane::Linux(plane) = world.linux.as_ref().unwrap().data_plane() else {
            panic!("a Linux host")
        };
        assert!(!plane.links.keys().any(|name| name.starts_with("cni-")), "{:?}", plane.links.keys());
        let after = nat(&world).await;
        assert!(!after.contains("8080") && !after.contains(&ip), "{after}");
        assert!(after.len() >= before.len());
    });
}

#[test]
fn host_network_pods_have_the_nodes_address() {
    virtual_world(async {
        let mut setup = Setup::new(Os::Linux);
        setup.network = false;
        let world = World::new(setup).await;
        world.until_node("False").await;
        world
            .create_pod("p", spec(Os::Linux, doc!({"name": "a", "image": "web"})).with("hostNetwork", true))
            .await;
        let pod = world.until_phase("p", "Running").await;
        assert_eq!(pod.text(&["status", "podIP"]), "192.168.1.11");
        assert_eq!(pod.text(&["status", "hostIP"]), "192.168.1.11");
    });
}

#[test]
fn a_sidecar_starts_before_and_is_restarted() {
    virtual_world(async {
        let world = World::new(Setup::new(Os::Linux)).await;
        world.until_node("True").await;
        let with = spec(Os::Linux, doc!({"name": "a", "image": "web"}))
            .with("initContainers", doc!([{"name": "side", "image": "web", "restartPolicy": "Always"}, {"name": "init", "image": "job"}]));
        world.create_pod("p", with).await;
        let pod = world.until("p", 30, |pod| condition(pod, "Ready") == "True").await;
        assert_eq!(
            (state(&pod, "side"), state(&pod, "init")),
            ("running".to_owned(), "terminated Completed".to_owned())
        );
        let id =
            pod.pointer("/status/initContainerStatuses/0/containerID").unwrap().as_str().unwrap().to_owned();
        world.linux.as_ref().unwrap().kill_container(id.strip_prefix("containerd://").unwrap()).unwrap();
        let later = world
            .until("p", 30, |pod| {
                pod.pointer("/status/initContainerStatuses/0/restartCount")
                    .and_then(winlab_document::Document::as_i64)
                    == Some(1)
                    && state(pod, "side") == "running"
            })
            .await;
        assert_eq!(restarts(&later, "a"), 0);
    });
}

#[test]
fn service_variables_and_the_downward_api_reach_the_container() {
    virtual_world(async {
        let world = World::new(Setup::new(Os::Linux)).await;
        world.until_node("True").await;
        let service = doc!({"metadata": {"name": "shop-db"}, "spec": {"clusterIP": "10.96.0.77", "ports": [{"port": 5432}]}});
        world.create("Service", "services", service).await;
        world.clock.sleep(VirtualSpan::from_secs(1)).await;
        let container = doc!({
            "name": "a", "image": "web",
            "volumeMounts": [{"name": "info", "mountPath": "/info"}, {"name": "tmp", "mountPath": "/scratch"}],
        });
        let pod = spec(Os::Linux, container).with("volumes", doc!([
            {"name": "info", "downwardAPI": {"items": [{"path": "name", "fieldRef": {"fieldPath": "metadata.name"}}]}},
            {"name": "tmp", "emptyDir": {}},
        ]));
        world.create_pod("p", pod).await;
        world.until_phase("p", "Running").await;
        let run = |text: &'static str| {
            let world = &world;
            async move { world.exec("p", "a", &["/bin/sh", "-c", text]).await.unwrap().0.trim().to_owned() }
        };
        assert_eq!(run("echo $SHOP_DB_SERVICE_HOST").await, "10.96.0.77");
        assert_eq!(run("cat /info/name").await, "p");
    });
}
