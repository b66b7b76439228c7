//! How a plugin fails.

use std::fmt;

use winlab_document::{Document, doc};

/// A plugin's error object (CNI specification, "Error"): code, message, details.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct CniError {
    /// Below 100 reserved by the specification; 999 is what the plugins' Go skeleton gives to any error.
    pub code: u32,
    /// Its text.
    pub msg: String,
    /// More of it, or empty.
    pub details: String,
}

impl fmt::Display for CniError {
    /// As the Go library's `types.Error` says it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.msg)?;
        if self.details.is_empty() { Ok(()) } else { write!(f, "; {}", self.details) }
    }
}

impl CniError {
    /// A plugin's own error.
    #[must_use]
    pub fn new(msg: impl Into<String>) -> Self {
        Self::coded(Self::INTERNAL, msg, "")
    }

    /// An error with a code of its own.
    #[must_use]
    pub fn coded(code: u32, msg: impl Into<String>, details: impl Into<String>) -> Self {
        Self { code, msg: msg.into(), details: details.into() }
    }

    /// What the plugins' Go skeleton gives to any error.
    pub const INTERNAL: u32 = 999;

    /// What a plugin prints on its standard output when it fails.
    #[must_use]
    pub fn to_document(&self) -> Document {
        let mut object = doc!({"code": self.code, "msg": &self.msg});
        if !self.details.is_empty() {
            object.set("details", &self.details);
        }
        object
    }

    /// From what a plugin printed; none if that is no error object.
    #[must_use]
    pub fn from_document(document: &Document) -> Option<Self> {
        let code = document.get("code").and_then(Document::as_u64)?;
        let text = |name| document.text(&[name]).to_owned();
        Some(Self::coded(u32::try_from(code).unwrap_or(u32::MAX), text("msg"), text("details")))
    }

    /// The same error with more context before it, as a runtime's libcni writes it: the plugin's code stays.
    #[must_use]
    pub fn annotate(self, context: impl AsRef<str>) -> Self {
        Self { msg: format!("{}: {}", context.as_ref(), self.msg), ..self }
    }
}

/// Adds context to an error on its way up.
pub(crate) trait Annotate<T> {
    /// `context: error`. What it was, is text from here on: the plugins' `errors.Annotate` keeps no code, not even that of
    /// a plugin they delegated to.
    fn annotate(self, context: impl AsRef<str>) -> Result<T, CniError>;
}

impl<T, E: Into<CniError>> Annotate<T> for Result<T, E> {
    fn annotate(self, context: impl AsRef<str>) -> Result<T, CniError> {
        self.map_err(|error| CniError::new(format!("{}: {}", context.as_ref(), error.into())))
    }
}

impl From<winlab_component::FileError> for CniError {
    fn from(error: winlab_component::FileError) -> Self {
        Self::new(error.to_string())
    }
}

impl From<winlab_hcn::HcnError> for CniError {
    fn from(error: winlab_hcn::HcnError) -> Self {
        Self::new(error.to_string())
    }
}

impl From<winlab_hcn::HnsError> for CniError {
    fn from(error: winlab_hcn::HnsError) -> Self {
        Self::new(error.to_string())
    }
}

impl From<winlab_host::linux::LinuxFault> for CniError {
    fn from(fault: winlab_host::linux::LinuxFault) -> Self {
        Self::new(fault.errno.text().to_ascii_lowercase())
    }
}
