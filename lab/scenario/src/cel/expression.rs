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
const FUNCTIONS: [&str; 31] = [
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

#[cfg(test)]
mod tests {
    use winlab_document::doc;

    use super::{Cel, FUNCTIONS};

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
            ("type(it.Port) == int", true),
        ] {
            assert_eq!(Cel::compile(text).unwrap().is_true_of(&it), Ok(expected), "{text}");
        }
    }

    /// A function that is let through and then unknown would fail a step instead of the file.
    #[test]
    fn every_function_that_is_let_through_is_there() {
        let uses = [
            "size([1]) == 1",
            "has(it.a)",
            "[1].all(v, v == 1)",
            "[1].exists(v, v == 1)",
            "[1].exists_one(v, v == 1)",
            "[1].map(v, v + 1) == [2]",
            "[1].filter(v, v == 1) == [1]",
            "'ab'.contains('a')",
            "'ab'.startsWith('a')",
            "'ab'.endsWith('b')",
            "'ab'.matches('^a.$')",
            "int('1') == 1",
            "uint(1) == 1u",
            "double(1) == 1.0",
            "string(1) == '1'",
            "bytes('a') == b'a'",
            "bool('true')",
            "type(1) == int",
            "dyn(1) == 1",
            "'ab'.charAt(0) == 'a'",
            "'ab'.indexOf('b') == 1",
            "'aba'.lastIndexOf('a') == 2",
            "'A'.lowerAscii() == 'a'",
            "'a'.upperAscii() == 'A'",
            "'a,b'.split(',') == ['a', 'b']",
            "'ab'.replace('b', 'c') == 'ac'",
            "'ab'.substring(1) == 'b'",
            "' a '.trim() == 'a'",
            "['a', 'b'].join(',') == 'a,b'",
            "'%s'.format(['a']) == 'a'",
            "'ab'.reverse() == 'ba'",
        ];
        assert_eq!(uses.len(), FUNCTIONS.len());
        for (function, text) in FUNCTIONS.iter().zip(uses) {
            assert!(text.contains(&format!("{function}(")), "{function}");
            assert_eq!(Cel::compile(text).unwrap().is_true_of(&doc!({"a": 1})), Ok(true), "{text}");
        }
    }

    #[test]
    fn unknown_names_are_refused_with_their_place() {
        for (text, message, offset, length) in [
            ("itt.Port == 1", "there is no variable `itt`", 0, 3),
            ("'it x' == x", "there is no variable `x`", 10, 1),
            ("it.a.exists(v, v == 1) && v == 1", "there is no variable `v`", 12, 1),
            ("'sizee' == 'a' || sizee(it.A) == 1", "there is no function `sizee`", 18, 5),
            ("it.line.contain('é') && it.b", "there is no function `contain`", 8, 7),
        ] {
            let error = Cel::compile(text).unwrap_err();
            assert_eq!((error.message.as_str(), error.offset, error.length), (message, Some(offset), length));
        }
        assert!(Cel::compile("it.A ==").unwrap_err().message.starts_with("not a CEL expression"));
    }

    #[test]
    fn what_is_too_deep_or_too_long_is_refused_and_never_exhausts_the_stack() {
        let round = format!("{}true{}", "(".repeat(20), ")".repeat(20));
        let chain = format!("has(it{})", ".a".repeat(30));
        let sum = format!("1{} == 1", "+1".repeat(30));
        for text in [round, chain, sum, format!("true{}", " && true".repeat(100))] {
            let _ = Cel::compile(&text).unwrap().is_true_of(&doc!({}));
        }
        let too_long = [format!("it{}", ".a".repeat(50_000)), "1+".repeat(9999)];
        let too_deep = [
            "(".repeat(900),
            "[".repeat(900),
            "!".repeat(900),
            "it.a?".repeat(190),
            format!("has(it{})", ".a".repeat(480)),
            format!("1{} == 1", "+1".repeat(480)),
        ];
        for text in too_long.into_iter().chain(too_deep) {
            assert!(Cel::compile(&text).is_err(), "{text}");
        }
    }

    #[test]
    fn missing_keys_and_other_types_are_explained() {
        let it = doc!({"FrontendVIPs": []});
        let error = Cel::compile("size(it.FrontendVips) == 1").unwrap().is_true_of(&it).unwrap_err();
        assert_eq!(error.hint.as_deref(), Some("did you mean `FrontendVIPs`?"));
        let error = Cel::compile("size(it.FrontendVIPs)").unwrap().is_true_of(&it).unwrap_err();
        assert_eq!(error.message, "the expression gives int, not true or false");
    }
}
