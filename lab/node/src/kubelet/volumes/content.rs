//! What is in a volume: config maps, secrets, the downward API, tokens.

use std::collections::BTreeMap;

use winlab_document::{Document, doc};
use winlab_kube_client::Api;
use winlab_kube_client::api::PostParams;
use winlab_kube_client::k8s::core::{
    DownwardAPIVolumeFile, KeyToPath, Pod, ProjectedVolumeSource, ServiceAccount,
    ServiceAccountTokenProjection,
};

use crate::kubelet::container::environment::{pod_field, resource_field, server_text};
use crate::kubelet::core::Kubelet;
use crate::kubelet::pod::facts::PodFacts;

/// Files by path.
pub(super) type Content = BTreeMap<String, Vec<u8>>;

/// The keys that a volume picks, or all.
fn pick(
    data: BTreeMap<String, Vec<u8>>,
    items: Option<&Vec<KeyToPath>>,
    kind: &str,
    optional: bool,
) -> Result<Content, String> {
    let Some(items) = items.filter(|items| !items.is_empty()) else { return Ok(data) };
    let mut content = Content::new();
    for item in items {
        match data.get(&item.key) {
            Some(bytes) => {
                content.insert(item.path.clone(), bytes.clone());
            }
            None if optional => {}
            None => return Err(format!("references non-existent {kind} key: {}", item.key)),
        }
    }
    Ok(content)
}

impl Kubelet {
    pub(super) async fn config_map_content(
        &self,
        namespace: &str,
        name: &str,
        items: Option<&Vec<KeyToPath>>,
        optional: bool,
    ) -> Result<Content, String> {
        pick(self.config_map(namespace, name, optional).await?, items, "config", optional)
    }

    pub(super) async fn secret_content(
        &self,
        namespace: &str,
        name: &str,
        items: Option<&Vec<KeyToPath>>,
        optional: bool,
    ) -> Result<Content, String> {
        pick(self.secret(namespace, name, optional).await?, items, "secret", optional)
    }

    pub(super) fn downward_content(
        &self,
        pod: &Pod,
        items: &[DownwardAPIVolumeFile],
    ) -> Result<Content, String> {
        let mut content = Content::new();
        for item in items {
            let value = if let Some(field) = &item.field_ref {
                pod_field(pod, &field.field_path)?
            } else if let Some(resource) = &item.resource_field_ref {
                let container = pod.containers().first().cloned().unwrap_or_default();
                resource_field(pod, resource, &container, &self.allocatable())?
            } else {
                continue;
            };
            content.insert(item.path.clone(), value.into_bytes());
        }
        Ok(content)
    }

    pub(super) async fn projected_content(
        &self,
        pod: &Pod,
        source: &ProjectedVolumeSource,
    ) -> Result<Content, String> {
        let mut content = Content::new();
        for source in source.sources.iter().flatten() {
            if let Some(from) = &source.config_map {
                let optional = from.optional.unwrap_or(false);
                content.extend(
                    self.config_map_content(pod.namespace(), &from.name, from.items.as_ref(), optional)
                        .await?,
                );
            }
            if let Some(from) = &source.secret {
                let optional = from.optional.unwrap_or(false);
                content.extend(
                    self.secret_content(pod.namespace(), &from.name, from.items.as_ref(), optional).await?,
                );
            }
            if let Some(from) = &source.downward_api {
                content.extend(self.downward_content(pod, from.items.as_deref().unwrap_or_default())?);
            }
            if let Some(from) = &source.service_account_token {
                content.insert(from.path.clone(), self.token(pod, from).await?);
            }
        }
        Ok(content)
    }

    /// A token of the pod's service account, bound to the pod (`pkg/kubelet/token`).
    async fn token(&self, pod: &Pod, projection: &ServiceAccountTokenProjection) -> Result<Vec<u8>, String> {
        let account = pod.spec().service_account_name.as_deref().unwrap_or("default");
        let audiences: Vec<&str> = projection.audience.as_deref().into_iter().collect();
        let request = doc!({
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
            "spec": {
                "audiences": audiences.into_iter().collect::<Document>(),
                "expirationSeconds": projection.expiration_seconds.unwrap_or(3600),
                "boundObjectRef": {"apiVersion": "v1", "kind": "Pod", "name": pod.name(), "uid": pod.uid()},
            },
        });
        let api: Api<ServiceAccount> = Api::namespaced(self.client.clone(), pod.namespace());
        let made: Document = api
            .create_subresource("token", account, &PostParams::default(), &request)
            .await
            .map_err(|error| format!("failed to fetch token: {}", server_text(&error)))?;
        Ok(made.text(&["status", "token"]).as_bytes().to_vec())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use winlab_kube_client::k8s::core::KeyToPath;

    use super::pick;

    #[test]
    fn picked_keys_must_be_there() {
        let data: BTreeMap<String, Vec<u8>> = [("a".to_owned(), vec![1])].into();
        let item = |key: &str| vec![KeyToPath { key: key.into(), path: "x".into(), ..KeyToPath::default() }];
        assert_eq!(pick(data.clone(), Some(&item("a")), "config", false).unwrap()["x"], [1]);
        assert_eq!(
            pick(data.clone(), Some(&item("b")), "config", false).unwrap_err(),
            "references non-existent config key: b"
        );
        assert!(pick(data, Some(&item("b")), "config", true).unwrap().is_empty());
    }
}
