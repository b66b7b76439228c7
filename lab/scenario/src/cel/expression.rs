//! One expression: compiled once, asked of many documents.

use std::fmt;
use std::sync::{Arc, LazyLock};

use cel::common::ast::{Expr, LiteralValue};
use cel::parser::PrattParser;
use cel::{Context, Env, IdedExpr, Value, extensions};
use winlab_document::Document;

use super::error::CelError;
use super::names::Names;
use super::value::to_value;
use crate::suggest::meant;

/// A compiled expression. It keeps its text and compiles once per file.
#[derive(Clone)]
pub struct Cel {
    text: Arc<str>,
    expression: Arc<IdedExpr>,
}

/// Functions and macros of the language and its strings extension; operators are not functions here.
pub(super) const FUNCTIONS: [&str; 31] = [
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
    "dyn",
    "charAt",
    "indexOf",
    "lastIndexOf",
    "lowerAscii",
    "upperAscii",
    "split",
    "replace",
    "substring",
    "trim",
    "join",
    "format",
    "reverse",
];

/// Names of types, for `type(it.Port) == int`.
const TYPES: [&str; 10] =
    ["bool", "bytes", "double", "int", "list", "map", "null_type", "string", "type", "uint"];

/// Longer expressions are refused, and deeper ones: parser and interpreter are recursive.
const LONGEST: usize = 1000;
const MOST_BRACKETS: u16 = 32;
const DEEPEST: usize = 40;
static PARSER: LazyLock<PrattParser> =
    LazyLock::new(|| PrattParser::new().max_recursion_depth(MOST_BRACKETS));

/// The language: the standard one, and its string functions.
static LANGUAGE: LazyLock<Arc<Env>> = LazyLock::new(|| {
    let mut env = Env::stdlib();
    if let Err(error) = env.add_extension(extensions::strings) {
        unreachable!("the strings extension is added to a fresh environment: {error}");
    }
    Arc::new(env)
});

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
        if text.len() > LONGEST {
            let message = format!("an expression has at most {LONGEST} bytes, this has {}", text.len());
            return Err(CelError {
                hint: Some("make two checks of it".to_owned()),
                ..CelError::new(message)
            });
        }
        let expression = PARSER.clone().parse(text).map_err(|errors| {
            let first = errors.errors.first();
            let offset = first.and_then(|error| offset_of(text, error.pos));
            let error = CelError::syntax(first.map_or("it cannot be read", |error| error.msg.as_str()));
            CelError { offset, ..error }
        })?;
        let names = Names::of(&expression);
        if names.depth > DEEPEST {
            let message = "the expression is nested too deeply".to_owned();
            return Err(CelError {
                hint: Some("make two checks of it".to_owned()),
                ..CelError::new(message)
            });
        }
        if let Some(unknown) = names.variables.iter().find(|name| **name != "it" && !TYPES.contains(name)) {
            return Err(CelError {
                hint: Some("an expression looks at `it`, the document; put text in quotes".to_owned()),
                offset: word_in(text, unknown),
                length: unknown.len(),
                ..CelError::new(format!("there is no variable `{unknown}`"))
            });
        }
        let is_name = |name: &str| name.starts_with(|c: char| c.is_ascii_alphabetic());
        let unknown = names.functions.iter().find(|name| is_name(name) && !FUNCTIONS.contains(name));
        if let Some(unknown) = unknown {
            return Err(CelError {
                hint: meant(unknown, FUNCTIONS),
                offset: word_in(text, unknown),
                length: unknown.len(),
                ..CelError::new(format!("there is no function `{unknown}`"))
            });
        }
        if matches!(&expression.expr, Expr::Literal(literal) if !matches!(literal, LiteralValue::Boolean(_)))
        {
            let hint = Some("an expression compares: `it.Port == 80`".to_owned());
            return Err(CelError {
                hint,
                ..CelError::new("the expression is neither true nor false".to_owned())
            });
        }
        drop(names);
        Ok(Self { text: Arc::from(text), expression: Arc::new(expression) })
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
        let mut context = Context::with_env(Arc::clone(&LANGUAGE));
        context.add_variable_from_value("it", to_value(it));
        match Value::resolve(&self.expression, &context) {
            Ok(Value::Bool(value)) => Ok(value),
            Ok(other) => {
                Err(CelError::new(format!("the expression gives {}, not true or false", other.type_of())))
            }
            Err(error) => Err(CelError::when_run(&error, it)),
        }
    }
}

/// The first place of a word outside of quotes.
fn word_in(text: &str, word: &str) -> Option<usize> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let mut quote = None;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        match quote {
            Some(open) if c == open && before != '\\' => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '\'') => quote = Some(c),
            None => {
                let rest = text[at..].strip_prefix(word);
                if !is_part(before) && rest.is_some_and(|rest| !rest.starts_with(is_part)) {
                    return Some(at);
                }
            }
        }
        before = c;
    }
    None
}

/// Byte offset of a line and a column, both from 1.
fn offset_of(text: &str, (line, column): (isize, isize)) -> Option<usize> {
    let line = usize::try_from(line).ok()?.checked_sub(1)?;
    let before: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    Some(floor(text, before + usize::try_from(column).ok()?.saturating_sub(1)))
}

/// The start of the character that a byte belongs to.
fn floor(text: &str, byte: usize) -> usize {
    let mut byte = byte.min(text.len());
    while !text.is_char_boundary(byte) {
        byte -= 1;
    }
    byte
}
