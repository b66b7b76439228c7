//! Frames.

/// Names in lower case, each with its value.
pub type Headers = Vec<(String, String)>;

/// One frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// The client opens a stream.
    SynStream {
        /// Its number: odd, and higher than those before.
        stream: u32,
        /// What it is.
        headers: Headers,
        /// Whether the client sends nothing on it.
        fin: bool,
    },
    /// The server takes a stream.
    SynReply {
        /// Its number.
        stream: u32,
        /// What is said with it.
        headers: Headers,
        /// Whether the server sends nothing on it.
        fin: bool,
    },
    /// A stream ends at once, in both directions.
    RstStream {
        /// Its number.
        stream: u32,
        /// Why.
        status: u32,
    },
    /// Answered by the same frame.
    Ping {
        /// Odd of the client's pings, even of the server's.
        id: u32,
    },
    /// The connection ends.
    GoAway {
        /// The last stream that was taken.
        last: u32,
        /// Why.
        status: u32,
    },
    /// More names and values of a stream.
    Headers {
        /// The stream.
        stream: u32,
        /// What is said.
        headers: Headers,
        /// Whether nothing follows in this direction.
        fin: bool,
    },
    /// A part of a stream.
    Data {
        /// The stream.
        stream: u32,
        /// The bytes.
        bytes: Vec<u8>,
        /// Whether nothing follows in this direction.
        fin: bool,
    },
    /// A control frame without a meaning here: settings, window updates.
    Ignored {
        /// Its type.
        kind: u16,
    },
}

/// A stream's `RST_STREAM` status: it is not what was asked for.
pub(crate) const PROTOCOL_ERROR: u32 = 1;
/// A stream's `RST_STREAM` status: it is not wanted any more.
pub(crate) const CANCEL: u32 = 5;
