//! CEL, in one place: expressions over `it`.
//!
//! Numbers become `int` before an expression sees them, so that `it.Port + 1` is not an error of types. Unknown names
//! are refused when the file is read; what a document lacks is told when the expression runs, with the key it may have
//! meant.

use std::fmt;
use std::sync::Arc;

use cel::{Context, ExecutionError, Program, Value};
use winlab_document::{Document, Number};

use crate::bound::bound_variables;
use crate::suggest::did_you_mean;

/// A compiled expression. It keeps its text and compiles once per file.
#[derive(Clone)]
pub struct Cel {
    text: Arc<str>,
    program: Arc<Program>,
}

/// What is wrong with an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CelError {
    /// In words.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Where in the expression: byte offset, if the parser told.
    pub offset: Option<usize>,
}

impl fmt::Display for CelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CelError {}

/// Functions of the language and of this crate's evaluation, for "did you mean"; operators are not functions here.
const FUNCTIONS: [&str; 27] = [
    "size",
    "has",
    "all",
    "exists",
    "exists_one",
    "map",
    "filter",
    "contains",
    "startsWith",
    "endsWith",
    "matches",
    "int",
    "uint",
    "double",
    "string",
    "bytes",
    "bool",
    "type",
    "max",
    "min",
    "lowerAscii",
    "upperAscii",
    "split",
    "replace",
    "trim",
    "join",
    "dyn",
];

impl fmt::Debug for Cel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cel({})", self.text)
    }
}

impl Cel {
    /// Compiles an expression.
    ///
    /// # Errors
    /// [`CelError`] if it is not CEL, or names variables or functions that there are not.
    pub fn compile(text: &str) -> Result<Self, CelError> {
        let program = Program::compile(text).map_err(|errors| {
            let first = errors.errors.first();
            let message = first.map_or_else(|| errors.to_string(), |error| error.msg.clone());
            let offset = first.and_then(|error| offset_of(text, error.pos));
            CelError { message: format!("not a CEL expression: {message}"), hint: None, offset }
        })?;
        let references = program.references();
        let mut variables = references.variables();
        variables.sort_unstable();
        let mut bound = vec!["it"];
        bound_variables(program.expression(), &mut bound);
        if let Some(unknown) = variables.into_iter().find(|name| !bound.contains(name)) {
            return Err(CelError {
                message: format!("there is no variable `{unknown}`"),
                hint: Some("an expression looks at `it`, the document; put text in quotes".to_owned()),
                offset: text.find(unknown),
            });
        }
        let mut functions = references.functions();
        functions.sort_unstable();
        let is_name = |name: &&str| name.starts_with(|c: char| c.is_ascii_alphabetic());
        if let Some(unknown) = functions.into_iter().filter(is_name).find(|name| !FUNCTIONS.contains(name)) {
            return Err(CelError {
                message: format!("there is no function `{unknown}`"),
                hint: did_you_mean(unknown, FUNCTIONS).map(|near| format!("did you mean `{near}`?")),
                offset: text.find(unknown),
            });
        }
        Ok(Self { text: Arc::from(text), program: Arc::new(program) })
    }

    /// The expression as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the expression is true of a document.
    ///
    /// # Errors
    /// [`CelError`] if it cannot be evaluated, or its value is not a boolean.
    pub fn is_true_of(&self, it: &Document) -> Result<bool, CelError> {
        let mut context = Context::default();
        context.add_variable_from_value("it", to_value(it));
        match self.program.execute(&context) {
            Ok(Value::Bool(value)) => Ok(value),
            Ok(other) => Err(CelError {
                message: format!("the expression gives {}, not true or false", other.type_of()),
                hint: None,
                offset: None,
            }),
            Err(error) => Err(explain(&error, it)),
        }
    }
}

/// Byte offset of a line (from 1) and column (from 0).
fn offset_of(text: &str, (line, column): (isize, isize)) -> Option<usize> {
    let line = usize::try_from(line).ok()?.checked_sub(1)?;
    let before: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    Some((before + usize::try_from(column).ok()?).min(text.len()))
}

fn explain(error: &ExecutionError, it: &Document) -> CelError {
    let message = error.to_string();
    let hint = match error {
        ExecutionError::NoSuchKey(key) => {
            let mut names = Vec::new();
            keys_of(it, &mut names);
            did_you_mean(key, names.iter().map(String::as_str))
                .map(|near| format!("did you mean `{near}`?"))
                .or_else(|| Some(format!("`has(it.{key})` asks whether it is there")))
        }
        _ => None,
    };
    CelError { message, hint, offset: None }
}

fn keys_of(document: &Document, names: &mut Vec<String>) {
    for (key, value) in document.members() {
        names.push(key.to_string());
        keys_of(value, names);
    }
    document.items().iter().for_each(|item| keys_of(item, names));
}

fn to_value(document: &Document) -> Value {
    match document {
        Document::Null => Value::Null,
        Document::Bool(value) => Value::Bool(*value),
        Document::Number(Number::Int(n)) => Value::Int(*n),
        Document::Number(Number::UInt(n)) => Value::UInt(*n),
        Document::Number(Number::Float(n)) => Value::Float(*n),
        Document::String(text) => Value::String(Arc::new(text.to_string())),
        Document::Array(items) => Value::List(Arc::new(items.iter().map(to_value).collect())),
        Document::Object(members) => {
            let map: Members =
                members.iter().map(|(key, value)| (key.to_string(), to_value(value))).collect();
            Value::from(map)
        }
    }
}

#[expect(
    clippy::disallowed_types,
    reason = "the form the interpreter takes objects in; nothing here iterates it"
)]
type Members = std::collections::HashMap<String, Value>;

#[cfg(test)]
mod tests {
    use winlab_document::doc;

    use super::Cel;

    #[test]
    fn expressions_over_documents() {
        let it = doc!({"FrontendVIPs": ["10.96.0.80"], "Port": 80, "Name": "web", "Nested": {"Flag": true}});
        for (text, expected) in [
            ("\"10.96.0.80\" in it.FrontendVIPs", true),
            ("size(it.FrontendVIPs) == 2", false),
            ("it.Port + 1 == 81", true),
            ("it.Name.contains('e') && it.Nested.Flag", true),
            ("!has(it.Nope)", true),
            ("it.FrontendVIPs.exists(v, v.startsWith('10.'))", true),
        ] {
            assert_eq!(Cel::compile(text).unwrap().is_true_of(&it), Ok(expected), "{text}");
        }
    }

    #[test]
    fn unknown_names_are_refused_early_and_missing_keys_explained() {
        let error = Cel::compile("itt.Port == 1").unwrap_err();
        assert_eq!((error.message.as_str(), error.offset), ("there is no variable `itt`", Some(0)));
        let error = Cel::compile("sizee(it.A) == 1").unwrap_err();
        assert_eq!(error.hint.as_deref(), Some("did you mean `size`?"));
        assert!(Cel::compile("it.A ==").unwrap_err().message.starts_with("not a CEL expression"));
        let it = doc!({"FrontendVIPs": []});
        let error = Cel::compile("size(it.FrontendVips) == 1").unwrap().is_true_of(&it).unwrap_err();
        assert_eq!(error.hint.as_deref(), Some("did you mean `FrontendVIPs`?"));
        let error = Cel::compile("size(it.FrontendVIPs)").unwrap().is_true_of(&it).unwrap_err();
        assert_eq!(error.message, "the expression gives int, not true or false");
    }
}
