//! The manifests a scenario applies: ordinary YAML, one or more objects.

use winlab_document::Document;

use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Sources};
use crate::span::{Span, Spanned};
use crate::suggest::did_you_mean;
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
    let before = problems.len();
    let Some(documents) = yaml::parse(file, sources.text(file), problems) else { return Vec::new() };
    let mut objects = Vec::new();
    for node in documents.iter().filter(|node| !node.is_null()) {
        object(node, problems, &mut objects);
    }
    if objects.is_empty() && problems.len() == before {
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
    let first = node.members().first().map_or(node.span, |(_, span, _)| *span);
    let (Some(api_version), Some(kind)) =
        (word(node, "apiVersion", first, problems), word(node, "kind", first, problems))
    else {
        return;
    };
    if let (true, Some(items)) = (kind.ends_with("List"), node.get("items")) {
        match &items.kind {
            NodeKind::Sequence(items) => items.iter().for_each(|item| object(item, problems, objects)),
            _ => {
                let message = format!("the items of a list are a list, this is {}", items.describe());
                problems.push(Diagnostic::error("bad-manifest", items.span, message));
            }
        }
        return;
    }
    let Some(metadata) =
        node.get("metadata").filter(|metadata| matches!(metadata.kind, NodeKind::Mapping(_)))
    else {
        let span = node.get("metadata").map_or(first, |metadata| metadata.span);
        let problem = Diagnostic::error("bad-manifest", span, format!("the {kind} has no `metadata`"));
        problems.push(problem.hint("add `metadata: {name: …}`"));
        return;
    };
    let key = if metadata.get("generateName").is_some() { "generateName" } else { "name" };
    let Some(name) = word(metadata, key, metadata.members().first().map_or(metadata.span, |m| m.1), problems)
    else {
        return;
    };
    let namespace = metadata.get("namespace").and_then(Node::text).filter(|namespace| !namespace.is_empty());
    objects.push(Manifest {
        span: node.span,
        api_version,
        kind,
        namespace: namespace.unwrap_or("default").to_owned(),
        name,
        document: node.to_document(),
        node: node.clone(),
    });
}

/// The text under a key that every object has.
fn word(node: &Node, key: &str, first: Span, problems: &mut Vec<Diagnostic>) -> Option<String> {
    let problem = match node.get(key) {
        None => {
            let known = node.members().iter().map(|(key, ..)| key.as_str());
            let near = did_you_mean(key, known).map(|near| format!("`{near}` should read `{key}`"));
            Diagnostic::error("bad-manifest", first, format!("the object has no `{key}`")).hint_some(near)
        }
        Some(value) => match value.text().filter(|text| !text.is_empty()) {
            Some(text) => return Some(text.to_owned()),
            None => {
                let message = format!("`{key}` is text, this is {}", value.describe());
                Diagnostic::error("bad-manifest", value.span, message)
            }
        },
    };
    problems.push(problem);
    None
}
