//! Discovery by token (`cmd/kubeadm/app/discovery/token`), and what the cluster says of itself.

use winlab_clock::VirtualSpan;
use winlab_component::Context;
use winlab_document::Document;
use winlab_kube_client::k8s::core::ConfigMap;
use winlab_kube_client::{Api, ErrorExt as _};
use winlab_profiles::KubeVersion;

use crate::error::JoinError;
use crate::jws::sign;
use crate::phases::JoinOptions;

const PHASE: &str = "preflight";
/// How long the signature of `cluster-info` is waited for, and how often it is looked for (`DiscoveryTimeout`).
const TIMEOUT: VirtualSpan = VirtualSpan::from_secs(300);
const RETRY: VirtualSpan = VirtualSpan::from_secs(5);

/// What a node that joins knows of its cluster.
pub(crate) struct Cluster {
    /// The kubeconfig of `cluster-info`: server and CA.
    pub(crate) kubeconfig: Document,
    /// The version of the control plane.
    pub(crate) version: KubeVersion,
    /// `KubeletConfiguration` as the cluster keeps it.
    pub(crate) kubelet_config: String,
}

/// Finds the cluster and reads its configuration.
pub(crate) async fn discover(context: &Context, options: &JoinOptions) -> Result<Cluster, JoinError> {
    let failed = |text: String| JoinError::new(PHASE, text);
    let kubeconfig = signed_kubeconfig(context, &options.token)
        .await
        .map_err(|text| failed(format!("couldn't validate the identity of the API Server: {text}")))?;
    context.log.info("[preflight] Reading configuration from the \"kubeadm-config\" ConfigMap in namespace \"kube-system\"...");
    let config = config_map(context, "kube-system", "kubeadm-config").await;
    let fetch = |text: String| failed(format!("unable to fetch the kubeadm-config ConfigMap: {text}"));
    let config = yaml(&config.map_err(fetch)?, "ClusterConfiguration").map_err(fetch)?;
    let named = config.text(&["kubernetesVersion"]);
    let version: KubeVersion = named.parse().map_err(|error| fetch(format!("{error}")))?;
    if version.minor() + 1 < options.version.minor() {
        return Err(failed(format!(
            "this version of kubeadm only supports deploying clusters with the control plane version >= 1.{}.0. Current version: {named}",
            options.version.minor() - 1
        )));
    }
    let kubelet = config_map(context, "kube-system", &kubelet_config_name(version)).await;
    let kubelet = kubelet.map_err(|text| failed(format!("failed to get component configs: {text}")))?;
    let kubelet_config = kubelet.data.unwrap_or_default().remove("kubelet").unwrap_or_default();
    Ok(Cluster { kubeconfig, version, kubelet_config })
}

/// Where the cluster keeps the kubelet's configuration: by minor before 1.24 (`UnversionedKubeletConfigMap`).
pub(crate) fn kubelet_config_name(version: KubeVersion) -> String {
    if version.minor() < 24 {
        format!("kubelet-config-1.{}", version.minor())
    } else {
        "kubelet-config".to_owned()
    }
}

/// The kubeconfig of `cluster-info`, once a signature by the token stands beside it.
async fn signed_kubeconfig(context: &Context, token: &str) -> Result<Document, String> {
    let malformed = || format!("could not construct token string for token: {token}");
    let (id, secret) = token.split_once('.').ok_or_else(malformed)?;
    let end = context.clock.now() + TIMEOUT;
    loop {
        let problem = match config_map(context, "kube-public", "cluster-info").await {
            Err(text) => format!("failed to request the cluster-info ConfigMap: {text}"),
            Ok(map) => {
                let data = map.data.unwrap_or_default();
                match (data.get("kubeconfig"), data.get(&format!("jws-kubeconfig-{id}"))) {
                    (None, _) => {
                        return Err("there is no kubeconfig key in the cluster-info ConfigMap. This API Server isn't set up for token bootstrapping, can't connect".to_owned());
                    }
                    (Some(_), None) => {
                        format!(
                            "could not find a JWS signature in the cluster-info ConfigMap for token ID {id:?}"
                        )
                    }
                    (Some(text), Some(signature)) if *signature == sign(text, id, secret) => {
                        return serde_saphyr::from_str(text).map_err(|error| {
                            format!(
                                "couldn't parse the kubeconfig file in the cluster-info ConfigMap: {error}"
                            )
                        });
                    }
                    _ => {
                        return Err("failed to verify JWS signature of received cluster info object, can't trust this API Server".to_owned());
                    }
                }
            }
        };
        if context.clock.now() >= end {
            return Err(problem);
        }
        context.log.debug(format_args!("[discovery] Retrying due to error: {problem}"));
        context.clock.sleep(RETRY).await;
    }
}

async fn config_map(context: &Context, namespace: &str, name: &str) -> Result<ConfigMap, String> {
    let maps: Api<ConfigMap> = Api::namespaced(context.client.clone(), namespace);
    maps.get(name).await.map_err(|error| {
        if error.is_not_found() { format!("configmaps {name:?} not found") } else { error.to_string() }
    })
}

/// A document of a config map's key.
fn yaml(map: &ConfigMap, key: &str) -> Result<Document, String> {
    let text = map.data.as_ref().and_then(|data| data.get(key));
    let text = text.ok_or_else(|| {
        format!("unexpected error when reading the ConfigMap: {key} key value pair missing")
    })?;
    serde_saphyr::from_str(text).map_err(|error| error.to_string())
}
