//! Objects that client-side apply made: `kubectl apply --server-side` takes over what their annotation says that kubectl set
//! (apimachinery, `lastappliedmanager.go`, `lastappliedupdater.go`).

use winlab_document::{Document, Key};

use super::compare::Comparison;
use super::extract::fields_of;
use super::field_set::FieldSet;
use super::value_type::ValueType;
use crate::kinds::Kind;

const ANNOTATION: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// The fields that client-side apply set and that are still as it set them.
pub(super) fn fields(live: &Document, kind: &Kind, value_type: ValueType) -> FieldSet {
    let text = live.text(&["metadata", "annotations", ANNOTATION]);
    let Ok(last) = Document::parse(text) else { return FieldSet::default() };
    if last.text(&["apiVersion"]) != kind.api_version() {
        return FieldSet::default();
    }
    let changes = Comparison::of(&last, live, value_type);
    fields_of(&last, value_type)
        .difference(&changes.modified)
        .difference(&changes.added)
        .difference(&changes.removed)
}

/// Keeps the annotation true, if there is one.
pub(super) fn follow(object: &mut Document, config: &Document) {
    if object.text(&["metadata", "annotations", ANNOTATION]).is_empty() {
        return;
    }
    let mut config = config.clone();
    config.remove_path(&["metadata", "annotations", ANNOTATION]);
    let text = format!("{}\n", sorted(&config));
    object.set_path(&["metadata", "annotations", ANNOTATION], text);
}

/// With members by name, as Go writes maps.
fn sorted(value: &Document) -> Document {
    match value {
        Document::Object(members) => {
            let mut members: Vec<(Key, Document)> =
                members.iter().map(|(name, value)| (name.clone(), sorted(value))).collect();
            members.sort_by(|(a, _), (b, _)| a.as_str().cmp(b.as_str()));
            Document::Object(members.into())
        }
        Document::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}
