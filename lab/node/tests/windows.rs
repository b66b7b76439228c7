//! What only a Windows node does.

mod world;

use winlab_clock::{VirtualSpan, virtual_world};
use winlab_document::{Document, doc};
use winlab_host::{DataPlaneView, HostDataPlane};

use world::{Os, Setup, World, condition, spec};

fn endpoints(world: &World) -> Vec<Document> {
    let HostDataPlane::Windows(plane) = world.windows.as_ref().unwrap().data_plane() else {
        panic!("a Windows host has a Windows data plane");
    };
    plane.endpoints.into_iter().map(|endpoint| endpoint.document).collect()
}

#[test]
fn dns_settings_live_in_the_endpoint() {
    virtual_world(async {
        let world = World::new(Setup::new(Os::Windows)).await;
        world.until_node("True").await;
        world.create_pod("web", spec(Os::Windows, doc!({"name": "a", "image": "web"}))).await;
        let pod = world.until_phase("web", "Running").await;
        let endpoints = endpoints(&world);
        assert_eq!(endpoints.len(), 1);
        let endpoint = &endpoints[0];
        assert_eq!(
            endpoint.pointer("/IpConfigurations/0/IpAddress").and_then(Document::as_str),
            Some(pod.text(&["status", "podIP"]))
        );
        assert_eq!(endpoint.pointer("/Dns/ServerList/0").and_then(Document::as_str), Some("10.96.0.10"));
        assert_eq!(
            endpoint.pointer("/Dns/Search/0").and_then(Document::as_str),
            Some("default.svc.cluster.local")
        );
        let nat = endpoint
            .get("Policies")
            .unwrap()
            .items()
            .iter()
            .find(|policy| policy.text(&["Type"]) == "OutBoundNAT")
            .unwrap()
            .clone();
        assert_eq!(nat.pointer("/Settings/Exceptions/0").and_then(Document::as_str), Some("10.244.0.0/16"));
        world.delete_pod("web").await;
        world.until_gone("web", 5).await;
        world.clock.sleep(VirtualSpan::from_secs(1)).await;
        assert!(self::endpoints(&world).is_empty());
        let HostDataPlane::Windows(plane) = world.windows.as_ref().unwrap().data_plane() else {
            panic!("as above")
        };
        assert!(
            plane
                .namespaces
                .iter()
                .all(|namespace| namespace.document.get("Resources").is_none_or(|r| r.items().is_empty()))
        );
    });
}

#[test]
fn two_containers_of_a_pod_share_one_compartment() {
    virtual_world(async {
        let world = World::new(Setup::new(Os::Windows)).await;
        world.until_node("True").await;
        let both = doc!({"containers": [{"name": "a", "image": "web"}, {"name": "b", "image": "web"}]});
        world.create_pod("two", both).await;
        world.until("two", 30, |pod| condition(pod, "Ready") == "True").await;
        let HostDataPlane::Windows(plane) = world.windows.as_ref().unwrap().data_plane() else {
            panic!("a Windows host")
        };
        let shared: Vec<usize> =
            plane.compartments.iter().filter(|c| c.number != 1).map(|c| c.programs.len()).collect();
        assert_eq!(shared, [3], "pause, a and b");
    });
}

#[test]
fn host_process_containers_run_on_the_host() {
    virtual_world(async {
        let world = World::new(Setup::new(Os::Windows)).await;
        world.until_node("True").await;
        let options =
            doc!({"windowsOptions": {"hostProcess": true, "runAsUserName": r"NT AUTHORITY\SYSTEM"}});
        let host = spec(Os::Windows, doc!({"name": "a", "image": "old"}))
            .with("hostNetwork", true)
            .with("securityContext", options);
        world.create_pod("host", host).await;
        let pod = world.until_phase("host", "Running").await;
        assert_eq!(pod.text(&["status", "podIP"]), "192.168.1.10");
        assert!(endpoints(&world).is_empty());
        let (output, code) = world.exec("host", "a", &["hostname"]).await.unwrap();
        assert_eq!((output.trim().to_ascii_lowercase().as_str(), code), ("win1", 0));
        world.delete_pod("host").await;
        world.until_gone("host", 40).await;
    });
}

#[test]
fn host_network_without_host_process_is_ignored() {
    virtual_world(async {
        let world = World::new(Setup::new(Os::Windows)).await;
        world.until_node("True").await;
        let ignored = spec(Os::Windows, doc!({"name": "a", "image": "web"})).with("hostNetwork", true);
        world.create_pod("p", ignored).await;
        let pod = world.until_phase("p", "Running").await;
        assert!(pod.text(&["status", "podIP"]).starts_with("10.244."), "{pod:#}");
    });
}

#[test]
fn host_process_needs_its_gate() {
    virtual_world(async {
        let mut setup = Setup::new(Os::Windows);
        setup.kubelet = "v1.22.0".into();
        let world = World::new(setup).await;
        world.until_node("True").await;
        let options =
            doc!({"windowsOptions": {"hostProcess": true, "runAsUserName": r"NT AUTHORITY\SYSTEM"}});
        let host = spec(Os::Windows, doc!({"name": "a", "image": "web"}))
            .with("hostNetwork", true)
            .with("securityContext", options);
        world.create_pod("host", host).await;
        // The kubelet knows no such thing: an ordinary container with a network of its own is made of it.
        let pod = world.until_phase("host", "Running").await;
        assert!(pod.text(&["status", "podIP"]).starts_with("10.244."), "{pod:#}");
    });
}

#[test]
fn host_ports_become_port_mappings() {
    virtual_world(async {
        let world = World::new(Setup::new(Os::Windows)).await;
        world.until_node("True").await;
        let ports = doc!({"name": "a", "image": "web", "ports": [{"containerPort": 80, "hostPort": 8080}]});
        world.create_pod("p", spec(Os::Windows, ports)).await;
        world.until_phase("p", "Running").await;
        let endpoint = endpoints(&world).remove(0);
        let mapping = endpoint
            .get("Policies")
            .unwrap()
            .items()
            .iter()
            .find(|p| p.text(&["Type"]) == "PortMapping")
            .unwrap()
            .clone();
        assert_eq!(mapping.pointer("/Settings/ExternalPort").and_then(Document::as_i64), Some(8080));
    });
}

#[test]
fn the_hosts_file_and_limits_reach_the_container() {
    virtual_world(async {
        let world = World::new(Setup::new(Os::Windows)).await;
        world.until_node("True").await;
        let container = doc!({
            "name": "a", "image": "web", "resources": {"limits": {"cpu": "1", "memory": "256Mi"}},
            "env": [
                {"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
                {"name": "BOTH", "value": "$(IP)-x"},
            ],
        });
        let aliased =
            spec(Os::Windows, container).with("hostAliases", doc!([{"ip": "1.2.3.4", "hostnames": ["db"]}]));
        world.create_pod("p", aliased).await;
        let pod = world.until_phase("p", "Running").await;
        let ip = pod.text(&["status", "podIP"]).to_owned();
        let (hosts, _) = world
            .exec("p", "a", &["cmd", "/c", r"type C:\Windows\System32\drivers\etc\hosts"])
            .await
            .unwrap();
        assert!(hosts.contains("1.2.3.4\tdb") && hosts.contains(&format!("{ip}\tp")), "{hosts}");
        let (both, _) = world.exec("p", "a", &["cmd", "/c", "echo %BOTH%"]).await.unwrap();
        assert_eq!(both.trim(), format!("{ip}-x"));
    });
}

#[test]
fn a_full_disk_turns_pods_away() {
    virtual_world(async {
        let world = World::new(Setup::new(Os::Windows)).await;
        world.until_node("True").await;
        world.create_pod("p", spec(Os::Windows, doc!({"name": "a", "image": "web"}))).await;
        world.until_phase("p", "Running").await;
        world.windows.as_ref().unwrap().set_free_disk(1 << 30);
        let pod = world.until_phase("p", "Failed").await;
        assert_eq!(pod.text(&["status", "reason"]), "Evicted");
        assert!(
            pod.text(&["status", "message"]).starts_with("The node was low on resource: ephemeral-storage.")
        );
        world.create_pod("q", spec(Os::Windows, doc!({"name": "a", "image": "web"}))).await;
        assert_eq!(world.until_phase("q", "Failed").await.text(&["status", "reason"]), "Evicted");
        world.clock.sleep(VirtualSpan::from_secs(15)).await;
        let node = world.node_object().await.unwrap();
        let pressed = node
            .path(&["status", "conditions"])
            .unwrap()
            .items()
            .iter()
            .find(|c| c.text(&["type"]) == "DiskPressure")
            .unwrap()
            .clone();
        assert_eq!(pressed.text(&["status"]), "True");
    });
}
