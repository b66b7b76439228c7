//! Finding pods' containers on their nodes.

use winlab_fabric::Source;
use winlab_node::cri::{
    CONTAINER_NAME_LABEL, ContainerFilter, ContainerState, ListedContainer, POD_NAME_LABEL,
    POD_NAMESPACE_LABEL,
};

use crate::error::LabError;
use crate::lab::Lab;
use crate::node::Node;

impl Lab {
    /// A running container of a pod: the named one, or the first by name.
    pub(crate) async fn container_of_pod(
        &self,
        namespace: &str,
        pod: &str,
        container: Option<&str>,
    ) -> Result<(&Node, ListedContainer), LabError> {
        let (node, _) = self.place_of(namespace, pod).await?;
        let what = format!("finding the containers of {namespace}/{pod} on {}", node.spec.name);
        let mut label_selector = std::collections::BTreeMap::from([
            (POD_NAMESPACE_LABEL.to_owned(), namespace.to_owned()),
            (POD_NAME_LABEL.to_owned(), pod.to_owned()),
        ]);
        if let Some(container) = container {
            label_selector.insert(CONTAINER_NAME_LABEL.to_owned(), container.to_owned());
        }
        let filter = ContainerFilter { label_selector, ..ContainerFilter::default() };
        let listed = node.cri()?.list_containers(filter).await;
        let mut listed = listed.map_err(|error| LabError::new(what.as_str(), error))?;
        let states: Vec<String> = listed
            .iter()
            .map(|container| format!("{} is {:?}", container.metadata.name, container.state))
            .collect();
        listed.retain(|container| container.state == ContainerState::Running);
        listed.sort_by(|a, b| a.metadata.name.cmp(&b.metadata.name));
        match listed.into_iter().next() {
            Some(container) => Ok((node, container)),
            None if states.is_empty() => Err(LabError::new(what, "it has no containers yet")),
            None => Err(LabError::new(what, format!("none runs: {}", states.join(", ")))),
        }
    }

    /// Where a flow from a pod begins: its first running container.
    ///
    /// # Errors
    /// That the pod or a running container of it is not there.
    pub async fn pod_source(&self, namespace: &str, pod: &str) -> Result<Source, LabError> {
        let (node, container) = self.container_of_pod(namespace, pod, None).await?;
        Ok(Source::Container { node: node.spec.name.clone(), id: container.id })
    }
}
