//! Get and list.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderValue, Response, StatusCode, header};
use winlab_clock::Clock;
use winlab_document::{Document, doc};
use winlab_kube_client::feed::{FeedObject, ListFeed};

use super::{scale, watch};
use crate::body::{ApiBody, ListText};
use crate::failure::Failure;
use crate::kinds::{Kind, Subresource};
use crate::request::{Answer, Target, acceptable};
use crate::select::{FieldSelector, LabelSelector};
use crate::server::ApiServer;
use crate::service::{Call, json};
use crate::store::{Query, Store, Stored, Wanted};
use crate::table::{Include, table, table_of_one};
use crate::validate::{FieldErrors, FieldPath};

/// Answers a GET.
pub(crate) fn read(
    server: &Arc<ApiServer>,
    target: &Target,
    call: &Call,
) -> Result<Response<ApiBody>, Failure> {
    let answer = acceptable(&call.parts.headers)?;
    if target.name.is_empty() {
        return if call.params.flag("watch") {
            watch::open(server, target, call, answer)
        } else {
            list(server, target, call, answer)
        };
    }
    let part = super::subresource(target)?;
    if part
        .is_some_and(|part| part == Subresource::Finalize || !(part.is_part() || part == Subresource::Scale))
    {
        return Err(Failure::method_not_allowed());
    }
    let state = server.state();
    check_not_future(&state.store, call.params.number("resourceVersion")?)?;
    let stored = state.store.kind(target.kind).get(&target.key()).cloned();
    drop(state);
    let stored = stored.ok_or_else(|| Failure::not_found(target.kind(), &target.name))?;
    let document = match (part, answer) {
        (Some(Subresource::Scale), _) => scale::view(&stored.document),
        (_, Answer::Metadata) => metadata_only(&stored.document),
        (_, Answer::Whole) => stored.document.clone(),
        (_, Answer::Table) => Tabular::of(server, target, call).one(&stored.document),
    };
    Ok(json(StatusCode::OK, &document))
}

/// How objects become tables for one request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tabular {
    kind: &'static Kind,
    include: Include,
    clock: Clock,
}

impl Tabular {
    pub(super) fn of(server: &ApiServer, target: &Target, call: &Call) -> Self {
        let include = Include::parse(call.params.text("includeObject"));
        Self { kind: target.kind(), include, clock: server.config.clock }
    }

    /// A table of one object.
    pub(super) fn one(&self, object: &Document) -> Document {
        table_of_one(self.kind, object, self.include, self.clock.timestamp())
    }

    /// The table of a list.
    fn list(&self, list: &ListText) -> Document {
        let objects = list.items.iter().map(|item| &item.document);
        table(self.kind, list.metadata(), objects, self.include, self.clock.timestamp())
    }
}

/// What of an object a client sees that asked for metadata only.
pub(super) fn metadata_only(object: &Document) -> Document {
    let metadata = object.get("metadata").cloned().unwrap_or_default();
    doc!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": metadata})
}

/// What the request selects.
pub(super) fn wanted(target: &Target, call: &Call) -> Result<Wanted, Failure> {
    let (labels, fields) = (call.params.text("labelSelector"), call.params.text("fieldSelector"));
    Ok(Wanted {
        prefix: target.prefix(),
        labels: LabelSelector::parse(labels).map_err(Failure::bad_request)?,
        fields: FieldSelector::parse(target.kind(), fields).map_err(Failure::bad_request)?,
    })
}

/// A `resourceVersionMatch` that does not go with the rest (apimachinery, `ValidateListOptions`).
pub(super) fn forbidden_match(why: &str) -> Failure {
    let mut errors = FieldErrors::default();
    errors.forbidden(&FieldPath::new("resourceVersionMatch"), why);
    Failure::invalid_form("meta.k8s.io", "ListOptions", "", &errors.into_vec())
}

/// A resource version that is not reached yet cannot be answered from.
pub(super) fn check_not_future(store: &Store, asked: Option<u64>) -> Result<(), Failure> {
    match asked {
        Some(asked) if asked > store.revision() => Err(Failure::too_large_version(asked, store.revision())),
        _ => Ok(()),
    }
}

fn list(
    server: &Arc<ApiServer>,
    target: &Target,
    call: &Call,
    answer: Answer,
) -> Result<Response<ApiBody>, Failure> {
    let wanted = wanted(target, call)?;
    let limit =
        call.params.number("limit")?.filter(|limit| *limit > 0).and_then(|limit| usize::try_from(limit).ok());
    let asked = call
        .params
        .version("resourceVersion")
        .map_err(|error| Failure::bad_request(format!("invalid resource version: {error}")))?;
    if asked.is_none() && !call.params.text("resourceVersionMatch").is_empty() {
        return Err(forbidden_match("resourceVersionMatch is forbidden unless resourceVersion is provided"));
    }
    let start = match call.params.text("continue") {
        "" => None,
        _ if asked.is_some_and(|version| version != 0) => {
            return Err(Failure::bad_request(
                "specifying resource version is not allowed when using continue",
            ));
        }
        token => Some(Continue::decode(token)?),
    };
    let exact = match call.params.text("resourceVersionMatch") {
        "" | "NotOlderThan" => None,
        "Exact" => asked,
        other => {
            return Err(Failure::bad_request(format!(
                "resourceVersionMatch: Unsupported value: {other:?}: supported values: \"\", \"Exact\", \"NotOlderThan\""
            )));
        }
    };
    let state = server.state();
    check_not_future(&state.store, asked)?;
    let query = Query { wanted: &wanted, after: start.as_ref().map(|start| start.after.as_str()), limit };
    let collection = state.store.kind(target.kind);
    let stale = server.faults.stale_at().filter(|_| asked == Some(0) && start.is_none());
    let stale = stale.filter(|revision| collection.list_at(&query, *revision).is_some());
    let at = start.as_ref().map(|start| start.revision).or(exact).or(stale);
    let (items, remaining) = match at {
        None => collection.list(&query),
        Some(revision) => collection.list_at(&query, revision).ok_or_else(|| match &start {
            Some(_) => Failure::expired(CONTINUE_EXPIRED),
            None => Failure::too_old(revision, revision + 1),
        })?,
    };
    let revision = at.unwrap_or_else(|| state.store.revision());
    drop(state);
    let countable = wanted.labels.is_all() && wanted.fields.is_all();
    let list = list_text(target.kind(), revision, items, remaining, countable);
    Ok(match answer {
        Answer::Table => json(StatusCode::OK, &Tabular::of(server, target, call).list(&list)),
        Answer::Whole => list_response(list),
        Answer::Metadata => list_response(metadata_list(list)),
    })
}

const CONTINUE_EXPIRED: &str = "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.";

fn list_text(
    kind: &Kind,
    revision: u64,
    items: Vec<Arc<Stored>>,
    remaining: usize,
    countable: bool,
) -> ListText {
    let continue_token = (remaining > 0)
        .then(|| items.last().map(|last| Continue { revision, after: last.key.to_string() }.encode()))
        .flatten();
    ListText {
        kind: format!("{}List", kind.kind),
        api_version: kind.api_version(),
        revision,
        continue_token,
        // With a selector a real server does not know how many of the rest would match.
        remaining: (remaining > 0 && countable).then_some(remaining),
        items: items.into(),
    }
}

fn metadata_list(list: ListText) -> ListText {
    let partial =
        |item: &Arc<Stored>| Stored::new(Arc::clone(&item.key), metadata_only(&item.document), item.revision);
    ListText {
        kind: "PartialObjectMetadataList".to_owned(),
        api_version: "meta.k8s.io/v1".to_owned(),
        items: list.items.iter().map(partial).collect(),
        ..list
    }
}

fn list_response(list: ListText) -> Response<ApiBody> {
    let feed = ListFeed {
        resource_version: list.revision.to_string(),
        continue_token: list.continue_token.clone(),
        items: list.items.iter().map(|item| Arc::clone(item) as Arc<dyn FeedObject>).collect(),
    };
    let mut response = Response::new(ApiBody::List(Some(list)));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.extensions_mut().insert(feed);
    response
}

/// Where the next page of a list starts: after a key, as of a revision.
struct Continue {
    revision: u64,
    after: String,
}

impl Continue {
    fn encode(&self) -> String {
        let start = format!("{}\u{0}", self.after);
        URL_SAFE_NO_PAD.encode(doc!({"v": "meta.k8s.io/v1", "rv": self.revision, "start": start}).to_bytes())
    }

    fn decode(token: &str) -> Result<Self, Failure> {
        let invalid = || Failure::bad_request("continue key is not valid: encoding error");
        let bytes = URL_SAFE_NO_PAD.decode(token.trim_end_matches('=')).map_err(|_| invalid())?;
        let token = Document::from_slice(&bytes).map_err(|_| invalid())?;
        let revision = token.get("rv").and_then(Document::as_u64).ok_or_else(invalid)?;
        Ok(Self { revision, after: token.text(&["start"]).trim_end_matches('\u{0}').to_owned() })
    }
}
