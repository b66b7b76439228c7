//! What a node's runtime knows.

use winlab_document::{Document, doc};
use winlab_node::cri::{ContainerFilter, PodSandboxFilter};

use crate::error::LabError;
use crate::lab::Lab;

impl Lab {
    /// CRI's view of a node: `pods`, `containers` or `images`.
    ///
    /// # Errors
    /// That the runtime does not run, or its own words.
    pub async fn cri(&self, node: &str, kind: &str) -> Result<Vec<Document>, LabError> {
        let node = self.node(node)?;
        let what = format!("looking at the {kind} of the runtime of {}", node.spec.name);
        let cri = node.cri()?;
        let found = async {
            Ok::<Vec<Document>, winlab_node::cri::CriError>(match kind {
                "pods" => {
                    let pods = cri.list_pod_sandbox(PodSandboxFilter::default()).await?;
                    let document = |pod: &winlab_node::cri::ListedPodSandbox| {
                        doc!({
                            "id": (pod.id.as_str()),
                            "name": (pod.metadata.name.as_str()),
                            "namespace": (pod.metadata.namespace.as_str()),
                            "uid": (pod.metadata.uid.as_str()),
                            "attempt": (pod.metadata.attempt),
                            "state": (format!("{:?}", pod.state))
                        })
                    };
                    pods.iter().map(document).collect()
                }
                "containers" => {
                    let containers = cri.list_containers(ContainerFilter::default()).await?;
                    let document = |container: &winlab_node::cri::ListedContainer| {
                        doc!({
                            "id": (container.id.as_str()),
                            "podSandboxId": (container.pod_sandbox_id.as_str()),
                            "name": (container.metadata.name.as_str()),
                            "attempt": (container.metadata.attempt),
                            "image": (container.image.as_str()),
                            "state": (format!("{:?}", container.state)),
                            "labels": (container.labels.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect::<Document>())
                        })
                    };
                    containers.iter().map(document).collect()
                }
                _ => {
                    let images = cri.list_images().await?;
                    let document = |image: &winlab_node::cri::Image| {
                        doc!({
                            "id": (image.id.as_str()),
                            "repoTags": (image.repo_tags.clone()),
                            "size": (image.size)
                        })
                    };
                    images.iter().map(document).collect()
                }
            })
        };
        found.await.map_err(|error| LabError::new(what, error))
    }

    /// The log of a pod's container, of which kubectl would show it, line by line: `{"line"}`.
    ///
    /// # Errors
    /// That there is no log yet, or the words of whoever refused it.
    pub async fn pod_logs(&self, namespace: &str, pod: &str) -> Result<Vec<Document>, LabError> {
        let text = self.pod_log(namespace, pod).await?;
        Ok(text.lines().map(|line| doc!({"line": line})).collect())
    }
}
