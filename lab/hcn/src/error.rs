//! How calls fail, in the libraries' own words.

use std::fmt;

use winlab_document::Document;
use winlab_host::{Fault, HResult};

/// How a V2 call fails (hcsshim `hcn/hcnerrors.go`).
#[derive(Debug, Clone, PartialEq)]
pub enum HcnError {
    /// A look-up that found nothing: `NetworkNotFoundError` and its kin. The text is the library's.
    NotFound(String),
    /// HNS refused a function.
    Failed {
        /// `hcnCreateLoadBalancer`
        function: &'static str,
        /// What HNS said.
        fault: Fault,
    },
    /// The library refused before it asked HNS: an id that is none, say.
    Refused(&'static str),
}

impl HcnError {
    /// HNS's code, if it was HNS that refused.
    #[must_use]
    pub fn code(&self) -> Option<HResult> {
        if let Self::Failed { fault, .. } = self { Some(fault.code) } else { None }
    }

    /// `IsNotFoundError`: nothing was found, or HNS answered `ERROR_NOT_FOUND`.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound(_)) || self.code() == Some(HResult::ERROR_NOT_FOUND)
    }

    /// `IsNotImplemented`
    #[must_use]
    pub fn is_not_implemented(&self) -> bool {
        self.code() == Some(HResult::E_NOTIMPL)
    }

    /// `IsPortAlreadyExistsError`
    #[must_use]
    pub fn is_port_already_exists(&self) -> bool {
        self.code() == Some(HResult::HCN_E_PORT_ALREADY_EXISTS)
    }
}

impl fmt::Display for HcnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound(text) => f.write_str(text),
            Self::Refused(text) => f.write_str(text),
            Self::Failed { function, fault } => {
                let code = win32(fault.code);
                write!(
                    f,
                    "{function} failed in Win32: {} ({code:#x}) {}",
                    fault.message,
                    fault.error_record()
                )
            }
        }
    }
}

impl std::error::Error for HcnError {}

/// The libraries show the Win32 code inside an HRESULT of facility 7, and any other HRESULT whole
/// (hcsshim `internal/interop/interop.go`).
fn win32(code: HResult) -> u32 {
    if code.0 & 0x1fff_0000 == 0x0007_0000 { code.0 & 0xffff } else { code.0 }
}

/// How a V1 call fails (hcsshim `internal/hns/hnsfuncs.go`).
#[derive(Debug, Clone, PartialEq)]
pub enum HnsError {
    /// `HNSCall` itself failed.
    Failed(Fault),
    /// HNS answered with `Success` false and this text.
    Refused(String),
    /// No network or endpoint of that name; the text is the library's.
    NotFound(String),
}

impl HnsError {
    /// The failure in a response, if it is one; else its `Output`.
    pub(crate) fn check(response: &Document) -> Result<Document, Self> {
        if response.get("Success").and_then(Document::as_bool) == Some(true) {
            Ok(response.get("Output").cloned().unwrap_or_default())
        } else {
            Err(Self::Refused(response.text(&["Error"]).to_owned()))
        }
    }
}

impl fmt::Display for HnsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(fault) => {
                let code = win32(fault.code);
                write!(
                    f,
                    "failed during hnsCallRawResponse: hnsCall failed in Win32: {} ({code:#x})",
                    fault.message
                )
            }
            Self::Refused(text) => write!(f, "hns failed with error : {text}"),
            Self::NotFound(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for HnsError {}

#[cfg(test)]
mod tests {
    use winlab_document::doc;
    use winlab_host::{Fault, HResult};

    use super::{HcnError, HnsError};

    #[test]
    fn errors_read_as_the_libraries_print_them() {
        let error = HcnError::Failed {
            function: "hcnCreateLoadBalancer",
            fault: Fault::new(HResult::HCN_E_PORT_ALREADY_EXISTS),
        };
        assert_eq!(
            error.to_string(),
            r#"hcnCreateLoadBalancer failed in Win32: The specified port already exists. (0x803b0013) {"Success":false,"Error":"The specified port already exists. ","ErrorCode":2151350291}"#
        );
        assert!(error.is_port_already_exists() && !error.is_not_found() && !error.is_not_implemented());
        let invalid =
            HcnError::Failed { function: "hcnCreateEndpoint", fault: Fault::new(HResult::E_INVALIDARG) };
        assert_eq!(
            invalid.to_string(),
            r#"hcnCreateEndpoint failed in Win32: The parameter is incorrect. (0x57) {"Success":false,"Error":"The parameter is incorrect. ","ErrorCode":2147942487}"#
        );
        let gone = HcnError::Failed { function: "hcnOpenNetwork", fault: HResult::ERROR_NOT_FOUND.into() };
        assert!(gone.is_not_found() && gone.to_string().contains("(0x490)"));
        let refused = HnsError::check(&doc!({"Success": false, "Error": "An adapter was not found. "}));
        assert_eq!(refused.unwrap_err().to_string(), "hns failed with error : An adapter was not found. ");
    }
}
