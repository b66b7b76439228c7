//! What the server refuses, and in which words.

use serde_json::{Value, json};
use winlab_kube_client::api::PostParams;
use winlab_kube_client::k8s::apps::Deployment;
use winlab_kube_client::k8s::core::{Pod, Service};
use winlab_kube_client::{Api, Client};

use crate::world::{causes, object, pod, pods, refusal, services, with_client};

async fn try_pod(client: &Client, spec: Value) -> Result<Pod, winlab_kube_client::Error> {
    let pod: Pod = object(json!({"metadata": {"name": "web"}, "spec": spec}));
    pods(client).create(&PostParams { dry_run: true, ..PostParams::default() }, &pod).await
}

async fn bad_pods(client: Client) {
    let answer = try_pod(&client, json!({"containers": []})).await;
    assert_eq!(refusal(answer), (422, "Pod \"web\" is invalid: spec.containers: Required value".to_owned()));

    let answer = try_pod(&client, json!({"containers": [{"name": "A_b"}]})).await;
    let (code, message) = refusal(answer);
    assert_eq!(code, 422);
    assert!(message.starts_with("Pod \"web\" is invalid: [spec.containers[0].name: Invalid value: \"A_b\": a lowercase RFC 1123 label"), "{message}");
    assert!(message.ends_with("spec.containers[0].image: Required value]"), "{message}");

    let container = json!({
        "name": "c", "image": "i", "volumeMounts": [{"name": "nope", "mountPath": "/x"}],
        "ports": [{"containerPort": 99999}], "resources": {"requests": {"cpu": "2"}, "limits": {"cpu": "1"}},
        "livenessProbe": {"periodSeconds": 1}
    });
    let spec =
        json!({"containers": [container], "restartPolicy": "Sometimes", "tolerations": [{"value": "x"}]});
    assert_eq!(
        causes(try_pod(&client, spec).await),
        [
            "FieldValueInvalid spec.containers[0].ports[0].containerPort",
            "FieldValueNotFound spec.containers[0].volumeMounts[0].name",
            "FieldValueInvalid spec.containers[0].resources.requests",
            "FieldValueRequired spec.containers[0].livenessProbe",
            "FieldValueNotSupported spec.restartPolicy",
            "FieldValueInvalid spec.tolerations[0].operator",
        ]
    );
}

#[test]
fn pods_that_are_invalid() {
    with_client(bad_pods);
}

async fn pods_stay_what_they_are(client: Client) {
    let mut created = pods(&client).create(&PostParams::default(), &pod("web")).await.unwrap();
    created.spec.as_mut().unwrap().containers[0].image = Some("other:1".into());
    let mut created = pods(&client).replace("web", &PostParams::default(), &created).await.unwrap();
    created.spec.as_mut().unwrap().hostname = Some("new".into());
    let (code, message) = refusal(pods(&client).replace("web", &PostParams::default(), &created).await);
    assert_eq!(code, 422);
    assert!(
        message.contains(
            "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`"
        ),
        "{message}"
    );
    assert!(message.contains("spec.hostname"), "{message}");
}

#[test]
fn pod_updates() {
    with_client(pods_stay_what_they_are);
}

async fn bad_deployments(client: Client) {
    let api: Api<Deployment> = Api::namespaced(client, "default");
    let deployment: Deployment = object(json!({
        "metadata": {"name": "web"},
        "spec": {
            "replicas": -1, "selector": {"matchLabels": {"app": "web"}},
            "template": {"metadata": {"labels": {"app": "db"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
        }
    }));
    let answer = api.create(&PostParams::default(), &deployment).await;
    let (_, message) = refusal(answer);
    assert_eq!(
        message,
        "Deployment.apps \"web\" is invalid: [spec.replicas: Invalid value: -1: must be greater than or equal to 0, \
         spec.template.metadata.labels: Invalid value: {\"app\":\"db\"}: `selector` does not match template `labels`]"
    );
}

#[test]
fn deployments() {
    with_client(bad_deployments);
}

async fn bad_services(client: Client) {
    let create = |spec: Value| {
        let service: Service = object(json!({"metadata": {"name": "web"}, "spec": spec}));
        let api = services(&client);
        async move { api.create(&PostParams::default(), &service).await }
    };
    assert_eq!(causes(create(json!({})).await), ["FieldValueRequired spec.ports"]);
    let twins = json!({"ports": [{"port": 80}, {"port": 80}]});
    assert_eq!(
        causes(create(twins).await),
        [
            "FieldValueRequired spec.ports[0].name",
            "FieldValueRequired spec.ports[1].name",
            "FieldValueDuplicate spec.ports[1]"
        ]
    );
    let named: Service = object(json!({"metadata": {"name": "1web"}, "spec": {"ports": [{"port": 80}]}}));
    let answer = services(&client).create(&PostParams::default(), &named).await;
    assert_eq!(causes(answer), ["FieldValueInvalid metadata.name"]);
}

#[test]
fn service_specs() {
    with_client(bad_services);
}

async fn wrong_types(client: Client) {
    let request = http::Request::post("/api/v1/namespaces/default/pods")
        .header("content-type", "application/json")
        .body(br#"{"metadata":{"name":"a"},"spec":{"containers":"none"}}"#.to_vec())
        .unwrap();
    let (code, message) = refusal(client.request::<Pod>(request).await);
    assert_eq!(code, 400);
    assert_eq!(
        message,
        "Pod in version \"v1\" cannot be handled as a Pod: json: cannot unmarshal string into Go struct field \
         PodSpec.spec.containers of type []v1.Container"
    );
}

#[test]
fn types() {
    with_client(wrong_types);
}
