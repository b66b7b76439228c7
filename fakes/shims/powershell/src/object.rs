//! What cmdlets give to each other: objects with properties, and how they are written.

use winlab_shim::json::quoted;

/// A property's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Number(u64),
    Text(String),
}

/// An object: its properties in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Object(pub(crate) Vec<(&'static str, Value)>);

impl Object {
    /// The property of that name, whatever its case.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Only the named properties, under the names as they were asked for.
    pub(crate) fn select(&self, names: &[String]) -> Vec<(String, Option<Value>)> {
        names.iter().map(|name| (name.clone(), self.get(name).cloned())).collect()
    }
}

/// As text, as one compares and prints it.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::Number(number) => number.to_string(),
        Value::Text(text) => text.clone(),
    }
}

/// As `ConvertTo-Json` writes an object; the blanks are not PowerShell's.
pub(crate) fn json(properties: &[(String, Option<Value>)]) -> String {
    let members: Vec<String> = properties
        .iter()
        .map(|(name, value)| {
            let value = match value {
                None => "null".to_owned(),
                Some(Value::Number(number)) => number.to_string(),
                Some(Value::Text(text)) => quoted(text),
            };
            format!("{}:{}", quoted(name), value)
        })
        .collect();
    format!("{{{}}}", members.join(","))
}
