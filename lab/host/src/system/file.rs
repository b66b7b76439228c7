//! Files and folders.

use winlab_document::Document;

use crate::{Field, FieldError};

/// Whose registry or file system a call means.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// The host's.
    Host,
    /// That of the container with this HCS id.
    Container(
        /// The compute system's id.
        String,
    ),
}

impl Field for Scope {
    fn to_document(&self) -> Document {
        match self {
            Self::Host => Document::from("host"),
            Self::Container(id) => Document::from(format!("container/{id}")),
        }
    }

    fn from_document(document: &Document) -> Result<Self, FieldError> {
        match document.as_str() {
            Some("host") => Ok(Self::Host),
            Some(text) if text.starts_with("container/") => {
                Ok(Self::Container(text["container/".len()..].to_owned()))
            }
            _ => Err(FieldError::expected("`host` or `container/<id>`", document)),
        }
    }
}

word_enum! {
    /// What a path leads to.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum FileKind {
        /// A file
        File = "file",
        /// A folder
        Directory = "directory",
    }
}

document_struct! {
    /// What a path is.
    #[derive(Debug, Clone, PartialEq)]
    pub struct FileStatus {
        /// File or folder.
        pub kind: FileKind,
        /// Length in bytes; 0 of a folder.
        pub size: u64,
    }
}
