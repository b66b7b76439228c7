//! Cluster IPs and node ports.

use serde_json::{Value, json};
use winlab_kube_client::api::{DeleteParams, Patch, PatchParams, PostParams};
use winlab_kube_client::k8s::core::{Service, ServiceSpec};
use winlab_kube_client::{Client, Error};

use crate::world::{object, refusal, services, with_client};

async fn create(client: &Client, name: &str, spec: Value) -> Result<ServiceSpec, Error> {
    let service: Service = object(json!({"metadata": {"name": name}, "spec": spec}));
    services(client).create(&PostParams::default(), &service).await.map(|service| service.spec.unwrap())
}

async fn addresses(client: Client) {
    let a = create(&client, "a", json!({"ports": [{"port": 80}]})).await.unwrap();
    assert_eq!(a.cluster_ips, a.cluster_ip.clone().map(|ip| vec![ip]));
    assert_eq!(a.ip_families.as_deref(), Some(&["IPv4".to_owned()][..]));
    assert_eq!(a.ip_family_policy.as_deref(), Some("SingleStack"));
    assert_eq!(a.internal_traffic_policy.as_deref(), Some("Cluster"));
    let b = create(&client, "b", json!({"ports": [{"port": 80}]})).await.unwrap();
    assert_ne!(a.cluster_ip, b.cluster_ip);

    let chosen = json!({"clusterIP": "10.96.0.10", "ports": [{"port": 53, "protocol": "UDP"}]});
    create(&client, "dns", chosen.clone()).await.unwrap();
    let (code, message) = refusal(create(&client, "dns2", chosen.clone()).await);
    assert_eq!(code, 422);
    assert_eq!(
        message,
        "Service \"dns2\" is invalid: spec.clusterIPs: Invalid value: [\"10.96.0.10\"]: failed to allocate IP 10.96.0.10: provided IP is already allocated"
    );
    services(&client).delete("dns", &DeleteParams::default()).await.unwrap();
    create(&client, "dns2", chosen).await.unwrap();
    let (_, message) =
        refusal(create(&client, "x", json!({"clusterIP": "192.168.0.1", "ports": [{"port": 1}]})).await);
    assert!(message.contains("the provided network does not match the current range"), "{message}");

    let headless = create(&client, "h", json!({"clusterIP": "None", "selector": {"a": "b"}})).await.unwrap();
    assert_eq!(headless.cluster_ips.as_deref(), Some(&["None".to_owned()][..]));
    let external =
        create(&client, "e", json!({"type": "ExternalName", "externalName": "example.com"})).await.unwrap();
    assert_eq!((external.cluster_ip, external.ip_families), (None, None));
}

#[test]
fn cluster_ips() {
    with_client(addresses);
}

async fn ports(client: Client) {
    let spec = json!({"type": "NodePort", "ports": [
        {"name": "a", "port": 80}, {"name": "b", "port": 80, "protocol": "UDP"}, {"name": "c", "port": 81, "nodePort": 30080}
    ]});
    let given: Vec<i32> = create(&client, "a", spec)
        .await
        .unwrap()
        .ports
        .unwrap()
        .iter()
        .filter_map(|port| port.node_port)
        .collect();
    assert_eq!(given.len(), 3);
    assert_eq!(given[0], given[1], "TCP and UDP of one port share a number");
    assert_eq!(given[2], 30_080);
    let taken = json!({"type": "NodePort", "ports": [{"port": 1, "nodePort": 30080}]});
    let (_, message) = refusal(create(&client, "b", taken).await);
    assert_eq!(
        message,
        "Service \"b\" is invalid: spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated"
    );
    let outside = json!({"type": "NodePort", "ports": [{"port": 1, "nodePort": 80}]});
    let (_, message) = refusal(create(&client, "b", outside).await);
    assert!(
        message.ends_with("provided port is not in the valid range. The range of valid ports is 30000-32767"),
        "{message}"
    );
}

#[test]
fn node_ports() {
    with_client(ports);
}

async fn a_change_of_type_keeps_the_address(client: Client) {
    let before = create(&client, "a", json!({"ports": [{"port": 80}]})).await.unwrap();
    let api = services(&client);
    let patch = |spec: Value| {
        let api = api.clone();
        async move {
            let patch = Patch::Strategic(json!({"spec": spec}));
            api.patch("a", &PatchParams::default(), &patch).await.unwrap().spec.unwrap()
        }
    };
    let exposed = patch(json!({"type": "NodePort"})).await;
    assert_eq!(exposed.cluster_ip, before.cluster_ip);
    assert_eq!(exposed.external_traffic_policy.as_deref(), Some("Cluster"));
    let number = exposed.ports.unwrap()[0].node_port.unwrap();
    let same = patch(json!({"selector": {"x": "y"}})).await;
    assert_eq!(same.ports.unwrap()[0].node_port, Some(number));
    // What is reached from outside by an address keeps the policy (`ExternallyAccessible`).
    let at_address = patch(json!({"type": "ClusterIP", "externalIPs": ["198.51.100.1"]})).await;
    assert_eq!(at_address.external_traffic_policy.as_deref(), Some("Cluster"));
    let hidden = patch(json!({"externalIPs": null})).await;
    assert_eq!(hidden.external_traffic_policy, None);
    patch(json!({"type": "NodePort", "ports": [{"port": 80, "nodePort": number}]})).await;
    let hidden = patch(json!({"type": "ClusterIP"})).await;
    assert_eq!((hidden.ports.unwrap()[0].node_port, hidden.external_traffic_policy), (None, None));
    let again = json!({"type": "NodePort", "ports": [{"port": 1, "nodePort": number}]});
    create(&client, "b", again).await.unwrap();
}

#[test]
fn change_of_type() {
    with_client(a_change_of_type_keeps_the_address);
}

async fn local_load_balancers_get_a_health_port(client: Client) {
    let spec = json!({"type": "LoadBalancer", "externalTrafficPolicy": "Local", "ports": [{"port": 80}]});
    let service = create(&client, "lb", spec).await.unwrap();
    assert!(service.health_check_node_port.is_some());
    assert_eq!(service.allocate_load_balancer_node_ports, Some(true));
    assert_ne!(service.health_check_node_port, service.ports.unwrap()[0].node_port);
}

#[test]
fn load_balancers() {
    with_client(local_load_balancers_get_a_health_port);
}
