//! `events.k8s.io/v1`: the same events as the core group's, with other names for some fields
//! (`pkg/apis/events/v1/conversion.go`).
//!
//! A request is turned into one of the core group, and its answer back; the events of a watch one by one.

use bytes::Bytes;
use http::{Response, Uri};
use winlab_document::{Document, Key};

use crate::body::ApiBody;
use crate::failure::Failure;
use crate::kinds::{self, Kind};
use crate::service::{Call, View};

const ROOT: &str = "/apis/events.k8s.io/v1";
const VERSION: &str = "events.k8s.io/v1";

/// The kind as discovery shows it: stored are events of the core group.
pub(crate) static KIND: Kind = kinds::unstored("events.k8s.io", "v1", "Event", "events").short(&["ev"]);

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
    call.view = Some(View { api_version: VERSION, show: shown });
    call.params.rewrite("fieldSelector", |text| {
        text.replace("regarding.", "involvedObject.").replace("reportingController", "reportingComponent")
    });
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
    let answer = match document.text(&["kind"]) {
        "Event" => shown(&document),
        "EventList" => {
            let items: Vec<Document> =
                document.get("items").map(Document::items).unwrap_or_default().iter().map(shown).collect();
            document.with("apiVersion", VERSION).with("items", items)
        }
        _ => document,
    };
    Response::from_parts(parts, ApiBody::whole(answer.to_bytes()))
}

/// An event of the core group in this group's form.
fn shown(event: &Document) -> Document {
    renamed(event, |(new, old)| (*old, *new), VERSION)
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
