//! The fields of the built-in kinds, as data: `definitions.txt`.
//!
//! A real server decodes into Go structs, so that a field it does not know is dropped, a value of the wrong type is
//! refused, and a strategic merge patch knows which lists merge by which key. This is the same knowledge, for every
//! minor at once.

mod check;
mod gates;
mod parse;
mod prune;
mod topology;
mod wire;

use std::sync::OnceLock;

use winlab_document::Document;

pub(crate) use check::{decode, decode_patch};
pub(crate) use prune::{FieldValidation, admit, prune};
pub(crate) use topology::Topology;
pub(crate) use wire::{Numbered, Numbers, WireField, numbers_of, unstored};

use crate::kinds::{self, KINDS, Kind, KindId};

/// Place of a definition in the schema.
pub(crate) type DefinitionId = usize;

/// All definitions.
#[derive(Debug)]
pub(crate) struct Schema {
    definitions: Vec<Definition>,
    /// The definition of each kind, by [`KindId`].
    roots: Vec<DefinitionId>,
}

/// A struct of the API.
#[derive(Debug)]
pub(crate) struct Definition {
    /// `core.PodSpec`
    pub(crate) name: &'static str,
    /// By name.
    fields: Vec<Field>,
    /// Whether it has one owner as a whole.
    pub(crate) atomic: bool,
}

/// A field of a struct.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    pub(crate) merge: Merge,
    /// Whether it is there in an object that nobody has filled in.
    pub(crate) standing: bool,
    /// What of it has an owner of its own.
    pub(crate) topology: Topology,
    /// A strategic merge patch may name the members to keep (`$retainKeys`).
    pub(crate) retain_keys: bool,
    /// First minor that knows it.
    since: u32,
    /// First minor that no longer does.
    until: u32,
    gate: Option<&'static gates::Gate>,
}

/// What a value has to look like.
#[derive(Debug)]
pub(crate) enum Shape {
    Text,
    Boolean,
    Integer,
    Number,
    Time,
    Quantity,
    IntegerOrText,
    Anything,
    Struct(DefinitionId),
    Array(Box<Shape>),
    Map(Box<Shape>),
}

/// How a strategic merge patch treats a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Merge {
    /// It takes the place of the old one.
    Replace,
    /// Items are united as a set.
    Set,
    /// Items of the same value of this member are merged.
    Key(&'static str),
}

impl Definition {
    pub(crate) fn field(&self, name: &str) -> Option<&Field> {
        self.fields.binary_search_by(|field| field.name.cmp(name)).ok().map(|at| &self.fields[at])
    }

    /// The field of this name, if a minor knows it.
    pub(crate) fn field_of(&self, name: &str, minor: u32) -> Option<&Field> {
        self.field(name).filter(|field| field.since <= minor && minor < field.until)
    }

    /// The fields that a minor knows, by name.
    pub(crate) fn fields_of(&self, minor: u32) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(move |field| field.since <= minor && minor < field.until)
    }

    /// `PodSpec`
    fn short_name(&self) -> &'static str {
        self.name.rsplit('.').next().unwrap_or(self.name)
    }
}

impl Schema {
    /// The one schema.
    pub(crate) fn get() -> &'static Self {
        static SCHEMA: OnceLock<Schema> = OnceLock::new();
        SCHEMA.get_or_init(|| {
            let definitions = parse::definitions();
            let find = |name: &str| {
                definitions
                    .iter()
                    .position(|known| known.name == name)
                    .unwrap_or_else(|| panic!("definitions.txt lacks {name}"))
            };
            let roots = KINDS
                .iter()
                .map(|kind| {
                    let package = match kind.group {
                        "" => "core",
                        group => group.split('.').next().unwrap_or(group),
                    };
                    match kind.version {
                        "v1" => find(&format!("{package}.{}", kind.kind)),
                        version => find(&format!("{package}.{version}.{}", kind.kind)),
                    }
                })
                .collect();
            Self { definitions, roots }
        })
    }

    /// The definition of a kind.
    pub(crate) fn root(&self, kind: KindId) -> DefinitionId {
        self.roots[kind]
    }

    /// The definition of a kind that is served, though perhaps not stored.
    pub(crate) fn root_of(&self, kind: &Kind) -> Option<DefinitionId> {
        let version = kind.api_version();
        kinds::by_kind(&version, kind.kind).map(|id| self.root(id)).or_else(|| unstored(&version, kind.kind))
    }

    /// An object that nobody has filled in, as Go writes it: structs without anything in them, lists and maps as null.
    pub(crate) fn zero(&self, id: DefinitionId) -> Document {
        let standing = self.definition(id).fields.iter().filter(|field| field.standing);
        let value = |field: &Field| match &field.shape {
            Shape::Struct(inner) if !self.definition(*inner).atomic => self.zero(*inner),
            _ => Document::Null,
        };
        standing.map(|field| (field.name, value(field))).collect()
    }

    pub(crate) fn definition(&self, id: DefinitionId) -> &Definition {
        &self.definitions[id]
    }
}

#[cfg(test)]
mod tests {
    use super::{Merge, Schema, Shape};
    use crate::kinds::by_name;

    #[test]
    fn every_kind_has_its_definition_and_metadata() {
        let schema = Schema::get();
        for root in &schema.roots {
            let definition = schema.definition(*root);
            assert!(definition.field("metadata").is_some(), "{} has no metadata", definition.name);
        }
    }

    #[test]
    fn lists_know_how_they_merge() {
        let schema = Schema::get();
        let pod = schema.definition(schema.root(by_name("", "Pod")));
        let Some(Shape::Struct(spec)) = pod.field("spec").map(|field| &field.shape) else {
            panic!("spec is a struct")
        };
        let spec = schema.definition(*spec);
        let containers = spec.field("containers").unwrap();
        assert_eq!(containers.merge, Merge::Key("name"));
        assert!(spec.field("volumes").unwrap().retain_keys);
        assert_eq!(spec.field("os").unwrap().since, 23);
        assert_eq!(spec.field("tolerations").unwrap().merge, Merge::Replace);
    }

    #[test]
    fn every_field_with_a_topology_exists() {
        let schema = Schema::get();
        for (name, topology) in super::topology::read() {
            let definition = schema.definitions.iter().find(|known| known.name == name);
            let definition = definition.unwrap_or_else(|| panic!("definitions.txt lacks {name}"));
            assert_eq!(definition.atomic, topology.atomic);
            for field in topology.standing {
                assert!(definition.field(field).is_some_and(|field| field.standing), "{name} {field}");
            }
            for (field, topology) in topology.fields {
                assert_eq!(
                    definition.field(field).map(|field| &field.topology),
                    Some(&topology),
                    "{name} {field}"
                );
            }
        }
    }
}
