//! Arguments and answers as documents.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use winlab_document::{Document, ObjectBuilder};

/// A value that a call carries, with its form in journals and on the wire.
pub trait Field: Sized {
    /// As a document.
    fn to_document(&self) -> Document;

    /// From a document.
    ///
    /// # Errors
    /// [`FieldError`] where it has not the shape.
    fn from_document(document: &Document) -> Result<Self, FieldError>;

    /// From a member of an object.
    ///
    /// # Errors
    /// [`FieldError`] naming the member.
    fn from_member(object: &Document, name: &'static str) -> Result<Self, FieldError> {
        Self::from_document(object.get(name).unwrap_or(&Document::Null)).map_err(|error| error.within(name))
    }
}

/// A document that is not the argument or answer it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    place: String,
    problem: String,
}

impl FieldError {
    /// `expected`, but something else was there.
    #[must_use]
    pub fn expected(expected: &str, found: &Document) -> Self {
        Self { place: String::new(), problem: format!("expected {expected}, found {}", found.kind()) }
    }

    /// Any other problem.
    #[must_use]
    pub fn new(problem: impl Into<String>) -> Self {
        Self { place: String::new(), problem: problem.into() }
    }

    /// A function that the service does not have.
    #[must_use]
    pub fn unknown_function(function: &str) -> Self {
        Self::new(format!("no function `{function}`"))
    }

    /// The same problem, one member further out.
    #[must_use]
    pub fn within(mut self, member: &str) -> Self {
        self.place =
            if self.place.is_empty() { member.to_owned() } else { format!("{member}.{}", self.place) };
        self
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.place.is_empty() {
            return f.write_str(&self.problem);
        }
        write!(f, "{}: {}", self.place, self.problem)
    }
}

impl std::error::Error for FieldError {}

impl Field for Document {
    fn to_document(&self) -> Document {
        self.clone()
    }

    fn from_document(document: &Document) -> Result<Self, FieldError> {
        Ok(document.clone())
    }
}

impl Field for () {
    fn to_document(&self) -> Document {
        Document::Null
    }

    fn from_document(_document: &Document) -> Result<Self, FieldError> {
        Ok(())
    }
}

impl Field for bool {
    fn to_document(&self) -> Document {
        Document::Bool(*self)
    }

    fn from_document(document: &Document) -> Result<Self, FieldError> {
        document.as_bool().ok_or_else(|| FieldError::expected("a boolean", document))
    }
}

macro_rules! integer_field {
    ($($kind:ty),*) => {
        $(impl Field for $kind {
            fn to_document(&self) -> Document {
                Document::from(*self)
            }

            fn from_document(document: &Document) -> Result<Self, FieldError> {
                document
                    .as_u64()
                    .and_then(|n| Self::try_from(n).ok())
                    .ok_or_else(|| FieldError::expected(concat!("a number of type ", stringify!($kind)), document))
            }
        })*
    };
}

integer_field!(u8, u16, u32, u64);

impl Field for i32 {
    fn to_document(&self) -> Document {
        Document::from(*self)
    }

    fn from_document(document: &Document) -> Result<Self, FieldError> {
        document
            .as_i64()
            .and_then(|n| Self::try_from(n).ok())
            .ok_or_else(|| FieldError::expected("a number of type i32", document))
    }
}

impl Field for String {
    fn to_document(&self) -> Document {
        Document::from(self.as_str())
    }

    fn from_document(document: &Document) -> Result<Self, FieldError> {
        document.as_str().map(str::to_owned).ok_or_else(|| FieldError::expected("a string", document))
    }
}

impl Field for Arc<str> {
    fn to_document(&self) -> Document {
        Document::String(self.clone())
    }

    fn from_document(document: &Document) -> Result<Self, FieldError> {
        if let Document::String(text) = document {
            Ok(text.clone())
        } else {
            Err(FieldError::expected("a string", document))
        }
    }
}

/// Bytes travel as the text they are where they are UTF-8, as an array of numbers where they are not.
impl Field for Arc<[u8]> {
    fn to_document(&self) -> Document {
        match std::str::from_utf8(self) {
            Ok(text) => Document::from(text),
            Err(_) => self.iter().copied().collect(),
        }
    }

    fn from_document(document: &Document) -> Result<Self, FieldError> {
        if let Some(text) = document.as_str() {
            return Ok(Self::from(text.as_bytes()));
        }
        let bytes: Result<Vec<u8>, _> = document.items().iter().map(u8::from_document).collect();
        if document.is_array() { bytes.map(Self::from) } else { Err(FieldError::expected("bytes", document)) }
    }
}

impl<T: Field> Field for Option<T> {
    fn to_document(&self) -> Document {
        self.as_ref().map_or(Document::Null, Field::to_document)
    }

    fn from_document(document: &Document) -> Result<Self, FieldError> {
        if document.is_null() { Ok(None) } else { T::from_document(document).map(Some) }
    }
}

impl<T: Field> Field for Vec<T> {
    fn to_document(&self) -> Document {
        self.iter().map(Field::to_document).collect()
    }

    fn from_document(document: &Document) -> Result<Self, FieldError> {
        if !document.is_array() {
            return Err(FieldError::expected("an array", document));
        }
        document.items().iter().map(T::from_document).collect()
    }
}

/// Fields whose text form is their `Display` and `FromStr`.
macro_rules! text_field {
    ($($kind:ty = $what:literal),* $(,)?) => {
        $(impl $crate::Field for $kind {
            fn to_document(&self) -> winlab_document::Document {
                winlab_document::Document::from(self.to_string())
            }

            fn from_document(document: &winlab_document::Document) -> Result<Self, $crate::FieldError> {
                document
                    .as_str()
                    .and_then(|text| text.parse().ok())
                    .ok_or_else(|| $crate::FieldError::expected($what, document))
            }
        })*
    };
}

/// A struct that travels as an object with a member per field.
macro_rules! document_struct {
    ($(#[$meta:meta])* pub struct $name:ident {
        $( $(#[$field_meta:meta])* pub $field:ident : $kind:ty ),* $(,)?
    }) => {
        $(#[$meta])*
        pub struct $name { $( $(#[$field_meta])* pub $field: $kind ),* }

        impl $crate::Field for $name {
            fn to_document(&self) -> winlab_document::Document {
                let mut object = winlab_document::ObjectBuilder::new();
                $( object.set(stringify!($field), $crate::Field::to_document(&self.$field)); )*
                object.build()
            }

            fn from_document(document: &winlab_document::Document) -> Result<Self, $crate::FieldError> {
                if !document.is_object() {
                    return Err($crate::FieldError::expected(concat!("a ", stringify!($name)), document));
                }
                Ok(Self { $( $field: $crate::Field::from_member(document, stringify!($field))? ),* })
            }
        }
    };
}

/// An enumeration without data that travels as a word.
macro_rules! word_enum {
    ($(#[$meta:meta])* pub enum $name:ident { $( $(#[$variant_meta:meta])* $variant:ident = $word:literal ),* $(,)? }) => {
        $(#[$meta])*
        pub enum $name { $( $(#[$variant_meta])* $variant ),* }

        impl $name {
            /// The word it travels as.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $( Self::$variant => $word ),* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }

        impl $crate::Field for $name {
            fn to_document(&self) -> winlab_document::Document {
                winlab_document::Document::from(self.word())
            }

            fn from_document(document: &winlab_document::Document) -> Result<Self, $crate::FieldError> {
                match document.as_str() {
                    $( Some($word) => Ok(Self::$variant), )*
                    _ => Err($crate::FieldError::expected(
                        concat!("one of", $( " `", $word, "`" ),*), document)),
                }
            }
        }
    };
}

text_field!(IpAddr = "an IP address");

/// Members of a map in order, as an object.
impl<T: Field> Field for std::collections::BTreeMap<String, T> {
    fn to_document(&self) -> Document {
        let mut object = ObjectBuilder::with_capacity(self.len());
        for (name, value) in self {
            object.set(name.as_str(), value.to_document());
        }
        object.build()
    }

    fn from_document(document: &Document) -> Result<Self, FieldError> {
        if !document.is_object() {
            return Err(FieldError::expected("an object", document));
        }
        let read = |(name, value): &(winlab_document::Key, Document)| {
            T::from_document(value).map(|value| (name.to_string(), value)).map_err(|e| e.within(name))
        };
        document.members().iter().map(read).collect()
    }
}
