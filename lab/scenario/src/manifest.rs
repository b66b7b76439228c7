//! The manifests a scenario applies: ordinary YAML, one or more objects.

use winlab_document::Document;

use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Sources};
use crate::span::{Span, Spanned};
use crate::yaml::{self, Node, NodeKind};

/// A file of manifests.
#[derive(Clone, Debug)]
pub struct ManifestFile {
    /// Its path as the scenario names it, and where.
    pub path: Spanned<String>,
    /// Its objects, in order.
    pub objects: Vec<Manifest>,
}

/// One object.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// Where it stands.
    pub span: Span,
    /// `apps/v1`
    pub api_version: String,
    /// `Deployment`
    pub kind: String,
    /// Its namespace; `default` if it names none.
    pub namespace: String,
    /// Its name, or the `generateName` it has instead.
    pub name: String,
    /// The object.
    pub document: Document,
    /// The object with places.
    pub node: Node,
}

/// Reads the objects of a file. Lists (`kind: List`) are taken apart, as kubectl does.
pub(crate) fn read(file: FileId, sources: &Sources, problems: &mut Vec<Diagnostic>) -> Vec<Manifest> {
    let documents = match yaml::parse(file, sources.text(file)) {
        Ok(documents) => documents,
        Err(problem) => {
            problems.push(*problem);
            return Vec::new();
        }
    };
    let mut objects = Vec::new();
    for node in documents.iter().filter(|node| !node.is_null()) {
        object(node, problems, &mut objects);
    }
    if objects.is_empty() && problems.iter().all(|problem| problem.span.file != file) {
        problems.push(Diagnostic::error("empty-manifest", Span::start_of(file), "the file has no objects"));
    }
    objects
}

fn object(node: &Node, problems: &mut Vec<Diagnostic>, objects: &mut Vec<Manifest>) {
    if !matches!(node.kind, NodeKind::Mapping(_)) {
        let message = format!("a manifest is an object, this is {}", node.describe());
        problems.push(Diagnostic::error("bad-manifest", node.span, message));
        return;
    }
    let text = |path: &[&str]| {
        path.iter().try_fold(node, |at, key| at.get(key)).and_then(Node::text).unwrap_or_default().to_owned()
    };
    let (api_version, kind) = (text(&["apiVersion"]), text(&["kind"]));
    for (key, value) in [("apiVersion", &api_version), ("kind", &kind)] {
        if value.is_empty() {
            let problem = Diagnostic::error("bad-manifest", node.span, format!("the object has no `{key}`"));
            problems.push(problem.label(format!("`{key}` is missing")));
            return;
        }
    }
    if kind.ends_with("List") && node.get("items").is_some() {
        if let Some(NodeKind::Sequence(items)) = node.get("items").map(|items| &items.kind) {
            items.iter().for_each(|item| object(item, problems, objects));
        }
        return;
    }
    let mut name = text(&["metadata", "name"]);
    if name.is_empty() {
        name = text(&["metadata", "generateName"]);
    }
    if name.is_empty() {
        let problem =
            Diagnostic::error("bad-manifest", node.span, format!("the {kind} has no `metadata.name`"));
        problems.push(problem);
        return;
    }
    let namespace = Some(text(&["metadata", "namespace"])).filter(|namespace| !namespace.is_empty());
    objects.push(Manifest {
        span: node.span,
        api_version,
        kind,
        namespace: namespace.unwrap_or_else(|| "default".to_owned()),
        name,
        document: node.to_document(),
        node: node.clone(),
    });
}
