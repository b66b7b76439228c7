//! Media types, and what a `content-type` header names.

use http::HeaderMap;
use http::header::CONTENT_TYPE;

/// Requests and answers.
pub(crate) const JSON: &str = "application/json";
/// One JSON document a line.
pub(crate) const LINES: &str = "application/x-ndjson";
/// A process's streams.
pub(crate) const BYTES: &str = "application/octet-stream";

/// Whether the message says it is of this type, parameters aside.
pub(crate) fn is(headers: &HeaderMap, wanted: &str) -> bool {
    let named = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    named.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case(wanted))
}
