//! Watch events read from a response's body: one JSON object a line.

use bytes::BytesMut;
use http_body_util::BodyExt;
use kube::client::Body;
use kube::core::Status;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::error::WatchError;

/// One line, its object still text.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(borrow)]
    object: &'a RawValue,
}

/// Only what a bookmark carries.
#[derive(Deserialize)]
struct Bookmark {
    metadata: BookmarkMeta,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BookmarkMeta {
    resource_version: String,
}

/// An event whose object is a `K`.
pub(crate) enum WireEvent<K> {
    Applied(K),
    Deleted(K),
    Bookmark(String),
}

/// Cuts a body into lines.
pub(crate) struct LineReader {
    body: Body,
    pending: BytesMut,
}

impl LineReader {
    pub(crate) fn new(body: Body) -> Self {
        Self { body, pending: BytesMut::new() }
    }

    /// The next event; `None` at the end of the body. Half a line at the end was cut off in mid-air and is dropped: the
    /// watch resumes before it.
    pub(crate) async fn next<K: serde::de::DeserializeOwned>(
        &mut self,
    ) -> Option<Result<WireEvent<K>, WatchError>> {
        loop {
            if let Some(end) = self.pending.iter().position(|byte| *byte == b'\n') {
                let line = self.pending.split_to(end + 1);
                if line.iter().all(u8::is_ascii_whitespace) {
                    continue;
                }
                return Some(parse(&line));
            }
            match self.body.frame().await? {
                Ok(frame) => {
                    if let Ok(data) = frame.into_data() {
                        self.pending.extend_from_slice(&data);
                    }
                }
                Err(error) => return Some(Err(WatchError::Broken(error.to_string()))),
            }
        }
    }
}

fn parse<K: serde::de::DeserializeOwned>(line: &[u8]) -> Result<WireEvent<K>, WatchError> {
    let decode = |error: serde_json::Error| WatchError::Decode(error.to_string());
    let line: Line<'_> = serde_json::from_slice(line).map_err(decode)?;
    let object = line.object.get();
    match line.kind {
        "ADDED" | "MODIFIED" => Ok(WireEvent::Applied(serde_json::from_str(object).map_err(decode)?)),
        "DELETED" => Ok(WireEvent::Deleted(serde_json::from_str(object).map_err(decode)?)),
        "BOOKMARK" => {
            let bookmark: Bookmark = serde_json::from_str(object).map_err(decode)?;
            Ok(WireEvent::Bookmark(bookmark.metadata.resource_version))
        }
        "ERROR" => {
            let status: Status = serde_json::from_str(object).map_err(decode)?;
            Err(WatchError::Ended(Box::new(status)))
        }
        other => Err(WatchError::Decode(format!("unknown watch event type {other:?}"))),
    }
}
