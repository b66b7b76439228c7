//! The Windows rules, by minor.

use serde_json::{Value, json};
use winlab_kube_client::Client;
use winlab_kube_client::api::PostParams;
use winlab_kube_client::k8s::core::Pod;

use crate::world::{causes, object, pods, refusal, with_client, with_client_of};

async fn create(client: &Client, spec: Value) -> Result<Pod, winlab_kube_client::Error> {
    let pod: Pod = object(json!({"metadata": {"generateName": "p-"}, "spec": spec}));
    pods(client).create(&PostParams::default(), &pod).await
}

fn privileged(os: Option<&str>) -> Value {
    let mut spec = json!({
        "containers": [{"name": "c", "image": "i", "securityContext": {"privileged": true, "runAsUser": 0}}]
    });
    if let Some(os) = os {
        spec["os"] = json!({"name": os});
    }
    spec
}

async fn privileged_is_refused(client: Client) {
    assert_eq!(
        causes(create(&client, privileged(Some("windows"))).await),
        [
            "FieldValueForbidden spec.containers[0].securityContext.privileged",
            "FieldValueForbidden spec.containers[0].securityContext.runAsUser",
        ]
    );
    create(&client, privileged(Some("linux"))).await.unwrap();
    create(&client, privileged(None)).await.unwrap();
    let (_, message) = refusal(create(&client, privileged(Some("plan9"))).await);
    assert!(
        message.ends_with("spec.os: Unsupported value: \"plan9\": supported values: \"linux\", \"windows\""),
        "{message}"
    );
}

#[test]
fn privileged_with_os_windows() {
    for minor in [24, 25, 30, 34, 37] {
        with_client_of(minor, privileged_is_refused);
    }
}

async fn privileged_is_accepted(client: Client) {
    let pod = create(&client, privileged(Some("windows"))).await.unwrap();
    assert_eq!(pod.spec.unwrap().os, None);
}

#[test]
fn privileged_before_the_field_is_on() {
    for minor in [20, 22, 23] {
        with_client_of(minor, privileged_is_accepted);
    }
}

async fn every_linux_field_is_named(client: Client) {
    let spec = json!({
        "os": {"name": "windows"}, "hostPID": true, "hostIPC": true, "shareProcessNamespace": false, "hostUsers": false,
        "securityContext": {
            "runAsUser": 1, "runAsGroup": 1, "fsGroup": 1, "fsGroupChangePolicy": "Always", "supplementalGroups": [1],
            "seLinuxOptions": {}, "seccompProfile": {"type": "RuntimeDefault"}, "sysctls": [{"name": "a", "value": "b"}]
        },
        "containers": [{"name": "c", "image": "i", "securityContext": {
            "capabilities": {}, "readOnlyRootFilesystem": false, "allowPrivilegeEscalation": true, "procMount": "Default"
        }}]
    });
    let (_, message) = refusal(create(&client, spec).await);
    assert_eq!(message.matches("cannot be set for a windows pod").count(), 16, "{message}");
}

#[test]
fn linux_fields() {
    with_client(every_linux_field_is_named);
}

fn host_process(network: bool) -> Value {
    json!({
        "hostNetwork": network, "securityContext": {"windowsOptions": {"hostProcess": true, "runAsUserName": "NT AUTHORITY\\SYSTEM"}},
        "containers": [{"name": "c", "image": "i"}]
    })
}

async fn host_process_needs_the_hosts_network(client: Client) {
    create(&client, host_process(true)).await.unwrap();
    let (_, message) = refusal(create(&client, host_process(false)).await);
    assert!(
        message.ends_with("spec.hostNetwork: Invalid value: false: hostNetwork must be true if pod contains any hostProcess containers"),
        "{message}"
    );
    let mut mixed = host_process(true);
    mixed["containers"] = json!([
        {"name": "a", "image": "i"},
        {"name": "b", "image": "i", "securityContext": {"windowsOptions": {"hostProcess": false}}}
    ]);
    assert_eq!(
        causes(create(&client, mixed).await),
        [
            "FieldValueInvalid spec.containers[1].securityContext.windowsOptions.hostProcess",
            "FieldValueInvalid spec",
        ]
    );
}

async fn host_process_is_refused(client: Client) {
    let (_, message) = refusal(create(&client, host_process(true)).await);
    assert!(
        message.ends_with("spec.securityContext.windowsOptions.hostProcess: Forbidden: not allowed when feature gate 'WindowsHostProcessContainers' is not enabled"),
        "{message}"
    );
    let of_container = json!({"hostNetwork": true, "containers": [
        {"name": "c", "image": "i", "securityContext": {"windowsOptions": {"hostProcess": true}}}
    ]});
    assert_eq!(
        causes(create(&client, of_container).await),
        [
            "FieldValueForbidden spec.containers[0].securityContext.windowsOptions.hostProcess",
            "FieldValueForbidden spec",
        ]
    );
}

#[test]
fn host_process_containers() {
    with_client_of(22, host_process_is_refused);
    for minor in [23, 34] {
        with_client_of(minor, host_process_needs_the_hosts_network);
    }
}

async fn host_process_is_dropped(client: Client) {
    let pod = create(&client, host_process(false)).await.unwrap();
    let options = pod.spec.unwrap().security_context.unwrap().windows_options.unwrap();
    assert_eq!(options.host_process, None);
    assert_eq!(options.run_as_user_name.as_deref(), Some("NT AUTHORITY\\SYSTEM"));
}

#[test]
fn host_process_before_it_was_known() {
    with_client_of(21, host_process_is_dropped);
}

async fn windows_options_are_not_for_linux(client: Client) {
    let mut spec = host_process(true);
    spec["os"] = json!({"name": "linux"});
    let (_, message) = refusal(create(&client, spec).await);
    assert!(
        message.ends_with(
            "spec.securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod"
        ),
        "{message}"
    );
}

#[test]
fn windows_options() {
    with_client(windows_options_are_not_for_linux);
}
