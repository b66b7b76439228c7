//! What can go wrong between a client and its server.

/// A call that did not get its answer. Each has an HRESULT of the RPC runtime (an errno for Linux hosts) that callers
/// of the boundary see in its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// Nobody listens; nothing was sent. `RPC_S_SERVER_UNAVAILABLE`
    #[error("the server cannot be reached: {0}")]
    Unreachable(String),
    /// The connection ended before the answer did; the call may have been carried out. `RPC_S_CALL_FAILED`
    #[error("the connection broke: {0}")]
    Broken(String),
    /// The answer took too long; the call may have been carried out. `ERROR_TIMEOUT`
    #[error("no answer within {0}")]
    TimedOut(String),
    /// The answer is none of this protocol. `RPC_S_PROTOCOL_ERROR`
    #[error("not an answer: {0}")]
    Protocol(String),
    /// The server takes no more at the moment; nothing was done. `RPC_S_SERVER_TOO_BUSY`
    #[error("the server is too busy: {0}")]
    Busy(String),
    /// The token is missing or wrong. `E_ACCESSDENIED`
    #[error("the server denies access: {0}")]
    Denied(String),
    /// The call or its answer is larger than the other side takes. `RPC_S_STRING_TOO_LONG`
    #[error("too large: {0}")]
    TooLarge(String),
    /// The server has no such host. `RPC_S_SERVER_UNAVAILABLE`
    #[error("{0}")]
    NoHost(String),
    /// The host has no such service. `RPC_S_UNKNOWN_IF`
    #[error("{0}")]
    NoService(String),
    /// The server, an older one, has no such function. `RPC_S_PROCNUM_OUT_OF_RANGE`
    #[error("{0}")]
    NoFunction(String),
}
