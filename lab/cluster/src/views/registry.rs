//! Registries of a Windows node: the host's, and each container's own.

use winlab_document::Document;
use winlab_host::Ask;
use winlab_host::system::{EnumerateKey, EnumerateValues, Scope};

use crate::error::LabError;
use crate::lab::Lab;

impl Lab {
    /// The values of a registry key, by name; of a key that ends in `\*`, those of each key below. With a pod
    /// (`namespace/name`) the registry is that of the pod's first running container.
    ///
    /// # Errors
    /// That the key or the container is not there, or the node runs Linux.
    pub async fn registry(
        &self,
        node: &str,
        pod: Option<(&str, &str)>,
        key: &str,
    ) -> Result<Vec<Document>, LabError> {
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
        let failed = |fault| LabError::new(what.clone(), fault);
        let mut keys = vec![key.to_owned()];
        if let Some(key) = key.strip_suffix(r"\*") {
            let below = EnumerateKey { scope: scope.clone(), key: key.to_owned() };
            let names = host.system().ask(below).await.map_err(failed)?;
            keys = names.iter().map(|name| format!(r"{key}\{name}")).collect();
        }
        let mut found = Vec::new();
        for key in keys {
            let values = EnumerateValues { scope: scope.clone(), key };
            found.push(host.system().ask(values).await.map_err(failed)?);
        }
        Ok(found)
    }
}
