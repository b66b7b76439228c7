//! Reads `definitions.txt`.

use std::collections::BTreeMap;

use super::{Definition, DefinitionId, Field, Merge, Shape};
use super::{gates, topology};

const TEXT: &str = include_str!("definitions.txt");

/// All definitions, fields by name.
pub(super) fn definitions() -> Vec<Definition> {
    let lines = || TEXT.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let names: BTreeMap<&'static str, DefinitionId> =
        lines().filter(|line| !line.starts_with(' ')).enumerate().map(|(id, name)| (name, id)).collect();
    let mut topologies = topology::read();
    let mut definitions: Vec<Definition> = Vec::with_capacity(names.len());
    for line in lines() {
        match line.strip_prefix("  ") {
            None => {
                let atomic = topologies.get(line).is_some_and(|topology| topology.atomic);
                definitions.push(Definition { name: line, fields: Vec::new(), atomic });
            }
            Some(text) => {
                let definition = definitions.last_mut().expect("a field follows its definition's name");
                let mut field = field(definition.name, text, &names);
                let topology = topologies.get_mut(definition.name);
                field.standing = field.name == "metadata"
                    || topology.as_ref().is_some_and(|known| known.standing.contains(&field.name));
                field.topology =
                    topology.and_then(|known| known.fields.remove(field.name)).unwrap_or_default();
                definition.fields.push(field);
            }
        }
    }
    definitions
}

fn field(definition: &str, text: &'static str, names: &BTreeMap<&str, DefinitionId>) -> Field {
    let mut words = text.split(' ');
    let name = words.next().unwrap_or_default();
    let shape = shape(words.next().unwrap_or_default(), names);
    let mut field = Field {
        name,
        shape,
        merge: Merge::Replace,
        standing: false,
        topology: topology::Topology::default(),
        retain_keys: false,
        since: 0,
        until: u32::MAX,
        gate: gates::of(definition, name),
    };
    for word in words {
        let minor =
            |text: &str| text.parse().unwrap_or_else(|_| panic!("{word} in definitions.txt is no minor"));
        if word == "merge" {
            field.merge = Merge::Set;
        } else if let Some(key) = word.strip_prefix("merge=") {
            field.merge = Merge::Key(key);
        } else if word == "retain" {
            field.retain_keys = true;
        } else if let Some(text) = word.strip_prefix(">=") {
            field.since = minor(text);
        } else if let Some(text) = word.strip_prefix('<') {
            field.until = minor(text);
        } else {
            panic!("{word} in definitions.txt is unknown");
        }
    }
    field
}

fn shape(code: &str, names: &BTreeMap<&str, DefinitionId>) -> Shape {
    match code.split_at_checked(1) {
        Some(("@", name)) => {
            Shape::Struct(*names.get(name).unwrap_or_else(|| panic!("definitions.txt lacks {name}")))
        }
        Some(("[", item)) => Shape::Array(Box::new(shape(item, names))),
        Some(("{", value)) => Shape::Map(Box::new(shape(value, names))),
        Some(("s", "")) => Shape::Text,
        Some(("b", "")) => Shape::Boolean,
        Some(("i", "")) => Shape::Integer,
        Some(("n", "")) => Shape::Number,
        Some(("t", "")) => Shape::Time,
        Some(("q", "")) => Shape::Quantity,
        Some(("x", "")) => Shape::IntegerOrText,
        Some(("o", "")) => Shape::Anything,
        _ => panic!("{code} in definitions.txt is no type"),
    }
}
