//! Answers that are no streams.

use http::header::{CONNECTION, CONTENT_TYPE, UPGRADE};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::Full;

use super::upgrade::{ACCEPTED_VERSIONS, NoUpgrade, PROTOCOL_VERSION};

/// What an answer's body is made of.
pub(super) type Text = Full<hyper::body::Bytes>;

/// Words, as Go's `http.Error` writes them.
pub(super) fn error(status: StatusCode, text: &str) -> Response<Text> {
    let mut response = Response::new(Text::from(format!("{text}\n")));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

/// A URL that is not, or not any more.
pub(super) fn not_found() -> Response<Text> {
    error(StatusCode::NOT_FOUND, "404 page not found")
}

/// A client that wants another protocol than there is, with those that there are.
pub(super) fn no_upgrade(problem: &NoUpgrade, known: &[&'static str]) -> Response<Text> {
    let mut response = error(problem.status, &problem.text);
    if problem.status == StatusCode::FORBIDDEN {
        for protocol in known {
            response.headers_mut().append(ACCEPTED_VERSIONS, HeaderValue::from_static(protocol));
        }
    }
    response
}

/// The change to SPDY.
pub(super) fn to_spdy(protocol: &str) -> Response<Text> {
    let mut response = switching("SPDY/3.1");
    if let Ok(value) = HeaderValue::from_str(protocol) {
        response.headers_mut().insert(PROTOCOL_VERSION, value);
    }
    response
}

/// The change to WebSocket.
pub(super) fn to_websocket(accept: &str, protocol: Option<&str>) -> Response<Text> {
    let mut response = switching("websocket");
    let values = [("sec-websocket-accept", Some(accept)), ("sec-websocket-protocol", protocol)];
    for (name, value) in values {
        if let Some(Ok(value)) = value.map(HeaderValue::from_str) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn switching(protocol: &'static str) -> Response<Text> {
    let mut response = Response::new(Text::default());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    response.headers_mut().insert(UPGRADE, HeaderValue::from_static(protocol));
    response
}
