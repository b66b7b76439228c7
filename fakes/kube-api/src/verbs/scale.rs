//! `scale`: the `autoscaling/v1` view of a workload's replicas.

use http::StatusCode;
use winlab_document::{Document, doc};

use super::update::{Change, replace};
use super::{Done, patch::patch_body};
use crate::config::Config;
use crate::failure::Failure;
use crate::meta;
use crate::request::{Target, patch_type};
use crate::server::State;
use crate::service::Call;
use crate::validate::{FieldErrors, FieldPath};

/// The view of a workload.
pub(super) fn view(object: &Document) -> Document {
    let replicas =
        |part: &str| object.path(&[part, "replicas"]).and_then(Document::as_i64).unwrap_or_default();
    let metadata: Document = ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"]
        .iter()
        .filter_map(|name| Some((*name, object.path(&["metadata", name])?.clone())))
        .collect();
    let selector = object.path(&["spec", "selector"]);
    let mut status = doc!({"replicas": replicas("status")});
    let text = selector.map(selector_text).unwrap_or_default();
    if !text.is_empty() {
        status.set("selector", text);
    }
    doc!({
        "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": metadata,
        "spec": {"replicas": replicas("spec")}, "status": status
    })
}

/// A selector in its query form: requirements in the order of their keys.
fn selector_text(selector: &Document) -> String {
    // A replication controller's selector is a bare map.
    let labels = selector
        .get("matchLabels")
        .or_else(|| selector.get("matchExpressions").is_none().then_some(selector));
    let mut terms: Vec<(String, String)> = labels
        .map(Document::members)
        .unwrap_or_default()
        .iter()
        .filter_map(|(key, value)| Some((key.to_string(), format!("{key}={}", value.as_str()?))))
        .collect();
    for expression in selector.get("matchExpressions").map(Document::items).unwrap_or_default() {
        let key = expression.text(&["key"]);
        let values: Vec<&str> = expression
            .get("values")
            .map(Document::items)
            .unwrap_or_default()
            .iter()
            .filter_map(Document::as_str)
            .collect();
        let term = match expression.text(&["operator"]) {
            "In" => format!("{key} in ({})", values.join(",")),
            "NotIn" => format!("{key} notin ({})", values.join(",")),
            "Exists" => key.to_owned(),
            _ => format!("!{key}"),
        };
        terms.push((key.to_owned(), term));
    }
    terms.sort();
    terms.into_iter().map(|(_, term)| term).collect::<Vec<_>>().join(",")
}

pub(super) fn update(
    state: &mut State,
    config: &Config,
    target: &Target,
    scale: &Document,
    dry_run: bool,
) -> Result<Done, Failure> {
    let kind = target.kind();
    let stored = state.store.kind(target.kind).get(&target.key()).cloned();
    let stored = stored.ok_or_else(|| Failure::not_found(kind, &target.name))?;
    let replicas = scale.path(&["spec", "replicas"]).and_then(Document::as_i64).unwrap_or_default();
    if replicas < 0 {
        let mut errors = FieldErrors::default();
        let spec = FieldPath::new("spec");
        errors.invalid(&spec.child("replicas"), replicas, "must be greater than or equal to 0");
        return Err(Failure::invalid_form("autoscaling", "Scale", &target.name, &errors.into_vec()));
    }
    let mut object = stored.document.clone();
    object.set_path(&["spec", "replicas"], replicas);
    let version = meta::text(scale, "resourceVersion");
    if !version.is_empty() {
        object.set_path(&["metadata", "resourceVersion"], version);
    }
    state.origin.view = "scale";
    let change = Change { part: None, dry_run, patched: false };
    let stored = replace(state, config, target, &stored.document, object, change)?;
    Ok(Done::document(StatusCode::OK, &view(&stored.stored.document)))
}

pub(super) fn patch(
    state: &mut State,
    config: &Config,
    target: &Target,
    call: &Call,
    dry_run: bool,
) -> Result<Done, Failure> {
    let form = patch_type(&call.parts.headers)?;
    let stored = state.store.kind(target.kind).get(&target.key()).cloned();
    let stored = stored.ok_or_else(|| Failure::not_found(target.kind(), &target.name))?;
    let patched = crate::patch::apply(form, &view(&stored.document), &patch_body(call)?, target.kind)?;
    update(state, config, target, &patched, dry_run)
}

#[cfg(test)]
mod tests {
    use winlab_document::doc;

    use super::view;

    #[test]
    fn the_view_shows_replicas_and_the_selector() {
        let scale = view(&doc!({
            "metadata": {"name": "web", "namespace": "a", "labels": {"x": "y"}},
            "spec": {"replicas": 3, "selector": {"matchLabels": {"b": "2", "a": "1"}}},
            "status": {"replicas": 2}
        }));
        assert_eq!(scale.text(&["status", "selector"]), "a=1,b=2");
        assert_eq!(scale.path(&["spec", "replicas"]).and_then(winlab_document::Document::as_i64), Some(3));
        assert_eq!(scale.path(&["metadata", "labels"]), None);
    }
}
