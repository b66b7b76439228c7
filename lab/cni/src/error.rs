//! How a plugin fails.

/// A plugin's error object (CNI specification, "Error"): code and message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{msg}")]
pub struct CniError {
    /// Below 100 reserved by the specification; 999 is what the plugins' Go skeleton gives to any error.
    pub code: u32,
    /// Its text.
    pub msg: String,
}

impl CniError {
    /// A plugin's own error.
    #[must_use]
    pub fn new(msg: impl Into<String>) -> Self {
        Self { code: 999, msg: msg.into() }
    }

    /// The same error with more context before it, as the plugins' `errors.Annotate` writes it.
    #[must_use]
    pub fn annotate(self, context: impl AsRef<str>) -> Self {
        Self { code: self.code, msg: format!("{}: {}", context.as_ref(), self.msg) }
    }
}

/// Adds context to an error on its way up.
pub(crate) trait Annotate<T> {
    /// `context: error`
    fn annotate(self, context: impl AsRef<str>) -> Result<T, CniError>;
}

impl<T, E: Into<CniError>> Annotate<T> for Result<T, E> {
    fn annotate(self, context: impl AsRef<str>) -> Result<T, CniError> {
        self.map_err(|error| error.into().annotate(context))
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

impl From<winlab_host::linux::LinuxFault> for CniError {
    fn from(fault: winlab_host::linux::LinuxFault) -> Self {
        Self::new(fault.errno.text().to_ascii_lowercase())
    }
}
