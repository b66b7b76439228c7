//! How a Windows service fails a call.

use std::fmt;

use winlab_document::{Document, doc};

use crate::hresult::HResult;

/// A failed call of HNS, HCS or another Windows service: the HRESULT and, where the service gives one, its text.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// The code every client sees.
    pub code: HResult,
    /// The service's own text, without the trailing blank that Windows messages have.
    pub message: String,
    /// What more it says: HNS's or HCS's own result document, if not the plain one.
    pub detail: Option<Document>,
}

impl Fault {
    /// A failure with the code's own text.
    #[must_use]
    pub fn new(code: HResult) -> Self {
        Self { code, message: code.message().to_owned(), detail: None }
    }

    /// A failure whose text says more than the code's.
    #[must_use]
    pub fn because(code: HResult, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), detail: None }
    }

    /// The error record that computenetwork.dll hands back beside the HRESULT:
    /// `{"Success":false,"Error":"The parameter is incorrect. ","ErrorCode":2147942487}`, trailing blank included.
    #[must_use]
    pub fn error_record(&self) -> Document {
        self.detail.clone().unwrap_or_else(
            || doc!({"Success": false, "Error": format!("{} ", self.message), "ErrorCode": self.code.0}),
        )
    }
}

impl From<HResult> for Fault {
    fn from(code: HResult) -> Self {
        Self::new(code)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.code)
    }
}

impl std::error::Error for Fault {}

#[cfg(test)]
mod tests {
    use super::Fault;
    use crate::HResult;

    #[test]
    fn the_record_has_windows_shape() {
        assert_eq!(
            Fault::new(HResult::E_INVALIDARG).error_record().to_string(),
            r#"{"Success":false,"Error":"The parameter is incorrect. ","ErrorCode":2147942487}"#
        );
    }
}
