//! Names of flannel's annotations.

use std::collections::BTreeMap;

use winlab_kube_client::k8s::core::Node;

/// The names, with their common prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Annotations {
    pub(super) managed: String,
    pub(super) backend_data: String,
    pub(super) backend_type: String,
    pub(super) public_ip: String,
    pub(super) public_ip_overwrite: String,
    pub(super) node_public_ip: String,
}

impl Annotations {
    pub(super) fn new(prefix: &str) -> Self {
        let name = |name: &str| format!("{prefix}{name}");
        Self {
            managed: name("kube-subnet-manager"),
            backend_data: name("backend-data"),
            backend_type: name("backend-type"),
            public_ip: name("public-ip"),
            public_ip_overwrite: name("public-ip-overwrite"),
            node_public_ip: name("node-public-ip"),
        }
    }

    /// Whether flannel has a lease for a node.
    pub(super) fn is_managed(&self, node: &Node) -> bool {
        value(node, &self.managed) == "true"
    }

    /// Whether what others go by is the same.
    pub(super) fn are_same(&self, a: &Node, b: &Node) -> bool {
        [&self.backend_data, &self.backend_type, &self.public_ip]
            .iter()
            .all(|name| value(a, name) == value(b, name))
    }
}

/// An annotation's value; empty where there is none.
pub(super) fn value<'a>(node: &'a Node, name: &str) -> &'a str {
    let annotations: Option<&BTreeMap<_, _>> = node.metadata.annotations.as_ref();
    annotations.and_then(|annotations| annotations.get(name)).map_or("", String::as_str)
}
