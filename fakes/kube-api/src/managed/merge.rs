//! A configuration laid over what is there (`typed/merge.go`).

use std::collections::{BTreeMap, BTreeSet};

use winlab_document::{Document, Key};

use super::field_set::Element;
use super::value_type::{ValueType, both_empty, items, members};

/// The object with everything that the configuration sets.
pub(super) fn merged(live: &Document, config: &Document, value_type: ValueType) -> Document {
    merge(Some(live), Some(config), value_type).unwrap_or_else(Document::empty_object)
}

fn merge(live: Option<&Document>, config: Option<&Document>, value_type: ValueType) -> Option<Document> {
    if matches!(value_type, ValueType::Leaf) || both_empty(live, config) {
        return config.or(live).cloned();
    }
    if matches!(value_type, ValueType::List(..)) {
        let merged = List::new(items(live), items(config), value_type).merge();
        return (!merged.is_empty()).then(|| merged.into());
    }
    let of_live = members(live)
        .iter()
        .map(|(name, value)| (name, Some(value), config.and_then(|config| config.get(name))));
    let only_config =
        members(config).iter().filter(|(name, _)| live.is_none_or(|live| live.get(name).is_none()));
    let of_config = only_config.map(|(name, value)| (name, None, Some(value)));
    let mut out: Vec<(Key, Document)> = Vec::new();
    for (name, live, config) in of_live.chain(of_config) {
        let merged = match value_type.member(name) {
            Some(inner) => merge(live, config, inner),
            // What this minor does not know is not there to be managed.
            None => live.cloned(),
        };
        out.extend(merged.map(|value| (name.clone(), value)));
    }
    (!out.is_empty()).then(|| Document::Object(out.into()))
}

/// Two lists on their way into one: items of both in the configuration's order, those of one where they stood.
struct List<'a> {
    live: Vec<(Element, &'a Document)>,
    config: Vec<(Element, &'a Document)>,
    /// An item that is there more than once is merged with nothing.
    of_live: BTreeMap<Element, Option<&'a Document>>,
    of_config: BTreeMap<Element, &'a Document>,
    value_type: ValueType,
}

impl<'a> List<'a> {
    fn new(live: &'a [Document], config: &'a [Document], value_type: ValueType) -> Self {
        let (live, config) = (value_type.elements(live), value_type.elements(config));
        let mut of_live: BTreeMap<Element, Option<&Document>> = BTreeMap::new();
        for (element, item) in &live {
            of_live.entry(element.clone()).and_modify(|known| *known = None).or_insert(Some(item));
        }
        let of_config = config.iter().cloned().collect();
        Self { live, config, of_live, of_config, value_type }
    }

    fn merge(&self) -> Vec<Document> {
        let mut out = Vec::with_capacity(self.live.len().max(self.config.len()));
        let shared = self.config.iter().map(|(element, _)| element);
        let mut shared = shared.filter(|element| self.of_live.contains_key(*element));
        let mut next = shared.next();
        let mut done: BTreeSet<&Element> = BTreeSet::new();
        let (mut at_live, mut at_config) = (0, 0);
        loop {
            let (live, config) = (self.live.get(at_live), self.config.get(at_config));
            match (live, config) {
                (None, None) => return out,
                (Some((one, _)), Some((other, _))) if one == other => {
                    done.insert(one);
                    out.extend(self.item(one));
                    at_live += 1;
                    at_config += 1;
                    next = shared.next();
                    continue;
                }
                (Some((one, _)), Some(_))
                    if self.of_config.contains_key(one) && next.is_some_and(|next| next != one) =>
                {
                    // Shared, and another is to come first.
                    at_live += 1;
                    continue;
                }
                _ => {}
            }
            if let Some((one, item)) = live {
                if !self.of_config.contains_key(one) {
                    out.extend(merge(Some(item), None, self.item_type()));
                    at_live += 1;
                    continue;
                }
                if done.contains(one) {
                    at_live += 1;
                }
            }
            if let Some((other, _)) = config {
                done.insert(other);
                out.extend(self.item(other));
                at_config += 1;
                if next == Some(other) {
                    next = shared.next();
                }
            }
        }
    }

    fn item(&self, element: &Element) -> Option<Document> {
        let live = self.of_live.get(element).copied().flatten();
        merge(live, self.of_config.get(element).copied(), self.item_type())
    }

    fn item_type(&self) -> ValueType {
        self.value_type.item().expect("a list has items")
    }
}
