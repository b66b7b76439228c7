//! What `kubeadm init` lets bootstrap tokens and nodes ask for (`cmd/kubeadm/app/phases/bootstraptoken/node/tlsbootstrap.go`).

use winlab_document::{Document, doc};

const RBAC: &str = "rbac.authorization.k8s.io";
const TOKENS: &str = "system:bootstrappers:kubeadm:default-node-token";
const NODES: &str = "system:nodes";

/// The cluster role bindings.
pub(crate) fn bindings() -> [Document; 3] {
    let own = "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient";
    let node = "system:certificates.k8s.io:certificatesigningrequests:nodeclient";
    [
        binding("kubeadm:kubelet-bootstrap", "system:node-bootstrapper", TOKENS),
        binding("kubeadm:node-autoapprove-bootstrap", node, TOKENS),
        binding("kubeadm:node-autoapprove-certificate-rotation", own, NODES),
    ]
}

fn binding(name: &str, role: &str, group: &str) -> Document {
    doc!({
        "apiVersion": (format!("{RBAC}/v1")), "kind": "ClusterRoleBinding", "metadata": {"name": name},
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": role},
        "subjects": [{"apiGroup": RBAC, "kind": "Group", "name": group}]
    })
}
