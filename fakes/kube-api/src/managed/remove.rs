//! A value without some of its fields (`typed/remove.go`).

use winlab_document::{Document, Key};

use super::field_set::{FieldSet, field};
use super::value_type::ValueType;

/// The object without these fields.
pub(super) fn without(value: &Document, fields: &FieldSet, value_type: ValueType) -> Document {
    remove(value, fields, value_type).unwrap_or_else(Document::empty_object)
}

/// What is left of a value, if anything is.
fn remove(value: &Document, fields: &FieldSet, value_type: ValueType) -> Option<Document> {
    match value_type {
        ValueType::Leaf => Some(value.clone()),
        ValueType::List(..) => {
            let inner = value_type.item()?;
            let mut left = Vec::new();
            for (element, item) in value_type.elements(value.items()) {
                if fields.has(&element) {
                    continue;
                }
                match fields.below(&element) {
                    Some(below) => left.extend(remove(item, below, inner)),
                    None => left.push(item.clone()),
                }
            }
            (!left.is_empty()).then(|| left.into())
        }
        ValueType::Struct(..) | ValueType::Map(..) => {
            let mut left: Vec<(Key, Document)> = Vec::new();
            for (name, value) in value.members() {
                let element = field(name);
                if fields.has(&element) {
                    continue;
                }
                let kept = match (fields.below(&element), value_type.member(name)) {
                    (Some(below), Some(inner)) => remove(value, below, inner),
                    _ => Some(value.clone()),
                };
                left.extend(kept.map(|value| (name.clone(), value)));
            }
            (!left.is_empty()).then(|| Document::Object(left.into()))
        }
    }
}
