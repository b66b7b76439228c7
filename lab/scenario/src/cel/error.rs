//! What is wrong with an expression, or with what it was asked about.

use std::fmt;

use cel::ExecutionError;
use winlab_document::Document;

use crate::suggest::did_you_mean;

/// What is wrong with an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CelError {
    /// In words.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Where in the expression: byte offset, if the parser told.
    pub offset: Option<usize>,
    /// How many bytes from there.
    pub length: usize,
}

impl CelError {
    /// Without a place or a hint.
    pub(super) fn new(message: String) -> Self {
        Self { message, hint: None, offset: None, length: 1 }
    }

    /// What the parser said, in words of ours where they are plainer.
    pub(super) fn syntax(said: &str) -> Self {
        let said = said.strip_prefix("Syntax error: ").unwrap_or(said);
        let rest = said.strip_prefix("mismatched input ");
        // The end is written with and without quotes.
        let unexpected = rest.and_then(|rest| match rest.strip_prefix("<EOF>") {
            Some(behind) => Some(("<EOF>", behind)),
            None => rest.strip_prefix('\'')?.split_once('\''),
        });
        let (said, hint) = match unexpected {
            Some(("<EOF>", behind)) => {
                let missing = behind
                    .split_once("expecting '")
                    .and_then(|(_, rest)| rest.strip_suffix('\''))
                    .map(|missing| format!("`{missing}` is missing"));
                ("it ends too early".to_owned(), missing)
            }
            Some(("=", _)) => ("`=` cannot stand here".to_owned(), Some("`==` compares".to_owned())),
            Some((token, _)) => (format!("`{token}` cannot stand here"), None),
            None => (said.to_owned(), None),
        };
        Self { hint, ..Self::new(format!("not a CEL expression: {said}")) }
    }

    /// What went wrong when the expression looked at a document.
    pub(super) fn when_run(error: &ExecutionError, it: &Document) -> Self {
        let hint = match error {
            ExecutionError::NoSuchKey(key) => {
                let mut names = Vec::new();
                keys_of(it, &mut names);
                did_you_mean(key, names.iter().copied())
                    .map(|near| format!("did you mean `{near}`?"))
                    .or_else(|| Some(format!("`has(it.{key})` asks whether it is there")))
            }
            _ => None,
        };
        Self { hint, ..Self::new(error.to_string()) }
    }
}

impl fmt::Display for CelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CelError {}

fn keys_of<'d>(document: &'d Document, names: &mut Vec<&'d str>) {
    for (key, value) in document.members() {
        names.push(key.as_str());
        keys_of(value, names);
    }
    document.items().iter().for_each(|item| keys_of(item, names));
}
