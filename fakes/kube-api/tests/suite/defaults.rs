//! What the server fills in.

use serde_json::{Value, json};
use winlab_kube_client::api::{DynamicObject, PostParams};
use winlab_kube_client::core::{ApiResource, GroupVersionKind};
use winlab_kube_client::{Api, Client};

use crate::world::{create_namespace, object, with_client, with_client_of};

/// Creates an object in the default namespace and gives what was stored, without what differs from run to run.
async fn create(client: &Client, group: &str, version: &str, kind: &str, body: Value) -> Value {
    let resource = ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind));
    let api: Api<DynamicObject> = Api::namespaced_with(client.clone(), "default", &resource);
    let created = api.create(&PostParams::default(), &object(body)).await.unwrap();
    let mut value = serde_json::to_value(created).unwrap();
    let metadata = value["metadata"].as_object_mut().unwrap();
    for name in ["uid", "resourceVersion", "creationTimestamp"] {
        metadata.remove(name);
    }
    value
}

async fn a_pod(client: Client) {
    let body = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"},
        "spec": {
            "containers": [{
                "name": "c", "image": "web", "ports": [{"containerPort": 80}],
                "livenessProbe": {"httpGet": {"port": 80}}, "resources": {"limits": {"cpu": "1"}}
            }],
            "volumes": [{"name": "scratch"}, {"name": "conf", "configMap": {"name": "conf"}}]
        }
    });
    let pod = create(&client, "", "v1", "Pod", body).await;
    let toleration = |key: &str| json!({"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300});
    assert_eq!(
        pod,
        json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": "web", "namespace": "default", "generation": 1},
            "spec": {
                "containers": [{
                    "name": "c", "image": "web", "imagePullPolicy": "Always",
                    "ports": [{"containerPort": 80, "protocol": "TCP"}],
                    "livenessProbe": {
                        "httpGet": {"path": "/", "port": 80, "scheme": "HTTP"}, "timeoutSeconds": 1,
                        "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3
                    },
                    "resources": {"limits": {"cpu": "1"}, "requests": {"cpu": "1"}},
                    "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File"
                }],
                "volumes": [
                    {"name": "scratch", "emptyDir": {}},
                    {"name": "conf", "configMap": {"name": "conf", "defaultMode": 420}}
                ],
                "restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst",
                "securityContext": {}, "schedulerName": "default-scheduler", "enableServiceLinks": true,
                "priority": 0, "preemptionPolicy": "PreemptLowerPriority",
                "tolerations": [
                    toleration("node.kubernetes.io/not-ready"), toleration("node.kubernetes.io/unreachable")
                ]
            },
            "status": {"phase": "Pending", "qosClass": "Burstable"}
        })
    );
}

#[test]
fn pod() {
    with_client(a_pod);
}

async fn workloads(client: Client) {
    let template = json!({
        "metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c", "image": "web:1"}]}
    });
    let selector = json!({"matchLabels": {"app": "web"}});
    let body = |kind: &str, version: &str| {
        json!({
            "apiVersion": version, "kind": kind, "metadata": {"name": "web"},
            "spec": {"selector": selector, "template": template, "serviceName": "web"}
        })
    };
    let deployment = create(&client, "apps", "v1", "Deployment", body("Deployment", "apps/v1")).await;
    assert_eq!(deployment["spec"]["replicas"], 1);
    assert_eq!(
        deployment["spec"]["strategy"],
        json!({"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"}})
    );
    assert_eq!(deployment["spec"]["template"]["spec"]["restartPolicy"], "Always");
    assert_eq!(
        deployment["spec"]["template"]["spec"].get("enableServiceLinks"),
        None,
        "that is for pods alone"
    );
    let set = create(&client, "apps", "v1", "DaemonSet", body("DaemonSet", "apps/v1")).await;
    assert_eq!(set["metadata"]["annotations"]["deprecated.daemonset.template.generation"], "1");
    assert_eq!(set["spec"]["updateStrategy"]["rollingUpdate"], json!({"maxUnavailable": 1, "maxSurge": 0}));
    let set = create(&client, "apps", "v1", "StatefulSet", body("StatefulSet", "apps/v1")).await;
    assert_eq!(set["spec"]["podManagementPolicy"], "OrderedReady");
    let job = json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "once"},
        "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i:1"}]}}}
    });
    let job = create(&client, "batch", "v1", "Job", job).await;
    assert_eq!(job["spec"]["completions"], 1);
    assert_eq!(job["spec"]["backoffLimit"], 6);
    assert_eq!(job["spec"]["template"]["metadata"]["labels"]["batch.kubernetes.io/job-name"], "once");
    assert!(job["spec"]["selector"]["matchLabels"]["batch.kubernetes.io/controller-uid"].is_string());
}

#[test]
fn workload() {
    with_client(workloads);
}

async fn a_namespace(client: Client) {
    let namespace = create_namespace(&client, "n").await;
    assert_eq!(namespace.metadata.labels.unwrap()["kubernetes.io/metadata.name"], "n");
    assert_eq!(namespace.spec.unwrap().finalizers.unwrap(), ["kubernetes"]);
    assert_eq!(namespace.status.unwrap().phase.as_deref(), Some("Active"));
}

#[test]
fn namespace() {
    with_client(a_namespace);
}

async fn an_old_server(client: Client) {
    let body = json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": {"ports": [{"port": 80}]}
    });
    let service = create(&client, "", "v1", "Service", body).await;
    assert_eq!(service["spec"].get("internalTrafficPolicy"), None);
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"},
        "spec": {"os": {"name": "windows"}, "containers": [{"name": "c", "image": "i"}]}
    });
    let pod = create(&client, "", "v1", "Pod", pod).await;
    assert_eq!(pod["spec"].get("os"), None, "1.20 knows no os");
    assert_eq!(pod["metadata"].get("generation"), None, "pods have no generation before 1.33");
}

#[test]
fn defaults_of_an_old_minor() {
    with_client_of(20, an_old_server);
}

async fn a_secret(client: Client) {
    let body = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": {"user": "admin"}
    });
    let secret = create(&client, "", "v1", "Secret", body).await;
    assert_eq!(secret["type"], "Opaque");
    assert_eq!(secret["data"]["user"], "YWRtaW4=");
    assert_eq!(secret.get("stringData"), None);
}

#[test]
fn secret() {
    with_client(a_secret);
}
