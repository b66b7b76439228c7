//! Reading a call's body, within the limits.

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;

use super::Shared;
use crate::media;
use crate::refusal::{Refusal, Refused};

/// How much of a body that is too large is read and thrown away, in multiples of the limit: a client that is still
/// writing would otherwise find its connection reset instead of an answer.
const DISCARDED: usize = 4;

/// Refuses a body of another type. A web page cannot send these types to another origin without asking first, which no
/// server of this protocol allows.
pub(super) fn require(headers: &HeaderMap, kind: &str) -> Result<(), Refused> {
    if media::is(headers, kind) {
        return Ok(());
    }
    Err(Refused::new(Refusal::WrongContentType, format!("`content-type: {kind}` is what this path takes")))
}

/// The whole body.
pub(super) async fn read(shared: &Shared, mut body: Incoming) -> Result<Bytes, Refused> {
    let limit = shared.limits.body_bytes;
    let all = async {
        let mut all = BytesMut::new();
        let mut length = 0;
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| Refused::new(Refusal::BadRequest, error.to_string()))?;
            let Ok(data) = frame.into_data() else { continue };
            length += data.len();
            if length <= limit {
                all.extend_from_slice(&data);
            } else if length > limit.saturating_mul(DISCARDED) {
                break;
            }
        }
        if length > limit {
            let message = format!("a call's body may have {limit} bytes");
            return Err(Refused::new(Refusal::TooLarge, message));
        }
        Ok(all.freeze())
    };
    let within = shared.limits.body_within;
    shared.clock.within(within, all).await.unwrap_or_else(|_| {
        Err(Refused::new(Refusal::TooSlow, format!("a call's body must be there within {within}")))
    })
}
