//! What the server says of a request that is not a call, or not one that it takes.

use http::{Method, StatusCode};
use winlab_document::{Document, doc};

macro_rules! refusals {
    ($($(#[$meta:meta])* $name:ident = $word:literal, $status:ident;)*) => {
        /// Why a request was refused; nothing was carried out then.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Refusal { $( $(#[$meta])* $name ),* }

        impl Refusal {
            /// The word in the answer's `error`.
            pub(crate) fn word(self) -> &'static str {
                match self { $( Self::$name => $word ),* }
            }

            /// Its status.
            pub(crate) fn status(self) -> StatusCode {
                match self { $( Self::$name => StatusCode::$status ),* }
            }

            /// The refusal with this word.
            pub(crate) fn by_word(word: &str) -> Option<Self> {
                match word { $( $word => Some(Self::$name), )* _ => None }
            }

            #[cfg(test)]
            pub(crate) const ALL: &[Self] = &[ $( Self::$name ),* ];
        }
    };
}

refusals! {
    /// The body is not the JSON it should be.
    BadRequest = "bad-request", BAD_REQUEST;
    /// The token is missing or wrong.
    Unauthorized = "unauthorized", UNAUTHORIZED;
    /// No such path.
    UnknownPath = "unknown-path", NOT_FOUND;
    /// A path of another version of the protocol.
    UnknownVersion = "unknown-version", NOT_FOUND;
    /// No host of that name.
    UnknownHost = "unknown-host", NOT_FOUND;
    /// The host has no such service.
    UnknownService = "unknown-service", NOT_FOUND;
    /// The service has no such function.
    UnknownFunction = "unknown-function", NOT_FOUND;
    /// The path is there, for another method.
    WrongMethod = "wrong-method", METHOD_NOT_ALLOWED;
    /// The body did not come in time.
    TooSlow = "too-slow", REQUEST_TIMEOUT;
    /// No session of that name is open.
    UnknownSession = "unknown-session", CONFLICT;
    /// A session of that name is open already.
    SessionInUse = "session-in-use", CONFLICT;
    /// The body is larger than the server takes.
    TooLarge = "too-large", PAYLOAD_TOO_LARGE;
    /// The body is of another type.
    WrongContentType = "wrong-content-type", UNSUPPORTED_MEDIA_TYPE;
    /// A bug in what answers; whether the call was carried out is not known.
    Internal = "internal", INTERNAL_SERVER_ERROR;
    /// As many calls or streams as the server takes are under way.
    TooBusy = "too-busy", SERVICE_UNAVAILABLE;
}

/// A refusal and its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) refusal: Refusal,
    pub(crate) message: String,
    /// The method that the path takes, where it was asked with another.
    pub(crate) allow: Option<Method>,
}

impl Refused {
    pub(crate) fn new(refusal: Refusal, message: impl Into<String>) -> Self {
        Self { refusal, message: message.into(), allow: None }
    }

    /// The path takes only this method.
    pub(crate) fn wrong_method(allow: Method) -> Self {
        let message = format!("the path takes {allow}");
        Self { refusal: Refusal::WrongMethod, message, allow: Some(allow) }
    }

    /// `{"error":"unknown-host","message":"no host `win9`"}`
    pub(crate) fn to_document(&self) -> Document {
        doc!({"error": self.refusal.word(), "message": self.message.as_str()})
    }
}

#[cfg(test)]
mod tests {
    use super::Refusal;

    #[test]
    fn each_word_stands_for_one_refusal() {
        for refusal in Refusal::ALL {
            assert_eq!(Refusal::by_word(refusal.word()), Some(*refusal));
            assert!(refusal.status().is_client_error() || refusal.status().is_server_error());
        }
    }

    #[test]
    fn the_contract_names_each() {
        let page = include_str!("../../../docs/wire.md");
        for refusal in Refusal::ALL {
            let row = format!("| {} | `{}` |", refusal.status().as_u16(), refusal.word());
            assert!(page.contains(&row), "docs/wire.md lacks `{row}`");
        }
    }
}
