//! Which pods a scenario means by `pod/web@win1`.

use std::collections::BTreeMap;

use winlab_cluster::LabError;
use winlab_document::Document;
use winlab_kube_api::kinds::Kind;
use winlab_scenario::PodRef;

use crate::kinds;
use crate::world::World;

/// A pod as its object says it is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pod {
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) node: String,
    pub(crate) address: String,
}

impl std::fmt::Display for Pod {
    /// `pod/web-7d4f@win1`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.namespace != "default" {
            write!(f, "{}/", self.namespace)?;
        }
        write!(f, "pod/{}", self.name)?;
        if self.node.is_empty() { Ok(()) } else { write!(f, "@{}", self.node) }
    }
}

impl World<'_> {
    /// The pods meant, by name; without those that have finished or are on their way out.
    pub(crate) async fn living_pods(&self, wanted: &PodRef) -> Result<Vec<Pod>, LabError> {
        let mut found = self.pods(wanted).await?;
        found.retain(|pod| {
            !is_leaving(pod) && !matches!(pod.text(&["status", "phase"]), "Succeeded" | "Failed")
        });
        Ok(found.iter().map(read).collect())
    }

    /// The objects of the pods meant, whatever state they are in.
    pub(crate) async fn pods(&self, wanted: &PodRef) -> Result<Vec<Document>, LabError> {
        let mut owners = Owners::default();
        let mut meant = Vec::new();
        for pod in self.stored_all(pod_kind()).await? {
            let here = pod.text(&["metadata", "namespace"]) == wanted.namespace
                && (wanted.node.is_empty() || pod.text(&["spec", "nodeName"]) == wanted.node);
            let is = here
                && (pod.text(&["metadata", "name"]) == wanted.name
                    || self.belongs(&pod, &wanted.name, &mut owners).await?);
            if is {
                meant.push(pod);
            }
        }
        Ok(meant)
    }

    /// Whether a controller of that name owns it, or owns its controller as a Deployment owns ReplicaSets.
    async fn belongs(&self, pod: &Document, name: &str, owners: &mut Owners) -> Result<bool, LabError> {
        let Some((kind, owner)) = controller(pod) else { return Ok(false) };
        if owner == name {
            return Ok(true);
        }
        let Some(kind) = ["ReplicaSet", "Job"].into_iter().find(|between| *between == kind) else {
            return Ok(false);
        };
        let key = (kind, owner.to_owned());
        if let Some(above) = owners.get(&key) {
            return Ok(above == name);
        }
        let between = kinds::by_word(kind).expect("it is a built-in kind");
        let between = self.stored(between, pod.text(&["metadata", "namespace"]), owner).await?;
        let above = between.as_ref().and_then(controller).map(|(_, above)| above.to_owned());
        let above = above.unwrap_or_default();
        let is = above == name;
        owners.insert(key, above);
        Ok(is)
    }
}

/// Controllers of controllers that were looked up: kind and name of the lower one, name of the upper, empty for none.
type Owners = BTreeMap<(&'static str, String), String>;

/// The kind Pod.
pub(crate) fn pod_kind() -> &'static Kind {
    kinds::by_word("pod").expect("pods are a built-in kind")
}

/// Whether it has been asked to go.
pub(crate) fn is_leaving(object: &Document) -> bool {
    object.path(&["metadata", "deletionTimestamp"]).is_some()
}

pub(crate) fn read(pod: &Document) -> Pod {
    let text = |path: &[&str]| pod.text(path).to_owned();
    Pod {
        namespace: text(&["metadata", "namespace"]),
        name: text(&["metadata", "name"]),
        node: text(&["spec", "nodeName"]),
        address: text(&["status", "podIP"]),
    }
}

/// The object's controller: kind and name.
pub(crate) fn controller(object: &Document) -> Option<(&str, &str)> {
    let owners = object.path(&["metadata", "ownerReferences"])?;
    let owner = owners
        .items()
        .iter()
        .find(|owner| owner.get("controller").and_then(Document::as_bool) == Some(true))?;
    Some((owner.text(&["kind"]), owner.text(&["name"])))
}
