//! iptables.

use winlab_clock::virtual_world;
use winlab_component::Exit;
use winlab_document::doc;
use winlab_host::Ask as _;
use winlab_host::linux::{RestoreTables, SaveTables};

use crate::world::World;

const FLAGS: &str = "--cluster-cidr=10.244.0.0/16";

async fn save(world: &World, table: &str) -> String {
    let host = world.machine.linux().unwrap();
    host.ask(SaveTables { namespace: String::new(), table: table.into() }).await.unwrap()
}

#[test]
fn rules_of_services_of_all_kinds() {
    virtual_world(async {
        let world = World::linux().await;
        world.service("plain", &doc!({"clusterIP": "10.96.0.10"})).await;
        world.service("sticky", &doc!({"clusterIP": "10.96.0.11", "sessionAffinity": "ClientIP"})).await;
        let port = doc!([{"name": "http", "port": 80, "targetPort": 8080, "nodePort": 30080}]);
        let spec = doc!({"type": "NodePort", "clusterIP": "10.96.0.12", "externalTrafficPolicy": "Local", "ports": port});
        world.service("local", &spec).await;
        world.service("outside", &doc!({"clusterIP": "10.96.0.13", "externalIPs": ["198.51.100.7"]})).await;
        world.service("empty", &doc!({"clusterIP": "10.96.0.14"})).await;
        for service in ["plain", "sticky", "local", "outside"] {
            world.slice(service, &[(1, 5, "r"), (2, 5, "r"), (3, 5, "r")]).await;
        }
        let running = world.start("v1.34.4", FLAGS);
        world.pass(5).await;
        let nat = save(&world, "nat").await;
        let own: String = nat
            .lines()
            .filter(|line| !line.contains("default/kubernetes"))
            .fold(String::new(), |text, line| text + line + "\n");
        insta::assert_snapshot!("nat", own);
        insta::assert_snapshot!("filter", save(&world, "filter").await);
        running.stop.ask();
        assert_eq!(running.task.await.unwrap(), Exit::SUCCESS);
    });
}

#[test]
fn chains_come_and_go_with_endpoints() {
    virtual_world(async {
        let world = World::linux().await;
        world.service("web", &doc!({"clusterIP": "10.96.0.10"})).await;
        world.slice("web", &[(1, 5, "r"), (2, 5, "r")]).await;
        world.service("other", &doc!({"clusterIP": "10.96.0.11"})).await;
        world.slice("other", &[(2, 9, "r")]).await;
        let _running = world.start("v1.34.4", FLAGS);
        world.pass(5).await;
        let chains = |text: &str| text.lines().filter(|line| line.starts_with(":KUBE-SEP-")).count();
        assert_eq!(chains(&save(&world, "nat").await), 3);
        world.slice("web", &[(2, 5, "r")]).await;
        world.pass(5).await;
        let nat = save(&world, "nat").await;
        assert_eq!(chains(&nat), 2, "{nat}");
        assert!(nat.contains("--to-destination 10.244.2.9:8080"), "the other service is as it was");
        world.delete_service("web").await;
        world.pass(5).await;
        assert_eq!(chains(&save(&world, "nat").await), 1);
    });
}

#[test]
fn flushed_tables_are_written_again() {
    virtual_world(async {
        let world = World::linux().await;
        world.service("web", &doc!({"clusterIP": "10.96.0.10"})).await;
        world.slice("web", &[(2, 5, "r")]).await;
        let _running = world.start("v1.34.4", FLAGS);
        world.pass(5).await;
        let before = save(&world, "nat").await;
        let host = world.machine.linux().unwrap();
        let rules = "*nat\nCOMMIT\n*filter\nCOMMIT\n*mangle\nCOMMIT\n".to_owned();
        host.ask(RestoreTables { namespace: String::new(), rules, noflush: false }).await.unwrap();
        world.pass(40).await;
        assert_eq!(save(&world, "nat").await, before);
    });
}
