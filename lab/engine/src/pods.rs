//! Which pods a scenario means by `pod/web@win1`.

use winlab_document::Document;
use winlab_kube_api::ApiServer;
use winlab_scenario::PodRef;

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

/// The pods meant, by name; without those that have finished or are on their way out.
pub(crate) fn living(server: &ApiServer, wanted: &PodRef) -> Vec<Pod> {
    let mut found = documents(server, wanted);
    found.retain(|pod| !is_leaving(pod) && !matches!(pod.text(&["status", "phase"]), "Succeeded" | "Failed"));
    found.iter().map(read).collect()
}

/// The objects of the pods meant, whatever state they are in.
pub(crate) fn documents(server: &ApiServer, wanted: &PodRef) -> Vec<Document> {
    let mut pods = server.objects("v1", "Pod");
    pods.retain(|pod| {
        pod.text(&["metadata", "namespace"]) == wanted.namespace
            && (wanted.node.is_empty() || pod.text(&["spec", "nodeName"]) == wanted.node)
            && (pod.text(&["metadata", "name"]) == wanted.name || belongs(server, pod, &wanted.name))
    });
    pods
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

/// Whether a controller of that name owns it, or owns its controller as a Deployment owns ReplicaSets.
fn belongs(server: &ApiServer, pod: &Document, name: &str) -> bool {
    let Some((kind, owner)) = controller(pod) else { return false };
    if owner == name {
        return true;
    }
    let api_version = match kind {
        "ReplicaSet" => "apps/v1",
        "Job" => "batch/v1",
        _ => return false,
    };
    let between = server.object(api_version, kind, pod.text(&["metadata", "namespace"]), owner);
    between.as_ref().and_then(controller).is_some_and(|(_, owner)| owner == name)
}
