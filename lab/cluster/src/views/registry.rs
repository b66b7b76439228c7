//! Registries of a Windows node: the host's, and each container's own.

use winlab_document::Document;
use winlab_host::Ask;
use winlab_host::system::{EnumerateValues, Scope};

use crate::error::LabError;
use crate::lab::Lab;

impl Lab {
    /// The values of a registry key, by name. With a pod (`namespace/name`) the registry is that of the pod's first
    /// running container.
    ///
    /// # Errors
    /// That the key or the container is not there, or the node runs Linux.
    pub async fn registry(
        &self,
        node: &str,
        pod: Option<(&str, &str)>,
        key: &str,
    ) -> Result<Document, LabError> {
        let scope = match pod {
            None => Scope::Host,
            Some((namespace, pod)) => {
                Scope::Container(self.container_of_pod(namespace, pod, None).await?.1.id)
            }
        };
        let node = self.node(node)?;
        let what = format!("reading {key} on {}", node.spec.name);
        let Some(host) = node.host.windows() else {
            return Err(LabError::new(what, "the node runs Linux, a registry is a part of Windows"));
        };
        let values = host.system().ask(EnumerateValues { scope, key: key.to_owned() }).await;
        values.map_err(|fault| LabError::new(what, fault))
    }
}
