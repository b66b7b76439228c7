//! Aggregated discovery (`apidiscovery.k8s.io/v2`): everything that is served, in one answer.

use http::HeaderMap;
use winlab_document::{Document, ObjectBuilder, doc};

use super::{VERBS, subresource_shape};
use crate::kinds::Kind;
use crate::reviews::REVIEWS;

/// The media type, as a client asks for it and as the answer has it.
const MEDIA: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/// The media type of the answer if the client prefers this form.
pub(super) fn wanted(headers: &HeaderMap) -> Option<&'static str> {
    let accept = headers.get(http::header::ACCEPT)?.to_str().ok()?;
    let is = |choice: &str| {
        let mut parts: Vec<&str> = choice.split(';').map(str::trim).collect();
        parts.sort_unstable();
        parts == ["application/json", "as=APIGroupDiscoveryList", "g=apidiscovery.k8s.io", "v=v2"]
    };
    accept.split(',').any(is).then_some(MEDIA)
}

/// `/api` or `/apis` in this form.
pub(super) fn list(minor: u32, core: bool) -> Document {
    let groups: Vec<&str> = if core { vec![""] } else { super::group_names(minor) };
    let items: Vec<Document> = groups.into_iter().map(|name| group(minor, name)).collect();
    doc!({"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items})
}

fn group(minor: u32, name: &str) -> Document {
    let mut metadata = ObjectBuilder::new();
    if !name.is_empty() {
        metadata.set("name", name);
    }
    metadata.set("creationTimestamp", Document::Null);
    let versions = super::versions(minor, name).into_iter();
    let versions: Vec<Document> = versions.map(|one| version(minor, name, one)).collect();
    doc!({"metadata": (metadata.build()), "versions": versions})
}

fn version(minor: u32, group: &str, version: &str) -> Document {
    let kinds =
        super::shown(minor).filter(|kind| kind.group == group && kind.version == version).map(resource);
    let reviews = REVIEWS.iter().filter(|review| review.group == group && version == "v1").map(|review| {
        let kind = doc!({"group": group, "version": version, "kind": (review.kind)});
        doc!({
            "resource": (review.plural), "responseKind": kind, "scope": (scope(review.namespaced)),
            "singularResource": (review.kind.to_lowercase()), "verbs": ["create"]
        })
    });
    let resources: Vec<Document> = kinds.chain(reviews).collect();
    doc!({"version": version, "resources": resources, "freshness": "Current"})
}

fn resource(kind: &Kind) -> Document {
    let mut out = doc!({
        "resource": (kind.plural),
        "responseKind": {"group": (kind.group), "version": (kind.version), "kind": (kind.kind)},
        "scope": (scope(kind.namespaced)), "singularResource": (kind.singular()),
        "verbs": (VERBS.iter().copied().collect::<Document>())
    });
    if !kind.short.is_empty() {
        out.set("shortNames", kind.short.iter().copied().collect::<Document>());
    }
    if !kind.categories.is_empty() {
        out.set("categories", kind.categories.iter().copied().collect::<Document>());
    }
    let subresources: Vec<Document> = kind
        .subresources
        .iter()
        .map(|part| {
            let (group, version, shown, verbs) = subresource_shape(kind, *part);
            let (group, version) =
                if version.is_empty() { (kind.group, kind.version) } else { (group, version) };
            doc!({
                "subresource": (part.segment()), "verbs": verbs,
                "responseKind": {"group": group, "version": version, "kind": shown}
            })
        })
        .collect();
    if !subresources.is_empty() {
        out.set("subresources", subresources);
    }
    out
}

fn scope(namespaced: bool) -> &'static str {
    if namespaced { "Namespaced" } else { "Cluster" }
}
