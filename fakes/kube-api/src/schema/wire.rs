//! Reads `protobuf.txt`: which field a number of a protobuf message stands for.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::{DefinitionId, Field, Schema};

const TEXT: &str = include_str!("protobuf.txt");

/// The fields of a message by number.
pub(crate) type Numbers = BTreeMap<u64, Numbered>;

/// What a number stands for.
#[derive(Debug)]
pub(crate) enum Numbered {
    /// A field.
    Field(WireField),
    /// A message whose fields belong to the struct around it.
    Inlined(Numbers),
}

/// A field as a message carries it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WireField {
    pub(crate) field: &'static Field,
    /// Whether a zero is told from nothing.
    pub(crate) keeps_zero: bool,
    /// Whether the text is bytes, which JSON has in base 64.
    pub(crate) is_bytes: bool,
    /// Whether a time has microseconds.
    pub(crate) is_micro: bool,
}

/// The fields of a definition's messages.
pub(crate) fn numbers_of(id: DefinitionId) -> &'static Numbers {
    static ALL: OnceLock<Vec<Numbers>> = OnceLock::new();
    &ALL.get_or_init(read)[id]
}

/// The definition of a kind that is not stored: `policy/v1` and `Eviction`.
pub(crate) fn unstored(api_version: &str, kind: &str) -> Option<DefinitionId> {
    let group = api_version.split_once('/').map_or("core", |(group, _)| group);
    let package = group.split('.').next().unwrap_or(group);
    let name =
        if kind == "DeleteOptions" { "meta.DeleteOptions".to_owned() } else { format!("{package}.{kind}") };
    Schema::get().definitions.iter().position(|definition| definition.name == name)
}

fn read() -> Vec<Numbers> {
    let schema = Schema::get();
    let mut all: Vec<Numbers> = schema.definitions.iter().map(|_| Numbers::new()).collect();
    for line in TEXT.lines().filter(|line| !line.starts_with('#')) {
        let mut words = line.split(' ');
        let name = words.next().unwrap_or_default();
        let id = schema.definitions.iter().position(|definition| definition.name == name);
        let id = id.unwrap_or_else(|| panic!("definitions.txt lacks {name}"));
        for word in words {
            let (name, place) = word.split_once('=').unwrap_or((word, ""));
            let field = schema.definitions[id].field(name);
            let field = field.unwrap_or_else(|| panic!("definitions.txt lacks {name} of {line}"));
            let wire = WireField {
                field,
                keeps_zero: place.contains('!'),
                is_bytes: place.contains('~'),
                is_micro: place.contains('%'),
            };
            let place = place.trim_end_matches(['!', '~', '%']);
            insert(&mut all[id], place, wire);
        }
    }
    all
}

fn insert(numbers: &mut Numbers, place: &str, wire: WireField) {
    let (number, rest) = place.split_once('.').map_or((place, None), |(number, rest)| (number, Some(rest)));
    let number = number.parse();
    let number = number.unwrap_or_else(|_| panic!("protobuf.txt has no number for {}", wire.field.name));
    let Some(rest) = rest else {
        numbers.insert(number, Numbered::Field(wire));
        return;
    };
    if let Numbered::Inlined(inner) =
        numbers.entry(number).or_insert_with(|| Numbered::Inlined(Numbers::new()))
    {
        insert(inner, rest, wire);
    }
}
