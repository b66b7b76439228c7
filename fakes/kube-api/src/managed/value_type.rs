//! What a value is made of, as far as its parts have owners.

use winlab_document::{Document, Key};

use super::field_set::Element;
use crate::schema::{DefinitionId, Schema, Shape, Topology};

/// The type of a value.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ValueType {
    /// One value, whatever it is made of.
    Leaf,
    /// A struct whose fields are parts.
    Struct(DefinitionId, u32),
    /// A map whose values are parts.
    Map(&'static Shape, u32),
    /// A list whose items are parts.
    List(&'static Shape, &'static Topology, u32),
}

impl ValueType {
    /// The type of an object of a kind, in a minor.
    pub(crate) fn of_definition(id: DefinitionId, minor: u32) -> Self {
        Self::Struct(id, minor)
    }

    fn of_shape(shape: &'static Shape, topology: &'static Topology, minor: u32) -> Self {
        match (shape, topology) {
            (Shape::Struct(id), Topology::Usual) if !Schema::get().definition(*id).atomic => {
                Self::Struct(*id, minor)
            }
            (Shape::Map(of), Topology::Usual) => Self::Map(of, minor),
            (Shape::Array(item), Topology::Set | Topology::Keys(_)) => Self::List(item, topology, minor),
            _ => Self::Leaf,
        }
    }

    /// Whether it is a struct with this field.
    pub(crate) fn has_field(self, name: &str) -> bool {
        matches!(self, Self::Struct(..)) && self.member(name).is_some()
    }

    /// The type of a member; none of a field that is not there.
    pub(crate) fn member(self, name: &str) -> Option<Self> {
        match self {
            Self::Struct(id, minor) => {
                let field = Schema::get().definition(id).field_of(name, minor)?;
                Some(Self::of_shape(&field.shape, &field.topology, minor))
            }
            Self::Map(of, minor) => Some(Self::of_shape(of, &Topology::Usual, minor)),
            Self::Leaf | Self::List(..) => None,
        }
    }

    /// The type of the items of a list.
    pub(crate) fn item(self) -> Option<Self> {
        match self {
            Self::List(item, _, minor) => Some(Self::of_shape(item, &Topology::Usual, minor)),
            _ => None,
        }
    }

    /// The type of a part.
    pub(crate) fn of_element(self, element: &str) -> Option<Self> {
        match element.strip_prefix("f:") {
            Some(name) => self.member(name),
            None => self.item(),
        }
    }

    /// How an item of a list is told from the others.
    ///
    /// # Errors
    /// That it cannot be, in the words of structured-merge-diff.
    pub(crate) fn element_of(self, item: &Document) -> Result<Element, String> {
        match self {
            Self::List(shape, Topology::Keys(keys), _) => {
                if item.is_null() {
                    return Err("associative list with keys may not have a null element".to_owned());
                }
                if !item.is_object() {
                    return Err("associative list with keys may not have non-map elements".to_owned());
                }
                let mut members: Vec<(Key, Document)> = Vec::with_capacity(keys.len());
                for key in keys {
                    let value = item.get(key.name).cloned().or_else(|| key.default.clone());
                    let value = value.unwrap_or_else(|| zero(shape, key.name));
                    members.push((Key::new(key.name), value));
                }
                members.sort_by(|(a, _), (b, _)| a.as_str().cmp(b.as_str()));
                Ok(format!("k:{}", Document::Object(members.into())))
            }
            _ => match item {
                Document::Object(_) => {
                    Err("associative list without keys has an element that's a map type".to_owned())
                }
                Document::Array(_) => {
                    Err("not supported: associative list with lists as elements".to_owned())
                }
                Document::Null => {
                    Err("associative list without keys has an element that's an explicit null".to_owned())
                }
                value => Ok(format!("v:{value}")),
            },
        }
    }

    /// The elements of a list's items; those that cannot be told apart are left out.
    pub(crate) fn elements(self, items: &[Document]) -> Vec<(Element, &Document)> {
        items.iter().filter_map(|item| Some((self.element_of(item).ok()?, item))).collect()
    }
}

/// What Go has of a key that is not there.
fn zero(item: &Shape, name: &str) -> Document {
    let shape = match item {
        Shape::Struct(id) => Schema::get().definition(*id).field(name).map(|field| &field.shape),
        _ => None,
    };
    match shape {
        Some(Shape::Integer | Shape::Number) => 0.into(),
        Some(Shape::Boolean) => false.into(),
        _ => "".into(),
    }
}

/// The members of a value; none of what is not there or null.
pub(crate) fn members(value: Option<&Document>) -> &[(Key, Document)] {
    value.map(Document::members).unwrap_or_default()
}

/// The items of a value; none of what is not there or null.
pub(crate) fn items(value: Option<&Document>) -> &[Document] {
    value.map(Document::items).unwrap_or_default()
}

/// Whether both have no parts: then they are compared and merged as one value.
pub(crate) fn both_empty(one: Option<&Document>, other: Option<&Document>) -> bool {
    let empty = |value: Option<&Document>| members(value).is_empty() && items(value).is_empty();
    empty(one) && empty(other)
}
