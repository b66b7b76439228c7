//! Pods: defaults, checks, admission, subresources.

use serde_json::{Value, json};

use super::{Ask, namespace, one_container, pod};

const PODS: &str = "/api/v1/namespaces/pods/pods";

pub(super) fn asks() -> Vec<Ask> {
    let [created, account] = namespace("pods: namespace", "pods: account", "pods");
    let mut asks = vec![created, account];
    asks.extend(accepted());
    asks.extend(refused());
    asks.extend(subresources());
    asks
}

fn accepted() -> Vec<Ask> {
    let make = |name, spec: Value| Ask::post(name, PODS, pod(name, spec));
    vec![
        make("minimal", one_container()),
        make(
            "rich",
            json!({
                "nodeSelector": {"kubernetes.io/os": "windows"},
                "tolerations": [{"key": "os", "value": "windows", "effect": "NoSchedule"}],
                "initContainers": [{"name": "i", "image": "init"}],
                "containers": [{
                    "name": "c", "image": "app:latest", "ports": [{"containerPort": 80}],
                    "env": [{"name": "A", "value": "b"}, {"name": "N", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
                    "resources": {"requests": {"cpu": "100m"}, "limits": {"memory": "64Mi"}},
                    "livenessProbe": {"httpGet": {"path": "/", "port": 80}},
                    "readinessProbe": {"exec": {"command": ["true"]}},
                    "lifecycle": {"preStop": {"exec": {"command": ["sleep", "1"]}}},
                    "volumeMounts": [{"name": "v", "mountPath": "/v"}, {"name": "m", "mountPath": "/m"}],
                }],
                "volumes": [{"name": "v", "emptyDir": {}}, {"name": "m", "configMap": {"name": "cm"}}],
                "terminationGracePeriodSeconds": 5,
            }),
        ),
        make(
            "host-process",
            json!({
                "hostNetwork": true, "nodeSelector": {"kubernetes.io/os": "windows"}, "os": {"name": "windows"},
                "securityContext": {"windowsOptions": {"hostProcess": true, "runAsUserName": "NT AUTHORITY\\SYSTEM"}},
                "containers": [{"name": "c", "image": "app", "ports": [{"containerPort": 8080}]}],
            }),
        ),
        make(
            "guaranteed",
            json!({"containers": [{"name": "c", "image": "app", "resources": {"limits": {"cpu": "1", "memory": "1Gi"}}}]}),
        ),
        make(
            "critical",
            json!({"priorityClassName": "system-node-critical", "containers": [{"name": "c", "image": "app"}]}),
        ),
        make(
            "once",
            json!({"restartPolicy": "Never", "dnsPolicy": "Default", "containers": [{"name": "c", "image": "app:1", "command": ["x"], "args": ["y"]}]}),
        ),
    ]
}

fn refused() -> Vec<Ask> {
    let make = |name, spec: Value| Ask::post(name, PODS, pod("wrong", spec));
    let with = |container: Value| {
        let mut whole = json!({"name": "c", "image": "app"});
        if let (Some(whole), Some(more)) = (whole.as_object_mut(), container.as_object()) {
            whole.extend(more.clone());
        }
        json!({"containers": [whole]})
    };
    vec![
        make("no containers", json!({"containers": []})),
        make("no spec", Value::Null),
        make(
            "two of a name",
            json!({"containers": [{"name": "c", "image": "a"}, {"name": "c", "image": "b"}]}),
        ),
        make("no image", json!({"containers": [{"name": "c"}]})),
        make(
            "bad restart policy",
            json!({"restartPolicy": "Sometimes", "containers": [{"name": "c", "image": "a"}]}),
        ),
        make("bad dns policy", json!({"dnsPolicy": "Magic", "containers": [{"name": "c", "image": "a"}]})),
        make("bad port", with(json!({"ports": [{"containerPort": 70000}]}))),
        make(
            "two ports of a name",
            with(json!({"ports": [{"containerPort": 1, "name": "p"}, {"containerPort": 2, "name": "p"}]})),
        ),
        make("bad pull policy", with(json!({"imagePullPolicy": "Often"}))),
        make("bad env name", with(json!({"env": [{"name": "=", "value": "x"}]}))),
        make(
            "request above limit",
            with(json!({"resources": {"requests": {"cpu": "2"}, "limits": {"cpu": "1"}}})),
        ),
        make("bad quantity", with(json!({"resources": {"requests": {"cpu": "much"}}}))),
        make("mount of no volume", with(json!({"volumeMounts": [{"name": "v", "mountPath": "/v"}]}))),
        make("probe without handler", with(json!({"readinessProbe": {"periodSeconds": 5}}))),
        make(
            "two probe handlers",
            with(json!({"readinessProbe": {"httpGet": {"port": 80}, "tcpSocket": {"port": 80}}})),
        ),
        make(
            "negative grace",
            json!({"terminationGracePeriodSeconds": -1, "containers": [{"name": "c", "image": "a"}]}),
        ),
        make(
            "unknown priority class",
            json!({"priorityClassName": "nobody", "containers": [{"name": "c", "image": "a"}]}),
        ),
        make(
            "unknown runtime class",
            json!({"runtimeClassName": "nobody", "containers": [{"name": "c", "image": "a"}]}),
        ),
        make(
            "unknown account",
            json!({"serviceAccountName": "nobody", "containers": [{"name": "c", "image": "a"}]}),
        ),
        make(
            "host process without host network",
            json!({
                "securityContext": {"windowsOptions": {"hostProcess": true}}, "containers": [{"name": "c", "image": "a"}],
            }),
        ),
        make(
            "mixed host process",
            json!({
                "hostNetwork": true, "securityContext": {"windowsOptions": {"hostProcess": true}},
                "containers": [{"name": "c", "image": "a", "securityContext": {"windowsOptions": {"hostProcess": false}}}],
            }),
        ),
        make(
            "linux fields on windows",
            json!({
                "os": {"name": "windows"}, "hostPID": true,
                "securityContext": {"runAsUser": 1, "seLinuxOptions": {"level": "s0"}},
                "containers": [{"name": "c", "image": "a", "securityContext": {"capabilities": {"add": ["NET_ADMIN"]}}}],
            }),
        ),
        make(
            "bad toleration",
            json!({"tolerations": [{"operator": "Exists", "value": "x"}], "containers": [{"name": "c", "image": "a"}]}),
        ),
        make(
            "bad node selector",
            json!({"nodeSelector": {"a b": "c"}, "containers": [{"name": "c", "image": "a"}]}),
        ),
        make(
            "host port without host network",
            json!({"hostNetwork": true, "containers": [{"name": "c", "image": "a", "ports": [{"containerPort": 80, "hostPort": 81}]}]}),
        ),
    ]
}

fn subresources() -> Vec<Ask> {
    let minimal = format!("{PODS}/minimal");
    let binding = |node: &str| {
        json!({
            "apiVersion": "v1", "kind": "Binding", "metadata": {"name": "minimal"}, "target": {"kind": "Node", "name": node},
        })
    };
    vec![
        Ask::patch(
            "change of an image",
            "strategic",
            minimal.clone(),
            json!({"spec": {"containers": [{"name": "c", "image": "app:2"}]}}),
        ),
        Ask::patch(
            "change of a command",
            "strategic",
            minimal.clone(),
            json!({"spec": {"containers": [{"name": "c", "command": ["x"]}]}}),
        ),
        Ask::patch(
            "change of a grace",
            "merge",
            minimal.clone(),
            json!({"spec": {"terminationGracePeriodSeconds": 1}}),
        ),
        Ask::patch(
            "status through the object",
            "merge",
            minimal.clone(),
            json!({"status": {"phase": "Running"}}),
        ),
        Ask::post("binding", format!("{minimal}/binding"), binding("n1")),
        Ask::get("bound", minimal.clone()),
        Ask::post("second binding", format!("{minimal}/binding"), binding("n2")),
        Ask::patch(
            "pod status",
            "strategic",
            format!("{minimal}/status"),
            json!({"status": {
                "phase": "Running", "podIP": "10.244.0.2", "podIPs": [{"ip": "10.244.0.2"}], "hostIP": "192.168.0.11",
                "conditions": [{"type": "Ready", "status": "True"}],
                "containerStatuses": [{
                    "name": "c", "image": "app:2", "imageID": "", "ready": true, "restartCount": 0,
                    "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}},
                }],
            }}),
        ),
        Ask::patch(
            "spec through the status",
            "merge",
            format!("{minimal}/status"),
            json!({"spec": {"terminationGracePeriodSeconds": 3}}),
        ),
        Ask::patch(
            "pod IP that is none",
            "merge",
            format!("{minimal}/status"),
            json!({"status": {"podIP": "x", "podIPs": [{"ip": "x"}]}}),
        ),
        Ask::post(
            "eviction",
            format!("{PODS}/once/eviction"),
            json!({
                "apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "once"},
            }),
        ),
        Ask::get("evicted", format!("{PODS}/once")),
        Ask::post(
            "budget",
            "/apis/policy/v1/namespaces/pods/poddisruptionbudgets",
            json!({
                "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "b"},
                "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "none"}}},
            }),
        ),
    ]
}
