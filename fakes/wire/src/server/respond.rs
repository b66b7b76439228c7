//! Answers as HTTP.

use bytes::Bytes;
use futures::Stream;
use http::header::{ALLOW, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};
use http_body::Frame;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use winlab_document::Document;

use crate::media;
use crate::refusal::{Refusal, Refused};

/// Why a stream broke off: its connection is closed without the end of the body.
#[derive(Debug, thiserror::Error)]
#[error("the stream broke off")]
pub(super) struct BrokenOff;

/// The body of any answer.
pub(super) type Body = UnsyncBoxBody<Bytes, BrokenOff>;

/// JSON that is there in whole.
pub(super) fn json(status: StatusCode, body: impl Into<Bytes>) -> Response<Body> {
    let body = Full::new(body.into()).map_err(|never| match never {}).boxed_unsync();
    with_type(status, media::JSON, body)
}

/// A document.
pub(super) fn document(document: &Document) -> Response<Body> {
    json(StatusCode::OK, document.to_bytes())
}

/// JSON lines as they come.
pub(super) fn lines(stream: impl Stream<Item = Result<Bytes, BrokenOff>> + Send + 'static) -> Response<Body> {
    streamed(media::LINES, stream)
}

/// Bytes as they come.
pub(super) fn bytes(stream: impl Stream<Item = Result<Bytes, BrokenOff>> + Send + 'static) -> Response<Body> {
    streamed(media::BYTES, stream)
}

fn streamed(
    kind: &'static str,
    stream: impl Stream<Item = Result<Bytes, BrokenOff>> + Send + 'static,
) -> Response<Body> {
    use futures::StreamExt as _;
    let body = StreamBody::new(stream.map(|bytes| bytes.map(Frame::data))).boxed_unsync();
    with_type(StatusCode::OK, kind, body)
}

/// A request that was not taken.
pub(super) fn refused(refused: &Refused) -> Response<Body> {
    let mut response = json(refused.refusal.status(), refused.to_document().to_bytes());
    let headers = response.headers_mut();
    if refused.refusal == Refusal::Unauthorized {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if let Some(method) =
        refused.allow.as_ref().and_then(|method| HeaderValue::from_str(method.as_str()).ok())
    {
        headers.insert(ALLOW, method);
    }
    response
}

fn with_type(status: StatusCode, kind: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
