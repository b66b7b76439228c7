//! Registry values.

use std::fmt;
use std::sync::Arc;

use winlab_document::{Document, doc};

use crate::{Field, FieldError};

/// A value in the registry.
#[derive(Debug, Clone, PartialEq)]
pub enum RegistryValue {
    /// `REG_SZ`
    Sz(String),
    /// `REG_EXPAND_SZ`
    ExpandSz(String),
    /// `REG_MULTI_SZ`
    MultiSz(Vec<String>),
    /// `REG_DWORD`
    Dword(u32),
    /// `REG_QWORD`
    Qword(u64),
    /// `REG_BINARY`
    Binary(Arc<[u8]>),
}

impl RegistryValue {
    /// The type's name as `reg query` prints it.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Sz(_) => "REG_SZ",
            Self::ExpandSz(_) => "REG_EXPAND_SZ",
            Self::MultiSz(_) => "REG_MULTI_SZ",
            Self::Dword(_) => "REG_DWORD",
            Self::Qword(_) => "REG_QWORD",
            Self::Binary(_) => "REG_BINARY",
        }
    }

    /// The value alone, as scenarios match it: a string, an array of strings or a number.
    #[must_use]
    pub fn data(&self) -> Document {
        match self {
            Self::Sz(text) | Self::ExpandSz(text) => Document::from(text),
            Self::MultiSz(texts) => texts.iter().map(String::as_str).collect(),
            Self::Dword(n) => Document::from(*n),
            Self::Qword(n) => Document::from(*n),
            Self::Binary(bytes) => bytes.iter().copied().collect(),
        }
    }
}

impl Field for RegistryValue {
    fn to_document(&self) -> Document {
        doc!({"type": self.type_name(), "data": self.data()})
    }

    fn from_document(document: &Document) -> Result<Self, FieldError> {
        let data = document.get("data").unwrap_or(&Document::Null);
        Ok(match document.text(&["type"]) {
            "REG_SZ" => Self::Sz(Field::from_document(data)?),
            "REG_EXPAND_SZ" => Self::ExpandSz(Field::from_document(data)?),
            "REG_MULTI_SZ" => Self::MultiSz(Field::from_document(data)?),
            "REG_DWORD" => Self::Dword(Field::from_document(data)?),
            "REG_QWORD" => Self::Qword(Field::from_document(data)?),
            "REG_BINARY" => Self::Binary(Field::from_document(data)?),
            _ => return Err(FieldError::expected("a registry value", document)),
        })
    }
}

impl fmt::Display for RegistryValue {
    /// The data as `reg query` prints it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sz(text) | Self::ExpandSz(text) => f.write_str(text),
            Self::MultiSz(texts) => f.write_str(&texts.join("\\0")),
            Self::Dword(n) => write!(f, "{n:#x}"),
            Self::Qword(n) => write!(f, "{n:#x}"),
            Self::Binary(bytes) => bytes.iter().try_for_each(|byte| write!(f, "{byte:02X}")),
        }
    }
}
