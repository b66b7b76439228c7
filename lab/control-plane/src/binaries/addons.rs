//! What kubeadm and the network's manifest create before a node can work: service accounts of the node components and
//! what they may do. The embedded server lets everybody do everything, so only this plane needs it.

use serde_json::{Value, json};
use winlab_kube_client::{Client, Error, ErrorExt};

const RBAC: &str = "rbac.authorization.k8s.io";

/// Creates them; one that is there stays.
pub(super) async fn create(client: &Client) -> Result<(), Error> {
    for (path, object) in objects() {
        let request = http::Request::post(&path).header("content-type", "application/json");
        let request = request.body(object.to_string().into_bytes()).map_err(kube_error)?;
        match client.request::<Value>(request).await {
            Ok(_) => {}
            Err(error) if error.is_already_exists() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn kube_error(error: http::Error) -> Error {
    Error::HttpError(error)
}

fn objects() -> Vec<(String, Value)> {
    let mut objects = vec![(
        "/api/v1/namespaces".to_owned(),
        json!({
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": {"name": "kube-flannel", "labels": {
                "k8s-app": "flannel", "pod-security.kubernetes.io/enforce": "privileged",
            }},
        }),
    )];
    let rule = |group: &str, resources: &[&str], verbs: &[&str]| json!({"apiGroups": [group], "resources": resources, "verbs": verbs});
    // kubeadm, `phases/addons/proxy`: the role is one of the API server's own.
    objects.extend(account("kube-system", "kube-proxy"));
    objects.push(binding("kubeadm:node-proxier", "system:node-proxier", "kube-system", "kube-proxy"));
    // kubeadm, `phases/addons/dns/manifests.go`.
    objects.extend(account("kube-system", "coredns"));
    objects.push(role(
        "system:coredns",
        json!([
            rule("", &["endpoints", "services", "pods", "namespaces"], &["list", "watch"]),
            rule("discovery.k8s.io", &["endpointslices"], &["list", "watch"]),
        ]),
    ));
    objects.push(binding("system:coredns", "system:coredns", "kube-system", "coredns"));
    // flannel, `Documentation/kube-flannel.yml`.
    objects.extend(account("kube-flannel", "flannel"));
    objects.push(role(
        "flannel",
        json!([
            rule("", &["pods"], &["get"]),
            rule("", &["nodes"], &["get", "list", "watch"]),
            rule("", &["nodes/status"], &["patch"]),
        ]),
    ));
    objects.push(binding("flannel", "flannel", "kube-flannel", "flannel"));
    let path = format!("/apis/{RBAC}/v1/clusterrolebindings");
    objects.extend(crate::kubeadm::bindings().map(|binding| (path.clone(), json!(binding))));
    objects
}

fn account(namespace: &str, name: &str) -> [(String, Value); 1] {
    let path = format!("/api/v1/namespaces/{namespace}/serviceaccounts");
    [(
        path,
        json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": namespace}}),
    )]
}

fn role(name: &str, rules: Value) -> (String, Value) {
    let path = format!("/apis/{RBAC}/v1/clusterroles");
    (
        path,
        json!({"apiVersion": format!("{RBAC}/v1"), "kind": "ClusterRole", "metadata": {"name": name}, "rules": rules}),
    )
}

fn binding(name: &str, role: &str, namespace: &str, account: &str) -> (String, Value) {
    let object = json!({
        "apiVersion": format!("{RBAC}/v1"), "kind": "ClusterRoleBinding", "metadata": {"name": name},
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": role},
        "subjects": [{"kind": "ServiceAccount", "name": account, "namespace": namespace}],
    });
    (format!("/apis/{RBAC}/v1/clusterrolebindings"), object)
}
