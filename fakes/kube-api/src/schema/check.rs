//! Everything about an object that does not decode, each with its path; [`super::prune()`] stops at the first, as a server does.

use winlab_document::Document;

use super::{Definition, Schema, Shape};
use crate::check::{Fault, Finding, Part};
use crate::kinds::KindId;
use crate::quantity::Quantity;

/// Unknown fields and values of a wrong type, in the object's own order.
pub(crate) fn decode(kind: KindId, object: &Document, minor: u32) -> Vec<Finding> {
    walked(kind, object, minor, Form::Object)
}

/// The same of a strategic merge patch, which has directives besides.
pub(crate) fn decode_patch(kind: KindId, patch: &Document, minor: u32) -> Vec<Finding> {
    walked(kind, patch, minor, Form::Patch)
}

fn walked(kind: KindId, object: &Document, minor: u32, form: Form) -> Vec<Finding> {
    let schema = Schema::get();
    let mut walk = Walk { schema, minor, form, path: Vec::new(), findings: Vec::new() };
    walk.members(object, schema.definition(schema.root(kind)));
    walk.findings
}

/// What is walked through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Object,
    Patch,
}

/// The field that a directive is about: `$setElementOrder/containers`, `$deleteFromPrimitiveList/finalizers`; empty for one
/// that is about the whole.
fn directive(name: &str) -> Option<&str> {
    let name = name.strip_prefix('$')?;
    match name.split_once('/') {
        Some(("setElementOrder" | "deleteFromPrimitiveList", field)) => Some(field),
        None if matches!(name, "patch" | "retainKeys") => Some(""),
        _ => None,
    }
}

struct Walk {
    schema: &'static Schema,
    minor: u32,
    form: Form,
    path: Vec<Part>,
    findings: Vec<Finding>,
}

impl Walk {
    fn members(&mut self, object: &Document, definition: &'static Definition) {
        for (name, value) in object.members() {
            let about = directive(name).filter(|_| self.form == Form::Patch);
            if about == Some("") {
                continue;
            }
            self.path.push(Part::Member(name.to_string()));
            match definition.field(about.unwrap_or(name)) {
                Some(field) if about.is_some() && field.since <= self.minor && self.minor < field.until => {
                    if !value.is_array() {
                        self.tell(Fault::WrongType { expected: "a list" });
                    }
                }
                Some(field) if field.since <= self.minor && self.minor < field.until => {
                    if !value.is_null() {
                        self.value(value, &field.shape);
                    }
                }
                other => {
                    let known = definition.fields.iter().map(|field| field.name);
                    let fault = Fault::UnknownField {
                        owner: definition.short_name(),
                        known: known.filter(|name| other.is_none_or(|field| field.name != *name)).collect(),
                        since: other.map(|field| field.since).filter(|since| *since > self.minor),
                        until: other.map(|field| field.until).filter(|until| *until <= self.minor),
                    };
                    self.tell(fault);
                }
            }
            self.path.pop();
        }
    }

    fn value(&mut self, value: &Document, shape: &'static Shape) {
        match (shape, value) {
            (Shape::Struct(id), Document::Object(_)) => self.members(value, self.schema.definition(*id)),
            (Shape::Array(item), Document::Array(items)) => {
                for (at, value) in items.iter().enumerate() {
                    self.path.push(Part::Item(at));
                    self.value(value, item);
                    self.path.pop();
                }
            }
            (Shape::Map(of), Document::Object(members)) => {
                for (name, value) in members.iter().filter(|(_, value)| !value.is_null()) {
                    self.path.push(Part::Member(name.to_string()));
                    self.value(value, of);
                    self.path.pop();
                }
            }
            _ if fits(shape, value) => {}
            _ => self.tell(Fault::WrongType { expected: expected(shape) }),
        }
    }

    fn tell(&mut self, fault: Fault) {
        self.findings.push(Finding { path: self.path.clone(), fault });
    }
}

/// Whether a value without parts is what it has to be.
fn fits(shape: &Shape, value: &Document) -> bool {
    match shape {
        Shape::Anything => true,
        Shape::Text | Shape::Time => value.as_str().is_some(),
        Shape::Boolean => value.as_bool().is_some(),
        Shape::Integer => value.as_i64().is_some(),
        Shape::Number => matches!(value, Document::Number(_)),
        Shape::Quantity => Quantity::of_document(value).is_some(),
        Shape::IntegerOrText => value.as_str().is_some() || value.as_i64().is_some(),
        Shape::Struct(_) | Shape::Array(_) | Shape::Map(_) => false,
    }
}

fn expected(shape: &Shape) -> &'static str {
    match shape {
        Shape::Text => "text",
        Shape::Boolean => "a boolean",
        Shape::Integer => "an integer",
        Shape::Number => "a number",
        Shape::Time => "a time, as text",
        Shape::Quantity => "a quantity such as `500m` or `1Gi`",
        Shape::IntegerOrText => "an integer or text",
        Shape::Anything => "anything",
        Shape::Struct(_) | Shape::Map(_) => "an object",
        Shape::Array(_) => "a list",
    }
}
