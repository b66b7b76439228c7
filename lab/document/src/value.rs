//! The document itself.

use std::fmt;
use std::sync::Arc;

use crate::key::Key;
use crate::number::Number;

/// A JSON value; cheap to clone, persistent under edits.
#[derive(Clone, Default)]
pub enum Document {
    /// `null`
    #[default]
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number
    Number(Number),
    /// A string
    String(Arc<str>),
    /// An array
    Array(Arc<[Document]>),
    /// An object: members in the order written, no name twice
    Object(Arc<[(Key, Document)]>),
}

impl Document {
    /// `{}`
    #[must_use]
    pub fn empty_object() -> Self {
        Self::Object(Arc::from([]))
    }

    /// `[]`
    #[must_use]
    pub fn empty_array() -> Self {
        Self::Array(Arc::from([]))
    }

    /// What kind of JSON value this is, in JSON Schema's words.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Number(_) => "number",
            Self::String(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
        }
    }

    /// Whether both are the very same shared value: a cheap test for "nothing changed".
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Number(a), Self::Number(b)) => a == b,
            (Self::String(a), Self::String(b)) => Arc::ptr_eq(a, b),
            (Self::Array(a), Self::Array(b)) => Arc::ptr_eq(a, b),
            (Self::Object(a), Self::Object(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Number(a), Self::Number(b)) => a == b,
            (Self::String(a), Self::String(b)) => a == b,
            (Self::Array(a), Self::Array(b)) => Arc::ptr_eq(a, b) || a == b,
            (Self::Object(a), Self::Object(b)) => {
                Arc::ptr_eq(a, b) || (a.len() == b.len() && equal_members(a, b, other))
            }
            _ => false,
        }
    }
}

impl Eq for Document {}

/// Order-blind comparison of two objects of one length: the common case of equal order needs no look-up.
fn equal_members(a: &[(Key, Document)], b: &[(Key, Document)], other: &Document) -> bool {
    a.iter().zip(b).all(
        |((ka, va), (kb, vb))| {
            if ka == kb { va == vb } else { other.get(ka).is_some_and(|v| v == va) }
        },
    )
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
