//! Reads `topology.txt`: which parts of a value have owners of their own when objects are applied.

use std::collections::BTreeMap;

use winlab_document::Document;

const TEXT: &str = include_str!("topology.txt");

/// How a list or a map is made of parts.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) enum Topology {
    /// A list is one value; a map or struct is the sum of its members.
    #[default]
    Usual,
    /// A map that is one value.
    Atomic,
    /// A list of different values, in any order.
    Set,
    /// A list of objects that these members tell apart.
    Keys(Vec<ListKey>),
}

/// A member that tells the items of a list apart.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ListKey {
    pub(crate) name: &'static str,
    /// What an item without it has.
    pub(crate) default: Option<Document>,
}

/// The topology of one definition.
#[derive(Debug, Default)]
pub(super) struct OfDefinition {
    /// Whether the whole struct is one value.
    pub(super) atomic: bool,
    /// By field.
    pub(super) fields: BTreeMap<&'static str, Topology>,
    /// Fields that are there though nobody has set them.
    pub(super) standing: Vec<&'static str>,
}

/// All there is, by definition.
pub(super) fn read() -> BTreeMap<&'static str, OfDefinition> {
    let lines = TEXT.lines().filter(|line| !line.starts_with('#'));
    let read = |line: &'static str| {
        let mut words = line.split(' ');
        let name = words.next().unwrap_or_default();
        let mut found = OfDefinition::default();
        for word in words {
            match word {
                "!" => found.atomic = true,
                _ if word.ends_with('.') => found.standing.push(word.trim_end_matches('.')),
                _ => {
                    let (field, topology) = field(word);
                    found.fields.insert(field, topology);
                }
            }
        }
        (name, found)
    };
    lines.map(read).collect()
}

fn field(word: &'static str) -> (&'static str, Topology) {
    if let Some(name) = word.strip_suffix('!') {
        return (name, Topology::Atomic);
    }
    if let Some(name) = word.strip_suffix('~') {
        return (name, Topology::Set);
    }
    let (name, keys) = word.split_once('=').unwrap_or_else(|| panic!("{word} in topology.txt is unknown"));
    let key = |text: &'static str| {
        let (name, default) = text.split_once(':').map_or((text, None), |(name, text)| (name, Some(text)));
        ListKey { name, default: default.map(Document::from) }
    };
    (name, Topology::Keys(keys.split(',').map(key).collect()))
}
