//! Services that stop, nodes that boot, wrong orders.

mod world;

use winlab_clock::{VirtualSpan, virtual_world};
use winlab_document::{Document, doc};

use world::{Os, Setup, World, restarts, spec};

const BOTH: [Os; 2] = [Os::Linux, Os::Windows];

#[test]
fn a_node_registers_with_what_it_is() {
    virtual_world(async {
        let mut setup = Setup::new(Os::Windows);
        setup.flags +=
            " --register-with-taints=os=windows:NoSchedule --node-labels=pool=win --hostname-override=WIN1";
        let world = World::new(setup).await;
        let node = world.until_node("True").await;
        let label = |name: &str| node.path(&["metadata", "labels"]).unwrap().text(&[name]).to_owned();
        assert_eq!(label("kubernetes.io/os"), "windows");
        assert_eq!(label("node.kubernetes.io/windows-build"), "10.0.20348");
        assert_eq!(label("pool"), "win");
        assert_eq!(node.text(&["status", "nodeInfo", "operatingSystem"]), "windows");
        assert_eq!(node.text(&["status", "nodeInfo", "containerRuntimeVersion"]), "containerd://2.1.4");
        assert!(node.text(&["status", "nodeInfo", "kernelVersion"]).starts_with("10.0.20348."));
        assert_eq!(node.pointer("/spec/taints/0/key").and_then(Document::as_str), Some("os"));
        assert_eq!(
            node.pointer("/status/addresses/0/address").and_then(Document::as_str),
            Some("192.168.1.10")
        );
        let lease = world.api.object("coordination.k8s.io/v1", "Lease", "kube-node-lease", "win1").unwrap();
        let first = lease.text(&["spec", "renewTime"]).to_owned();
        world.clock.sleep(VirtualSpan::from_secs(15)).await;
        let lease = world.api.object("coordination.k8s.io/v1", "Lease", "kube-node-lease", "win1").unwrap();
        assert!(lease.text(&["spec", "renewTime"]) > first.as_str());
    });
}

#[test]
fn without_a_network_the_node_is_not_ready_and_says_so() {
    for os in BOTH {
        virtual_world(async {
            let mut setup = Setup::new(os);
            setup.network = false;
            let world = World::new(setup).await;
            world.until_node("False").await;
            world.create_pod("p", spec(os, doc!({"name": "a", "image": "web"}))).await;
            world.clock.sleep(VirtualSpan::from_secs(8)).await;
            let node = world.node_object().await.unwrap();
            let ready = node
                .path(&["status", "conditions"])
                .unwrap()
                .items()
                .iter()
                .find(|c| c.text(&["type"]) == "Ready")
                .unwrap()
                .clone();
            assert_eq!(
                ready.text(&["message"]),
                "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized"
            );
            let events = world.events("p").await;
            assert!(
                events[0].starts_with(
                    "NetworkNotReady: network is not ready: NetworkReady=false reason:NetworkPluginNotReady"
                ),
                "{events:#?}"
            );
        });
    }
}

#[test]
fn a_kubelet_before_its_runtime_ends_and_is_started_again() {
    for os in BOTH {
        virtual_world(async {
            let mut setup = Setup::new(os);
            setup.restart_secs = Some(10);
            let world = World::prepared(setup).await;
            world.start_service("kubelet").await;
            world.clock.sleep(VirtualSpan::from_secs(1)).await;
            assert!(world.log().contains("failed to run Kubelet: validate service connection: validate CRI v1 runtime API for endpoint"), "{}", world.log());
            assert!(world.node_object().await.is_none());
            world.start_service("containerd").await;
            world.until_node("True").await;
        });
    }
}

#[test]
fn pods_survive_a_restart_of_kubelet_and_containerd() {
    for os in BOTH {
        virtual_world(async {
            let world = World::new(Setup::new(os)).await;
            world.until_node("True").await;
            world.create_pod("web", spec(os, doc!({"name": "a", "image": "web"}))).await;
            let before = world.until_phase("web", "Running").await;
            let id = |pod: &Document| pod.pointer("/status/containerStatuses/0/containerID").cloned();
            for service in ["kubelet", "containerd"] {
                world.stop_service(service).await;
                world.clock.sleep(VirtualSpan::from_secs(20)).await;
                world.start_service(service).await;
                world.clock.sleep(VirtualSpan::from_secs(30)).await;
                let after = world.until_phase("web", "Running").await;
                assert_eq!(id(&after), id(&before), "{service}");
                assert_eq!(restarts(&after, "a"), 0);
            }
            let (output, _) = world.exec("web", "a", &["hostname"]).await.unwrap();
            assert_eq!(output.trim(), "web");
            world.delete_pod("web").await;
            world.until_gone("web", 5).await;
        });
    }
}

#[test]
fn a_pod_deleted_while_the_kubelet_was_away_is_cleaned_up() {
    for os in BOTH {
        virtual_world(async {
            let world = World::new(Setup::new(os)).await;
            world.until_node("True").await;
            world.create_pod("web", spec(os, doc!({"name": "a", "image": "web"}))).await;
            world.until_phase("web", "Running").await;
            world.stop_service("kubelet").await;
            let now =
                winlab_kube_client::api::DeleteParams { grace_period_seconds: Some(0), ..Default::default() };
            world.pods().delete("web", &now).await.unwrap();
            world.start_service("kubelet").await;
            world.clock.sleep(VirtualSpan::from_secs(5)).await;
            assert!(world.cri().list_pod_sandbox(Default::default()).await.unwrap().is_empty());
        });
    }
}

#[test]
fn after_a_reboot_the_pod_gets_a_new_sandbox_and_its_container_a_restart() {
    for os in BOTH {
        virtual_world(async {
            let world = World::new(Setup::new(os)).await;
            world.until_node("True").await;
            world.create_pod("web", spec(os, doc!({"name": "a", "image": "web"}))).await;
            world.until_phase("web", "Running").await;
            world.supervisor.power_off();
            match (&world.linux, &world.windows) {
                (Some(host), _) => {
                    host.power_off();
                    world.clock.sleep(VirtualSpan::from_secs(20)).await;
                    host.boot();
                }
                (_, Some(host)) => {
                    host.lose_power(None);
                    world.clock.sleep(VirtualSpan::from_secs(20)).await;
                    host.power_on();
                }
                _ => unreachable!("one of the two is there"),
            }
            world.clock.sleep(VirtualSpan::from_secs(1)).await;
            for service in ["containerd", "kubelet"] {
                world.ensure_service(service).await;
            }
            let pod = world
                .until("web", 60, |pod| restarts(pod, "a") == 1 && world::state(pod, "a") == "running")
                .await;
            assert_eq!(pod.text(&["status", "phase"]), "Running");
            let events = world.events("web").await;
            assert!(
                events.contains(
                    &"SandboxChanged: Pod sandbox changed, it will be killed and re-created.".to_owned()
                ),
                "{events:#?}"
            );
        });
    }
}

#[test]
fn an_old_kubelet_refuses_and_ignores_what_it_does_not_know() {
    virtual_world(async {
        let mut setup = Setup::new(Os::Windows);
        setup.kubelet = "v1.22.9".into();
        setup.flags += " --network-plugin=cni";
        let world = World::new(setup).await;
        world.until_node("True").await;
        let linux =
            spec(Os::Windows, doc!({"name": "a", "image": "web"})).with("os", doc!({"name": "linux"}));
        world.create_pod("linux", linux).await;
        world.until_phase("linux", "Running").await;
    });
    virtual_world(async {
        let mut setup = Setup::new(Os::Windows);
        setup.kubelet = "v1.24.0".into();
        setup.flags += " --network-plugin=cni";
        let world = World::new(setup).await;
        world.clock.sleep(VirtualSpan::from_secs(1)).await;
        assert!(world.log().contains("unknown flag: --network-plugin"), "{}", world.log());
    });
}
