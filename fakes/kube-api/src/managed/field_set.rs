//! Sets of fields, as a tree whose nodes may be members.

use std::collections::BTreeMap;

use winlab_document::{Document, Key};

use super::value_type::ValueType;

/// A part of a path in its serialised form: `f:spec` a member, `k:{"name":"a"}` an item by its keys, `v:"a"` an item by
/// its value (`fieldpath/serialize-pe.go`).
pub(crate) type Element = String;

/// A set of fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FieldSet(BTreeMap<Element, Node>);

/// A place in the tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Node {
    /// Whether the place itself is in the set.
    pub(crate) member: bool,
    /// What is in the set below it.
    pub(crate) below: FieldSet,
}

impl Node {
    fn is_empty(&self) -> bool {
        !self.member && self.below.is_empty()
    }
}

/// The element of a member.
pub(crate) fn field(name: &str) -> Element {
    format!("f:{name}")
}

impl FieldSet {
    /// A set of the members of an object at these paths.
    pub(crate) fn of_paths(paths: &[&[&str]]) -> Self {
        let mut set = Self::default();
        for path in paths {
            let path: Vec<Element> = path.iter().map(|name| field(name)).collect();
            set.insert(&path);
        }
        set
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a place; the object as a whole is never in a set.
    pub(crate) fn insert(&mut self, path: &[Element]) {
        if let [first, rest @ ..] = path {
            let node = self.0.entry(first.clone()).or_default();
            if rest.is_empty() {
                node.member = true;
            } else {
                node.below.insert(rest);
            }
        }
    }

    /// The node of a part, made if it is not there; call [`prune`](Self::prune) when it may have stayed empty.
    pub(crate) fn node(&mut self, element: Element) -> &mut Node {
        self.0.entry(element).or_default()
    }

    /// Drops nodes that hold nothing.
    pub(crate) fn prune(&mut self) {
        self.0.retain(|_, node| !node.is_empty());
    }

    pub(crate) fn has(&self, element: &str) -> bool {
        self.0.get(element).is_some_and(|node| node.member)
    }

    pub(crate) fn has_path(&self, path: &[Element]) -> bool {
        match path {
            [] => false,
            [last] => self.has(last),
            [first, rest @ ..] => self.below(first).is_some_and(|below| below.has_path(rest)),
        }
    }

    /// What is below a part, if there is anything.
    pub(crate) fn below(&self, element: &str) -> Option<&Self> {
        self.0.get(element).map(|node| &node.below).filter(|below| !below.is_empty())
    }

    pub(crate) fn union(&self, other: &Self) -> Self {
        let mut out = self.clone();
        for (element, node) in &other.0 {
            let mine = out.0.entry(element.clone()).or_default();
            mine.member |= node.member;
            mine.below = mine.below.union(&node.below);
        }
        out
    }

    pub(crate) fn intersection(&self, other: &Self) -> Self {
        self.keep(|element, node| {
            let other = other.0.get(element)?;
            let below = node.below.intersection(&other.below);
            Some(Node { member: node.member && other.member, below })
        })
    }

    /// What is in this set and not in the other. A member that is in the other does not take along what is below it.
    pub(crate) fn difference(&self, other: &Self) -> Self {
        self.keep(|element, node| match other.0.get(element) {
            None => Some(node.clone()),
            Some(other) => {
                let below = node.below.difference(&other.below);
                Some(Node { member: node.member && !other.member, below })
            }
        })
    }

    /// The same, but a member of the other set takes along all below it.
    pub(crate) fn recursive_difference(&self, other: &Self) -> Self {
        self.keep(|element, node| match other.0.get(element) {
            None => Some(node.clone()),
            Some(other) if other.member => None,
            Some(other) => {
                Some(Node { member: node.member, below: node.below.recursive_difference(&other.below) })
            }
        })
    }

    fn keep(&self, change: impl Fn(&Element, &Node) -> Option<Node>) -> Self {
        let kept = self.0.iter().filter_map(|(element, node)| {
            change(element, node).filter(|node| !node.is_empty()).map(|node| (element.clone(), node))
        });
        Self(kept.collect())
    }

    /// The same with every struct's field on the way to a member as a member itself (`EnsureNamedFieldsAreMembers`).
    pub(crate) fn with_named_fields(&self, value_type: ValueType) -> Self {
        let named = |(element, node): (&Element, &Node)| {
            let name = element.strip_prefix("f:");
            let is_named = name.is_some_and(|name| value_type.has_field(name));
            let below = value_type.of_element(element);
            let below = below.map_or_else(|| node.below.clone(), |inner| node.below.with_named_fields(inner));
            let member = node.member || (is_named && !node.below.is_empty());
            (element.clone(), Node { member, below })
        };
        Self(self.0.iter().map(named).collect())
    }

    /// The members' paths, in their order.
    pub(crate) fn paths(&self) -> Vec<Vec<Element>> {
        let mut out = Vec::new();
        self.collect(&mut Vec::new(), &mut out);
        out
    }

    fn collect(&self, path: &mut Vec<Element>, out: &mut Vec<Vec<Element>>) {
        for (element, node) in &self.0 {
            path.push(element.clone());
            if node.member {
                out.push(path.clone());
            }
            node.below.collect(path, out);
            path.pop();
        }
    }

    /// As `FieldsV1`.
    pub(crate) fn to_document(&self) -> Document {
        let member = |(element, node): (&Element, &Node)| {
            let mut below = node.below.to_document();
            if node.member && !node.below.is_empty() {
                let own = (Key::new("."), Document::empty_object());
                below = Document::Object(
                    std::iter::once(own).chain(below.members().iter().cloned()).collect::<Vec<_>>().into(),
                );
            }
            (Key::new(element), below)
        };
        Document::Object(self.0.iter().map(member).collect::<Vec<_>>().into())
    }

    /// From `FieldsV1`.
    pub(crate) fn from_document(document: &Document) -> Self {
        let mut set = Self::default();
        for (element, value) in document.members().iter().filter(|(element, _)| element.as_str() != ".") {
            let below = Self::from_document(value);
            let member = below.is_empty() || value.get(".").is_some();
            set.0.insert(element.to_string(), Node { member, below });
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use winlab_document::doc;

    use super::FieldSet;

    #[test]
    fn sets_are_read_and_written_as_objects_carry_them() {
        let text = doc!({"f:metadata": {"f:labels": {".": {}, "f:app": {}}}, "f:spec": {"f:replicas": {}}});
        let set = FieldSet::from_document(&text);
        assert_eq!(set.to_document(), text);
        assert_eq!(set.paths().len(), 3);
    }

    #[test]
    fn differences() {
        let set = |text: winlab_document::Document| FieldSet::from_document(&text);
        let labels = set(doc!({"f:labels": {".": {}, "f:app": {}}}));
        let whole = set(doc!({"f:labels": {}}));
        assert_eq!(labels.difference(&whole), set(doc!({"f:labels": {"f:app": {}}})));
        assert!(labels.recursive_difference(&whole).is_empty());
        assert_eq!(labels.intersection(&whole), whole);
        assert_eq!(whole.union(&labels), labels);
    }
}
