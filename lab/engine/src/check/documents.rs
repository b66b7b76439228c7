//! What a check looks at: each target's documents.

use winlab_clock::VirtualInstant;
use winlab_cluster::{Calls, LabError};
use winlab_document::{Document, doc};
use winlab_kube_api::kinds::Kind;
use winlab_scenario::{Check, CheckMode, ObjectRef, PodRef, Target, did_you_mean};

use crate::failure::Concerns;
use crate::kinds::{self, event_kind};
use crate::world::World;

/// What was seen.
pub(crate) struct Looked {
    /// The documents, or why nobody could look.
    pub(crate) documents: Result<Vec<Document>, String>,
    /// What to say where there are none.
    pub(crate) nothing: Option<String>,
    /// Where to look further.
    pub(crate) concerns: Concerns,
}

impl Looked {
    fn at(documents: Result<Vec<Document>, LabError>, concerns: Concerns) -> Self {
        Self { documents: documents.map_err(|error| error.to_string()), nothing: None, concerns }
    }

    fn found(documents: Vec<Document>, concerns: Concerns) -> Self {
        Self::at(Ok(documents), concerns)
    }

    /// One thing that is there or not; why not is worth telling.
    fn one(document: Result<Document, LabError>, concerns: Concerns) -> Self {
        match document {
            Ok(document) => Self::found(vec![document], concerns),
            Err(error) => Self { nothing: Some(error.to_string()), ..Self::found(Vec::new(), concerns) },
        }
    }

    fn or_say(self, nothing: String) -> Self {
        Self { nothing: Some(nothing), ..self }
    }
}

impl World<'_> {
    /// The documents of a check's target. Calls are those since the step began, and so are a component's log lines where
    /// something must always or never be.
    pub(crate) async fn documents(&self, check: &Check, began: VirtualInstant) -> Looked {
        match &check.target.value {
            Target::K8s(object) => self.objects(object).await,
            Target::Event(object) => self.events_about(object).await,
            Target::Hns(node, kind) => Looked::at(self.lab.hns(node, kind).await, Concerns::node(node)),
            Target::Hcs(node, kind) => Looked::at(self.lab.hcs(node, kind).await, Concerns::node(node)),
            Target::Cri(node, kind) => Looked::at(self.lab.cri(node, kind).await, Concerns::node(node)),
            Target::Service(node, name) => {
                Looked::one(self.lab.service(node, name).await, component(node, name))
            }
            Target::Registry { node, namespace, pod, key } => self.registry(node, namespace, pod, key).await,
            Target::Log(node, name) => {
                let mut lines = self.lab.log_lines(node, name);
                if check.mode != CheckMode::Expect {
                    let since = |line: &Document| line.get("at_ns").and_then(Document::as_u64);
                    lines.retain(|line| since(line).is_none_or(|at| at >= began.as_nanos()));
                }
                let nothing = format!("{name} on {node} has written nothing");
                Looked::found(lines, component(node, name)).or_say(nothing)
            }
            Target::PodLog(pod) => self.pod_log(pod).await,
            Target::Calls(node, service) => {
                let Calls { documents, forgotten } = self.lab.calls(node, service, began);
                match forgotten {
                    Some(at) if check.count.is_some() => {
                        let why = format!(
                            "calls up to {at} are forgotten, there were too many: they cannot be counted"
                        );
                        Looked { documents: Err(why), nothing: None, concerns: Concerns::node(node) }
                    }
                    forgotten => {
                        let since = forgotten.map_or("the step began".to_owned(), |at| {
                            format!("{at}, older ones are forgotten")
                        });
                        Looked::found(documents, Concerns::node(node))
                            .or_say(format!("no call since {since}"))
                    }
                }
            }
            Target::Dns(pod, name) => self.names(pod, name).await,
            Target::Metric(name) => Looked {
                documents: Err(format!("nothing counts `{name}`")),
                nothing: None,
                concerns: Concerns::default(),
            },
        }
    }

    /// The host's key, or the key in the registry of each pod that is meant.
    async fn registry(&self, node: &str, namespace: &str, pod: &str, key: &str) -> Looked {
        let concerns = Concerns::node(node);
        if pod.is_empty() {
            return match self.lab.registry(node, None, key).await {
                Ok(values) => Looked::found(values, concerns),
                Err(error) => Looked::one(Err(error), concerns),
            };
        }
        let wanted = PodRef { namespace: namespace.to_owned(), name: pod.to_owned(), node: node.to_owned() };
        let mut found = Vec::new();
        let pods = match self.living_pods(&wanted).await {
            Ok(pods) => pods,
            Err(error) => return Looked::at(Err(error), concerns),
        };
        for pod in pods {
            match self.lab.registry(node, Some((&pod.namespace, &pod.name)), key).await {
                Ok(values) => found.extend(values),
                Err(error) => return Looked::one(Err(error), concerns),
            }
        }
        Looked::found(found, concerns).or_say(format!("there is no {wanted}"))
    }

    async fn objects(&self, wanted: &ObjectRef) -> Looked {
        let Some(kind) = kinds::by_word(&wanted.kind) else {
            let why = format!("there is no kind `{}`", wanted.kind);
            return Looked { documents: Err(why), nothing: None, concerns: Concerns::default() };
        };
        let mut found = match self.of_kind(kind, &wanted.namespace).await {
            Ok(found) => found,
            Err(error) => return Looked::at(Err(error), Concerns::default()),
        };
        found.retain(|object| wanted.name.is_empty() || object.text(&["metadata", "name"]) == wanted.name);
        let mut concerns = match kind.kind {
            "Pod" | "Deployment" | "ReplicaSet" | "DaemonSet" | "StatefulSet" | "Job" => {
                Concerns::namespace(&wanted.namespace)
            }
            "Node" if !wanted.name.is_empty() => Concerns::node(&wanted.name),
            _ => Concerns::default(),
        };
        let nodes = found.iter().map(|pod| pod.text(&["spec", "nodeName"])).filter(|node| !node.is_empty());
        if !wanted.name.is_empty() {
            concerns.nodes.extend(nodes.map(str::to_owned));
        }
        let scope =
            if kind.namespaced { format!(" in namespace {}", wanted.namespace) } else { String::new() };
        let nothing = match wanted.name.as_str() {
            "" => format!("there are no {}{scope}", kind.plural),
            name => format!("there is no {} `{name}`{scope}", kind.singular()),
        };
        Looked::found(found, concerns).or_say(nothing)
    }

    /// The stored objects of a kind in a namespace.
    async fn of_kind(&self, kind: &'static Kind, namespace: &str) -> Result<Vec<Document>, LabError> {
        let mut found = self.stored_all(kind).await?;
        if kind.namespaced {
            found.retain(|object| object.text(&["metadata", "namespace"]) == namespace);
        }
        Ok(found)
    }

    /// A name of that kind that may have been meant.
    pub(super) async fn near_names(&self, target: &Target) -> Option<String> {
        let Target::K8s(wanted) = target else { return None };
        let found = self.of_kind(kinds::by_word(&wanted.kind)?, &wanted.namespace).await.ok()?;
        let names = found.iter().map(|object| object.text(&["metadata", "name"]));
        let near = did_you_mean(&wanted.name, names)?;
        Some(format!("there is `{near}`"))
    }

    /// Events about an object; of a pod also by the name of its controller.
    async fn events_about(&self, object: &ObjectRef) -> Looked {
        let Some(kind) = kinds::by_word(&object.kind) else {
            let why = format!("there is no kind `{}`", object.kind);
            return Looked { documents: Err(why), nothing: None, concerns: Concerns::default() };
        };
        let mut names = vec![object.name.clone()];
        if kind.kind == "Pod" {
            let wanted = PodRef {
                namespace: object.namespace.clone(),
                name: object.name.clone(),
                node: String::new(),
            };
            let pods = match self.pods(&wanted).await {
                Ok(pods) => pods,
                Err(error) => return Looked::at(Err(error), Concerns::default()),
            };
            names.extend(pods.iter().map(|pod| pod.text(&["metadata", "name"]).to_owned()));
        }
        let mut events = match self.stored_all(event_kind()).await {
            Ok(events) => events,
            Err(error) => return Looked::at(Err(error), Concerns::default()),
        };
        events.retain(|event| {
            let about = |member: &str| event.text(&["involvedObject", member]);
            about("kind") == kind.kind
                && (!kind.namespaced || about("namespace") == object.namespace)
                && (object.name.is_empty() || names.iter().any(|name| name == about("name")))
        });
        let concerns = Concerns::namespace(&object.namespace);
        Looked::found(events, concerns).or_say(format!("there are no events about {object}"))
    }

    async fn pod_log(&self, pod: &PodRef) -> Looked {
        let concerns = Concerns::namespace(&pod.namespace);
        let mut lines = Vec::new();
        let pods = match self.pods(pod).await {
            Ok(pods) => pods,
            Err(error) => return Looked::at(Err(error), concerns),
        };
        for found in pods {
            let name = found.text(&["metadata", "name"]);
            match self.lab.pod_logs(&pod.namespace, name).await {
                Ok(of_pod) => lines.extend(of_pod),
                Err(error) => return Looked::one(Err(error), concerns),
            }
        }
        Looked::found(lines, concerns).or_say(format!("{pod} has written nothing"))
    }

    /// What a name resolves to: a document for each pod in which it does.
    async fn names(&self, pod: &PodRef, name: &str) -> Looked {
        let mut concerns = Concerns::namespace(&pod.namespace);
        let (mut found, mut why) = (Vec::new(), format!("there is no {pod}"));
        let pods = match self.living_pods(pod).await {
            Ok(pods) => pods,
            Err(error) => return Looked::at(Err(error), concerns),
        };
        for pod in pods {
            concerns.nodes.insert(pod.node.clone());
            match self.resolve_name(&pod, name).await {
                Ok(resolved) => found.push(doc!({
                    "pod": pod.name.as_str(),
                    "node": pod.node.as_str(),
                    "name": resolved.name.as_str(),
                    "addresses": (resolved.addresses.iter().map(ToString::to_string).collect::<Vec<_>>())
                })),
                Err(reason) => why = format!("{pod} cannot resolve `{name}`: {reason}"),
            }
        }
        Looked::found(found, concerns).or_say(why)
    }
}

fn component(node: &str, name: &str) -> Concerns {
    let mut concerns = Concerns::node(node);
    concerns.components.insert((node.to_owned(), name.to_owned()));
    concerns
}
