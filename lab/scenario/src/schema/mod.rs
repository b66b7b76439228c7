//! The JSON Schema of scenario files, from the same tables the parser reads.

#[cfg(test)]
mod tests;

use winlab_document::{ArrayBuilder, Document, ObjectBuilder, doc};

use crate::shape::{ALL, Choice, SCENARIO, Shape, Value};

/// JSON Schema (2020-12) of a scenario file; `$defs/verb` is that of a verb. Scalars are lenient where `$axis` may
/// stand in for a value. What refers to other parts of the file (nodes, steps, axes) is left to `winlab lint`.
#[must_use]
pub fn json_schema() -> Document {
    let mut definitions = ObjectBuilder::new();
    for shape in ALL {
        definitions.set(shape.name, object(shape));
    }
    doc!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "winlab scenario",
        "$ref": (reference(&SCENARIO)),
        "$defs": (definitions.build())
    })
}

fn reference(shape: &Shape) -> String {
    format!("#/$defs/{}", shape.name)
}

fn object(shape: &Shape) -> Document {
    let mut properties = ObjectBuilder::new();
    let mut required = ArrayBuilder::new();
    for key in shape.keys {
        properties.set(key.name, value(&key.value).with("description", key.about));
        if key.required {
            required.push(key.name);
        }
    }
    let object = doc!({
        "type": "object",
        "description": (shape.about),
        "additionalProperties": false,
        "properties": (properties.build()),
        "required": (required.build())
    });
    match shape.choice {
        Choice::Free => object,
        Choice::ExactlyOne => object.with("oneOf", with_each(shape).collect::<Document>()),
        Choice::AtMostOne => {
            let none = doc!({"not": {"anyOf": (with_each(shape).collect::<Document>())}});
            object.with("oneOf", with_each(shape).chain([none]).collect::<Document>())
        }
    }
}

/// One schema for each of the keys that exclude each other: that key is there.
fn with_each(shape: &Shape) -> impl Iterator<Item = Document> + use<> {
    shape.choices().map(|key| doc!({"required": [key]}))
}

fn value(of: &Value) -> Document {
    match of {
        Value::Text => doc!({"type": ["string", "number", "boolean"]}),
        Value::Bool => or_axis(doc!({"type": "boolean"})),
        Value::Integer => or_axis(doc!({"type": "integer"})),
        Value::Span => {
            doc!({"type": "string", "pattern": r"\$|^ *([0-9]+(\.[0-9]*)?(ns|us|ms|s|m|h|d) *)+$"})
        }
        Value::Words(words) => or_axis(doc!({"enum": (words.iter().copied().collect::<Document>())})),
        Value::Any => doc!({}),
        Value::List(item) => doc!({"type": "array", "items": (value(item))}),
        Value::OneOrMore(item) => {
            let list = doc!({"type": "array", "items": (value(item))});
            doc!({"anyOf": [(value(item)), list]})
        }
        Value::Map(item) => doc!({"type": "object", "additionalProperties": (value(item))}),
        Value::Object(shape) => doc!({"$ref": (reference(shape))}),
        Value::Either(forms) => doc!({"anyOf": (forms.iter().map(value).collect::<Document>())}),
    }
}

/// The value, or text with the name of an axis or input in it.
fn or_axis(schema: Document) -> Document {
    doc!({"anyOf": [schema, {"type": "string", "pattern": r"\$"}]})
}
