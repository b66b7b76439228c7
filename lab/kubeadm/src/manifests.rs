//! The objects of a cluster that kubeadm set up, from the manifests in this crate's folder `manifests`: words in capitals
//! stand for what the guides replace by `sed`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use winlab_document::{Document, doc};
use winlab_profiles::KubeVersion;

use crate::discovery::kubelet_config_name;
use crate::jws::sign;

/// How flannel connects the nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// VXLAN with the network id and the port that Windows has.
    Vxlan,
    /// Routes through the nodes.
    HostGw,
}

impl Backend {
    /// The name of its HNS network.
    #[must_use]
    pub const fn hns_network(self) -> &'static str {
        match self {
            Self::Vxlan => "flannel.4096",
            Self::HostGw => "cbr0",
        }
    }
}

/// What the manifests are filled in with.
#[derive(Clone, Debug)]
pub struct ClusterFacts {
    /// The control plane's version.
    pub kube: KubeVersion,
    /// kube-proxy's on Linux nodes.
    pub linux_proxy: KubeVersion,
    /// kube-proxy's on Windows nodes.
    pub windows_proxy: KubeVersion,
    /// The API server's address without a port.
    pub api_server: String,
    /// Where pods get their addresses from.
    pub pod_subnet: String,
    /// Where services get theirs from.
    pub service_subnet: String,
    /// The subnet of the nodes.
    pub node_subnet: String,
    /// The DNS service's address.
    pub cluster_dns: String,
    /// The pod network.
    pub backend: Backend,
    /// The bootstrap token, `id.secret`.
    pub token: String,
    /// The certificate of the cluster's authority.
    pub authority_pem: String,
}

impl ClusterFacts {
    /// Every object, in the order in which they are applied.
    ///
    /// # Panics
    /// Where one of the crate's own manifests is no YAML.
    #[must_use]
    pub fn objects(&self) -> Vec<Document> {
        let manifests = [
            include_str!("../manifests/kubeadm.yaml"),
            include_str!("../manifests/kube-proxy.yaml"),
            include_str!("../manifests/flannel.yaml"),
            include_str!("../manifests/flannel-windows.yaml"),
            include_str!("../manifests/kube-proxy-windows.yaml"),
        ];
        let filled = manifests.iter().map(|text| self.fill(text));
        let mut objects = vec![self.cluster_info()];
        for text in filled {
            objects.extend(text.split("\n---\n").map(|part| {
                serde_saphyr::from_str::<Document>(part).expect("the crate's manifests are YAML")
            }));
        }
        objects
    }

    /// `kube-public/cluster-info`: the server's kubeconfig, signed by the token.
    fn cluster_info(&self) -> Document {
        let server = format!("https://{}:6443", self.api_server);
        let authority = STANDARD.encode(&self.authority_pem);
        let kubeconfig = format!(
            "apiVersion: v1\nkind: Config\nclusters:\n- name: \"\"\n  cluster:\n    certificate-authority-data: {authority}\n    server: {server}\ncontexts: null\ncurrent-context: \"\"\nusers: null\n"
        );
        let (id, secret) = self.token();
        let signature = sign(&kubeconfig, id, secret);
        let mut data = doc!({"kubeconfig": (kubeconfig.as_str())});
        data.set_path(&[&format!("jws-kubeconfig-{id}")], signature);
        doc!({
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "cluster-info", "namespace": "kube-public"},
            "data": data
        })
    }

    fn token(&self) -> (&str, &str) {
        self.token.split_once('.').unwrap_or((&self.token, ""))
    }

    fn fill(&self, manifest: &str) -> String {
        let (id, secret) = self.token();
        let (backend, plugin, exceptions, node_route) = match self.backend {
            Backend::Vxlan => (
                r#"{"Type": "vxlan", "VNI": 4096, "Port": 4789}"#,
                "win-overlay",
                "[]".to_owned(),
                String::new(),
            ),
            Backend::HostGw => {
                let (pods, services, nodes) = (&self.pod_subnet, &self.service_subnet, &self.node_subnet);
                let route = format!(
                    ",\n          {{\"name\": \"EndpointPolicy\", \"value\": {{\"Type\": \"SDNRoute\", \"Settings\": {{\"DestinationPrefix\": \"{nodes}\", \"NeedEncap\": true}}}}}}"
                );
                (
                    r#"{"Type": "host-gw"}"#,
                    "win-bridge",
                    format!(r#"["{pods}", "{services}", "{nodes}"]"#),
                    route,
                )
            }
        };
        let endpoint = format!("{}:6443", self.api_server);
        let (kube, linux, windows) =
            (self.kube.to_string(), self.linux_proxy.to_string(), self.windows_proxy.to_string());
        let kubelet_config = kubelet_config_name(self.kube);
        // Longer words go before those that they contain.
        let words: [(&str, &str); 17] = [
            ("KUBERNETES_VERSION", &kube),
            ("LINUX_PROXY_VERSION", &linux),
            ("WINDOWS_PROXY_VERSION", &windows),
            ("KUBELET_CONFIG", &kubelet_config),
            ("API_SERVER_HOST", &self.api_server),
            ("API_SERVER", &endpoint),
            ("POD_SUBNET", &self.pod_subnet),
            ("value: SERVICE_SUBNET", &format!("value: {}", self.service_subnet)),
            ("serviceSubnet: SERVICE_SUBNET", &format!("serviceSubnet: {}", self.service_subnet)),
            ("CLUSTER_DNS", &self.cluster_dns),
            ("TOKEN_ID", id),
            ("TOKEN_SECRET", secret),
            ("BACKEND", backend),
            ("HNS_NETWORK", self.backend.hns_network()),
            ("WINDOWS_PLUGIN", plugin),
            ("NAT_EXCEPTIONS", &exceptions),
            ("NODE_ROUTE", &node_route),
        ];
        words.iter().fold(manifest.to_owned(), |text, (word, value)| text.replace(word, value))
    }
}

#[cfg(test)]
mod tests {
    use winlab_document::Document;

    use super::{Backend, ClusterFacts};

    fn facts(backend: Backend) -> ClusterFacts {
        let version = "v1.36.1".parse().unwrap();
        ClusterFacts {
            kube: version,
            linux_proxy: version,
            windows_proxy: version,
            api_server: "192.168.0.2".into(),
            pod_subnet: "10.244.0.0/16".into(),
            service_subnet: "10.96.0.0/12".into(),
            node_subnet: "192.168.0.0/16".into(),
            cluster_dns: "10.96.0.10".into(),
            backend,
            token: "abcdef.0123456789abcdef".into(),
            authority_pem: "-----BEGIN CERTIFICATE-----".into(),
        }
    }

    fn find<'a>(objects: &'a [Document], name: &str) -> &'a Document {
        objects.iter().find(|object| object.text(&["metadata", "name"]) == name).unwrap()
    }

    #[test]
    fn every_word_is_filled_in() {
        for backend in [Backend::Vxlan, Backend::HostGw] {
            let objects = facts(backend).objects();
            for object in &objects {
                let text = object.to_string();
                let left =
                    ["_SUBNET}", "_VERSION", "TOKEN_", "HNS_NETWORK", "API_SERVER", "BACKEND", "NODE_ROUTE"];
                assert!(left.iter().all(|word| !text.contains(word)), "{text}");
            }
            let config =
                find(&objects, "kube-flannel-windows-cfg").text(&["data", "cni-conf-containerd.json"]);
            let config = Document::parse(config).unwrap();
            assert_eq!(config.text(&["name"]), backend.hns_network());
            let net_conf = find(&objects, "kube-flannel-cfg").text(&["data", "net-conf.json"]);
            assert_eq!(Document::parse(net_conf).unwrap().text(&["Network"]), "10.244.0.0/16");
        }
    }

    #[test]
    fn cluster_info_is_signed_by_the_token() {
        let objects = facts(Backend::Vxlan).objects();
        let data = find(&objects, "cluster-info").get("data").cloned().unwrap();
        let signature = super::sign(data.text(&["kubeconfig"]), "abcdef", "0123456789abcdef");
        assert_eq!(data.text(&["jws-kubeconfig-abcdef"]), signature);
    }
}
