//! How a call fails, and what clients are told of it.

use crate::json::Object;

/// An HRESULT; negative as a signed number means failure.
pub type HResult = u32;

/// Done.
pub const S_OK: HResult = 0;
/// Not implemented.
pub const E_NOTIMPL: HResult = 0x8000_4001;
/// A pointer that must not be NULL is.
pub const E_POINTER: HResult = 0x8000_4003;
/// Something of ours went wrong.
pub const E_UNEXPECTED: HResult = 0x8000_ffff;
/// Not a handle of that kind.
pub const E_HANDLE: HResult = 0x8007_0006;
/// An argument that cannot be.
pub const E_INVALIDARG: HResult = 0x8007_0057;
/// What is named is not there (`ERROR_NOT_FOUND`).
pub const ERROR_NOT_FOUND: HResult = 0x8007_0490;
/// The server cannot be reached.
pub const RPC_S_SERVER_UNAVAILABLE: HResult = 0x8007_06ba;
/// The server went away during the call; whether it did its work is not known.
pub const RPC_S_CALL_FAILED: HResult = 0x8007_06be;
/// The server answered what is no answer.
pub const RPC_S_PROTOCOL_ERROR: HResult = 0x8007_06c0;
/// The server did not answer in time (`ERROR_TIMEOUT`).
pub const ERROR_TIMEOUT: HResult = 0x8007_05b4;
/// No more resources for what was asked.
pub const E_OUTOFMEMORY: HResult = 0x8007_000e;

/// A failed call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The code every client sees.
    pub code: HResult,
    /// Its text, without the trailing blank that Windows messages have.
    pub message: String,
    /// What the service's function hands back beside its code, as the server wrote it.
    pub record: Option<String>,
}

impl Fault {
    /// A failure of the shim's own.
    #[must_use]
    pub fn new(code: HResult, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), record: None }
    }

    /// An answer that is none.
    #[must_use]
    pub fn protocol() -> Self {
        Self::new(RPC_S_PROTOCOL_ERROR, "A remote procedure call protocol error occurred.")
    }

    /// A handle that is none, or of another kind.
    #[must_use]
    pub fn no_handle() -> Self {
        Self::new(E_HANDLE, "The handle is invalid.")
    }

    /// An argument that cannot be.
    #[must_use]
    pub fn argument() -> Self {
        Self::new(E_INVALIDARG, "The parameter is incorrect.")
    }

    /// HNS's error record (`HNS_Schema.md`, Response), with the blank that system messages end in.
    #[must_use]
    pub fn error_record(&self) -> String {
        self.record.clone().unwrap_or_else(|| {
            let object =
                Object::new().json("Success", "false").string("Error", &format!("{} ", self.message));
            object.number("ErrorCode", self.code.into()).build()
        })
    }

    /// HCS's `ResultError` (its schema reference): the code as a signed number, and the message.
    #[must_use]
    pub fn result_error(&self) -> String {
        self.record.clone().unwrap_or_else(|| {
            let code = i32::from_ne_bytes(self.code.to_ne_bytes());
            Object::new().json("Error", &code.to_string()).string("ErrorMessage", &self.message).build()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Fault;

    #[test]
    fn records_have_the_services_shapes() {
        let fault = Fault::argument();
        assert_eq!(
            fault.error_record(),
            r#"{"Success":false,"Error":"The parameter is incorrect. ","ErrorCode":2147942487}"#
        );
        assert_eq!(
            fault.result_error(),
            r#"{"Error":-2147024809,"ErrorMessage":"The parameter is incorrect."}"#
        );
        let own = Fault { record: Some("{\"Error\":1}".into()), ..fault };
        assert_eq!(
            (own.error_record(), own.result_error()),
            ("{\"Error\":1}".into(), "{\"Error\":1}".into())
        );
    }
}
