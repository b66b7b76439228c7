//! The JSON Schema of scenario files, from the same tables the parser reads.

use winlab_document::{ArrayBuilder, Document, ObjectBuilder, doc};

use crate::shape::{SCENARIO, Shape, Value};

/// JSON Schema (2020-12) of a scenario file. Scalars are lenient where `$axis` may stand in for a value.
#[must_use]
pub fn json_schema() -> Document {
    let mut definitions = ObjectBuilder::new();
    let mut done = Vec::new();
    define(&SCENARIO, &mut definitions, &mut done);
    doc!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "winlab scenario",
        "$ref": (reference(&SCENARIO)),
        "$defs": (definitions.build())
    })
}

fn reference(shape: &Shape) -> String {
    format!("#/$defs/{}", shape.name.trim_start_matches("the "))
}

fn define(shape: &'static Shape, definitions: &mut ObjectBuilder, done: &mut Vec<&'static str>) {
    if done.contains(&shape.name) {
        return;
    }
    done.push(shape.name);
    let mut properties = ObjectBuilder::new();
    let mut required = ArrayBuilder::new();
    for key in shape.keys {
        let mut schema = value(&key.value, definitions, done);
        schema.set("description", key.about);
        properties.set(key.name, schema);
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
    definitions.set(shape.name.trim_start_matches("the "), object);
}

fn value(of: &'static Value, definitions: &mut ObjectBuilder, done: &mut Vec<&'static str>) -> Document {
    match of {
        Value::Text => doc!({"type": ["string", "number", "boolean"]}),
        Value::Bool => doc!({"type": ["boolean", "string"]}),
        Value::Integer => doc!({"type": ["integer", "string"]}),
        Value::Span => doc!({"type": "string", "pattern": r"^(\$|([0-9.]+(ns|us|ms|s|m|h|d))+$)"}),
        Value::Words(words) => {
            let words: Document = words.iter().copied().collect();
            doc!({"anyOf": [{"enum": words}, {"type": "string", "pattern": r"\$"}]})
        }
        Value::Any => doc!({}),
        Value::List(item) => {
            let item = value(item, definitions, done);
            doc!({"type": "array", "items": item})
        }
        Value::OneOrMore(item) => {
            let item = value(item, definitions, done);
            let list = doc!({"type": "array", "items": (item.clone())});
            doc!({"anyOf": [item, list]})
        }
        Value::Map(item) => {
            let item = value(item, definitions, done);
            doc!({"type": "object", "additionalProperties": item})
        }
        Value::Object(shape) => {
            define(shape, definitions, done);
            doc!({"$ref": (reference(shape))})
        }
        Value::Either(forms) => {
            let forms: Document = forms.iter().map(|form| value(form, definitions, done)).collect();
            doc!({"anyOf": forms})
        }
    }
}
