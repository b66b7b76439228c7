//! The fields that a value sets (`typed/tofieldset.go`).

use std::collections::BTreeMap;

use winlab_document::Document;

use super::field_set::{FieldSet, Node, field};
use super::value_type::ValueType;

/// The fields of an object.
pub(super) fn fields_of(value: &Document, value_type: ValueType) -> FieldSet {
    let mut node = Node::default();
    visit(value, value_type, &mut node);
    node.below
}

fn visit(value: &Document, value_type: ValueType, node: &mut Node) {
    match value_type {
        ValueType::Leaf => node.member = true,
        ValueType::List(..) => list(value, value_type, node),
        ValueType::Struct(..) | ValueType::Map(..) => {
            for (name, value) in value.members() {
                let Some(inner) = value_type.member(name) else { continue };
                let child = node.below.node(field(name));
                visit(value, inner, child);
                let nothing = value.is_null() || (value.is_object() && value.members().is_empty());
                if nothing || !value_type.has_field(name) {
                    child.member = true;
                }
            }
            node.below.prune();
        }
    }
}

/// Items that are there more than once have one owner all together.
fn list(value: &Document, value_type: ValueType, node: &mut Node) {
    let elements = value_type.elements(value.items());
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (element, _) in &elements {
        *counts.entry(element).or_default() += 1;
    }
    for (element, item) in &elements {
        let child = node.below.node(element.clone());
        child.member = true;
        if counts[element.as_str()] == 1
            && let Some(inner) = value_type.item()
        {
            visit(item, inner, child);
        }
    }
}
