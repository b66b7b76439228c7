//! `events.k8s.io/v1`: the same events as the core group's, with other names for some fields
//! (`pkg/apis/events/v1/conversion.go`).
//!
//! A request is turned into one of the core group, and its answer back. A watch is not: its lines would have to be
//! read again.

use bytes::Bytes;
use http::{Response, Uri};
use winlab_document::{Document, Key};

use crate::body::ApiBody;
use crate::failure::Failure;
use crate::service::Call;

const ROOT: &str = "/apis/events.k8s.io/v1";

/// Names of fields in `events.k8s.io/v1` and in the core group.
const NAMES: [(&str, &str); 7] = [
    ("note", "message"),
    ("regarding", "involvedObject"),
    ("reportingController", "reportingComponent"),
    ("deprecatedSource", "source"),
    ("deprecatedFirstTimestamp", "firstTimestamp"),
    ("deprecatedLastTimestamp", "lastTimestamp"),
    ("deprecatedCount", "count"),
];

/// Whether a path leads to events in this group's form.
pub(crate) fn is_asked(path: &str) -> bool {
    let rest = path.strip_prefix(ROOT).unwrap_or_default();
    let segments: Vec<&str> = rest.trim_matches('/').split('/').collect();
    matches!(segments.as_slice(), ["events"] | ["namespaces", _, "events"] | ["namespaces", _, "events", _])
}

/// The same request to the core group.
pub(crate) fn to_core(mut call: Call) -> Result<Call, Failure> {
    if call.params.flag("watch") {
        return Err(Failure::not_implemented(
            "a watch of events.k8s.io is not modelled: watch the core group's events",
        ));
    }
    let text = call.parts.uri.to_string();
    let uri = text.replacen(ROOT, "/api/v1", 1).parse::<Uri>();
    call.parts.uri = uri.map_err(|error| Failure::bad_request(error.to_string()))?;
    if !call.body.is_empty() && call.parts.method != http::Method::DELETE {
        let body = crate::verbs::body_of_any_type(&call)?;
        call.body = Bytes::from(renamed(&body, |(new, old)| (*new, *old), "v1").to_bytes());
    }
    Ok(call)
}

/// The same answer in this group's form.
pub(crate) fn from_core(response: Response<ApiBody>) -> Response<ApiBody> {
    let (parts, body) = response.into_parts();
    let text = match body {
        ApiBody::Whole(Some(text)) => text,
        ApiBody::List(Some(list)) => Bytes::from(list.to_text()),
        other => return Response::from_parts(parts, other),
    };
    let Ok(document) = Document::from_slice(&text) else {
        return Response::from_parts(parts, ApiBody::whole(text));
    };
    let back = |document: &Document| renamed(document, |(new, old)| (*old, *new), "events.k8s.io/v1");
    let answer = match document.text(&["kind"]) {
        "Event" => back(&document),
        "EventList" => {
            let items: Vec<Document> =
                document.get("items").map(Document::items).unwrap_or_default().iter().map(back).collect();
            document.with("apiVersion", "events.k8s.io/v1").with("items", items)
        }
        _ => document,
    };
    Response::from_parts(parts, ApiBody::whole(answer.to_bytes()))
}

type Pair = (&'static str, &'static str);

fn renamed(event: &Document, names: fn(&'static Pair) -> Pair, version: &str) -> Document {
    let rename = |(key, value): &(Key, Document)| {
        let found = NAMES.iter().map(names).find(|(from, _)| *from == key.as_str());
        match found {
            Some((_, to)) => (Key::new(to), value.clone()),
            None if key.as_str() == "apiVersion" => (key.clone(), version.into()),
            None => (key.clone(), value.clone()),
        }
    };
    Document::Object(event.members().iter().map(rename).collect::<Vec<_>>().into())
}

#[cfg(test)]
mod tests {
    use winlab_document::doc;

    use super::{is_asked, renamed};

    #[test]
    fn fields_change_their_names_and_back() {
        let event = doc!({"apiVersion": "events.k8s.io/v1", "note": "hello", "regarding": {"name": "win1"}, "reason": "Started"});
        let core = renamed(&event, |(new, old)| (*new, *old), "v1");
        let expected = doc!({"apiVersion": "v1", "message": "hello", "involvedObject": {"name": "win1"}, "reason": "Started"});
        assert_eq!(core, expected);
        assert_eq!(renamed(&core, |(new, old)| (*old, *new), "events.k8s.io/v1"), event);
        assert!(is_asked("/apis/events.k8s.io/v1/namespaces/default/events"));
        assert!(!is_asked("/apis/events.k8s.io/v1"));
    }
}
