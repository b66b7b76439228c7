//! Whether a configuration can be read as an object of its kind (`typed/validate.go`). The words are upstream's.

use std::collections::BTreeSet;

use winlab_document::Document;

use super::conflict::shown;
use super::field_set::{Element, field};
use super::value_type::ValueType;
use crate::schema::{DefinitionId, Schema, Shape, Topology};

/// Checks a configuration.
pub(super) fn check(config: &Document, id: DefinitionId, minor: u32) -> Result<(), String> {
    let mut walk = Walk { minor, path: Vec::new(), errors: Vec::new() };
    walk.members(config, id);
    match walk.errors.as_slice() {
        [] => Ok(()),
        [one] => Err(one.clone()),
        several => {
            let lines = several.iter().map(|error| format!("\n  {error}"));
            Err(format!("errors:{}", lines.collect::<String>()))
        }
    }
}

struct Walk {
    minor: u32,
    path: Vec<Element>,
    errors: Vec<String>,
}

impl Walk {
    fn tell(&mut self, what: impl AsRef<str>) {
        self.errors.push(format!("{}: {}", shown(&self.path), what.as_ref()));
    }

    fn members(&mut self, object: &Document, id: DefinitionId) {
        for (name, value) in object.members() {
            self.path.push(field(name));
            match Schema::get().definition(id).field_of(name, self.minor) {
                Some(known) => self.value(value, &known.shape, &known.topology),
                None => {
                    self.tell("field not declared in schema");
                    self.path.pop();
                    // As upstream: the rest of the object is not looked at.
                    return;
                }
            }
            self.path.pop();
        }
    }

    fn value(&mut self, value: &Document, shape: &'static Shape, topology: &'static Topology) {
        match (shape, value) {
            (_, Document::Null) | (Shape::Anything, _) => {}
            (Shape::Struct(id), Document::Object(_)) => self.members(value, *id),
            (Shape::Map(of), Document::Object(members)) => {
                for (name, value) in members.iter() {
                    self.path.push(field(name));
                    self.value(value, of, &Topology::Usual);
                    self.path.pop();
                }
            }
            (Shape::Struct(_) | Shape::Map(_), _) => {
                self.tell(format!("expected map, got &{{{}}}", bare(value)));
            }
            (Shape::Array(item), Document::Array(items)) => self.items(items, item, topology),
            (Shape::Array(_), _) => self.tell(format!("expected list, got &{{{}}}", bare(value))),
            (Shape::Text, Document::String(_))
            | (Shape::Boolean, Document::Bool(_))
            | (Shape::Integer | Shape::Number, Document::Number(_)) => {}
            (Shape::Text, _) => {
                self.tell(format!("expected string, got &value.valueUnstructured{{Value:{}}}", bare(value)));
            }
            (Shape::Boolean, _) => self.tell(format!("expected boolean, got &{{{}}}", bare(value))),
            (Shape::Integer | Shape::Number, _) => {
                self.tell(format!("expected numeric (int or float), got {}", go_type(value)));
            }
            (
                Shape::Time | Shape::Quantity | Shape::IntegerOrText,
                Document::Array(_) | Document::Object(_),
            ) => {
                self.tell(format!("expected any scalar, got &{{{}}}", bare(value)));
            }
            (Shape::Time | Shape::Quantity | Shape::IntegerOrText, _) => {}
        }
    }

    fn items(&mut self, items: &[Document], shape: &'static Shape, topology: &'static Topology) {
        let mut seen: BTreeSet<Element> = BTreeSet::new();
        for (at, item) in items.iter().enumerate() {
            let element = match topology {
                Topology::Usual | Topology::Atomic => format!("i:{at}"),
                Topology::Set | Topology::Keys(_) => {
                    match ValueType::List(shape, topology, self.minor).element_of(item) {
                        Ok(element) => element,
                        Err(problem) => {
                            self.tell(format!("element {at}: {problem}"));
                            return;
                        }
                    }
                }
            };
            if !seen.insert(element.clone()) {
                let key = shown(std::slice::from_ref(&element));
                self.tell(format!("duplicate entries for key {key}"));
            }
            self.path.push(element);
            self.value(item, shape, &Topology::Usual);
            self.path.pop();
        }
    }
}

/// A value as Go prints it inside of its wrapper.
fn bare(value: &Document) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn go_type(value: &Document) -> &'static str {
    match value {
        Document::Bool(_) => "bool",
        Document::String(_) => "string",
        Document::Array(_) => "[]interface {}",
        Document::Object(_) => "map[string]interface {}",
        Document::Null | Document::Number(_) => "int64",
    }
}
