//! gzip for large answers (apiserver, `pkg/endpoints/handlers/responsewriters`: from 128 KiB on, at the fastest level).

use std::io::Write as _;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::{HeaderValue, Request, Response, header};

use crate::body::ApiBody;

/// Smaller answers are not worth it.
const THRESHOLD: usize = 128 * 1024;

/// Whether the client takes gzip.
pub(super) fn accepts_gzip<B>(request: &Request<B>) -> bool {
    let accept = request.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| {
        accept.split(',').any(|one| one.split(';').next().map(str::trim) == Some("gzip"))
    })
}

/// The same answer, compressed if it is large. Watches are not: their lines are to arrive one by one.
pub(super) fn gzip(response: Response<ApiBody>) -> Response<ApiBody> {
    let (mut parts, body) = response.into_parts();
    let text = match body {
        ApiBody::Whole(Some(text)) => text,
        ApiBody::List(Some(list)) => Bytes::from(list.to_text()),
        other => return Response::from_parts(parts, other),
    };
    if text.len() < THRESHOLD {
        return Response::from_parts(parts, ApiBody::whole(text));
    }
    let mut encoder = GzEncoder::new(Vec::with_capacity(text.len() / 8), Compression::fast());
    let written = encoder.write_all(&text).and_then(|()| encoder.finish());
    let packed = written.expect("a vector takes everything that is written to it");
    parts.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    parts.headers.append(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    Response::from_parts(parts, ApiBody::whole(packed))
}
