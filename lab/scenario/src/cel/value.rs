//! Documents as the interpreter takes them.

use std::sync::Arc;

use cel::Value;
use cel::objects::{Key, Map};
use winlab_document::{Document, Number};

pub(super) fn to_value(document: &Document) -> Value {
    match document {
        Document::Null => Value::Null,
        Document::Bool(value) => Value::Bool(*value),
        Document::Number(Number::Int(n)) => Value::Int(*n),
        Document::Number(Number::UInt(n)) => Value::UInt(*n),
        Document::Number(Number::Float(n)) => Value::Float(*n),
        Document::String(text) => Value::String(Arc::new(text.to_string())),
        Document::Array(items) => Value::List(Arc::new(items.iter().map(to_value).collect())),
        Document::Object(members) => {
            let entry = |(key, value): &(winlab_document::Key, Document)| {
                (Key::String(Arc::new(key.to_string())), to_value(value))
            };
            Value::Map(Map { map: Arc::new(members.iter().map(entry).collect()) })
        }
    }
}
