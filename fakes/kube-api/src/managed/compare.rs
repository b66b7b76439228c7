//! What differs between two values (`typed/compare.go`).

use std::collections::BTreeMap;

use winlab_document::Document;

use super::field_set::{Element, FieldSet, field};
use super::value_type::{ValueType, both_empty, items, members};

/// The fields that differ. No field is in two of the sets.
#[derive(Debug, Default)]
pub(super) struct Comparison {
    pub(super) removed: FieldSet,
    pub(super) modified: FieldSet,
    pub(super) added: FieldSet,
}

impl Comparison {
    /// From an old value to a new one.
    pub(super) fn of(old: &Document, new: &Document, value_type: ValueType) -> Self {
        let mut walk = Walk { found: Self::default(), path: Vec::new() };
        walk.compare(Some(old), Some(new), value_type);
        walk.found
    }

    /// The same without some fields and all below them.
    pub(super) fn without(self, fields: &FieldSet) -> Self {
        Self {
            removed: self.removed.recursive_difference(fields),
            modified: self.modified.recursive_difference(fields),
            added: self.added.recursive_difference(fields),
        }
    }
}

struct Walk {
    found: Comparison,
    path: Vec<Element>,
}

impl Walk {
    fn compare(&mut self, old: Option<&Document>, new: Option<&Document>, value_type: ValueType) {
        if matches!(value_type, ValueType::Leaf) || both_empty(old, new) {
            match (old, new) {
                (None, _) => self.found.added.insert(&self.path),
                (_, None) => self.found.removed.insert(&self.path),
                (Some(old), Some(new)) if old != new => self.found.modified.insert(&self.path),
                _ => {}
            }
            return;
        }
        if matches!(value_type, ValueType::List(..)) {
            self.list(items(old), items(new), value_type);
        } else {
            self.object(old, new, value_type);
        }
        match (old, new) {
            (None, _) => self.found.added.insert(&self.path),
            (_, None) => self.found.removed.insert(&self.path),
            _ => {}
        }
    }

    fn object(&mut self, old: Option<&Document>, new: Option<&Document>, value_type: ValueType) {
        let of_old =
            members(old).iter().map(|(name, value)| (name, Some(value), new.and_then(|new| new.get(name))));
        let only_new = members(new).iter().filter(|(name, _)| old.is_none_or(|old| old.get(name).is_none()));
        let of_new = only_new.map(|(name, value)| (name, None, Some(value)));
        for (name, old, new) in of_old.chain(of_new) {
            if let Some(inner) = value_type.member(name) {
                self.path.push(field(name));
                self.compare(old, new, inner);
                self.path.pop();
            }
        }
    }

    fn list(&mut self, old: &[Document], new: &[Document], value_type: ValueType) {
        let Some(inner) = value_type.item() else { return };
        let mut found: BTreeMap<Element, (Vec<&Document>, Vec<&Document>)> = BTreeMap::new();
        for (element, item) in value_type.elements(old) {
            found.entry(element).or_default().0.push(item);
        }
        for (element, item) in value_type.elements(new) {
            found.entry(element).or_default().1.push(item);
        }
        for (element, (old, new)) in found {
            self.path.push(element);
            match (old.as_slice(), new.as_slice()) {
                ([] | [_], [] | [_]) => self.compare(old.first().copied(), new.first().copied(), inner),
                ([_, _, ..], [_, _, ..]) if old != new => self.found.modified.insert(&self.path),
                ([_, _, ..], [_, _, ..]) => {}
                ([_, _, ..], new) => {
                    if let [only] = new {
                        self.compare(None, Some(only), inner);
                    }
                    self.found.removed.insert(&self.path);
                }
                (old, _) => {
                    if let [only] = old {
                        self.compare(Some(only), None, inner);
                    }
                    self.found.added.insert(&self.path);
                }
            }
            self.path.pop();
        }
    }
}
